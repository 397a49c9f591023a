/** A worker thread: renders the ranges of event logs that it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import { EvtxLines, renderUnit } from './dump-evtx.ts';
import { dumpFilter } from './dump-filter.ts';
import type { RendererData, ToRenderer } from './dump-threads.ts';

const { format, filter, reading } = workerData as RendererData;
const evtx = new EvtxLines(format, dumpFilter(filter), reading);

const spare: ArrayBuffer[] = [];

parentPort!.on('message', ({ unit, given }: ToRenderer) => {
  spare.push(...given);
  const rendered = renderUnit(evtx, unit, spare);
  parentPort!.postMessage(
    rendered,
    rendered.pieces.map(({ buffer }) => buffer),
  );
});
parentPort!.postMessage('ready');
