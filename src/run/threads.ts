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

/** To the worker: units to count, or null: finish. */
export type ToWorker = readonly Unit[] | null;
export type FromWorker =
  | { readonly ready: true }
  | { readonly bytes: number }
  | { readonly done: true }
  | { readonly tally: Tally; readonly overlaps: readonly Overlap[] };

export interface CountingWorker {
  /** Resolves when it has loaded what it needs. */
  readonly ready: Promise<void>;
  /** Resolves when the units are counted. */
  count(units: readonly Unit[]): Promise<void>;
  finish(): Promise<{ tally: Tally; overlaps: readonly Overlap[] }>;
  stop(): Promise<unknown>;
}

export function startWorker(asked: QuestionText, options: UnitOptions): CountingWorker {
  const workerData: WorkerData = { asked, verify: options.verify, recover: options.recover };
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url),
    { workerData },
  );
  const answer = <T>(pick: (answer: FromWorker) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const onMessage = (message: FromWorker): void => {
        if ('bytes' in message) options.onBytes(message.bytes);
        const picked = pick(message);
        if (picked === undefined) return;
        worker.off('message', onMessage);
        worker.off('error', reject);
        resolve(picked);
      };
      worker.on('message', onMessage);
      worker.once('error', reject);
    });
  const send = (message: ToWorker): void => worker.postMessage(message);
  const ready = answer((message) => ('ready' in message ? true : undefined)).then(() => {});
  // Whoever has done all the work before a worker was ready does not wait for it.
  ready.catch(() => {});
  return {
    ready,
    count: async (units) => {
      send(units);
      await answer((message) => ('done' in message ? true : undefined));
    },
    finish: () => {
      send(null);
      return answer((message) => ('tally' in message ? message : undefined));
    },
    stop: () => worker.terminate(),
  };
}
