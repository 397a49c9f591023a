/** A worker thread: renders the ranges of event logs that it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Diagnostic } from '../events/index.ts';
import { EvtxLines, type LogEnd, PIECE } from './dump-evtx.ts';
import { dumpFilter } from './dump-filter.ts';
import type { DumpUnit } from './dump-lines.ts';
import type { RenderedUnit, RendererData } from './dump-threads.ts';

const { format, filter, reading } = workerData as RendererData;
const evtx = new EvtxLines(format, dumpFilter(filter), reading);

parentPort!.on('message', ({ log, range }: DumpUnit) => {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const diagnostics: Diagnostic[] = [];
  let [events, bytes, foreign] = [0, 0, false];
  let end: LogEnd | null = null;
  const take = (): void => {
    // Copies, which can change hands: the renderer's own memory can't.
    for (const piece of evtx.lines.take()) pieces.push(Uint8Array.from(piece));
  };
  for (const step of evtx.read(log, range)) {
    if (step === null) {
      foreign = true;
      break;
    }
    events += step.events;
    bytes += step.bytes;
    diagnostics.push(...step.diagnostics);
    end = step.end ?? end;
    if (evtx.lines.waiting >= PIECE) take();
  }
  take();
  const unit: RenderedUnit = { pieces, events, diagnostics, bytes, end, foreign };
  parentPort!.postMessage(
    unit,
    pieces.map(({ buffer }) => buffer),
  );
});
