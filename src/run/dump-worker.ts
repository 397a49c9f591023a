/** A worker thread: renders the ranges of event logs that it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Diagnostic } from '../events/index.ts';
import { EvtxLines, type LogEnd } from './dump-evtx.ts';
import { dumpFilter } from './dump-filter.ts';
import type { DumpUnit } from './dump-lines.ts';
import type { RenderedUnit, RendererData } from './dump-threads.ts';

const { format, filter, reading } = workerData as RendererData;
const evtx = new EvtxLines(format, dumpFilter(filter), reading);

parentPort!.on('message', ({ log, range }: DumpUnit) => {
  const diagnostics: Diagnostic[] = [];
  let [events, bytes, foreign] = [0, 0, false];
  let end: LogEnd | null = null;
  for (const step of evtx.read(log, range)) {
    if (step === null) {
      foreign = true;
      break;
    }
    events += step.events;
    bytes += step.bytes;
    diagnostics.push(...step.diagnostics);
    end = step.end ?? end;
  }
  const lines = new Uint8Array(evtx.lines.waiting);
  let at = 0;
  for (const piece of evtx.lines.take()) {
    lines.set(piece, at);
    at += piece.length;
  }
  const unit: RenderedUnit = { lines, events, diagnostics, bytes, end, foreign };
  parentPort!.postMessage(unit, [lines.buffer]);
});
