/**
 * Writes BinXML into a chunk: names and template definitions stand inline at their first use in the chunk, and are
 * pointed to afterwards.
 *
 *     template instance   0c 01 | id u32 | definition u32 | [definition] | values
 *     definition          next u32 | GUID 16 | size u32 | 0f 01 01 00 | element | 00
 *     values              count u32 | (size u16, type u8, 00) each | bytes of each
 *     element             01 or 41 | [dependency u16, in templates] | size u32 | name | [attributes] | 02 content 04, or 03
 *     attributes          size u32 | (46, of the last 06 | name | text tokens) each
 *     name                offset u32 | [next u32 | hash u16 | count u16 | UTF-16 | 00 00]
 *     text tokens         05 01 count u16 UTF-16 | 07 count u16 UTF-16 (CDATA) | 08 u16 (character) | 09 name (entity)
 *                         0d index u16 type u8 (substitution), 0e the same, optional; | 40: more text follows
 *
 * All offsets count from the start of the chunk. Source: libyal's "Windows XML Event Log (EVTX) format"; the hashes were
 * found by trying against real chunks.
 */
import { createHash } from 'node:crypto';
import type { EncodedValue } from './evtx-value.ts';

export interface TemplateElement {
  readonly name: string;
  /** Index of the substitution without which the element does not exist. */
  readonly dependency?: number;
  readonly attributes?: readonly (readonly [name: string, text: readonly TextToken[]])[];
  readonly children: readonly (TemplateElement | TextToken)[];
}

export type TextToken =
  | { readonly kind: 'text' | 'cdata'; readonly text: string }
  | { readonly kind: 'charRef'; readonly code: number }
  | { readonly kind: 'entity'; readonly name: string }
  | {
      readonly kind: 'substitution';
      readonly index: number;
      readonly type: number;
      readonly optional?: boolean;
    };

export const CHUNK_SIZE = 65_536;
export const CHUNK_HEADER_SIZE = 512;
const NAME_BUCKETS = 64;
const TEMPLATE_BUCKETS = 32;
const MORE = 0x40;

/** The chunk that is being written. It may grow past its size: the caller then takes the last record back. */
export interface ChunkCursor {
  readonly bytes: Buffer;
  at: number;
  readonly names: Map<string, number>;
  readonly templates: Map<string, number>;
  readonly nameBuckets: number[];
  readonly templateBuckets: number[];
}

export function newChunk(): ChunkCursor {
  return {
    // Room for a record that turns out not to fit; one past even this throws a RangeError.
    bytes: Buffer.alloc(4 * CHUNK_SIZE),
    at: CHUNK_HEADER_SIZE,
    names: new Map(),
    templates: new Map(),
    nameBuckets: Array.from({ length: NAME_BUCKETS }, () => 0),
    templateBuckets: Array.from({ length: TEMPLATE_BUCKETS }, () => 0),
  };
}

export function writeFragmentHeader(chunk: ChunkCursor): void {
  writeBytes(chunk, Uint8Array.of(0x0f, 1, 1, 0));
}

export function writeEnd(chunk: ChunkCursor): void {
  writeU8(chunk, 0x00);
}

/** A template instance up to its values. Returns whether the definition was written here. */
export function writeInstance(
  chunk: ChunkCursor,
  template: TemplateElement,
  values: readonly (EncodedValue | 'nested')[],
  writeNested: () => void,
): void {
  const key = JSON.stringify(template);
  const guid = createHash('md5').update(key).digest();
  writeU8(chunk, 0x0c);
  writeU8(chunk, 0x01);
  writeBytes(chunk, guid.subarray(0, 4));
  const known = chunk.templates.get(key);
  writeU32(chunk, known ?? chunk.at + 4);
  if (known === undefined) {
    const at = chunk.at;
    chunk.templates.set(key, at);
    const words = Array.from({ length: 8 }, (_, i) => guid.readUInt16LE(2 * i));
    const bucket = polynomialHash(words) % TEMPLATE_BUCKETS;
    writeU32(chunk, chunk.templateBuckets[bucket]!);
    chunk.templateBuckets[bucket] = at;
    writeBytes(chunk, guid);
    writeSized(chunk, () => {
      writeFragmentHeader(chunk);
      writeElement(chunk, template, true);
      writeEnd(chunk);
    });
  }
  writeValues(chunk, values, writeNested);
}

function writeValues(
  chunk: ChunkCursor,
  values: readonly (EncodedValue | 'nested')[],
  writeNested: () => void,
): void {
  writeU32(chunk, values.length);
  const descriptors = chunk.at;
  chunk.at += 4 * values.length;
  for (const [index, value] of values.entries()) {
    const start = chunk.at;
    if (value === 'nested') writeNested();
    else writeBytes(chunk, value.bytes);
    const size = chunk.at - start;
    if (size > 0xffff) throw new RangeError(`a value of ${size} bytes does not fit into 65535`);
    chunk.bytes.writeUInt16LE(size, descriptors + 4 * index);
    chunk.bytes.writeUInt8(value === 'nested' ? 0x21 : value.stored, descriptors + 4 * index + 2);
    chunk.bytes.writeUInt8(0, descriptors + 4 * index + 3);
  }
}

/** Elements carry their dependency in templates, and not in a nested fragment without one. */
export function writeElement(chunk: ChunkCursor, element: TemplateElement, inTemplate: boolean): void {
  const attributes = element.attributes ?? [];
  writeU8(chunk, attributes.length > 0 ? 0x01 | MORE : 0x01);
  if (inTemplate) writeU16(chunk, element.dependency ?? 0xffff);
  writeSized(chunk, () => {
    writeName(chunk, element.name);
    if (attributes.length > 0) {
      writeSized(chunk, () => {
        for (const [index, [name, text]] of attributes.entries()) {
          writeU8(chunk, index < attributes.length - 1 ? 0x06 | MORE : 0x06);
          writeName(chunk, name);
          writeContent(chunk, text, inTemplate);
        }
      });
    }
    if (element.children.length === 0) {
      writeU8(chunk, 0x03);
    } else {
      writeU8(chunk, 0x02);
      writeContent(chunk, element.children, inTemplate);
      writeU8(chunk, 0x04);
    }
  });
}

function writeContent(
  chunk: ChunkCursor,
  content: readonly (TemplateElement | TextToken)[],
  inTemplate: boolean,
): void {
  for (const [index, node] of content.entries()) {
    const next = content[index + 1];
    const more = next !== undefined && 'kind' in next ? MORE : 0;
    if (!('kind' in node)) writeElement(chunk, node, inTemplate);
    else writeText(chunk, node, more);
  }
}

function writeText(chunk: ChunkCursor, token: TextToken, more: number): void {
  switch (token.kind) {
    case 'text':
      writeU8(chunk, 0x05 | more);
      writeU8(chunk, 0x01);
      writeCounted(chunk, token.text);
      return;
    case 'cdata':
      writeU8(chunk, 0x07 | more);
      writeCounted(chunk, token.text);
      return;
    case 'charRef':
      writeU8(chunk, 0x08 | more);
      writeU16(chunk, token.code);
      return;
    case 'entity':
      writeU8(chunk, 0x09 | more);
      writeName(chunk, token.name);
      return;
    case 'substitution':
      writeU8(chunk, token.optional === true ? 0x0e : 0x0d);
      writeU16(chunk, token.index);
      writeU8(chunk, token.type);
  }
}

function writeName(chunk: ChunkCursor, name: string): void {
  const known = chunk.names.get(name);
  writeU32(chunk, known ?? chunk.at + 4);
  if (known !== undefined) return;
  const hash = polynomialHash(Array.from({ length: name.length }, (_, i) => name.charCodeAt(i))) & 0xffff;
  const bucket = hash % NAME_BUCKETS;
  const at = chunk.at;
  chunk.names.set(name, at);
  writeU32(chunk, chunk.nameBuckets[bucket]!);
  chunk.nameBuckets[bucket] = at;
  writeU16(chunk, hash);
  writeCounted(chunk, name);
  writeU16(chunk, 0);
}

/** The one hash of the format: of names over their UTF-16 units, of templates over the 16-bit words of their GUID. */
function polynomialHash(units: readonly number[]): number {
  return units.reduce((hash, unit) => (Math.imul(hash, 65_599) + unit) >>> 0, 0);
}

function writeCounted(chunk: ChunkCursor, text: string): void {
  writeU16(chunk, text.length);
  writeBytes(chunk, Buffer.from(text, 'utf16le'));
}

/** Size u32 of what `write` writes, before it. */
function writeSized(chunk: ChunkCursor, write: () => void): void {
  const at = chunk.at;
  chunk.at += 4;
  write();
  chunk.bytes.writeUInt32LE(chunk.at - at - 4, at);
}

function writeU8(chunk: ChunkCursor, value: number): void {
  chunk.at = chunk.bytes.writeUInt8(value, chunk.at);
}

function writeU16(chunk: ChunkCursor, value: number): void {
  chunk.at = chunk.bytes.writeUInt16LE(value, chunk.at);
}

export function writeU32(chunk: ChunkCursor, value: number): void {
  chunk.at = chunk.bytes.writeUInt32LE(value, chunk.at);
}

export function writeU64(chunk: ChunkCursor, value: bigint): void {
  chunk.at = chunk.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), chunk.at);
}

export function writeBytes(chunk: ChunkCursor, bytes: Uint8Array): void {
  chunk.bytes.set(bytes, chunk.at);
  chunk.at += bytes.length;
}
