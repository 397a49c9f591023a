/** Worker threads that render portions of event logs, seen from the main thread. The other side is dump-worker.ts. */
import type { LineFormat } from '../lines/index.ts';
import type { EvtxReading } from './dump-evtx.ts';
import type { DumpFilterOptions } from './dump-filter.ts';
import type { SharedWork } from './portions.ts';
import { type RenderedUnit, ROOM_BYTES, ROOMS } from './rendered.ts';
import { startThread } from './start-thread.ts';

export interface RenderingWork {
  readonly format: LineFormat;
  readonly filter: DumpFilterOptions;
  readonly reading: EvtxReading;
  readonly work: SharedWork;
}

export interface FromRenderer {
  readonly portion: number;
  readonly units: readonly RenderedUnit[];
  /** In which most of their lines stand: given back, it is for another portion. */
  readonly memory: ArrayBuffer;
}

/** What the units of a portion came to, as long as it is not released. */
export interface RenderedPortion {
  readonly units: readonly RenderedUnit[];
  readonly release: () => void;
}

export interface Renderers {
  /** Resolves when a thread has rendered a portion; rejects with what ended a thread. */
  next(): Promise<void>;
  stop(): Promise<unknown>;
}

/** `done` is told of each portion that one of the threads has rendered. */
export async function startRenderers(
  threads: number,
  work: SharedWork,
  format: LineFormat,
  { event, where, not, from, to, verify, recover }: DumpFilterOptions & EvtxReading,
  done: (portion: number, rendered: RenderedPortion) => void,
): Promise<Renderers> {
  const given = Object.entries({ event, where, not, from, to }).filter(([, value]) => value !== undefined);
  const filter: DumpFilterOptions = Object.fromEntries(given);
  let failure: unknown = null;
  let wake = (): void => {};
  const workers = await Promise.all(Array.from({ length: threads }, () => startThread('dump')));
  for (const worker of workers) {
    worker.postMessage({ format, filter, reading: { verify, recover }, work } satisfies RenderingWork);
    const give = (memory: ArrayBuffer): void => worker.postMessage(memory, [memory]);
    for (let i = 0; i < ROOMS; i++) give(new ArrayBuffer(ROOM_BYTES));
    worker.on('message', ({ portion, units, memory }: FromRenderer) => {
      done(portion, { units, release: () => give(memory) });
      wake();
    });
    worker.on('error', (error) => {
      failure ??= error;
      wake();
    });
  }
  return {
    async next() {
      if (failure === null) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== null) throw failure;
    },
    stop: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}
