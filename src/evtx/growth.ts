/**
 * A chunk that is still being written: its counters may lag behind its records, its last record may be half there, and
 * behind that stands what the chunk's memory held before. Only what vouches for itself is read; the rest is waited for.
 */
import { ChunkText } from './binxml.ts';
import { CHUNK_SIZE, readChunkHeader, RECORDS_AT } from './chunk-header.ts';
import type { EvtxDiagnostic } from './diagnostic.ts';
import { decodeRecord } from './chunk.ts';
import type { EvtxRecord } from './record.ts';
import { readRecordHeader } from './record-header.ts';

/** Bytes of a chunk's start that `firstRecord` looks at. */
export const CHUNK_HEAD: number = RECORDS_AT + 24;

/** A record, as its header tells it: what two readings of a file are compared by. */
export interface RecordStamp {
  /** EventRecordID of the record's header, as a number even past 2^53. */
  readonly id: number;
  /** FILETIME of the header. */
  readonly written: bigint;
}

/** The record with which a chunk begins, or null where none does. `head`: the chunk's first `CHUNK_HEAD` bytes. */
export function firstRecord(head: Uint8Array): RecordStamp | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < CHUNK_HEAD || bytes.readUInt32LE(RECORDS_AT) !== 0x2a2a) return null;
  return stampAt(bytes, RECORDS_AT);
}

function stampAt(bytes: Buffer, at: number): RecordStamp {
  return { id: Number(bytes.readBigUInt64LE(at + 8)), written: bytes.readBigUInt64LE(at + 16) };
}

export interface GrowthOptions {
  /** Where to go on, bytes from the chunk's start; below its records for the first time. */
  readonly from: number;
  /** Id of the record before that place, in this chunk or the one before; -1 where it is not known. */
  readonly lastId: number;
  /** Of the chunk in its file, bytes. */
  readonly offset: number;
  /** The file says that it has no checksums. */
  readonly noChecksums: boolean;
  /** Whether to wait for a record that can't be decoded: it may be half written. Else it is reported, and passed over. */
  readonly patient: boolean;
}

export interface Growth {
  readonly records: readonly EvtxRecord[];
  readonly diagnostics: readonly EvtxDiagnostic[];
  /** Where to go on next time, bytes from the chunk's start. */
  readonly end: number;
  /** The last record before that place; null where none was read. */
  readonly last: RecordStamp | null;
  /** Something stands at `end` that may become a record. */
  readonly stuck: boolean;
}

/** The records that stand whole in a chunk (65536 bytes, zero where nothing is yet) from a place on. */
export function readGrowth(block: Uint8Array, options: GrowthOptions): Growth {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const { offset, patient } = options;
  const { header } = readChunkHeader(bytes, options.noChecksums, (code, severity, at, lost, message) => ({
    kind: 'diagnostic',
    code,
    severity,
    message,
    offset: offset + at,
    lost,
  }));
  const text = new ChunkText(bytes);
  const records: EvtxRecord[] = [];
  const diagnostics: EvtxDiagnostic[] = [];
  // Of a chunk that is written over, the header may still be that of the records before.
  const own = header.believed && header.firstId === bytes.readBigUInt64LE(RECORDS_AT + 8);
  let at = Math.max(RECORDS_AT, options.from);
  let last: RecordStamp | null = null;
  for (;;) {
    const record = readRecordHeader(bytes, at, CHUNK_SIZE);
    const inside = at < header.end;
    // Where the counters tell of it, a record may be taken whose size does not stand again at its end.
    const whole = record !== null && (record.whole || (record.fits && !patient && own && inside));
    if (!whole) return { records, diagnostics, end: at, last, stuck: record !== null || (own && inside) };
    const before = last?.id ?? options.lastId;
    // Old records have lower ids. Past the counters only the very next one is sure to be none of them.
    const follows = record.id === before + 1 && before >= 0;
    const counted = inside && (own || (!header.believed && record.id > before));
    if (!follows && !counted) return { records, diagnostics, end: at, last, stuck: false };
    const say = (code: EvtxDiagnostic['code'], message: string, lost: 0 | 1): EvtxDiagnostic => ({
      kind: 'diagnostic',
      code,
      severity: lost > 0 ? 'error' : 'warning',
      message,
      offset: offset + at,
      lost,
      ...(record.recordId === null ? {} : { record: record.recordId }),
    });
    if (!record.whole) {
      const message = `expected the record's size ${record.size} again at its end, found another number`;
      diagnostics.push(say('evtx-record-size-copy', message, 0));
    }
    const late: EvtxDiagnostic[] = [];
    const read = decodeRecord(text, at, record.size, offset, (diagnostic) => late.push(diagnostic));
    if (read.kind === 'diagnostic') late.push(read);
    else {
      // Of a record that is half written its start alone may be there: all of it is decoded.
      void read.fields;
      if (late.length === 0 || !patient) records.push(read);
    }
    if (late.length > 0 && patient) return { records, diagnostics, end: at, last, stuck: true };
    diagnostics.push(...late);
    last = stampAt(bytes, at);
    at += record.size;
  }
}

/**
 * Where a record ends that was read before, bytes from the chunk's start, or null where it is not in this chunk: its
 * header tells it from another with its id.
 */
export function findStamp(block: Uint8Array, { id, written }: RecordStamp): number | null {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  for (let at = RECORDS_AT; ;) {
    const record = readRecordHeader(bytes, at, CHUNK_SIZE);
    if (!record?.whole || record.id > id) return null;
    if (record.id === id && stampAt(bytes, at).written === written) return at + record.size;
    at += record.size;
  }
}
