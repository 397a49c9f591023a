/** Where what stands in a chunk, found with few questions: it is mutants that are looked at. */
import { crc32 } from 'node:zlib';

export const CHUNK_SIZE = 65_536;
const RECORDS_AT = 512;

export interface ChunkMap {
  readonly records: readonly { readonly at: number; readonly size: number }[];
  /** Template instances: where the token stands, and where their descriptors begin. */
  readonly instances: readonly {
    readonly at: number;
    readonly descriptors: number;
    readonly count: number;
  }[];
  /** Offsets of definitions that lie whole in the chunk. */
  readonly definitions: readonly number[];
}

export function mapChunk(chunk: Buffer): ChunkMap {
  const records: { at: number; size: number }[] = [];
  const instances: { at: number; descriptors: number; count: number }[] = [];
  const definitions = new Set<number>();
  for (let at = RECORDS_AT; at + 28 <= chunk.length && chunk.readUInt32LE(at) === 0x2a2a;) {
    const size = chunk.readUInt32LE(at + 4);
    if (size < 28 || at + size > chunk.length) break;
    records.push({ at, size });
    at += size;
  }
  for (const { at: start, size } of records) {
    const end = start + size;
    for (let p = start + 24; p + 14 < end; p++) {
      if (chunk[p] !== 0x0c || chunk[p + 1] !== 0x01) continue;
      const definition = chunk.readUInt32LE(p + 6);
      if (definition < RECORDS_AT || definition + 24 > chunk.length) continue;
      const bytes = chunk.readUInt32LE(definition + 20);
      if (definition + 24 + bytes > chunk.length) continue;
      definitions.add(definition);
      const q = definition === p + 10 ? p + 34 + bytes : p + 10;
      if (q + 4 > end) continue;
      const count = chunk.readUInt32LE(q);
      if (q + 4 + 4 * count > end) continue;
      instances.push({ at: p, descriptors: q + 4, count });
      p = q;
    }
  }
  return { records, instances, definitions: [...definitions] };
}

/** Makes the chunk's checksums right, so that what it says is believed. */
export function fixChecksums(chunk: Buffer): void {
  if (chunk.length < RECORDS_AT) return;
  const end = chunk.readUInt32LE(48);
  if (end >= RECORDS_AT && end <= chunk.length)
    chunk.writeUInt32LE(crc32(chunk.subarray(RECORDS_AT, end)), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, RECORDS_AT), crc32(chunk.subarray(0, 120))), 124);
}
/** A chunk with its first records alone, and checksums that are right: what is small is read sooner. */
export function firstRecords(chunk: Buffer, count: number): Buffer {
  const short = Buffer.from(chunk);
  const { records } = mapChunk(chunk);
  const last = records[Math.min(count, records.length) - 1];
  if (last === undefined || short.length < CHUNK_SIZE) return short;
  const end = last.at + last.size;
  short.fill(0, end);
  short.writeBigUInt64LE(short.readBigUInt64LE(records[0]!.at + 8), 24);
  short.writeBigUInt64LE(short.readBigUInt64LE(last.at + 8), 32);
  short.writeUInt32LE(last.at, 44);
  short.writeUInt32LE(end, 48);
  fixChecksums(short);
  return short;
}
