import { crc32 } from 'node:zlib';
import { CHUNK_SIZE, RECORDS_AT } from './chunk-header.ts';

/**
 * Whether a chunk is whole and its header right. `verify`: its records match their checksum, too; only for a chunk
 * whose free space is known to lie inside it.
 */
export function isSound(bytes: Buffer, verify: boolean): boolean {
  if (bytes.length !== CHUNK_SIZE) return false;
  // "ElfChnk\0"
  if (bytes.readUInt32LE(0) !== 0x43666c45 || bytes.readUInt32LE(4) !== 0x006b6e68) return false;
  const header = crc32(bytes.subarray(128, RECORDS_AT), crc32(bytes.subarray(0, 120)));
  if (header !== bytes.readUInt32LE(124)) return false;
  return !verify || crc32(bytes.subarray(RECORDS_AT, bytes.readUInt32LE(48))) === bytes.readUInt32LE(52);
}
