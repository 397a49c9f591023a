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

export interface Renderers {
  /** Gives a unit to a thread that has little to do; false where none has. `done` is told what it came to. */
  give(unit: DumpUnit, done: (rendered: RenderedUnit) => void): boolean;
  /** Resolves when a thread has rendered a unit; rejects with what ended a thread. */
  next(): Promise<void>;
  stop(): Promise<unknown>;
}

/** Units that a thread has at a time: one in work, and one that it finds when it is done. */
const AT_A_TIME = 2;

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
      free?.waiting.push(done);
      free?.worker.postMessage(unit);
      return free !== undefined;
    },
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
