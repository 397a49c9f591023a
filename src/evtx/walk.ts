/**
 * The walk through the records of one chunk: what is read, and what is said of the rest. Decoding is the visitor's.
 *
 * What is read by default is what every reader agrees on: records one after another from the chunk's start, in chunks
 * that are whole. Records behind damage are counted as lost, and read only with `recover`: there nothing vouches for
 * them but themselves.
 */
import { crc32 } from 'node:zlib';
import { CHUNK_SIZE, type ChunkHeader, isZero, readChunkHeader, RECORDS_AT } from './chunk-header.ts';
import { type EvtxDiagnostic, hex, type Say } from './diagnostic.ts';
import { FILE_HEADER_SIZE, type FileHeader } from './file-header.ts';
import { countRecords, findRecord, idAt, readRecordHeader, wholeSize } from './record-header.ts';

export interface ChunkOptions {
  /** Check the data's CRC of every chunk, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage, too. */
  readonly recover: boolean;
  readonly file: FileHeader;
  /** Of the chunk in its file, bytes. */
  readonly offset: number;
}

/**
 * Takes a record: where it begins, bytes from the chunk's start, and its size. It fits into the chunk. Returns what is
 * wrong with it, or null.
 */
export type Visit = (at: number, size: number) => EvtxDiagnostic | null;

/** Makes the diagnostics of a chunk that begins at an offset of its file. */
export function sayAt(offset: number): Say {
  return (code, severity, at, lost, message, record) => ({
    kind: 'diagnostic',
    code,
    severity,
    message,
    offset: offset + at,
    lost,
    ...(record === undefined || record === null ? {} : { record }),
  });
}

/**
 * Walks the records of one chunk (65536 bytes, or fewer where the file ends) in their order. `found` is told of each
 * diagnostic where it arises between the visits.
 */
export function walkChunk(
  bytes: Buffer,
  options: ChunkOptions,
  visit: Visit,
  found: (diagnostic: EvtxDiagnostic) => void,
): void {
  const say = sayAt(options.offset);
  if (isZero(bytes)) {
    // Room that is not used yet lies behind the chunks that the header counts.
    if (!isCounted(options)) return;
    const message =
      'expected a chunk that begins with "ElfChnk", found nothing but zeros: its records are lost';
    found(say('evtx-chunk-magic', 'error', 0, 0, message));
    return;
  }
  if (bytes.length < RECORDS_AT) {
    const message = `the file ends ${bytes.length} bytes into a chunk, before its records: copy the whole file again`;
    found(say('evtx-truncated', 'error', 0, 0, message));
    return;
  }
  const { header, diagnostics } = readChunkHeader(bytes, options.file.noChecksums, say);
  const damage = damageOf(bytes, header, options, say);
  if (damage) {
    found(damage);
    if (!options.recover) return;
  }
  for (const diagnostic of diagnostics) found(diagnostic);
  const anomalies = walkRecords(bytes, header, options.recover, visit, found, say);
  if (header.dataChecksum === null || header.end > bytes.length) return;
  if (options.verify || anomalies + diagnostics.length > 0) checkData(bytes, options.offset, found);
}

/** Looks at the checksum of a chunk's records, where its header is believed and has one. */
export function checkData(bytes: Buffer, offset: number, found: (diagnostic: EvtxDiagnostic) => void): void {
  const [end, stored] = [bytes.readUInt32LE(48), bytes.readUInt32LE(52)];
  const actual = crc32(bytes.subarray(RECORDS_AT, end));
  if (actual === stored) return;
  const message = `the chunk's records do not match their checksum: expected ${hex(stored)}, found ${hex(actual)}`;
  found(sayAt(offset)('evtx-chunk-data-checksum', 'warning', 52, 0, message));
}

/** Whether the file's header counts a chunk. Of a log that was not closed the last of them may be written nowhere yet. */
function isCounted({ file, offset }: ChunkOptions): boolean {
  return (offset - FILE_HEADER_SIZE) / CHUNK_SIZE < file.chunkCount - (file.dirty ? 1 : 0);
}

/** What makes a chunk one that is read with `recover` alone. */
function damageOf(
  bytes: Buffer,
  header: ChunkHeader,
  options: ChunkOptions,
  say: Say,
): EvtxDiagnostic | null {
  const { recover } = options;
  if (header.magic && bytes.length === CHUNK_SIZE) return null;
  const count = countRecords(bytes, RECORDS_AT, bytes.length);
  const told = header.magic && header.records > count ? header.records : count;
  // Records that stand in no chunk may not be where their templates think they are.
  const [reads, read] = header.magic ? ['reads', 'read'] : ['tries', 'tried'];
  const what =
    told === 0
      ? 'no record is found in it'
      : recover
        ? `${count} records that are found in it are ${read}`
        : `${told} records are lost (--recover ${reads} ${count} of them)`;
  // With `recover` the walk itself tells what is missing.
  const lost = recover ? 0 : told;
  if (!header.magic) {
    const message = `expected a chunk that begins with "ElfChnk", found ${excerpt(bytes)}: ${what}`;
    // What stands behind the chunks need be none.
    const severity = count > 0 || isCounted(options) ? 'error' : 'warning';
    return say('evtx-chunk-magic', severity, 0, lost, message);
  }
  const message = `the file ends ${CHUNK_SIZE - bytes.length} bytes before its last chunk does: ${what}`;
  return say('evtx-truncated', 'error', bytes.length, lost, message);
}

/** Walks the records; returns how many anomalies it met. */
function walkRecords(
  bytes: Buffer,
  header: ChunkHeader,
  recover: boolean,
  visit: Visit,
  found: (diagnostic: EvtxDiagnostic) => void,
  say: Say,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = Math.min(header.end, bytes.length);
  let [seen, past, anomalies, lost, last] = [0, 0, 0, 0, -1];
  let at = RECORDS_AT;
  for (;;) {
    const inside = at < end;
    let size = inside ? wholeSize(view, at) : 0;
    if (size === 0) {
      const record = readRecordHeader(bytes, at, CHUNK_SIZE);
      // The counters of a log that was not closed lag behind its records. A record past them is one of this log's only if
      // it follows at once and goes on counting: anything else there is what the chunk's memory held before.
      const follows = header.believed && record?.whole && last >= 0 && record.id === idAt(bytes, last) + 1;
      if (!inside && !follows) break;
      if (!inside) past += 1;
      if (record === null || !record.fits) {
        const next = findRecord(bytes, at + 8, header.end);
        // Without counters nothing tells where the records end: where none follows, they have ended.
        if (record === null && next < 0 && !header.believed) break;
        anomalies += 1;
        const behind = countRecords(bytes, at + 8, header.end);
        lost += recover ? 0 : behind;
        const what = record === null ? excerpt(bytes.subarray(at)) : `one of ${record.size} bytes`;
        const then =
          behind === 0
            ? 'no record is found behind it'
            : recover
              ? `${behind} records behind it are read`
              : `${behind} records behind it are lost (--recover reads them)`;
        const message = `expected a record of 28 to ${header.end - at} bytes, found ${what}: ${then}`;
        const here = record === null ? 0 : 1;
        lost += here;
        found(
          say('evtx-record-header', 'error', at, (recover ? 0 : behind) + here, message, record?.recordId),
        );
        if (next < 0 || !recover) break;
        at = next;
        continue;
      }
      if (!record.whole) {
        anomalies += 1;
        const message = `expected the record's size ${record.size} again at its end, found another number`;
        found(say('evtx-record-size-copy', 'warning', at, 0, message, record.recordId));
      }
      size = record.size;
    }
    seen += 1;
    last = at;
    const wrong = visit(at, size);
    if (wrong !== null) {
      anomalies += 1;
      found(wrong);
    }
    at += size;
  }
  if (past > 0) {
    const message = `${past} records stand past the chunk's counters (the log was not closed): they are read`;
    found(say('evtx-records-past-counters', 'info', header.end, 0, message));
  }
  const hidden = header.believed && seen === 0 ? countRecords(bytes, RECORDS_AT, CHUNK_SIZE) : 0;
  if (hidden > 0) {
    const message = `${hidden} whole records stand in a chunk whose counters say that it has none: they are not read`;
    found(say('evtx-records-in-slack', 'warning', 48, 0, message));
    anomalies += 1;
  }
  if (header.records > seen + lost) {
    const message = `expected the records ${header.firstId} to ${header.lastId}, found ${seen + lost} of ${header.records}`;
    found(say('evtx-records-missing', 'error', 24, header.records - seen - lost, message));
    anomalies += 1;
  }
  return anomalies;
}

function excerpt(bytes: Buffer): string {
  return `bytes ${bytes.toString('hex', 0, Math.min(8, bytes.length)).replaceAll(/(..)(?=.)/g, '$1 ')}`;
}
