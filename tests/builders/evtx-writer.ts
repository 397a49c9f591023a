/**
 * Writes event logs: for tests, and for the example logs. Beside honest files it writes what happens to files: logs that
 * were not closed, chunks whose memory held older records, wrong checksums, missing ends.
 */
import { crc32 } from 'node:zlib';
import {
  CHUNK_HEADER_SIZE,
  CHUNK_SIZE,
  type ChunkCursor,
  newChunk,
  writeBytes,
  writeU32,
  writeU64,
} from './evtx-binxml.ts';
import { type NestedForm, type WriterEvent, writeEventBody } from './evtx-event.ts';
import { filetimeTicks } from './evtx-value.ts';

export type { NestedForm, SystemField, WriterData, WriterEvent } from './evtx-event.ts';
export { type EvtxValue, filetimeTicks, type LiteralPiece, type Scalar } from './evtx-value.ts';
export { CHUNK_SIZE } from './evtx-binxml.ts';

export interface WriteOptions {
  /** How the data of events stands in their records. Default: `fragment`. */
  readonly nested?: NestedForm;
  /** Begin a new chunk after so many records, though more would fit. */
  readonly recordsPerChunk?: number;
  /** The file header says dirty, and its counters are those after the first chunk. */
  readonly dirty?: boolean;
  /** The last chunk's header was written so many records before its end (fewer than there are). */
  readonly lag?: number;
  /** Written after the end of every chunk as far as they fit: what the chunk's memory held before. */
  readonly stale?: readonly WriterEvent[];
  /** Done at last, in this order. */
  readonly damage?: readonly Damage[];
}

type Damage =
  /** The checksum that stands there is wrong, or the magic is. Chunks count from 0. */
  | { readonly kind: 'data-crc' | 'header-crc' | 'chunk-magic'; readonly chunk: number }
  | { readonly kind: 'file-magic' | 'file-crc' }
  /** Cut to so many bytes. */
  | { readonly kind: 'truncate'; readonly size: number };

/** Where everything stands in a file; offsets from its start. */
export interface EvtxLayout {
  readonly bytes: Uint8Array;
  readonly chunks: readonly { readonly offset: number; readonly records: readonly RecordPlace[] }[];
}

interface RecordPlace {
  readonly recordId: number | bigint;
  readonly offset: number;
  readonly size: number;
  /** Holds names or templates that later records of its chunk may point to. */
  readonly defines: boolean;
}

interface WrittenChunk {
  readonly cursor: ChunkCursor;
  readonly records: RecordPlace[];
}

const FILE_HEADER_SIZE = 4096;

/** An event log with these events in this order. Throws a RangeError for an event that does not fit into a chunk. */
export function writeEvtx(events: readonly WriterEvent[], options: WriteOptions = {}): Uint8Array {
  return layoutEvtx(events, options).bytes;
}

/** The same, with the places of all records. */
export function layoutEvtx(events: readonly WriterEvent[], options: WriteOptions = {}): EvtxLayout {
  const chunks: WrittenChunk[] = [];
  for (const event of events) {
    let chunk = chunks.at(-1);
    const full = chunk !== undefined && chunk.records.length >= (options.recordsPerChunk ?? Infinity);
    if (chunk === undefined || full || !writeRecord(chunk, event, options)) {
      chunk = { cursor: newChunk(), records: [] };
      chunks.push(chunk);
      if (!writeRecord(chunk, event, options)) {
        throw new RangeError(`record ${event.recordId} does not fit into a chunk`);
      }
    }
  }
  const bytes = Buffer.alloc(FILE_HEADER_SIZE + chunks.length * CHUNK_SIZE);
  let number = 1;
  for (const [index, chunk] of chunks.entries()) {
    finishChunk(chunk, number, index === chunks.length - 1 ? (options.lag ?? 0) : 0, options);
    bytes.set(chunk.cursor.bytes.subarray(0, CHUNK_SIZE), FILE_HEADER_SIZE + index * CHUNK_SIZE);
    number += chunk.records.length;
  }
  writeFileHeader(bytes, options.dirty === true ? chunks.slice(0, 1) : chunks, options.dirty === true);
  return {
    bytes: damaged(bytes, options.damage ?? []),
    chunks: chunks.map(({ records }, index) => {
      const offset = FILE_HEADER_SIZE + index * CHUNK_SIZE;
      return { offset, records: records.map((record) => ({ ...record, offset: offset + record.offset })) };
    }),
  };
}

/**
 *     0 "**\0\0"   4 size u32   8 record id u64   16 written FILETIME   24 BinXML, padded   size-4 the size again
 *
 * Records stand on multiples of 8. Returns false, and leaves the chunk as it was, where the record does not fit.
 */
function writeRecord(chunk: WrittenChunk, event: WriterEvent, options: WriteOptions): boolean {
  const { cursor } = chunk;
  const start = cursor.at;
  const before = {
    names: cursor.names.size,
    nameBuckets: [...cursor.nameBuckets],
    templateBuckets: [...cursor.templateBuckets],
  };
  writeBytes(cursor, Buffer.from('**\0\0', 'latin1'));
  writeU32(cursor, 0);
  writeU64(cursor, BigInt(event.recordId));
  writeU64(cursor, filetimeTicks(event.time));
  writeEventBody(cursor, event, options.nested ?? 'fragment');
  cursor.at += (12 - (cursor.at % 8)) % 8;
  const size = cursor.at + 4 - start;
  writeU32(cursor, size);
  cursor.bytes.writeUInt32LE(size, start + 4);
  if (cursor.at <= CHUNK_SIZE) {
    const defines =
      cursor.names.size > before.names ||
      cursor.templateBuckets.some((at, i) => at !== before.templateBuckets[i]);
    chunk.records.push({ recordId: event.recordId, offset: start, size, defines });
    return true;
  }
  cursor.bytes.fill(0, start, cursor.at);
  cursor.at = start;
  cursor.nameBuckets.splice(0, Infinity, ...before.nameBuckets);
  cursor.templateBuckets.splice(0, Infinity, ...before.templateBuckets);
  for (const [name, at] of cursor.names) if (at >= start) cursor.names.delete(name);
  for (const [key, at] of cursor.templates) if (at >= start) cursor.templates.delete(key);
  return false;
}

/**
 *     0  "ElfChnk\0"         8  first, last record number u64     24 first, last record id u64
 *     40 header size u32     44 last record at u32                48 free space at u32
 *     52 CRC-32 of records   120 flags u32                        124 CRC-32 of bytes 0-120 and 128-512
 *     128 name buckets       384 template buckets                 512 records, up to the free space
 */
function finishChunk(chunk: WrittenChunk, firstNumber: number, lag: number, options: WriteOptions): void {
  const { cursor, records } = chunk;
  const { bytes } = cursor;
  if (lag >= records.length) throw new RangeError(`a lag of ${lag} in a chunk of ${records.length} records`);
  const [first, last] = [records[0]!, records[records.length - 1 - lag]!];
  const free = last.offset + last.size;
  const header: ChunkCursor = { ...cursor, at: 0 };
  writeBytes(header, Buffer.from('ElfChnk\0', 'latin1'));
  writeU64(header, BigInt(firstNumber));
  writeU64(header, BigInt(firstNumber + records.length - 1 - lag));
  writeU64(header, BigInt(first.recordId));
  writeU64(header, BigInt(last.recordId));
  writeU32(header, 128);
  writeU32(header, last.offset);
  writeU32(header, free);
  writeU32(header, crc32(bytes.subarray(CHUNK_HEADER_SIZE, free)));
  header.at = 120;
  writeU32(header, 1);
  header.at = 128;
  for (const at of cursor.nameBuckets) writeU32(header, at);
  for (const at of cursor.templateBuckets) writeU32(header, at);
  writeHeaderChecksum(bytes);

  const slack: WrittenChunk = { cursor, records: [] };
  for (const event of options.stale ?? []) if (!writeRecord(slack, event, options)) break;
}

function writeHeaderChecksum(chunk: Buffer): void {
  const first = crc32(chunk.subarray(0, 120));
  chunk.writeUInt32LE(crc32(chunk.subarray(128, CHUNK_HEADER_SIZE), first), 124);
}

/**
 *     0  "ElfFile\0"        8  first chunk u64     16 last chunk u64     24 next record id u64
 *     32 header size u32    36 minor u16, major u16    40 block size u16     42 chunk count u16
 *     120 flags u32 (1 dirty)                          124 CRC-32 of bytes 0 to 120
 */
function writeFileHeader(bytes: Buffer, chunks: readonly WrittenChunk[], dirty: boolean): void {
  const last = chunks.at(-1)?.records.at(-1);
  bytes.write('ElfFile\0', 0, 'latin1');
  bytes.writeBigUInt64LE(BigInt(Math.max(0, chunks.length - 1)), 16);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, last === undefined ? 1n : BigInt(last.recordId) + 1n), 24);
  bytes.writeUInt32LE(128, 32);
  bytes.writeUInt16LE(1, 36);
  bytes.writeUInt16LE(3, 38);
  bytes.writeUInt16LE(FILE_HEADER_SIZE, 40);
  bytes.writeUInt16LE(chunks.length & 0xffff, 42);
  bytes.writeUInt32LE(dirty ? 1 : 0, 120);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 120)), 124);
}

function damaged(bytes: Buffer, damage: readonly Damage[]): Buffer {
  let result = bytes;
  for (const one of damage) {
    if (one.kind === 'truncate') {
      result = result.subarray(0, one.size);
    } else {
      const base = 'chunk' in one ? FILE_HEADER_SIZE + one.chunk * CHUNK_SIZE : 0;
      const at = { 'data-crc': 52, 'header-crc': 124, 'file-crc': 124, 'chunk-magic': 0, 'file-magic': 0 };
      const flipped = base + at[one.kind];
      result.writeUInt8(result.readUInt8(flipped) ^ 0xff, flipped);
      if (one.kind === 'data-crc') writeHeaderChecksum(result.subarray(base, base + CHUNK_HEADER_SIZE));
    }
  }
  return result;
}
