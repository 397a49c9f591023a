/** Segments of the monitor's event log: bytes -> events, every checksum checked. The form stands in segment-format.ts. */
import type { Diagnostic, Event } from '../events/index.ts';
import type { Batch } from './batch.ts';
import type { Blocks } from './blocks.ts';
import { MAX_OBJECT } from './json-objects.ts';
import { parseObject } from './json-value.ts';
import { isSealed } from './segment-format.ts';
import { eventOf } from './shapes/index.ts';

/** What some bytes of a segment bring. */
export interface SegmentPart {
  readonly events: readonly Event[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one segment as it comes, or as it grows. */
export interface SegmentReader {
  /** The events of the lines that these bytes end; they may be cut anywhere. */
  push(bytes: Uint8Array): SegmentPart;
  /** No more bytes will come: what is left is the end of a log that was cut off, or is being written. */
  end(): SegmentPart;
  /** Where the first line begins that is not whole yet, in bytes from the start of the file. */
  offset(): number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** How each line of an event begins. Within a line it can stand only in two that ran together. */
const EVENT_START = Buffer.from('{"source":"live","record":');
const LINE_END = Buffer.from('"}');

/** A reader of the segment `source` from its first byte, or from the start of a line at `offset` on. */
export function segmentReader(source: string, from = { offset: 0, line: 1 }): SegmentReader {
  let rest: Buffer = Buffer.alloc(0);
  let { offset, line } = from;
  /** Bytes let go of, of a line that is longer than any event. */
  let tooLong = 0;

  const read = (bytes: Buffer, found: Found): void => {
    const end = bytes.at(-1) === CARRIAGE_RETURN ? -1 : bytes.length;
    const text = bytes.subarray(0, end);
    if (tooLong > 0) bad(found, source, offset, line, tooLong + bytes.length, 1);
    else if (text.length > 0) readLine(text, source, offset, line, found);
    offset += tooLong + bytes.length + 1;
    line += 1;
    tooLong = 0;
  };

  return {
    push(bytes) {
      const found: Found = { events: [], diagnostics: [] };
      const all = rest.length === 0 ? asBuffer(bytes) : Buffer.concat([rest, bytes]);
      let at = 0;
      // What was there before has no line break.
      for (let next = all.indexOf(LINE_FEED, rest.length); next >= 0; next = all.indexOf(LINE_FEED, at)) {
        read(all.subarray(at, next), found);
        at = next + 1;
      }
      rest = Buffer.from(all.subarray(at));
      if (tooLong > 0 || rest.length > MAX_OBJECT) {
        tooLong += rest.length;
        rest = Buffer.alloc(0);
      }
      return found;
    },
    end() {
      const found: Found = { events: [], diagnostics: [] };
      const left = tooLong + rest.length;
      // A last line without its break is whole all the same.
      if (tooLong === 0 && isSealed(rest)) readLine(rest, source, offset, line, found);
      else if (left > 0) {
        found.diagnostics.push({
          code: 'segment-torn-tail',
          severity: 'warning',
          message: `the log ends within a line: its last ${left} bytes are no whole event yet; it is being written, or its writer was cut off`,
          where: { source, offset, line },
          lost: 0,
        });
      }
      offset += left;
      rest = Buffer.alloc(0);
      tooLong = 0;
      return found;
    },
    offset: () => offset,
  };
}

/** Reads a whole segment; a batch for each block. */
export async function* readSegment(source: string, blocks: Blocks): AsyncGenerator<Batch> {
  const reader = segmentReader(source);
  for await (const block of blocks) yield { source, ...reader.push(block), bytes: block.length };
  yield { source, ...reader.end(), bytes: 0 };
}

interface Found {
  readonly events: Event[];
  readonly diagnostics: Diagnostic[];
}

function readLine(bytes: Buffer, source: string, offset: number, line: number, found: Found): void {
  if (isSealed(bytes)) {
    readWhole(bytes, source, offset, line, found);
    return;
  }
  // Where a line break was damaged, or a line was cut off and writing went on, the next event stands in the same line.
  let lost = 0;
  for (const [from, to] of piecesOf(bytes)) {
    const piece = bytes.subarray(from, to);
    const whole = piece.subarray(0, piece.lastIndexOf(LINE_END) + LINE_END.length);
    if (isSealed(whole)) readWhole(whole, source, offset + from, line, found);
    else if (piece.some((byte) => byte !== 0)) lost += 1;
  }
  const isHeader = line === 1 && offset === 0 && !bytes.includes(EVENT_START);
  if (isHeader) {
    found.diagnostics.push({
      code: 'segment-header',
      severity: 'warning',
      message: `expected the header of a segment, found ${bytes.length} bytes without its checksum: the events are read all the same`,
      where: { source, offset, line },
      lost: 0,
    });
  } else bad(found, source, offset, line, bytes.length, Math.max(1, lost));
}

/** Cuts a damaged line where events begin in it. */
function piecesOf(bytes: Buffer): [from: number, to: number][] {
  const pieces: [number, number][] = [];
  let from = 0;
  for (let next = bytes.indexOf(EVENT_START, 1); next > 0; next = bytes.indexOf(EVENT_START, next + 1)) {
    pieces.push([from, next]);
    from = next;
  }
  pieces.push([from, bytes.length]);
  return pieces;
}

/** A line that is as it was written: an event, or a header, wherever segments were put together. */
function readWhole(bytes: Buffer, source: string, offset: number, line: number, found: Found): void {
  const object = parseObject(bytes.toString('utf8'));
  if (object !== null && !('eventId' in object) && typeof object['schema'] === 'string') return;
  const event = object === null ? null : eventOf(object);
  if (event === null) bad(found, source, offset, line, bytes.length, 1);
  else found.events.push(event);
}

function bad(
  { diagnostics }: Found,
  source: string,
  offset: number,
  line: number,
  length: number,
  lost: number,
): void {
  const events = lost === 1 ? 'its event is' : `its ${lost} events are`;
  diagnostics.push({
    code: 'segment-line',
    severity: 'error',
    message: `expected an event and the checksum of its line, found ${length} bytes that are not as they were written: ${events} not read`,
    where: { source, offset, line },
    lost,
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
