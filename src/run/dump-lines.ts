/** Logs -> lines of JSON, CSV or XML, in order, by one thread or several. */
import { setImmediate } from 'node:timers/promises';
import type { Diagnostic } from '../events/index.ts';
import { missingChunks } from '../evtx/index.ts';
import type { LineFormat } from '../lines/index.ts';
import { type Batch, type Log, isFirst, placed, readLog, type Skipped } from '../sources/index.ts';
import { EvtxLines, type EvtxReading, type LogEnd, PIECE } from './dump-evtx.ts';
import { type DumpFilterOptions, dumpFilter } from './dump-filter.ts';
import { type RenderedPortion, startRenderers } from './dump-threads.ts';
import { shareWork, takePortion, unitsOf } from './portions.ts';
import { type RenderedUnit, renderUnits, Room, ROOM_BYTES, ROOMS } from './rendered.ts';
import { threadCount } from './thread-count.ts';
import type { Unit } from './unit.ts';

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

/** The lines of a whole log, or of a range; `lastId`: what earlier ranges of it told. Returns what this one tells. */
async function* linesOfLog(
  evtx: EvtxLines,
  { log, range }: Unit,
  format: LineFormat,
  options: DumpLinesOptions,
  lastId: number | null,
): AsyncGenerator<DumpedLines, number | null> {
  let [foreign, last] = [log.kind !== 'evtx', isFirst(range) ? null : lastId];
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
  if (foreign && isFirst(range)) yield* linesOfEvents(evtx, log, format, options);
  return last;
}

/**
 * Each thread takes portions as it has time, a bounded number ahead of what is written. This one renders, too, and writes:
 * what is its turn at once, for the others take a while to start.
 */
async function* linesOfThreads(
  logs: readonly Log[],
  format: LineFormat,
  options: DumpLinesOptions,
  threads: number,
): AsyncGenerator<DumpedLines> {
  const evtx = new EvtxLines(format, dumpFilter(options), options);
  const work = shareWork(unitsOf(logs, threads), threads);
  const rendered = new Map<number, RenderedPortion>();
  const renderers = await startRenderers(threads - 1, work, format, options, (portion, one) => {
    rendered.set(portion, one);
  });
  const rooms: Room[] = [];
  let left = ROOMS;
  let lastId: number | null = null;
  try {
    for (let next = 0; next < work.portions.length;) {
      const ready = rendered.get(next);
      if (ready !== undefined) {
        rendered.delete(next);
        for (const [i, unit] of work.portions[next]!.entries()) {
          lastId = yield* linesOfRendered(evtx, unit, ready.units[i]!, format, options, lastId);
        }
        ready.release();
        next += 1;
        continue;
      }
      const portion = left > 0 ? takePortion(work) : -1;
      if (portion < 0) {
        await renderers.next();
      } else if (portion === next) {
        for (const unit of work.portions[next]!) {
          lastId = yield* linesOfLog(evtx, unit, format, options, lastId);
        }
        yield taken(evtx, 0, [], 0);
        next += 1;
      } else {
        const room = rooms.pop() ?? new Room(new ArrayBuffer(ROOM_BYTES));
        left -= 1;
        const release = (): void => {
          rooms.push(room);
          left += 1;
        };
        rendered.set(portion, { units: renderUnits(evtx, work.portions[portion]!, room), release });
      }
      // What others have rendered is told.
      await setImmediate();
    }
  } finally {
    await renderers.stop();
  }
}

/** The lines of a unit that was rendered before; `lastId` as above. */
async function* linesOfRendered(
  evtx: EvtxLines,
  unit: Unit,
  { pieces, events, diagnostics, bytes, end, foreign }: RenderedUnit,
  format: LineFormat,
  options: DumpLinesOptions,
  lastId: number | null,
): AsyncGenerator<DumpedLines, number | null> {
  options.onBytes(bytes);
  const last = end?.lastId ?? (isFirst(unit.range) ? null : lastId);
  const missing = end ? missingBehind(unit, end, last) : [];
  yield { pieces, events, diagnostics: [...diagnostics, ...missing], skipped: [] };
  if (foreign && isFirst(unit.range)) {
    yield* linesOfEvents(evtx, unit.log, format, options);
    yield taken(evtx, 0, [], 0);
  }
  return last;
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
    if (format === 'evtx_dump-jsonl' && batch.block === undefined) {
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
function missingBehind({ log, range }: Unit, { header, at }: LogEnd, lastId: number | null): Diagnostic[] {
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
