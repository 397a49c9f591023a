/** Starts worker threads, in a process that may be a command's alone. The other side is worker.ts. */
import type { Worker } from 'node:worker_threads';

/** What a thread is for: to count events, or to render them as lines. */
export type Task = 'count' | 'dump';

export interface ThreadData {
  readonly task: Task;
  /** The process is a command's alone, and V8 may be told how to compile for it. */
  readonly ownProcess: boolean;
}

let ownProcess = false;
/** Whether a thread was started. */
let isShared = false;
/** A thread that is for whoever asks first. */
let expected: { readonly task: Task; readonly worker: Promise<Worker> } | null = null;

/**
 * Says that this process is a command's alone, and which thread it is about to need, if any: to start takes it as long as
 * the command takes to find out what is asked. Resolves when the thread is on its way, which it is not before this one
 * has a moment for it.
 */
export async function expectThread(task: Task | null): Promise<void> {
  ownProcess = true;
  if (task === null) return;
  const worker = startIdle(task);
  expected = { task, worker };
  try {
    await worker;
  } catch {
    // Whoever needs one starts another, and hears why that is not possible.
    forget();
  }
}

/** A thread for a task, which waits for a message that says what to do. */
export async function startThread(task: Task): Promise<Worker> {
  const one = expected?.task === task ? expected : null;
  expected = null;
  if (one === null) return await start(task);
  const ready = await one.worker;
  ready.off('error', forget);
  ready.ref();
  return ready;
}

/** Starts a thread that ends with the process, for nobody may come to need it. */
async function startIdle(task: Task): Promise<Worker> {
  const worker = await start(task);
  worker.unref();
  worker.once('error', forget);
  return worker;
}

function forget(): void {
  expected = null;
}

/** What it takes is loaded here: most commands need no thread. */
async function start(task: Task): Promise<Worker> {
  isShared = true;
  const threads = await import('node:worker_threads');
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const workerData: ThreadData = { task, ownProcess };
  return new threads.Worker(new URL(file, import.meta.url), { workerData });
}

/**
 * Has V8 compile later what is called often, for a question that many functions decide: its compiler takes as long as they
 * do in a small log, and the other half of the core with it. sysmon-modular takes 8 to 16 % less, 3,000 Sigma rules 6 %
 * (Node 20, whole processes). To be called when they are loaded: what the build kept of them is good for the flags that
 * they were compiled with. Not beside threads, which have yet to load theirs, and see to it themselves.
 */
export async function compileLater(): Promise<void> {
  if (!ownProcess || isShared) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--interrupt-budget=200000');
}
