/** A worker thread: counts the units that it is given, and hands over its tally at the end. */
import { parentPort, workerData } from 'node:worker_threads';
import { Counter } from '../tally/index.ts';
import { resolveQuestion } from './resolve.ts';
import type { FromWorker, ToWorker, WorkerData } from './threads.ts';
import { countUnit, scannerFor } from './unit.ts';

const { asked, verify, recover } = workerData as WorkerData;
const counter = new Counter(await resolveQuestion(asked));
const scanner = scannerFor(counter);
const send = (message: FromWorker): void => parentPort!.postMessage(message);

parentPort!.on('message', async (units: ToWorker) => {
  if (units === null) {
    send(counter.finish());
    return;
  }
  let bytes = 0;
  const onBytes = (read: number): void => {
    bytes += read;
    if (bytes < 1024 * 1024) return;
    send({ bytes });
    bytes = 0;
  };
  for (const unit of units) await countUnit(counter, scanner, unit, { verify, recover, onBytes });
  send({ bytes });
  send({ done: true });
});
send({ ready: true });
