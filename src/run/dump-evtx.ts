/** Event logs on disk -> lines of JSON, CSV or XML: whole chunks through the renderer's kernel, what is unusual through the plain reader. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Diagnostic, Event } from '../events/index.ts';
import {
  CHUNK_SIZE,
  ChunkText,
  decodeRecord,
  type EvtxDiagnostic,
  FILE_HEADER_SIZE,
  type FileHeader,
  fileHeaderDiagnostics,
  lastRecordId,
  matchesChecksum,
  readFileHeader,
  reasonOf,
  type Scanner,
} from '../evtx/index.ts';
import {
  type CsvColumns,
  csvColumns,
  csvRow,
  dumpLine,
  eventXml,
  evtxDumpLine,
  type LineFormat,
  LineRenderer,
} from '../lines/index.ts';
import { type Batch, isFirst, type Log, type LogRange, placed, readFailed } from '../sources/index.ts';
import { type DumpFilter, scannerFor } from './dump-filter.ts';

/** Lines are handed over in pieces of about this many bytes: few enough to be in the processor's cache still. */
export const PIECE: number = 256 * 1024;

export interface EvtxReading {
  /** Check the data's CRC of every chunk, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage, too. */
  readonly recover: boolean;
}

/** What one step of reading brought, beside the lines, which wait in the renderer. */
export interface DumpStep {
  /** Events that were rendered. */
  readonly events: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Bytes read. */
  readonly bytes: number;
  /** With the last step. */
  readonly end?: LogEnd;
}

/** Where the reading of a log, or a range of it, came to its end: what is missing behind it is told by all ranges together. */
export interface LogEnd {
  readonly header: FileHeader;
  /** Bytes from the start of the file. */
  readonly at: number;
  /** Last record id that a chunk told of; null where none did. */
  readonly lastId: number | null;
}

/** Renders event logs, one after another. */
export class EvtxLines {
  readonly lines: LineRenderer;
  readonly #ownLine: OwnLine | null;
  readonly #filter: DumpFilter;
  readonly #reading: EvtxReading;
  /** For what is filtered or unusual, or is no file of its own. */
  readonly scanner: Scanner;
  #lastId: number | null = null;

  constructor(format: LineFormat, filter: DumpFilter, reading: EvtxReading, kernel = true) {
    const columns = csvColumns(filter.eventIds);
    this.lines = new LineRenderer(format, columns, kernel);
    this.#ownLine = {
      jsonl: dumpLine,
      csv: csvLineOf(columns),
      xml: xmlLine,
      'evtx_dump-jsonl': null,
    }[format];
    this.#filter = filter;
    this.#reading = reading;
    this.scanner = scannerFor(filter, kernel);
  }

  /**
   * Reads an event log, or a range of it, in steps; null, and nothing read, where it does not begin with a header of
   * its own. What the system refuses is a diagnostic.
   */
  *read(log: Log, range: LogRange | null): Generator<DumpStep | null> {
    const source = log.path;
    let file: number;
    try {
      file = openSync(source, 'r');
    } catch (error) {
      yield { events: 0, diagnostics: [readFailed(source, 0, error)], bytes: 0 };
      return;
    }
    let at = range?.start ?? FILE_HEADER_SIZE;
    const end = range?.end ?? Infinity;
    try {
      const head = Buffer.alloc(FILE_HEADER_SIZE);
      const available = readFully(file, head, 0);
      const header = readFileHeader(head.subarray(0, available));
      if (!header.magic) {
        yield null;
        return;
      }
      if (isFirst(range)) {
        const diagnostics = fileHeaderDiagnostics(header, available).map((one) => placed(source, one));
        yield { events: 0, diagnostics, bytes: available };
      }
      this.lines.setSource(source);
      this.#lastId = null;
      const { input } = this.lines;
      while (at < end) {
        const size = readFully(file, input.subarray(0, Math.min(input.length, end - at)), at);
        if (size === 0) break;
        const diagnostics: Diagnostic[] = [];
        const say = (one: EvtxDiagnostic): void => void diagnostics.push(placed(source, one));
        let events = 0;
        for (let i = 0; i * CHUNK_SIZE < size; i++) {
          const chunk = input.subarray(i * CHUNK_SIZE, Math.min((i + 1) * CHUNK_SIZE, size));
          const plain = new PlainLines(this.#ownLine, source, chunk, at + i * CHUNK_SIZE);
          events += this.#chunk(i, chunk, plain, header, say);
        }
        this.#lastId = lastRecordId(input.subarray(0, size)) ?? this.#lastId;
        at += size;
        yield { events, diagnostics, bytes: size };
      }
      yield { events: 0, diagnostics: [], bytes: 0, end: { header, at, lastId: this.#lastId } };
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      yield { events: 0, diagnostics: [readFailed(source, at, error)], bytes: 0 };
    } finally {
      closeSync(file);
    }
  }

  /** Renders events that were read elsewhere; in the tool's format only those of an event log. */
  events({ source, events, block }: Batch): DumpStep {
    const { passes } = this.#filter;
    const passing = passes === null ? events : events.filter(passes);
    if (block !== undefined) return this.#eventsOf(source, passing as readonly EvtxEvent[], block);
    for (const event of passing) this.lines.append(this.#ownLine!(source, event));
    return { events: passing.length, diagnostics: [], bytes: 0 };
  }

  /** Renders events of chunks that stand elsewhere than in the input. */
  #eventsOf(
    source: string,
    events: readonly EvtxEvent[],
    { bytes, offset }: NonNullable<Batch['block']>,
  ): DumpStep {
    const diagnostics: Diagnostic[] = [];
    const say = (one: EvtxDiagnostic): void => void diagnostics.push(placed(source, one));
    this.lines.setSource(source);
    let count = 0;
    for (let from = 0, to = 0; from < events.length; from = to) {
      const index = Math.floor((events[from]!.offset - offset) / CHUNK_SIZE);
      const end = offset + (index + 1) * CHUNK_SIZE;
      while (to < events.length && events[to]!.offset < end) to += 1;
      const chunk = bytes.subarray(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE);
      this.lines.input.set(chunk);
      const regular = chunk.length === CHUNK_SIZE && this.lines.walk(0) > 0;
      const plain = new PlainLines(this.#ownLine, source, chunk, end - CHUNK_SIZE);
      count += this.#render(regular ? 0 : null, events.slice(from, to), plain, say);
    }
    return { events: count, diagnostics, bytes: 0 };
  }

  /** Renders the chunk of an index in the input; the number of its events. */
  #chunk(
    index: number,
    chunk: Buffer,
    plain: PlainLines,
    file: FileHeader,
    report: (diagnostic: EvtxDiagnostic) => void,
  ): number {
    const whole = chunk.length === CHUNK_SIZE ? this.lines.walk(index) : -1;
    const regular = whole > 0 && (!this.#reading.verify || matchesChecksum(chunk));
    const { passes } = this.#filter;
    if (regular && passes === null && this.lines.render(index, whole, (at) => plain.alone(at))) return whole;
    const scan = this.scanner.scan(chunk, { ...this.#reading, file, offset: plain.offset, report });
    const events = passes === null ? scan.events : scan.events.filter(passes);
    return this.#render(regular && passes !== null ? index : null, events, plain, report);
  }

  /** Renders some events of a chunk, by the kernel where it is told the index in the input; the number of those that it could. */
  #render(
    index: number | null,
    events: readonly EvtxEvent[],
    plain: PlainLines,
    report: (diagnostic: EvtxDiagnostic) => void,
  ): number {
    if (index !== null && events.length > 0) {
      this.lines.select(events.map(({ offset }) => offset - plain.offset));
      if (this.lines.render(index, events.length, (at) => plain.alone(at))) return events.length;
    }
    let count = 0;
    for (const event of events) {
      const line = plain.ofEvent(event, report);
      if (line === null) continue;
      this.lines.append(line);
      count += 1;
    }
    return count;
  }
}

type EvtxEvent = Event & { readonly offset: number };

/** A line of ours, without its line feed; null where lines are the tool's. */
type OwnLine = (source: string, event: Event) => string;

function csvLineOf(columns: CsvColumns): OwnLine {
  return (source, event) => csvRow(columns, source, event).slice(0, -1);
}

function xmlLine(_: string, event: Event): string {
  return eventXml(event).slice(0, -1);
}

/** Lines of the plain reader, for records of one chunk. */
class PlainLines {
  /** Of the chunk in its file. */
  readonly offset: number;
  readonly #ownLine: OwnLine | null;
  readonly #source: string;
  readonly #chunk: Buffer;
  #text: ChunkText | undefined;

  constructor(ownLine: OwnLine | null, source: string, chunk: Buffer, offset: number) {
    this.#ownLine = ownLine;
    this.#source = source;
    this.#chunk = chunk;
    this.offset = offset;
  }

  /** The line of a whole record at an offset in the chunk; null where anything is wrong with it. */
  alone(at: number): string | null {
    let sane = true;
    const size = this.#chunk.readUInt32LE(at + 4);
    const record = decodeRecord(this.#parsed(), at, size, this.offset, () => {
      sane = false;
    });
    if (record.kind === 'diagnostic') return null;
    const line = this.ofEvent(record, () => {});
    return sane ? line : null;
  }

  /** The line of an event of the chunk; null, and said, where there is none. */
  ofEvent(event: EvtxEvent, say: (diagnostic: EvtxDiagnostic) => void): string | null {
    if (this.#ownLine !== null) return this.#ownLine(this.#source, event);
    const { record, offset } = event;
    const at = offset - this.offset;
    try {
      return evtxDumpLine(this.#parsed(), at + 24, at + this.#chunk.readUInt32LE(at + 4) - 4);
    } catch (error) {
      const message = reasonOf(error);
      const place = record === null ? { offset } : { offset, record };
      say({ kind: 'diagnostic', code: 'evtx-record-fields', severity: 'error', message, lost: 1, ...place });
      return null;
    }
  }

  #parsed(): ChunkText {
    return (this.#text ??= new ChunkText(this.#chunk));
  }
}

/** Reads until a buffer is full or the file ends; the number of bytes. Throws what the system says. */
function readFully(file: number, into: Buffer, at: number): number {
  let size = 0;
  while (size < into.length) {
    const read = readSync(file, into, size, into.length - size, at + size);
    if (read === 0) break;
    size += read;
  }
  return size;
}
