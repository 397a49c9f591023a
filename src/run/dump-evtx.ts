/** Event logs on disk -> lines of JSON: whole chunks through the renderer's kernel, what is unusual through the plain reader. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Diagnostic } from '../events/index.ts';
import {
  CHUNK_SIZE,
  ChunkText,
  type EvtxDiagnostic,
  EvtxRecord,
  FILE_HEADER_SIZE,
  type FileHeader,
  fileHeaderDiagnostics,
  filetimeMs,
  isSound,
  lastRecordId,
  readChunk,
  readFileHeader,
  reasonOf,
} from '../evtx/index.ts';
import { dumpLine, evtxDumpLine, type LineFormat, LineRenderer } from '../lines/index.ts';
import { type Batch, isFirst, type Log, type LogRange, placed, readFailed } from '../sources/index.ts';
import type { DumpFilter } from './dump-filter.ts';

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
  readonly #format: LineFormat;
  readonly #filter: DumpFilter;
  readonly #reading: EvtxReading;
  #lastId: number | null = null;

  constructor(format: LineFormat, filter: DumpFilter, reading: EvtxReading, kernel = true) {
    this.lines = new LineRenderer(format, kernel);
    this.#format = format;
    this.#filter = filter;
    this.#reading = reading;
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
      if (range === null || isFirst(range)) {
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
          events += this.#chunk({ source, chunk, offset: at + i * CHUNK_SIZE, header, index: i }, say);
        }
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

  /** Renders events that were read elsewhere; of a tool's format only those of a chunk. */
  events({ source, events, chunk }: Batch): DumpStep {
    const { passes } = this.#filter;
    const diagnostics: Diagnostic[] = [];
    const say = (one: EvtxDiagnostic): void => void diagnostics.push(placed(source, one));
    const lines =
      chunk === undefined
        ? null
        : new PlainLines(this.#format, {
            source,
            chunk: Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.length),
            offset: chunk.offset,
          });
    let count = 0;
    for (const event of events) {
      if (passes !== null && !passes(event)) continue;
      const line = lines === null ? dumpLine(source, event) : lines.ofEvent(event as EvtxRecord, say);
      if (line === null) continue;
      this.lines.append(line);
      count += 1;
    }
    return { events: count, diagnostics, bytes: 0 };
  }

  /** Renders one chunk, wherever it came from; the number of its events. */
  #chunk(place: ChunkPlace, say: (diagnostic: EvtxDiagnostic) => void): number {
    const { chunk, index } = place;
    this.#lastId = lastRecordId(chunk) ?? this.#lastId;
    const sound = isSound(chunk, false);
    const count = sound ? this.lines.walk(index) : -1;
    const regular = count > 0 && (!this.#reading.verify || isSound(chunk, true));
    const line = new PlainLines(this.#format, place);
    const { passes } = this.#filter;
    if (regular && passes === null && this.lines.render(index, count, (at) => line.alone(at))) return count;
    const events: EvtxRecord[] = [];
    const options = { ...this.#reading, file: place.header, offset: place.offset, report: say };
    for (const item of readChunk(chunk, options)) {
      if (item.kind !== 'record') say(item);
      else if (passes === null || passes(item)) events.push(item);
    }
    if (regular && events.length > 0) {
      this.lines.select(events.map(({ offset }) => offset - place.offset));
      if (this.lines.render(index, events.length, (at) => line.alone(at))) return events.length;
    }
    for (const event of events) {
      const text = line.ofEvent(event, say);
      if (text !== null) this.lines.append(text);
    }
    return events.length;
  }
}

interface Place {
  readonly source: string;
  readonly chunk: Buffer;
  /** Of the chunk in its file. */
  readonly offset: number;
}

interface ChunkPlace extends Place {
  readonly header: FileHeader;
  /** Of the chunk in the renderer's input. */
  readonly index: number;
}

/** Lines of the plain reader, for records of one chunk. */
class PlainLines {
  readonly #format: LineFormat;
  readonly #place: Place;
  #text: ChunkText | undefined;

  constructor(format: LineFormat, place: Place) {
    this.#format = format;
    this.#place = place;
  }

  /** The line of a whole record at an offset in the chunk; null where anything is wrong with it. */
  alone(at: number): string | null {
    const { chunk, offset, source } = this.#place;
    const id = Number(chunk.readBigUInt64LE(at + 8));
    let sane = true;
    try {
      const record = new EvtxRecord(
        (this.#text ??= new ChunkText(chunk)),
        { start: at + 24, end: at + chunk.readUInt32LE(at + 4) - 4 },
        {
          record: Number.isSafeInteger(id) ? id : null,
          time: filetimeMs(chunk, at + 16),
          offset: offset + at,
        },
        () => {
          sane = false;
        },
      );
      const line = this.#format === 'jsonl' ? dumpLine(source, record) : this.#tool(at);
      return sane ? line : null;
    } catch (error) {
      reasonOf(error);
      return null;
    }
  }

  /** The line of an event of the chunk; null, and said, where there is none. */
  ofEvent(event: EvtxRecord, say: (diagnostic: EvtxDiagnostic) => void): string | null {
    if (this.#format === 'jsonl') return dumpLine(this.#place.source, event);
    try {
      return this.#tool(event.offset - this.#place.offset);
    } catch (error) {
      const { record, offset } = event;
      const message = reasonOf(error);
      say({
        kind: 'diagnostic',
        code: 'evtx-record-fields',
        severity: 'error',
        message,
        offset,
        lost: 1,
        ...(record === null ? {} : { record }),
      });
      return null;
    }
  }

  #tool(at: number): string {
    const { chunk } = this.#place;
    this.#text ??= new ChunkText(chunk);
    return evtxDumpLine(this.#text, at + 24, at + chunk.readUInt32LE(at + 4) - 4);
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
