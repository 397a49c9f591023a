/** Worker threads that count units, seen from the main thread. The other side is worker.ts. */
import { Worker } from 'node:worker_threads';
import type { Overlap, Tally } from '../tally/index.ts';
import type { QuestionText } from './resolve.ts';
import type { Unit, UnitOptions } from './unit.ts';

export interface WorkerData {
  readonly asked: QuestionText;
  readonly verify: boolean;
  readonly recover: boolean;
}

/** To the worker: a unit to count, or null: finish. */
export type ToWorker = Unit | null;
export type FromWorker =
  | { readonly bytes: number }
  | { readonly done: true }
  | { readonly tally: Tally; readonly overlaps: readonly Overlap[] };

export interface CountingWorker {
  /** Resolves when the unit is counted. */
  count(unit: Unit): Promise<void>;
  finish(): Promise<{ tally: Tally; overlaps: readonly Overlap[] }>;
  stop(): Promise<unknown>;
}

export function startWorker(asked: QuestionText, options: UnitOptions): CountingWorker {
  const workerData: WorkerData = { asked, verify: options.verify, recover: options.recover };
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
    {
      workerData,
    },
  );
  const ask = <T>(message: ToWorker, pick: (answer: FromWorker) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const onMessage = (answer: FromWorker): void => {
        if ('bytes' in answer) options.onBytes(answer.bytes);
        const picked = pick(answer);
        if (picked === undefined) return;
        worker.off('message', onMessage);
        worker.off('error', reject);
        resolve(picked);
      };
      worker.on('message', onMessage);
      worker.once('error', reject);
      worker.postMessage(message);
    });
  return {
    count: async (unit) => void (await ask(unit, (answer) => ('done' in answer ? true : undefined))),
    finish: () => ask(null, (answer) => ('tally' in answer ? answer : undefined)),
    stop: () => worker.terminate(),
  };
}
