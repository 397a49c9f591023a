/**
 * The records of one chunk.
 *
 * What is read by default is what every reader agrees on: records one after another from the chunk's start, in chunks
 * that are whole. Records behind damage are counted as lost, and read only with `recover`: there nothing vouches for
 * them but themselves.
 */
import { crc32 } from 'node:zlib';
import { ChunkText } from './binxml.ts';
import { CHUNK_SIZE, type ChunkHeader, isZero, readChunkHeader, RECORDS_AT } from './chunk-header.ts';
import { type EvtxDiagnostic, hex, reasonOf, type Say } from './diagnostic.ts';
import { FILE_HEADER_SIZE, type FileHeader } from './file-header.ts';
import { EvtxRecord } from './record.ts';
import { countRecords, findRecord, readRecordHeader } from './record-header.ts';
import { filetimeMs } from './value.ts';

export interface ChunkOptions {
  /** Check the data's CRC of every chunk, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage, too. */
  readonly recover: boolean;
  readonly file: FileHeader;
  /** Of the chunk in its file, bytes. */
  readonly offset: number;
  /**
   * Told of a record whose data turn out to be unreadable only when `fields` is asked for. Without it such a diagnostic
   * is yielded before the next record.
   */
  readonly report?: (diagnostic: EvtxDiagnostic) => void;
}

/** Reads one chunk (65536 bytes, or fewer where the file ends). Records in their order, diagnostics where they arise. */
export function* readChunk(block: Uint8Array, options: ChunkOptions): Generator<EvtxRecord | EvtxDiagnostic> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const say: Say = (code, severity, at, lost, message, record) => ({
    kind: 'diagnostic',
    code,
    severity,
    message,
    offset: options.offset + at,
    lost,
    ...(record === undefined || record === null ? {} : { record }),
  });
  if (isZero(bytes)) {
    // Room that is not used yet lies behind the chunks that the header counts.
    const index = (options.offset - FILE_HEADER_SIZE) / CHUNK_SIZE;
    if (index >= options.file.chunkCount || options.file.dirty) return;
    const message =
      'expected a chunk that begins with "ElfChnk", found nothing but zeros: its records are lost';
    yield say('evtx-chunk-magic', 'error', 0, 0, message);
    return;
  }
  if (bytes.length < RECORDS_AT) {
    const message = `the file ends ${bytes.length} bytes into a chunk, before its records: copy the whole file again`;
    yield say('evtx-truncated', 'error', 0, 0, message);
    return;
  }
  const { header, diagnostics } = readChunkHeader(bytes, options.file.noChecksums, say);
  const damage = damageOf(bytes, header, options.recover, say);
  if (damage) {
    yield damage;
    if (!options.recover) return;
  }
  yield* diagnostics;
  const anomalies = yield* readRecords(bytes, header, options, say);
  if (header.dataChecksum === null || header.end > bytes.length) return;
  if (!options.verify && anomalies + diagnostics.length === 0) return;
  const actual = crc32(bytes.subarray(RECORDS_AT, header.end));
  if (actual !== header.dataChecksum) {
    const message = `the chunk's records do not match their checksum: expected ${hex(header.dataChecksum)}, found ${hex(actual)}`;
    yield say('evtx-chunk-data-checksum', 'warning', 52, 0, message);
  }
}

/** What makes a chunk one that is read with `recover` alone. */
function damageOf(bytes: Buffer, header: ChunkHeader, recover: boolean, say: Say): EvtxDiagnostic | null {
  if (header.magic && bytes.length === CHUNK_SIZE) return null;
  const count = countRecords(bytes, RECORDS_AT, bytes.length);
  const told = header.magic && header.records > count ? header.records : count;
  const what =
    told === 0
      ? 'no record is found in it'
      : recover
        ? `${count} records found in it are read`
        : `${told} records are lost (--recover reads ${count} of them)`;
  // With `recover` the walk itself tells what is missing.
  const lost = recover ? 0 : told;
  if (!header.magic) {
    const message = `expected a chunk that begins with "ElfChnk", found ${excerpt(bytes)}: ${what}`;
    return say('evtx-chunk-magic', count > 0 ? 'error' : 'warning', 0, lost, message);
  }
  const message = `the file ends ${CHUNK_SIZE - bytes.length} bytes before its last chunk does: ${what}`;
  return say('evtx-truncated', 'error', bytes.length, lost, message);
}

/** Walks the records; returns how many anomalies it met. */
function* readRecords(
  bytes: Buffer,
  header: ChunkHeader,
  options: ChunkOptions,
  say: Say,
): Generator<EvtxRecord | EvtxDiagnostic, number> {
  const text = new ChunkText(bytes);
  const late: EvtxDiagnostic[] = [];
  const report = (record: EvtxRecord, error: unknown): void => {
    const at = record.offset - options.offset;
    const diagnostic = say('evtx-record-fields', 'error', at, 1, reasonOf(error), record.record);
    if (options.report) options.report(diagnostic);
    else late.push(diagnostic);
  };
  let [seen, past, anomalies, lost, lastId] = [0, 0, 0, 0, -1];
  let at = RECORDS_AT;
  for (;;) {
    const inside = at < Math.min(header.end, bytes.length);
    const record = readRecordHeader(bytes, at, CHUNK_SIZE);
    // The counters of a log that was not closed lag behind its records. A record past them is one of this log's only if
    // it follows at once and goes on counting: anything else there is what the chunk's memory held before.
    if (!inside && !(header.believed && record?.whole && seen > 0 && record.id === lastId + 1)) break;
    if (!inside) past += 1;
    if (record === null || !record.fits) {
      const next = findRecord(bytes, at + 8, header.end);
      // Without counters nothing tells where the records end: where none follows, they have ended.
      if (record === null && next < 0 && !header.believed) break;
      anomalies += 1;
      const behind = countRecords(bytes, at + 8, header.end);
      lost += options.recover ? 0 : behind;
      const found = record === null ? excerpt(bytes.subarray(at)) : `one of ${record.size} bytes`;
      const then =
        behind === 0
          ? 'no record is found behind it'
          : options.recover
            ? `${behind} records behind it are read`
            : `${behind} records behind it are lost (--recover reads them)`;
      const message = `expected a record of 28 to ${header.end - at} bytes, found ${found}: ${then}`;
      lost += record === null ? 0 : 1;
      yield say(
        'evtx-record-header',
        'error',
        at,
        (options.recover ? 0 : behind) + (record === null ? 0 : 1),
        message,
        record?.recordId,
      );
      if (next < 0 || !options.recover) break;
      at = next;
      continue;
    }
    if (!record.whole) {
      anomalies += 1;
      const message = `expected the record's size ${record.size} again at its end, found another number`;
      yield say('evtx-record-size-copy', 'warning', at, 0, message, record.recordId);
    }
    seen += 1;
    lastId = record.id;
    try {
      yield new EvtxRecord(
        text,
        { start: at + 24, end: at + record.size - 4 },
        { record: record.recordId, time: filetimeMs(bytes, at + 16), offset: options.offset + at },
        report,
      );
    } catch (error) {
      anomalies += 1;
      yield say('evtx-record-body', 'error', at, 1, reasonOf(error), record.recordId);
    }
    anomalies += late.length;
    yield* late.splice(0);
    at += record.size;
  }
  if (past > 0) {
    const message = `${past} records stand past the chunk's counters (the log was not closed): they are read`;
    yield say('evtx-records-past-counters', 'info', header.end, 0, message);
  }
  const hidden = header.believed && seen === 0 ? countRecords(bytes, RECORDS_AT, CHUNK_SIZE) : 0;
  if (hidden > 0) {
    const message = `${hidden} whole records stand in a chunk whose counters say that it has none: they are not read`;
    yield say('evtx-records-in-slack', 'warning', 48, 0, message);
    anomalies += 1;
  }
  if (header.records > seen + lost) {
    const message = `expected the records ${header.firstId} to ${header.lastId}, found ${seen + lost} of ${header.records}`;
    yield say('evtx-records-missing', 'error', 24, header.records - seen - lost, message);
    anomalies += 1;
  }
  return anomalies;
}

function excerpt(bytes: Buffer): string {
  return `bytes ${bytes.toString('hex', 0, Math.min(8, bytes.length)).replaceAll(/(..)(?=.)/g, '$1 ')}`;
}
