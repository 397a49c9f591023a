/** A whole event log in memory -> records and diagnostics. */
import { readChunk } from './chunk.ts';
import { CHUNK_SIZE, lastRecordId } from './chunk-header.ts';
import type { EvtxDiagnostic } from './diagnostic.ts';
import { FILE_HEADER_SIZE, type FileHeader, readFileHeader } from './file-header.ts';
import type { EvtxRecord } from './record.ts';

export interface EvtxOptions {
  /** Check the data's CRC of every chunk, and not only after an anomaly. */
  readonly verify?: boolean;
  /** Read what stands behind damage, too; by default it is counted as lost. */
  readonly recover?: boolean;
}

/** Reads an event log. Never throws on content: what can't be read is a diagnostic with its offset. */
export function* readEvtx(
  log: Uint8Array,
  options: EvtxOptions = {},
): Generator<EvtxRecord | EvtxDiagnostic> {
  const bytes = Buffer.from(log.buffer, log.byteOffset, log.byteLength);
  const file = readFileHeader(bytes.subarray(0, FILE_HEADER_SIZE));
  yield* fileHeaderDiagnostics(file, bytes.length);
  let lastId = 0;
  for (let offset = FILE_HEADER_SIZE; offset < bytes.length; offset += CHUNK_SIZE) {
    const chunk = bytes.subarray(offset, offset + CHUNK_SIZE);
    lastId = lastRecordId(chunk) ?? lastId;
    yield* readChunk(chunk, {
      verify: options.verify ?? false,
      recover: options.recover ?? false,
      file,
      offset,
    });
  }
  yield* missingChunks(file, bytes.length, lastId);
}

/**
 * What a file lacks that its header tells of. `size` in bytes; `lastId` is the last record id that its last chunk tells
 * of. How many records are missing is known only where the chunks that are gone held the newest ones.
 */
export function missingChunks(file: FileHeader, size: number, lastId: number): EvtxDiagnostic[] {
  const present = Math.ceil(Math.max(0, size - FILE_HEADER_SIZE) / CHUNK_SIZE);
  if (!file.magic || !file.checksumRight || present >= file.chunkCount) return [];
  const lost = file.lastIsNewest && file.nextRecordId > 0 ? Math.max(0, file.nextRecordId - 1 - lastId) : 0;
  const records = lost > 0 ? `${lost} records are lost` : 'the number of records in them is not known';
  const message = `expected the ${file.chunkCount} chunks that the file's header tells of, found ${present}: ${records}; copy the whole file again`;
  return [
    { kind: 'diagnostic', code: 'evtx-chunks-missing', severity: 'error', message, offset: size, lost },
  ];
}

/** What is wrong with a file's header. Its chunks are read all the same: they carry all that is needed. */
export function fileHeaderDiagnostics(file: FileHeader, available: number): EvtxDiagnostic[] {
  const say = (code: EvtxDiagnostic['code'], offset: number, message: string): EvtxDiagnostic[] => [
    { kind: 'diagnostic', code, severity: 'warning', message, offset, lost: 0 },
  ];
  if (available < FILE_HEADER_SIZE) {
    const message = `expected a header of ${FILE_HEADER_SIZE} bytes, found ${available}: no record is in this file, and what it held is lost`;
    return [
      { kind: 'diagnostic', code: 'evtx-truncated', severity: 'error', message, offset: available, lost: 0 },
    ];
  }
  if (!file.magic) {
    return say(
      'evtx-file-header',
      0,
      'expected a file that begins with "ElfFile": its chunks are read all the same',
    );
  }
  if (file.major !== 3) {
    return say(
      'evtx-file-header',
      36,
      `expected version 3 of the format, found ${file.major}.${file.minor}: read as version 3`,
    );
  }
  if (!file.checksumRight && !file.noChecksums) {
    return say(
      'evtx-file-header-checksum',
      124,
      "the file's header does not match its checksum: its chunks are read all the same",
    );
  }
  return [];
}
