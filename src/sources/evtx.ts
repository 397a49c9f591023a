/** Event logs (.evtx), as a file or a stream of bytes -> events, and what all records come to. */
import { closeSync, openSync, readSync, readvSync } from 'node:fs';
import type { Diagnostic } from '../events/index.ts';
import {
  CHUNK_HEAD,
  CHUNK_SIZE,
  type EvtxDiagnostic,
  FILE_HEADER_SIZE,
  type FileHeader,
  fileHeaderDiagnostics,
  lastRecordId,
  missingChunks,
  readFileHeader,
  type Scanner,
} from '../evtx/index.ts';
import type { Batch } from './batch.ts';
import { type Blocks, readFailed } from './blocks.ts';
import type { Log } from './log.ts';
import { isFirst, type LogRange } from './range.ts';

export interface EvtxOptions {
  /** Check the data's CRC of every chunk, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage, too. */
  readonly recover: boolean;
}

/** A step whose events are not made yet, if it has any: the scan makes them. */
export type ScannedBatch = Omit<Batch, 'events'>;

/** The events are made when they are asked for: who counts needs few of them. */
function withEvents(batch: ScannedBatch): Batch {
  return {
    ...batch,
    get events() {
      return batch.scan?.events ?? [];
    },
  };
}

/** One log while it is read: its header first, then its chunks. */
class EvtxLog {
  readonly #source: string;
  readonly #scanner: Scanner;
  readonly #options: EvtxOptions;
  #header: FileHeader | null = null;
  #offset = FILE_HEADER_SIZE;
  #lastId: number | null = null;

  constructor(source: string, scanner: Scanner, options: EvtxOptions) {
    this.#source = source;
    this.#scanner = scanner;
    this.#options = options;
  }

  /** Takes the file's first block, or null for chunks without one. */
  header(block: Uint8Array | null): ScannedBatch {
    const bytes = block ?? NO_HEADER;
    this.#header = readFileHeader(bytes);
    this.#offset = block?.length ?? 0;
    return this.#batch(fileHeaderDiagnostics(this.#header, bytes.length));
  }

  /** Goes on at an offset of the file. */
  seek(offset: number): void {
    this.#offset = offset;
  }

  /** Takes chunks that follow each other; the last may be cut, if it is the log's last. */
  chunks(block: Buffer, bytes = 0): ScannedBatch {
    const source = this.#source;
    const diagnostics: Diagnostic[] = [];
    const { verify, recover } = this.#options;
    const scan = this.#scanner.scan(block, {
      verify,
      recover,
      file: this.#header!,
      offset: this.#offset,
      report: (diagnostic) => diagnostics.push(placed(source, diagnostic)),
    });
    const place = { bytes: block, offset: this.#offset };
    this.#offset += block.length;
    this.#lastId = lastRecordId(block) ?? this.#lastId;
    return { source, scan, diagnostics, bytes, block: place };
  }

  /** What is missing at the end. `idBefore`: the last record id that is told before the chunks that were taken. */
  end(idBefore: () => number | null): ScannedBatch {
    if (this.#header === null) return this.#batch([]);
    return this.#batch(missingChunks(this.#header, this.#offset, this.#lastId ?? idBefore() ?? 0));
  }

  #batch(found: readonly EvtxDiagnostic[]): ScannedBatch {
    const source = this.#source;
    return { source, diagnostics: found.map((one) => placed(source, one)), bytes: 0 };
  }
}

const NO_HEADER = new Uint8Array(FILE_HEADER_SIZE);

/** Reads a stream; its blocks may be cut anywhere. `bare`: it begins with a chunk, and not with a file's header. */
export async function* readEvtxBlocks(
  source: string,
  blocks: Blocks,
  scanner: Scanner,
  { bare, ...options }: EvtxOptions & { readonly bare: boolean },
): AsyncGenerator<Batch> {
  const log = new EvtxLog(source, scanner, options);
  const { input } = scanner;
  let isBegun = bare;
  if (bare) yield withEvents(log.header(null));
  /** Bytes of the input that are not read yet. */
  let filled = 0;
  for await (const block of blocks) {
    for (let at = 0; at < block.length;) {
      const part = block.subarray(at, at + (isBegun ? input.length : FILE_HEADER_SIZE) - filled);
      input.set(part, filled);
      filled += part.length;
      at += part.length;
      if (!isBegun) {
        if (filled < FILE_HEADER_SIZE) break;
        yield withEvents(log.header(input.subarray(0, FILE_HEADER_SIZE)));
        isBegun = true;
        filled = 0;
        continue;
      }
      // What came is told at once: who writes into a pipe may take its time.
      if (filled < input.length && at < block.length) continue;
      const whole = filled - (filled % CHUNK_SIZE);
      if (whole === 0) continue;
      yield withEvents(log.chunks(input.subarray(0, whole)));
      input.copyWithin(0, whole, filled);
      filled -= whole;
    }
  }
  const rest = input.subarray(0, filled);
  if (!isBegun) yield withEvents(log.header(rest));
  else if (filled > 0) yield withEvents(log.chunks(rest));
  yield withEvents(log.end(() => null));
}

/** Reads as `scanEvtxFile` does, and makes the events. */
export function* readEvtxFile(...file: Parameters<typeof scanEvtxFile>): Generator<Batch> {
  for (const batch of scanEvtxFile(...file)) yield withEvents(batch);
}

/**
 * Reads a file, or a range of one, without waiting: what the system holds in memory comes faster than a promise. Never
 * throws for what the system or the content does: that is a diagnostic, and what was read stands.
 */
export function* scanEvtxFile(
  { path: source, size }: Log,
  scanner: Scanner,
  { range, ...options }: EvtxOptions & { readonly range: LogRange | null },
): Generator<ScannedBatch> {
  const trouble: Diagnostic[] = [];
  let file = -1;
  try {
    file = openSync(source, 'r');
  } catch (error) {
    trouble.push(readFailed(source, 0, error));
  }
  const { input } = scanner;
  /** Fills the input, in which so many bytes are ready. */
  const read = (at: number, most: number, ready = 0): Buffer => {
    let count = ready;
    // Behind a whole chunk that ends the file is asked but once, for the next block.
    const isEnd = (): boolean => count > 0 && count % CHUNK_SIZE === 0 && at + count >= size;
    try {
      // A file system may give less than it was asked for.
      for (let got = -1; got !== 0 && count < most && !isEnd(); count += got) {
        got = readSync(file, input, count, most - count, at + count);
      }
    } catch (error) {
      trouble.push(readFailed(source, at + count, error));
    }
    return count === input.length ? input : input.subarray(0, count);
  };
  try {
    if (file < 0) return;
    const log = new EvtxLog(source, scanner, options);
    const isWhole = range === null;
    // Of thousands of small files each question to the system counts: one for the header and what follows.
    const together = isWhole ? readTogether(file, HEAD, input) : 0;
    const head = together >= FILE_HEADER_SIZE ? HEAD : read(0, FILE_HEADER_SIZE);
    const bare = isBareChunk(head);
    const header = log.header(bare ? null : head);
    if (isFirst(range)) yield { ...header, bytes: bare ? 0 : head.length };
    const first = range?.start ?? (bare ? 0 : head.length);
    let at = first;
    const end = range?.end ?? Number.POSITIVE_INFINITY;
    log.seek(at);
    let ready = bare ? 0 : Math.max(0, together - FILE_HEADER_SIZE);
    while (at < end) {
      const block = read(at, Math.min(input.length, end - at), ready);
      ready = 0;
      if (block.length === 0) break;
      at += block.length;
      yield log.chunks(block, block.length);
    }
    // It may stand before the range: then the answer is the same, however the file is cut.
    const idBefore = (): number | null => {
      let id: number | null = null;
      for (let before = first - CHUNK_SIZE; before >= FILE_HEADER_SIZE && id === null; before -= CHUNK_SIZE) {
        id = lastRecordId(read(before, CHUNK_HEAD));
      }
      return id;
    };
    if (end >= size) yield log.end(idBefore);
  } finally {
    if (file >= 0) closeSync(file);
  }
  if (trouble.length > 0) yield { source, diagnostics: trouble, bytes: 0 };
}

/** A file's header; looked at before another is read. */
const HEAD = Buffer.alloc(FILE_HEADER_SIZE);

/** Reads a file's first bytes into two places, one after the other; how many, perhaps fewer than there are. */
function readTogether(file: number, first: Buffer, second: Buffer): number {
  try {
    return readvSync(file, [first, second], 0);
  } catch {
    // It is asked again, and says why then.
    return 0;
  }
}

/** A single chunk carved from a disk has no file header in front. */
export function isBareChunk(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 8)).toString('latin1') === 'ElfChnk\0';
}

/** A diagnostic with the log that it is of. */
export function placed(source: string, diagnostic: EvtxDiagnostic): Diagnostic {
  const { code, severity, message, lost, offset, record } = diagnostic;
  const where = { source, offset, ...(record === undefined ? {} : { record }) };
  return { code, severity, message, lost, where };
}
