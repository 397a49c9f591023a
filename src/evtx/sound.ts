import { crc32 } from 'node:zlib';
import { RECORDS_AT } from './chunk-header.ts';

/** Whether the records of a whole chunk, whose header is right, match their checksum. */
export function matchesChecksum(bytes: Buffer): boolean {
  return crc32(bytes.subarray(RECORDS_AT, bytes.readUInt32LE(48))) === bytes.readUInt32LE(52);
}
