/** Logs -> lines of JSON, in order, by one thread or several. */
import { setImmediate } from 'node:timers/promises';
import type { Diagnostic } from '../events/index.ts';
import { missingChunks } from '../evtx/index.ts';
import type { LineFormat } from '../lines/index.ts';
import { type Batch, type Log, isFirst, placed, readLog, type Skipped, splitLog } from '../sources/index.ts';
import {
  type DumpUnit,
  EvtxLines,
  type EvtxReading,
  type LogEnd,
  PIECE,
  type RenderedUnit,
  renderUnit,
} from './dump-evtx.ts';
import { type DumpFilterOptions, dumpFilter } from './dump-filter.ts';
import { startRenderers } from './dump-threads.ts';
import { threadCount } from './thread-count.ts';

export interface DumpedLines {
  /** Bytes of whole lines, UTF-8. Valid until more is asked for. */
  readonly pieces: readonly Uint8Array[];
  /** Events that were rendered, perhaps into pieces that are still to come. */
  readonly events: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly skipped: readonly Skipped[];
}

export interface DumpLinesOptions extends DumpFilterOptions, EvtxReading {
  readonly threads?: number;
  /** Told of bytes read. */
  readonly onBytes: (bytes: number) => void;
}

const RANGE_BYTES = 4 * 1024 * 1024;
/** Ranges for each thread that may be begun before the first of them is written. */
const AHEAD = 4;

/** Renders the events of logs that pass the options, in order: the same bytes for any number of threads. */
export async function* dumpLines(
  logs: readonly Log[],
  format: LineFormat,
  options: DumpLinesOptions,
): AsyncGenerator<DumpedLines> {
  const bytes = logs.reduce((sum, { kind, size }) => sum + (kind === 'evtx' ? size : 0), 0);
  const threads = threadCount(bytes, options.threads);
  if (threads > 1) yield* linesOfThreads(logs, format, options, threads);
  else yield* linesHere(logs, format, options);
}

async function* linesHere(
  logs: readonly Log[],
  format: LineFormat,
  options: DumpLinesOptions,
): AsyncGenerator<DumpedLines> {
  const evtx = new EvtxLines(format, dumpFilter(options), options);
  for (const log of logs) yield* linesOfLog(evtx, { log, range: null }, format, options, null);
  yield taken(evtx, 0, [], 0);
}

/** The lines of a whole log, or of a range; `lastId`: what earlier ranges told. Returns what this one tells. */
async function* linesOfLog(
  evtx: EvtxLines,
  { log, range }: DumpUnit,
  format: LineFormat,
  options: DumpLinesOptions,
  lastId: number | null,
): AsyncGenerator<DumpedLines, number | null> {
  let [foreign, last] = [log.kind !== 'evtx', lastId];
  if (!foreign) {
    for (const step of evtx.read(log, range)) {
      foreign = step === null;
      if (step === null) break;
      options.onBytes(step.bytes);
      last = step.end?.lastId ?? last;
      const missing = step.end ? missingBehind({ log, range }, step.end, last) : [];
      yield taken(evtx, step.events, [...step.diagnostics, ...missing]);
    }
  }
  if (foreign && (range === null || isFirst(range))) yield* linesOfEvents(evtx, log, format, options);
  return last;
}

/**
 * Ranges go to the threads as they have time, a bounded number ahead of what is written; this thread renders, too, and
 * first alone, for the others take a while to start.
 */
async function* linesOfThreads(
  logs: readonly Log[],
  format: LineFormat,
  options: DumpLinesOptions,
  threads: number,
): AsyncGenerator<DumpedLines> {
  const evtx = new EvtxLines(format, dumpFilter(options), options);
  const units = logs.flatMap((log): DumpUnit[] => {
    const ranges = splitLog(log, RANGE_BYTES);
    return ranges.length > 1 ? ranges.map((range) => ({ log, range })) : [{ log, range: null }];
  });
  const renderers = startRenderers(threads - 1, format, options);
  const rendered = new Map<number, RenderedUnit>();
  let begun = 0;
  const mayBegin = (index: number): boolean =>
    begun < units.length && begun < index + AHEAD * threads && units[begun]!.log.kind === 'evtx';
  try {
    let lastId: number | null = null;
    for (const [index, unit] of units.entries()) {
      const first = unit.range === null || isFirst(unit.range);
      if (first) lastId = null;
      while (!rendered.has(index)) {
        if (begun === index) {
          // Nobody has it yet: what it comes to can be written at once.
          begun += 1;
          lastId = yield* linesOfLog(evtx, unit, format, options, lastId);
          yield taken(evtx, 0, [], 0);
          break;
        }
        if (mayBegin(index)) rendered.set(begun, renderUnit(evtx, units[begun++]!, renderers.spare));
        else await renderers.next();
        await setImmediate();
        give(index);
      }
      await setImmediate();
      give(index + 1);
      const ready = rendered.get(index);
      if (ready === undefined) continue;
      rendered.delete(index);
      options.onBytes(ready.bytes);
      lastId = ready.end?.lastId ?? lastId;
      const missing = ready.end ? missingBehind(unit, ready.end, lastId) : [];
      const { pieces, events, diagnostics } = ready;
      yield { pieces, events, diagnostics: [...diagnostics, ...missing], skipped: [] };
      renderers.spare.push(...pieces.map(({ buffer }) => buffer));
      if (ready.foreign && first) {
        yield* linesOfEvents(evtx, unit.log, format, options);
        yield taken(evtx, 0, [], 0);
      }
    }
  } finally {
    await renderers.stop();
  }

  function give(index: number): void {
    while (mayBegin(index)) {
      const which = begun;
      if (!renderers.give(units[which]!, (unit) => rendered.set(which, unit))) return;
      begun += 1;
    }
  }
}

/** A log that is no event log, or one inside an archive or stream: event by event. */
async function* linesOfEvents(
  evtx: EvtxLines,
  log: Log,
  format: LineFormat,
  options: DumpLinesOptions,
): AsyncGenerator<DumpedLines> {
  const { verify, recover } = options;
  const foreign = new Map<string, number>();
  for await (const batch of readLog(log, { verify, recover, range: null, scanner: evtx.scanner })) {
    options.onBytes(batch.bytes);
    const { source, events } = batch;
    if (format !== 'jsonl' && batch.block === undefined) {
      if (events.length > 0) foreign.set(source, (foreign.get(source) ?? 0) + events.length);
      yield taken(evtx, 0, batch.diagnostics, PIECE, batch.skipped);
      continue;
    }
    const step = evtx.events(batch);
    yield taken(evtx, step.events, [...batch.diagnostics, ...step.diagnostics], PIECE, batch.skipped);
  }
  for (const [source, events] of foreign) {
    const message = `expected an event log (EVTX), which alone can be written as ${format}: ${events} events are not written; --format jsonl writes them`;
    const diagnostic = {
      code: 'dump-not-evtx',
      severity: 'error',
      message,
      where: { source },
      lost: events,
    } as const;
    yield taken(evtx, 0, [diagnostic]);
  }
}

/** What a log lacks behind its last chunk; nothing for a range that is not its last. */
function missingBehind(
  { log, range }: DumpUnit,
  { header, at }: LogEnd,
  lastId: number | null,
): Diagnostic[] {
  if (range !== null && range.end < log.size) return [];
  return missingChunks(header, at, lastId ?? 0).map((one) => placed(log.path, one));
}

/** Hands over what was rendered, once it comes to `least` bytes. */
function taken(
  evtx: EvtxLines,
  events: number,
  diagnostics: readonly Diagnostic[],
  least = PIECE,
  skipped: Batch['skipped'] = [],
): DumpedLines {
  return { pieces: evtx.lines.waiting >= least ? evtx.lines.take() : [], events, diagnostics, skipped };
}
