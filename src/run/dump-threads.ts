/** Worker threads that render ranges of event logs, seen from the main thread. The other side is dump-worker.ts. */
import { Worker } from 'node:worker_threads';
import type { Diagnostic } from '../events/index.ts';
import type { LineFormat } from '../lines/index.ts';
import type { EvtxReading, LogEnd } from './dump-evtx.ts';
import type { DumpFilterOptions } from './dump-filter.ts';
import type { DumpUnit } from './dump-lines.ts';

export interface RendererData {
  readonly format: LineFormat;
  readonly filter: DumpFilterOptions;
  readonly reading: EvtxReading;
}

/** What a unit came to. */
export interface RenderedUnit {
  readonly pieces: readonly Uint8Array[];
  readonly events: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly bytes: number;
  readonly end: LogEnd | null;
  /** It is no event log of its own, and was not read. */
  readonly foreign: boolean;
}

export interface Renderers {
  /** Gives a unit to the thread that has least to do. */
  render(unit: DumpUnit): Promise<RenderedUnit>;
  stop(): Promise<unknown>;
}

interface Thread {
  readonly worker: Worker;
  /** In the order of its units. */
  readonly waiting: { resolve(unit: RenderedUnit): void; reject(error: unknown): void }[];
}

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
  const url = new URL(
    import.meta.url.endsWith('.ts') ? './dump-worker.ts' : './dump-worker.js',
    import.meta.url,
  );
  const all = Array.from({ length: threads }, (): Thread => {
    const worker = new Worker(url, { workerData });
    const thread: Thread = { worker, waiting: [] };
    worker.on('message', (unit: RenderedUnit) => thread.waiting.shift()!.resolve(unit));
    worker.on('error', (error) => {
      for (const { reject } of thread.waiting.splice(0)) reject(error);
    });
    return thread;
  });
  return {
    render: (unit) =>
      new Promise((resolve, reject) => {
        const [idlest] = all.toSorted((a, b) => a.waiting.length - b.waiting.length);
        idlest!.waiting.push({ resolve, reject });
        idlest!.worker.postMessage(unit);
      }),
    stop: () => Promise.all(all.map(({ worker }) => worker.terminate())),
  };
}
