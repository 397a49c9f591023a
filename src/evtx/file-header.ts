import { crc32 } from 'node:zlib';

/**
 * The file header: 128 bytes in use of a block of 4096.
 *
 *     0  "ElfFile\0"        8  first chunk u64     16 last chunk u64     24 next record id u64
 *     32 header size u32    36 minor u16, major u16    40 block size u16     42 chunk count u16
 *     120 flags u32 (1 dirty, 2 full, 4 no checksums)  124 CRC-32 of bytes 0 to 120
 */
export const FILE_HEADER_SIZE = 4096;

const MAGIC = Buffer.from('ElfFile\0', 'latin1');

export interface FileHeader {
  /** False where the block does not begin with the magic: all else is then meaningless. */
  readonly magic: boolean;
  readonly major: number;
  readonly minor: number;
  /** Flag 1: the log was not closed cleanly, so that the counters may lag behind the records. */
  readonly dirty: boolean;
  /** Flag 4: the service wrote no checksums. */
  readonly noChecksums: boolean;
  readonly checksumRight: boolean;
  /** Chunks that the file has, or had when the header was written. */
  readonly chunkCount: number;
  /** Whether the newest chunk is the last one: a log that wraps writes over its oldest. */
  readonly lastIsNewest: boolean;
  /** The id that the next record would have had; 0 past 2^53. */
  readonly nextRecordId: number;
}

/** Reads the first block of a file, at least 128 bytes. */
export function readFileHeader(block: Uint8Array): FileHeader {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const magic = bytes.length >= 128 && bytes.subarray(0, 8).equals(MAGIC);
  if (!magic) {
    return {
      magic,
      major: 0,
      minor: 0,
      dirty: false,
      noChecksums: false,
      checksumRight: false,
      chunkCount: 0,
      lastIsNewest: false,
      nextRecordId: 0,
    };
  }
  const flags = bytes.readUInt32LE(120);
  const next = Number(bytes.readBigUInt64LE(24));
  return {
    magic,
    minor: bytes.readUInt16LE(36),
    major: bytes.readUInt16LE(38),
    dirty: (flags & 1) !== 0,
    noChecksums: (flags & 4) !== 0,
    checksumRight: crc32(bytes.subarray(0, 120)) === bytes.readUInt32LE(124),
    chunkCount: bytes.readUInt16LE(42),
    lastIsNewest: Number(bytes.readBigUInt64LE(16)) === bytes.readUInt16LE(42) - 1,
    nextRecordId: Number.isSafeInteger(next) ? next : 0,
  };
}
