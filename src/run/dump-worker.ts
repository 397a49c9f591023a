/** A worker thread: renders the ranges of event logs that it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import { type DumpUnit, EvtxLines, renderUnit } from './dump-evtx.ts';
import { dumpFilter } from './dump-filter.ts';
import type { RendererData } from './dump-threads.ts';

const { format, filter, reading } = workerData as RendererData;
const evtx = new EvtxLines(format, dumpFilter(filter), reading);

parentPort!.on('message', (unit: DumpUnit) => {
  const rendered = renderUnit(evtx, unit);
  parentPort!.postMessage(
    rendered,
    rendered.pieces.map(({ buffer }) => buffer),
  );
});
parentPort!.postMessage('ready');
