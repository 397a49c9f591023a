/** Starts worker threads. The other side is worker.ts. */
import { Worker } from 'node:worker_threads';

/** What a thread is for: to count events, or to render them as lines. */
export type Task = 'count' | 'dump';

export interface ThreadData {
  readonly task: Task;
  /** The process is a command's alone, and V8 may be told how to compile for it. */
  readonly ownProcess: boolean;
}

let ownProcess = false;
let expected: { readonly task: Task; readonly worker: Worker } | null = null;

/**
 * Says that this process is a command's alone, and which thread it is about to need, if any: to start takes it as long as
 * the command takes to find out what is asked.
 */
export function expectThread(task: Task | null): void {
  ownProcess = true;
  if (task === null) return;
  const worker = start(task);
  // Nobody may come to need it.
  worker.unref();
  worker.once('error', forget);
  expected = { task, worker };
}

/** A thread for a task, which waits for a message that says what to do. */
export function startThread(task: Task): Worker {
  if (expected?.task !== task) return start(task);
  const { worker } = expected;
  worker.off('error', forget);
  worker.ref();
  expected = null;
  return worker;
}

function forget(): void {
  expected = null;
}

function start(task: Task): Worker {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const workerData: ThreadData = { task, ownProcess };
  return new Worker(new URL(file, import.meta.url), { workerData });
}
