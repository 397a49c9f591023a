/** A log of lines that others write while it is read: JSON in any shape, or a segment of our own event log. */
import type { Batch } from './batch.ts';
import { followClocks, type WrittenBatch } from './clock-repair.ts';
import { ANEW, type FileFollower, say } from './followed.ts';
import type { FollowedFile } from './followed-file.ts';
import { jsonReader } from './json.ts';
import { segmentReader } from './segment.ts';
import { decoderOf, type Encoding, findEncoding } from './text.ts';

const BLOCK = 512 * 1024;
/** Bytes at the beginning, and before the place to go on, by which a file is known again. */
const KEPT = 512;
/** A text that ends in a bracket and no line break is taken as whole after so long, milliseconds. */
const PATIENCE_MS = 1000;

/** Reads a file from its start on, as its bytes come. */
interface ByteReader {
  push(bytes: Buffer): WrittenBatch;
  /** No more bytes will come. */
  end(): WrittenBatch;
}

interface TextKind {
  reader(source: string): ByteReader;
  /** Whether a line without its line break is never taken: it may be cut off later. */
  readonly wholeLines: boolean;
}

export const JSON_TEXT: TextKind = {
  wholeLines: false,
  reader(source) {
    const reader = jsonReader(source);
    let decoder: ReturnType<typeof decoderOf> | null = null;
    return {
      push(bytes) {
        const { encoding, mark } = findEncoding(bytes);
        const start = decoder === null ? mark : 0;
        decoder ??= decoderOf(encoding, 'replace');
        return reader.push({ text: decoder.next(bytes.subarray(start)), bytes: bytes.length });
      },
      end: () => reader.end(),
    };
  },
};

export const SEGMENT_TEXT: TextKind = {
  wholeLines: true,
  reader(source) {
    const reader = segmentReader(source);
    return {
      push: (bytes) => ({ source, ...reader.push(bytes), bytes: bytes.length }),
      end: () => ({ source, ...reader.end(), bytes: 0 }),
    };
  },
};

export class FollowedText implements FileFollower {
  #file: FollowedFile;
  readonly #kind: TextKind;
  #reader: ByteReader;
  #encoding: Encoding = 'utf-8';
  /** Bytes that were read: up to the end of a line. */
  #read = 0;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  #clocks = followClocks();
  /** Size of the file when its last line was last found without an end, and since when it has that size. */
  #waiting = { size: -1, since: 0 };

  constructor(file: FollowedFile, kind: TextKind) {
    this.#file = file;
    this.#kind = kind;
    this.#reader = kind.reader(file.path);
  }

  async *poll(): AsyncGenerator<Batch> {
    const source = this.#file.path;
    const size = await this.#file.size();
    if (size < this.#read || (size > this.#read && !(await this.#isKnown(this.#file)))) {
      yield this.#ended();
      yield say(source, ANEW);
      this.#begin();
    }
    for (;;) {
      const block = await this.#file.read(this.#read, BLOCK);
      if (this.#read === 0) this.#encoding = findEncoding(block).encoding;
      const end = lineEnd(block, this.#encoding) || this.#unended(block);
      if (end === 0) break;
      yield this.#clocks.take(this.#take(block.subarray(0, end)));
    }
    const settled = this.#clocks.settle(source);
    if (settled.events.length > 0) yield settled;
  }

  /** Goes on in a copy of the log that took its place; another log is another's to read. */
  async goOnIn(file: FollowedFile): Promise<boolean> {
    if ((await file.size()) < this.#read || !(await this.#isKnown(file))) return false;
    await this.#file.close();
    this.#file = file;
    return true;
  }

  async *finish(): AsyncGenerator<Batch> {
    yield* this.poll();
    for (;;) {
      const block = await this.#file.read(this.#read, BLOCK);
      if (block.length === 0) break;
      yield this.#clocks.take(this.#take(block));
    }
    yield this.#clocks.settle(this.#file.path);
    yield this.#ended();
  }

  end(): readonly Batch[] {
    const source = this.#file.path;
    return [{ source, events: [], diagnostics: this.#clocks.diagnostics(source), bytes: 0 }];
  }

  #ended(): Batch {
    const { written: _, ...rest } = this.#reader.end();
    return { ...rest, diagnostics: [...rest.diagnostics, ...this.#clocks.diagnostics(this.#file.path)] };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #begin(): void {
    this.#reader = this.#kind.reader(this.#file.path);
    this.#clocks = followClocks();
    this.#read = 0;
    this.#head = Buffer.alloc(0);
    this.#tail = Buffer.alloc(0);
  }

  /** How much to take of a block without a line break. */
  #unended(block: Buffer): number {
    // What is one line of megabytes is passed on as it comes.
    if (block.length === BLOCK) return BLOCK;
    if (this.#kind.wholeLines || block.length === 0) return 0;
    const size = this.#read + block.length;
    if (this.#waiting.size !== size) this.#waiting = { size, since: performance.now() };
    const ends = block
      .toString('latin1', Math.max(0, block.length - 8))
      .replaceAll('\0', '')
      .trimEnd();
    const waited = performance.now() - this.#waiting.since >= PATIENCE_MS;
    return waited && /[\]}]$/.test(ends) ? block.length : 0;
  }

  #take(bytes: Buffer): WrittenBatch {
    this.#read += bytes.length;
    if (this.#head.length < KEPT)
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, KEPT - this.#head.length)]);
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(Math.max(0, bytes.length - KEPT))]).subarray(
      -KEPT,
    );
    return this.#reader.push(bytes);
  }

  /** Whether a file begins as this one did, and has at the place to go on what stood there. */
  async #isKnown(file: FollowedFile): Promise<boolean> {
    const head = await file.read(0, this.#head.length);
    if (!head.equals(this.#head)) return false;
    const tail = await file.read(this.#read - this.#tail.length, this.#tail.length);
    return tail.equals(this.#tail);
  }
}

/** Where the last whole line of a block ends; 0 where none does. */
function lineEnd(block: Buffer, encoding: Encoding): number {
  if (encoding === 'utf-8' || encoding === 'iso-8859-1') return block.lastIndexOf(0x0a) + 1;
  const [low, high] = encoding === 'utf-16le' ? [0x0a, 0] : [0, 0x0a];
  for (let at = (block.length & ~1) - 2; at >= 0; at -= 2)
    if (block[at] === low && block[at + 1] === high) return at + 2;
  return 0;
}
