/**
 * Text logs whose shape changes on the way: JSON lines behind event XML, syslog lines in front of either. A file is cut
 * where a line begins that can only be of another kind, and each part is read by its own reader.
 */
import { type TextChunk, Utf8Chunk } from './text.ts';

export type TextKind = 'json' | 'xml' | 'syslog';

/** A part of a text of one kind. Read its chunks to their end before the next part is asked for. */
export interface TextPart {
  readonly kind: TextKind;
  /** Line of the text with which the part begins, from 1. */
  readonly line: number;
  readonly chunks: AsyncIterable<TextChunk>;
}

/** Of a line, what decides its kind lies in front; longer starts are looked at no further. */
const START = 4096;
/** Bytes of a line that are kept until it is whole, where it is read as bytes. */
const MAX_KEPT = 128 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** Cuts a text into parts. `first` is the kind that the whole was recognised as. */
export async function* textParts(text: AsyncIterable<TextChunk>, first: TextKind): AsyncGenerator<TextPart> {
  const source = text[Symbol.asyncIterator]();
  let kind = first;
  let line = 1;
  let done = false;
  /** Text that belongs to the part to come. */
  let ahead: TextChunk | null = null;
  let next: TextKind | null = first;

  async function* chunks(): AsyncGenerator<TextChunk> {
    // The start of a line that was not whole when its chunk ended, as text or as bytes.
    let carried = '';
    let carriedBytes: Buffer = NO_BYTES;
    let inEvent = false;
    for (;;) {
      const chunk: TextChunk | null = ahead ?? (await take());
      ahead = null;
      if (chunk === null) break;
      if (chunk.utf8 !== undefined && kind === 'json' && carried === '') {
        const whole = carriedBytes.length === 0 ? chunk.utf8 : Buffer.concat([carriedBytes, chunk.utf8]);
        const end = whole.lastIndexOf(0x0a) + 1;
        const { cut, found, count } = changeInJson(whole, end);
        line += count;
        if (found !== null) {
          ahead = new Utf8Chunk(whole.subarray(cut), 0);
          next = found;
          if (cut > 0) yield new Utf8Chunk(whole.subarray(0, cut), chunk.bytes);
          return;
        }
        const keep = whole.length - end <= MAX_KEPT ? end : whole.length;
        carriedBytes = whole.subarray(keep);
        yield new Utf8Chunk(whole.subarray(0, keep), chunk.bytes);
        continue;
      }
      const whole = carriedBytes.toString('utf8') + carried + chunk.text;
      carriedBytes = NO_BYTES;
      const end = whole.lastIndexOf('\n') + 1;
      const [cut, found, open] = change(whole, end, kind, inEvent);
      inEvent = open;
      if (found !== null) {
        line += lines(whole, cut);
        ahead = { text: whole.slice(cut), bytes: 0 };
        next = found;
        if (cut > 0) yield { text: whole.slice(0, cut), bytes: chunk.bytes };
        return;
      }
      // What is one line of megabytes is passed on as it comes.
      const keep = whole.length - end <= START ? end : whole.length;
      carried = whole.slice(keep);
      line += lines(whole, keep);
      yield { text: whole.slice(0, keep), bytes: chunk.bytes };
    }
    if (carriedBytes.length > 0) yield new Utf8Chunk(carriedBytes, 0);
    if (carried !== '') yield { text: carried, bytes: 0 };
    done = true;
  }

  async function take(): Promise<TextChunk | null> {
    const result = await source.next();
    return result.done ? null : result.value;
  }

  while (!done && next !== null) {
    kind = next;
    next = null;
    yield { kind, line, chunks: chunks() };
  }
}

/** Where a line begins that is of another kind, which kind, and whether the text ends inside an event of XML. */
function change(
  text: string,
  end: number,
  kind: TextKind,
  wasInEvent: boolean,
): [cut: number, found: TextKind | null, inEvent: boolean] {
  let inEvent = wasInEvent;
  for (let at = 0; at < end;) {
    const newline = text.indexOf('\n', at);
    // A value may hold line breaks: a line inside of an event is the event's, whatever it looks like.
    if (!inEvent) {
      const found = kindOf(text, at, newline, kind);
      if (found !== null && found !== kind) return [at, found, false];
    }
    if (kind !== 'json') {
      const opened = text.lastIndexOf('<Event', newline);
      const closed = text.lastIndexOf('</Event', newline);
      if (opened >= at && !text.startsWith('<Events', opened)) inEvent = opened > closed;
      else if (closed >= at) inEvent = false;
    }
    at = newline + 1;
  }
  return [0, null, inEvent];
}

/** The same of JSON that stands there as bytes, and how many lines come before. */
function changeInJson(
  bytes: Buffer,
  end: number,
): { readonly cut: number; readonly found: TextKind | null; readonly count: number } {
  let count = 0;
  for (let at = 0; at < end; count++) {
    const newline = bytes.indexOf(0x0a, at);
    const first = bytes[at]!;
    if (first === 0x3c || isLetterOrDigit(first)) {
      const start = bytes.toString('utf8', at, Math.min(newline, at + 4 * START));
      const found = kindOf(start, 0, start.length, 'json');
      if (found !== null && found !== 'json') return { cut: at, found, count };
    }
    at = newline + 1;
  }
  return { cut: 0, found: null, count };
}

/** The kind that a line shows by its start; null where it shows none. */
function kindOf(text: string, at: number, end: number, kind: TextKind): TextKind | null {
  const first = text.charCodeAt(at);
  // `{` with more behind it: inside of pretty-printed JSON that is JSON all the same.
  if (first === 0x7b) return 'json';
  if (first === 0x3c) {
    const start = text.slice(at, Math.min(end, at + 16));
    // Syslog has its own `<` in front: a priority.
    if (/^<(?:\?xml|Events?[\s>/])/.test(start)) return 'xml';
    if (kind === 'syslog' || !/^<\d{1,3}>/.test(start)) return null;
  } else if (kind === 'syslog' || !isLetterOrDigit(first)) return null;
  const start = text.slice(at, Math.min(end, at + START));
  return /\bsysmon(?:\[\d+\])?:? .{0,40}<Event[\s>]/i.test(start) ? 'syslog' : null;
}

function isLetterOrDigit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
}

function lines(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
