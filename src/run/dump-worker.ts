/** A worker thread: renders a portion of event logs into each memory that it is given, as long as there are portions left. */
import { parentPort } from 'node:worker_threads';
import { EvtxLines } from './dump-evtx.ts';
import { dumpFilter } from './dump-filter.ts';
import type { FromRenderer, RenderingWork } from './dump-threads.ts';
import { takePortion } from './portions.ts';
import { renderUnits, Room } from './rendered.ts';

export function render({ format, filter, reading, work }: RenderingWork): void {
  const evtx = new EvtxLines(format, dumpFilter(filter), reading);
  parentPort!.on('message', (memory: ArrayBuffer) => {
    const portion = takePortion(work);
    if (portion < 0) {
      parentPort!.close();
      return;
    }
    const units = renderUnits(evtx, work.portions[portion]!, new Room(memory));
    parentPort!.postMessage({ portion, units, memory } satisfies FromRenderer, [memory]);
  });
}
