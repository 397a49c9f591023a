/** A worker thread: counts what it takes of the shared work, and hands over its tally at the end. */
import { parentPort } from 'node:worker_threads';
import { Counter } from '../tally/index.ts';
import type { Counted, CountingWork } from './count-threads.ts';
import { takePortions } from './portions.ts';
import { resolveQuestion } from './resolve.ts';
import { countUnit, scannerFor } from './unit.ts';

export async function count({ asked, work, thread, verify, recover }: CountingWork): Promise<void> {
  const counter = new Counter(await resolveQuestion(asked));
  const scanner = scannerFor(counter);
  const { read } = work;
  const onBytes = (bytes: number): void => {
    read[thread]! += bytes;
  };
  for (const portion of takePortions(work, thread)) {
    for (const unit of portion) await countUnit(counter, scanner, unit, { verify, recover, onBytes });
  }
  parentPort!.postMessage(counter.finish() satisfies Counted);
}
