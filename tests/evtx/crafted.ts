/** Chunks written by hand: any GUID, any definition, any values, and a header that vouches for it all. */
import {
  type ChunkCursor,
  newChunk,
  type TemplateElement,
  type TextToken,
  writeBytes,
  writeElement,
  writeEnd,
  writeFragmentHeader,
  writeU32,
  writeU64,
} from '../builders/evtx-binxml.ts';
import { CHUNK_SIZE, fixChecksums } from '../fuzz/chunk-map.ts';

/** Type as in the descriptor, and bytes. */
export type Value = readonly [type: number, bytes: Uint8Array];

export const text = (value: string): Value => [0x01, Buffer.from(value, 'utf16le')];
export const u8 = (value: number): Value => [0x04, Uint8Array.of(value)];
export const u16 = (value: number): Value => [0x06, Uint8Array.of(value & 0xff, value >> 8)];
export const u64 = (value: number): Value => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return [0x0a, bytes];
};
export const none: Value = [0x00, new Uint8Array()];

export const slot = (index: number): TextToken => ({ kind: 'substitution', index, type: 1 });
export const literal = (value: string): TextToken => ({ kind: 'text', text: value });

/** System with its facts in the first five slots: provider, event id, version, record id, channel. */
export function system(changes: Partial<Record<string, TemplateElement>> = {}): TemplateElement {
  const children: Record<string, TemplateElement> = {
    Provider: { name: 'Provider', attributes: [['Name', [slot(0)]]], children: [] },
    EventID: { name: 'EventID', dependency: 1, children: [slot(1)] },
    Version: { name: 'Version', dependency: 2, children: [slot(2)] },
    EventRecordID: { name: 'EventRecordID', children: [slot(3)] },
    Channel: { name: 'Channel', dependency: 4, children: [slot(4)] },
    Computer: { name: 'Computer', children: [literal('HOST')] },
  };
  return { name: 'System', children: Object.values({ ...children, ...changes }) as TemplateElement[] };
}

/** A template with these elements as its data. */
export function event(data: readonly TemplateElement[], changes = {}): TemplateElement {
  return { name: 'Event', children: [system(changes), { name: 'EventData', children: data }] };
}

export function field(name: string, ...children: readonly TextToken[]): TemplateElement {
  return { name: 'Data', attributes: [['Name', [literal(name)]]], children };
}

/** The five values of `system`. */
export function facts(record: number, provider = 'Provider', eventId = 1): Value[] {
  return [text(provider), u16(eventId), u8(5), u64(record), text('Channel')];
}

export interface Written {
  readonly template: TemplateElement;
  readonly values: readonly Value[];
  /** First byte of the GUID; the others are zero. */
  readonly guid?: number;
  /** Bytes behind the body that count to it. */
  readonly padding?: number;
  /** Where a definition stands already. */
  readonly definition?: number;
}

/** Where a record and its parts stand in a chunk. */
export interface Place {
  readonly record: number;
  readonly definition: number;
  readonly descriptors: number;
  readonly values: number;
}

export class Crafted {
  readonly cursor: ChunkCursor = newChunk();
  readonly places: Place[] = [];

  /** Writes a record; names that stand in the chunk already are pointed to. */
  add({ template, values, guid = 1, padding = 0, definition }: Written): Place {
    const { cursor } = this;
    const record = cursor.at;
    writeBytes(cursor, Buffer.from('**\0\0', 'latin1'));
    writeU32(cursor, 0);
    writeU64(cursor, BigInt(this.places.length + 1));
    writeU64(cursor, 133_000_000_000_000_000n);
    writeFragmentHeader(cursor);
    writeBytes(cursor, Uint8Array.of(0x0c, 0x01, guid, 0, 0, 0));
    const at = definition ?? cursor.at + 4;
    writeU32(cursor, at);
    if (definition === undefined) {
      writeU32(cursor, 0);
      writeBytes(cursor, Uint8Array.of(guid, ...Array.from({ length: 15 }, () => 0)));
      const size = cursor.at;
      writeU32(cursor, 0);
      writeFragmentHeader(cursor);
      writeElement(cursor, template, true);
      writeEnd(cursor);
      writeBytes(cursor, new Uint8Array(padding));
      cursor.bytes.writeUInt32LE(cursor.at - size - 4, size);
    }
    writeU32(cursor, values.length);
    const descriptors = cursor.at;
    for (const [type, bytes] of values) {
      writeBytes(cursor, Uint8Array.of(bytes.length & 0xff, bytes.length >> 8, type, 0));
    }
    const place = { record, definition: at, descriptors, values: cursor.at };
    for (const [, bytes] of values) writeBytes(cursor, bytes);
    writeEnd(cursor);
    cursor.at += (12 - (cursor.at % 8)) % 8;
    const size = cursor.at + 4 - record;
    writeU32(cursor, size);
    cursor.bytes.writeUInt32LE(size, record + 4);
    this.places.push(place);
    return place;
  }

  /** The chunk as it is now, with a header that is right. */
  finish(): Buffer {
    const { cursor, places } = this;
    const bytes = Buffer.from(cursor.bytes.subarray(0, CHUNK_SIZE));
    bytes.write('ElfChnk\0', 0, 'latin1');
    bytes.writeBigUInt64LE(1n, 24);
    bytes.writeBigUInt64LE(BigInt(places.length), 32);
    bytes.writeUInt32LE(128, 40);
    bytes.writeUInt32LE(cursor.at, 48);
    fixChecksums(bytes);
    return bytes;
  }
}
