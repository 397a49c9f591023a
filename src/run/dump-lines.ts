/** Logs -> lines of JSON, in order, by one thread or several. */
import { availableParallelism } from 'node:os';
import type { Diagnostic } from '../events/index.ts';
import { missingChunks } from '../evtx/index.ts';
import type { LineFormat } from '../lines/index.ts';
import {
  type Batch,
  type Log,
  type LogRange,
  placed,
  readLog,
  type Skipped,
  splitLog,
} from '../sources/index.ts';
import { EvtxLines, type EvtxReading, type LogEnd, PIECE } from './dump-evtx.ts';
import { type DumpFilterOptions, dumpFilter } from './dump-filter.ts';
import { type RenderedUnit, startRenderers } from './dump-threads.ts';

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

/** A piece of work: a log, or a range of one. */
export interface DumpUnit {
  readonly log: Log;
  readonly range: LogRange | null;
}

/** A thread loads its reader first: only this many bytes outweigh that. */
const BYTES_PER_THREAD = 16 * 1024 * 1024;
const RANGE_BYTES = 4 * 1024 * 1024;

/** Renders the events of logs that pass the options, in order: the same bytes for any number of threads. */
export async function* dumpLines(
  logs: readonly Log[],
  format: LineFormat,
  options: DumpLinesOptions,
): AsyncGenerator<DumpedLines> {
  const bytes = logs.reduce((sum, { kind, size }) => sum + (kind === 'evtx' ? size : 0), 0);
  const wanted = options.threads ?? availableParallelism();
  const threads = Math.min(wanted, Math.floor(bytes / BYTES_PER_THREAD));
  if (threads > 1) yield* linesOfThreads(logs, format, options, threads);
  else yield* linesHere(logs, format, options);
}

async function* linesHere(
  logs: readonly Log[],
  format: LineFormat,
  options: DumpLinesOptions,
): AsyncGenerator<DumpedLines> {
  const evtx = new EvtxLines(format, dumpFilter(options), options);
  for (const log of logs) {
    let plain = log.kind !== 'evtx';
    if (!plain) {
      for (const step of evtx.read(log, null)) {
        plain = step === null;
        if (step === null) break;
        options.onBytes(step.bytes);
        const missing = step.end ? missingBehind(log, step.end, step.end.lastId) : [];
        yield taken(evtx, step.events, [...step.diagnostics, ...missing]);
      }
    }
    if (plain) yield* linesOfEvents(evtx, log, format, options);
  }
  yield taken(evtx, 0, [], 0);
}

/** Ranges go to the threads as they have time, a bounded number ahead of what is written. */
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
  const renderers = startRenderers(threads, format, options);
  try {
    const ahead: Promise<RenderedUnit>[] = [];
    let [sent, lastId]: [number, number | null] = [0, null];
    for (const [index, { log, range }] of units.entries()) {
      for (; sent < units.length && sent < index + 3 * threads; sent++) {
        if (units[sent]!.log.kind === 'evtx') ahead.push(renderers.render(units[sent]!));
      }
      const first = range === null || index === 0 || units[index - 1]!.log !== log;
      if (first) lastId = null;
      const rendered = log.kind === 'evtx' ? await ahead.shift()! : null;
      if (rendered === null || rendered.foreign) {
        if (first) yield* linesOfEvents(evtx, log, format, options);
        yield taken(evtx, 0, [], 0);
        continue;
      }
      options.onBytes(rendered.bytes);
      lastId = rendered.end?.lastId ?? lastId;
      const last = range === null || range.end >= log.size;
      const missing = rendered.end && last ? missingBehind(log, rendered.end, lastId) : [];
      yield {
        pieces: rendered.pieces,
        events: rendered.events,
        diagnostics: [...rendered.diagnostics, ...missing],
        skipped: [],
      };
    }
  } finally {
    await renderers.stop();
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
  for await (const batch of readLog(log, { verify, recover, range: null })) {
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

function missingBehind(log: Log, { header, at }: LogEnd, lastId: number | null): Diagnostic[] {
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
