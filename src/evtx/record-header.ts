/**
 * The header of a record, and the search for one:
 *
 *     0 "**\0\0"   4 size u32   8 record id u64   16 written FILETIME   24 BinXML   size-4 the size again
 *
 * Records stand on multiples of 8, one after another.
 */
const RECORD_MAGIC = 0x2a2a;
const RECORD_MIN = 24 + 4;

export interface RecordHeader {
  readonly size: number;
  /** As a number even past 2^53, to compare it with its neighbour's. */
  readonly id: number;
  /** EventRecordID, or null past 2^53. */
  readonly recordId: number | null;
  /** The size leads to a place inside the chunk. */
  readonly fits: boolean;
  /** It fits, and the size stands again at the record's end. */
  readonly whole: boolean;
}

/** Size of the whole record that begins at an offset, or 0 where none does: asked first, of every record. */
export function wholeSize(view: DataView, at: number): number {
  if (at + RECORD_MIN > view.byteLength || view.getUint32(at, true) !== RECORD_MAGIC) return 0;
  const size = view.getUint32(at + 4, true);
  if (size < RECORD_MIN || at + size > view.byteLength) return 0;
  return view.getUint32(at + size - 4, true) === size ? size : 0;
}

/** Id in the header of a record, as a number even past 2^53. */
export function idAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at + 8));
}

/** Id in the header of a record, or null past 2^53. */
export function recordIdAt(bytes: Buffer, at: number): number | null {
  const id = idAt(bytes, at);
  return Number.isSafeInteger(id) ? id : null;
}

/** The record that begins at an offset, or null if none does. */
export function readRecordHeader(bytes: Buffer, at: number, end: number): RecordHeader | null {
  if (at + RECORD_MIN > Math.min(end, bytes.length) || bytes.readUInt32LE(at) !== RECORD_MAGIC) return null;
  const size = bytes.readUInt32LE(at + 4);
  const id = idAt(bytes, at);
  const fits = size >= RECORD_MIN && at + size <= Math.min(end, bytes.length);
  return {
    size,
    id,
    recordId: recordIdAt(bytes, at),
    fits,
    whole: fits && bytes.readUInt32LE(at + size - 4) === size,
  };
}

/** Where the next whole record begins, or -1. */
export function findRecord(bytes: Buffer, from: number, end: number): number {
  for (let at = (from + 7) & ~7; at + RECORD_MIN <= Math.min(end, bytes.length); at += 8) {
    if (bytes.readUInt32LE(at) === RECORD_MAGIC && readRecordHeader(bytes, at, end)!.whole) return at;
  }
  return -1;
}

/** How many whole records stand between two offsets. */
export function countRecords(bytes: Buffer, from: number, end: number): number {
  let count = 0;
  for (let at = findRecord(bytes, from, end); at >= 0; at = findRecord(bytes, at, end)) {
    count += 1;
    at += readRecordHeader(bytes, at, end)!.size;
  }
  return count;
}
