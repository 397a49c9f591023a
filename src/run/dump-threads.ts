/** Worker threads that render ranges of event logs, seen from the main thread. The other side is dump-worker.ts. */
import { Worker } from 'node:worker_threads';
import type { LineFormat } from '../lines/index.ts';
import type { DumpUnit, EvtxReading, RenderedUnit } from './dump-evtx.ts';
import type { DumpFilterOptions } from './dump-filter.ts';

export interface RendererData {
  readonly format: LineFormat;
  readonly filter: DumpFilterOptions;
  readonly reading: EvtxReading;
}

export interface ToRenderer {
  readonly unit: DumpUnit;
  /** Memory for what it comes to. */
  readonly given: ArrayBuffer[];
}

export interface Renderers {
  /** Gives a unit to a thread that has little to do; false where none has. `done` is told what it came to. */
  give(unit: DumpUnit, done: (rendered: RenderedUnit) => void): boolean;
  /** Memory of what has been written, to be used again: fresh memory costs more than what is copied into it. */
  readonly spare: ArrayBuffer[];
  /** Resolves when a thread has rendered a unit; rejects with what ended a thread. */
  next(): Promise<void>;
  stop(): Promise<unknown>;
}

/** Units that a thread has at a time: one in work, and one that it finds when it is done. */
const AT_A_TIME = 2;
/** Pieces of memory that go with a unit: about as many as it fills. */
const SPARE_AT_A_TIME = 20;

export function startRenderers(
  threads: number,
  format: LineFormat,
  { event, where, not, from, to, verify, recover }: DumpFilterOptions & EvtxReading,
): Renderers {
  const given = Object.entries({ event, where, not, from, to }).filter(([, value]) => value !== undefined);
  const workerData: RendererData = {
    format,
    filter: Object.fromEntries(given),
    reading: { verify, recover },
  };
  let failure: unknown = null;
  const spare: ArrayBuffer[] = [];
  let wake = (): void => {};
  const all = Array.from({ length: threads }, () => {
    const worker = new Worker(
      new URL(import.meta.url.endsWith('.ts') ? './dump-worker.ts' : './dump-worker.js', import.meta.url),
      { workerData },
    );
    const thread = { worker, ready: false, waiting: [] as ((rendered: RenderedUnit) => void)[] };
    worker.on('message', (message: 'ready' | RenderedUnit) => {
      if (message === 'ready') thread.ready = true;
      else thread.waiting.shift()!(message);
      wake();
    });
    worker.on('error', (error) => {
      failure ??= error;
      wake();
    });
    return thread;
  });
  return {
    give(unit, done) {
      const free = all.find(({ ready, waiting }) => ready && waiting.length < AT_A_TIME);
      if (free === undefined) return false;
      free.waiting.push(done);
      const message: ToRenderer = { unit, given: spare.splice(-SPARE_AT_A_TIME) };
      free.worker.postMessage(message, message.given);
      return true;
    },
    spare,
    async next() {
      if (failure === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== null) throw failure;
    },
    stop: () => Promise.all(all.map(({ worker }) => worker.terminate())),
  };
}
