import { crc32 } from 'node:zlib';
import { type EvtxDiagnostic, hex, type Say } from './diagnostic.ts';

/**
 * The header of a chunk:
 *
 *     0  "ElfChnk\0"         8  first, last record number u64     24 first, last record id u64
 *     40 header size u32     44 last record at u32                48 free space at u32
 *     52 CRC-32 of records   120 flags u32 (4 no checksums)       124 CRC-32 of bytes 0-120 and 128-512
 *     128 name buckets       384 template buckets                 512 records, up to the free space
 */
export const CHUNK_SIZE = 65_536;
export const RECORDS_AT = 512;

const MAGIC = Buffer.from('ElfChnk\0', 'latin1');
/** In place of both ids of a chunk that has no record yet: that of a log which is new, or was cleared. */
const NO_ID = 0xffff_ffff_ffff_ffffn;
const ZEROS = Buffer.alloc(CHUNK_SIZE);

export interface ChunkHeader {
  readonly magic: boolean;
  /** The header is as it was written, so that its counters can be believed. */
  readonly believed: boolean;
  /** Where the records end: the free space if the counters are believed, else the end of the chunk. */
  readonly end: number;
  /** Records that the counters tell of; 0 where they are not believed. */
  readonly records: number;
  readonly firstId: bigint;
  readonly lastId: bigint;
  /** Checksum of the records; null where the service wrote none or the header is not believed. */
  readonly dataChecksum: number | null;
}

/** Reads the header of a chunk of at least 512 bytes. `noChecksums`: the file says so. */
export function readChunkHeader(
  bytes: Buffer,
  noChecksums: boolean,
  say: Say,
): { header: ChunkHeader; diagnostics: EvtxDiagnostic[] } {
  const diagnostics: EvtxDiagnostic[] = [];
  const magic = bytes.subarray(0, 8).equals(MAGIC);
  const stored = bytes.readUInt32LE(124);
  // No checksum covers the flags: where one was written all the same, it speaks.
  const unchecked = (noChecksums || (bytes.readUInt32LE(120) & 4) !== 0) && stored === 0;
  const right = unchecked || crc32(bytes.subarray(128, RECORDS_AT), crc32(bytes.subarray(0, 120))) === stored;
  const free = bytes.readUInt32LE(48);
  const inside = free >= RECORDS_AT && free <= CHUNK_SIZE;
  if (magic && !right) {
    const message = `the chunk's header does not match its checksum ${hex(stored)}: its counters are not believed`;
    diagnostics.push(say('evtx-chunk-header-checksum', 'warning', 124, 0, message));
  } else if (magic && !inside) {
    const message = `expected free space between ${RECORDS_AT} and ${CHUNK_SIZE}, found ${free}: records are read as far as they go`;
    diagnostics.push(say('evtx-chunk-header', 'warning', 48, 0, message));
  }
  const believed = magic && right && inside;
  const [firstId, lastId] = [bytes.readBigUInt64LE(24), bytes.readBigUInt64LE(32)];
  const counted = believed && lastId !== NO_ID && lastId >= firstId && lastId - firstId < BigInt(CHUNK_SIZE);
  return {
    header: {
      magic,
      believed,
      end: believed ? free : CHUNK_SIZE,
      records: counted ? Number(lastId - firstId) + 1 : 0,
      firstId,
      lastId,
      dataChecksum: believed && !unchecked ? bytes.readUInt32LE(52) : null,
    },
    diagnostics,
  };
}

/** The last record id that the headers of chunks, one after another, tell of; null where none does. */
export function lastRecordId(chunks: Buffer): number | null {
  for (let at = chunks.length - 1; at >= 0; at -= CHUNK_SIZE) {
    const start = at - (at % CHUNK_SIZE);
    if (chunks.length - start < RECORDS_AT) continue;
    // "ElfChnk\0"
    if (chunks.readUInt32LE(start) !== 0x43666c45 || chunks.readUInt32LE(start + 4) !== 0x6b6e68) continue;
    if (chunks.readBigUInt64LE(start + 32) === NO_ID) continue;
    return chunks.readUInt32LE(start + 32) + chunks.readUInt32LE(start + 36) * 2 ** 32;
  }
  return null;
}

/** Room that the service has reserved and not used yet is all zero, and no loss. */
export function isZero(bytes: Buffer): boolean {
  return bytes.equals(ZEROS.subarray(0, bytes.length));
}
