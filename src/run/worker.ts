/** Where each worker thread begins: it loads what its task needs, and waits for the work. */
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadData } from './start-thread.ts';

const { task, ownProcess } = workerData as ThreadData;
const work =
  task === 'count' ? (await import('./count-worker.ts')).count : (await import('./dump-worker.ts')).render;
// Threads that read logs want all cores; each has V8 compile the same functions once more. Later, it takes less of their time.
if (ownProcess) setFlagsFromString('--interrupt-budget=540000');
parentPort!.once('message', work);
