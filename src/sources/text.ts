/** Bytes -> text, whatever the encoding: UTF-8, UTF-16 with or without a byte order mark, ISO 8859-1 where declared. */
import { isUtf8 } from 'node:buffer';
import type { Blocks, Reading } from './blocks.ts';

/** A piece of text, cut anywhere between two characters, and how many bytes it took. */
export interface TextChunk {
  readonly text: string;
  /** The same as UTF-8, where it stands so in the file. */
  readonly utf8?: Buffer;
  readonly bytes: number;
}

/** A piece that stands in the file as UTF-8: it is decoded for those who ask for text. */
export class Utf8Chunk implements TextChunk {
  readonly utf8: Buffer;
  readonly bytes: number;

  constructor(utf8: Buffer, bytes: number) {
    this.utf8 = utf8;
    this.bytes = bytes;
  }

  get text(): string {
    return this.utf8.toString('utf8');
  }
}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'iso-8859-1';

/** Finds the encoding in the first bytes of a file; `mark` is the length of its byte order mark. */
export function findEncoding(head: Uint8Array): { encoding: Encoding; mark: number } {
  const [a = 1, b = 1, c = 1, d = 1] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', mark: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', mark: 2 };
  // Logs begin with ASCII: every other byte is zero in UTF-16.
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return { encoding: 'utf-16le', mark: 0 };
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return { encoding: 'utf-16be', mark: 0 };
  const declared = /^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.-]{1,40})["']/i.exec(
    Buffer.from(head.subarray(0, 512)).toString('latin1'),
  )?.[1];
  const latin = /^(iso-?8859-?1|latin-?1|us-ascii)$/i.test(declared ?? '');
  return { encoding: latin ? 'iso-8859-1' : 'utf-8', mark: 0 };
}

/** The first bytes of a file as text, for recognising what it is. */
export function headText(head: Uint8Array): string {
  const { encoding, mark } = findEncoding(head);
  const bytes = Buffer.from(head.subarray(mark));
  if (encoding === 'utf-16be') return swapped(bytes).toString('utf16le');
  return bytes.toString(encoding === 'utf-16le' ? 'utf16le' : encoding === 'utf-8' ? 'utf8' : 'latin1');
}

export interface TextOptions {
  /** As `findEncoding` gives them. */
  readonly encoding: Encoding;
  readonly mark: number;
  /** What stands for a byte that is not UTF-8: `U+FFFD`, or the character of that number in ISO 8859-1. */
  readonly invalid: 'replace' | 'latin1';
}

/** Decodes a stream. Invalid bytes are replaced and counted in one diagnostic, or read as ISO 8859-1. */
export async function* decodeText(
  source: string,
  blocks: Blocks,
  { encoding, mark, invalid }: TextOptions,
  reading: Reading,
): AsyncGenerator<TextChunk> {
  const decode = decoderOf(encoding, invalid);
  let toSkip = mark;
  for await (const block of blocks) {
    const bytes = block.subarray(toSkip);
    toSkip -= block.length - bytes.length;
    const whole = decode.whole?.(bytes) ?? null;
    yield whole === null
      ? { text: decode.next(bytes), bytes: block.length }
      : new Utf8Chunk(whole, block.length);
  }
  const last = decode.next(null);
  if (last !== '') yield { text: last, bytes: 0 };
  const { count, first } = decode.found;
  if (count > 0 && invalid === 'replace') {
    const offset = first + mark;
    const form = encoding === 'utf-8' ? 'UTF-8' : 'UTF-16';
    reading.trouble.push({
      code: encoding === 'utf-8' ? 'text-invalid-utf8' : 'text-invalid-utf16',
      severity: 'warning',
      message: `expected ${form}, found ${count} bytes that are none, first at byte ${offset}: each is read as U+FFFD`,
      where: { source, offset },
      lost: 0,
    });
  }
}

/** Text of bytes that are at hand, UTF-8 but for bytes that are not. */
export function decodeBytes(bytes: Uint8Array, invalid: TextOptions['invalid']): string {
  const decode = utf8Decoder(invalid);
  return decode.next(bytes) + decode.next(null);
}

interface Decoder {
  /** The text of the next bytes; null ends the stream. Characters cut by a block's end wait for the next. */
  next(bytes: Uint8Array | null): string;
  /** In place of `next`: all that it would decode, where that is UTF-8; null, and nothing is taken, where it is not. */
  whole?(bytes: Uint8Array): Buffer | null;
  readonly found: { count: number; first: number };
}

/** A decoder of bytes that come in pieces, cut anywhere. */
export function decoderOf(encoding: Encoding, invalid: TextOptions['invalid']): Decoder {
  return encoding === 'utf-8' ? utf8Decoder(invalid) : encoding === 'iso-8859-1' ? latin1() : utf16(encoding);
}

function latin1(): Decoder {
  return {
    next: (bytes) => (bytes === null ? '' : Buffer.from(bytes).toString('latin1')),
    found: { count: 0, first: 0 },
  };
}

/** UTF-16 keeps lone surrogates: Windows' own names may hold them. */
function utf16(encoding: 'utf-16le' | 'utf-16be'): Decoder {
  const found = { count: 0, first: 0 };
  let carried: Uint8Array = new Uint8Array(0);
  let offset = 0;
  return {
    found,
    next(bytes) {
      if (bytes === null) {
        if (carried.length === 0) return '';
        Object.assign(found, { count: 1, first: offset });
        return '\ufffd';
      }
      const all = joined(carried, bytes);
      const whole = all.length - (all.length % 2);
      carried = all.subarray(whole);
      offset += whole;
      const even = all.subarray(0, whole);
      return (encoding === 'utf-16be' ? swapped(even) : even).toString('utf16le');
    },
  };
}

function utf8Decoder(invalid: 'replace' | 'latin1'): Decoder {
  const found = { count: 0, first: 0 };
  let carried: Uint8Array = new Uint8Array(0);
  let offset = 0;
  return {
    found,
    whole(bytes) {
      const all = joined(carried, bytes);
      const complete = all.subarray(0, all.length - cutTail(all));
      if (!isUtf8(complete)) return null;
      carried = all.subarray(complete.length);
      offset += complete.length;
      return complete;
    },
    next(bytes) {
      const all = joined(carried, bytes ?? new Uint8Array(0));
      const whole = bytes === null ? all.length : all.length - cutTail(all);
      carried = all.subarray(whole);
      const start = offset;
      offset += whole;
      const complete = all.subarray(0, whole);
      if (isUtf8(complete)) return complete.toString('utf8');
      return repaired(complete, (at) => {
        if (found.count++ === 0) found.first = start + at;
        return invalid === 'latin1' ? String.fromCharCode(complete[at] ?? 0) : '\ufffd';
      });
    },
  };
}

/** Decodes UTF-8 with every byte that does not belong there handed to `stand`. */
function repaired(bytes: Buffer, stand: (at: number) => string): string {
  const parts: string[] = [];
  let valid = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(bytes.toString('utf8', valid, at), stand(at));
    at += 1;
    valid = at;
  }
  parts.push(bytes.toString('utf8', valid));
  return parts.join('');
}

/** Length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7); 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = leadLength(lead);
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

function leadLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** How many bytes at the end may be the beginning of a character that goes on in the next block. */
function cutTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return leadLength(byte) > back ? back : 0;
  }
  return 0;
}

function joined(carried: Uint8Array, bytes: Uint8Array): Buffer {
  if (carried.length > 0) return Buffer.concat([carried, bytes]);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2))).swap16();
}
