/** Worker threads that count units, seen from the main thread. The other side is count-worker.ts. */
import type { Overlap, Tally } from '../tally/index.ts';
import type { SharedWork } from './portions.ts';
import type { QuestionText } from './resolve.ts';
import { startThread } from './start-thread.ts';

export interface CountingWork {
  readonly asked: QuestionText;
  readonly work: SharedWork;
  /** Its number among those that share the work. */
  readonly thread: number;
  readonly verify: boolean;
  readonly recover: boolean;
}

/** What it counted, once nothing is left to be taken. */
export interface Counted {
  readonly tally: Tally;
  readonly overlaps: readonly Overlap[];
}

export interface CountingWorker {
  /** Rejects with what ended the worker. */
  readonly counted: Promise<Counted>;
  stop(): Promise<unknown>;
}

/** Starts a thread that takes its part of the work. */
export async function startWorker(
  asked: QuestionText,
  work: SharedWork,
  thread: number,
  { verify, recover }: Pick<CountingWork, 'verify' | 'recover'>,
): Promise<CountingWorker> {
  const worker = await startThread('count');
  worker.postMessage({ asked, work, thread, verify, recover } satisfies CountingWork);
  const counted = new Promise<Counted>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  // Where all was taken before it began, nobody waits for it.
  counted.catch(() => {});
  return { counted, stop: () => worker.terminate() };
}
