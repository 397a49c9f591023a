/**
 * Bytes as they come from files and streams. A stream of blocks never throws: where it can't go on it ends, and what
 * stopped it is a diagnostic in `trouble`. So a reader keeps all that it has read, and reports a cut record itself.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Diagnostic } from '../events/index.ts';

/** Bytes cut anywhere; a block belongs to who receives it. */
export type Blocks = AsyncIterable<Uint8Array>;

/** What every reader of one log shares. */
export interface Reading {
  /** Diagnostics of the layers below a reader; they are reported when it is done. */
  readonly trouble: Diagnostic[];
  /** Bytes of the file on disk that were read so far. */
  bytesRead: number;
}

const BLOCK_SIZE = 512 * 1024;

/** The bytes of an open file from `start` to before `end`. */
export async function* fileBlocks(
  source: string,
  file: FileHandle,
  reading: Reading,
  start = 0,
  end: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_SIZE, end - at));
    let size = 0;
    try {
      ({ bytesRead: size } = await file.read(block, 0, block.length, at));
    } catch (error) {
      reading.trouble.push(readFailed(source, at, error));
    }
    if (size === 0) return;
    at += size;
    reading.bytesRead += size;
    yield block.subarray(0, size);
  }
}

/** The bytes of a stream that can be read but once: standard input, a FIFO. */
export async function* streamBlocks(
  source: string,
  stream: AsyncIterable<Uint8Array>,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const block of stream) {
      reading.bytesRead += block.length;
      yield block;
    }
  } catch (error) {
    reading.trouble.push(readFailed(source, reading.bytesRead, error));
  }
}

/** Says that the system stopped a read; `offset` in bytes from the start of the file. */
export function readFailed(source: string, offset: number, error: unknown): Diagnostic {
  return {
    code: 'log-read-failed',
    severity: 'error',
    message: `expected to read on at byte ${offset}, the system says ${systemCode(error)}: what comes after is lost`,
    where: { source, offset },
    lost: 0,
  };
}

/** `EACCES`, `EIO`, …: the code of a system error, or its message where it has none. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** Takes bytes from blocks in the portions that a format asks for. */
export class ByteCursor {
  /** Bytes taken so far. */
  offset = 0;
  readonly #blocks: AsyncIterator<Uint8Array>;
  /** What is at hand, its first part last. */
  readonly #rest: Uint8Array[] = [];

  constructor(blocks: Blocks) {
    this.#blocks = blocks[Symbol.asyncIterator]();
  }

  /** One to `most` bytes, as many as are at hand; null at the end. */
  async some(most: number): Promise<Uint8Array | null> {
    let part = this.#rest.pop();
    while (part === undefined || part.length === 0) {
      const next = await this.#blocks.next();
      if (next.done) return null;
      part = next.value;
    }
    const taken = part.subarray(0, most);
    if (taken.length < part.length) this.#rest.push(part.subarray(taken.length));
    this.offset += taken.length;
    return taken;
  }

  /** Exactly `count` bytes, or fewer at the end. */
  async exactly(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let missing = count; missing > 0;) {
      const part = await this.some(missing);
      if (part === null) break;
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Gives bytes back that were the last ones taken. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#rest.push(bytes);
    this.offset -= bytes.length;
  }

  /** The first `count` bytes (fewer at the end), which are still to be taken. */
  async peek(count: number): Promise<Uint8Array> {
    const head = await this.exactly(count);
    this.unread(head);
    return head;
  }

  /** What follows, up to `most` bytes. */
  async *upTo(most: number): AsyncGenerator<Uint8Array> {
    for (let missing = most; missing > 0;) {
      const part = await this.some(missing);
      if (part === null) return;
      missing -= part.length;
      yield part;
    }
  }
}
