/**
 * The scan kernel (kernel/scan.ts), seen from outside: where its rows and what is wanted lie, and plans as it reads them.
 *
 *     input: chunks | rows | wanted records | event ids as bytes, and sets of them | texts that are kept
 */
import { CHUNK_SIZE } from './chunk-header.ts';
import {
  type ChunkExports,
  ChunkKernel,
  type Global,
  MARGIN,
  type PlacedCode,
  PLAIN,
} from './chunk-kernel.ts';
import type { Origin, Wanted } from './origins.ts';
import type { DataPlan, Given, SystemPlan } from './plan.ts';
import { type ChunkBytes, chunkOf } from './scanned-chunk.ts';
import type { Template } from './template.ts';
import type { TextKeeper } from './texts.ts';
import { utf16Text } from './value.ts';

/** Few, so that they are still in the processor's cache when they are scanned. */
export const INPUT_CHUNKS = 2;
/** More than a chunk can hold. */
const ROWS = 2400;
const ROW_SIZE = 8 + 8 + 4 + 2;
const FOUND_SIZE = 28;
/** Bytes of a set of event ids, and how many sets are told apart: an origin of any other is read the plain way. */
const IDS_SIZE = 65_536;
const SET_SIZE = IDS_SIZE / 8;
const MAX_SETS = 32;
const KEPT_SIZE = 16_384 * 16 + 1024 * 1024 + MARGIN;
const OWN =
  INPUT_CHUNKS * CHUNK_SIZE +
  MARGIN +
  ROWS * (ROW_SIZE + FOUND_SIZE) +
  MARGIN +
  IDS_SIZE +
  MAX_SETS * SET_SIZE +
  KEPT_SIZE;

const NEW_ORIGIN = 6;

/** Words of a plan. */
const ORIGIN = 13;
const SEEN = 16;
const TEMPLATE = 19;
const PLAN_SIZE = 80;
const TEXTS = 3;
const LONGEST = 256;
/** Beside the address of a template: the data are its own, and not those nested in a record. */
const OWN_DATA = 1;

interface ScanExports extends ChunkExports {
  readonly wanted: Global;
  prepare(values: number, rows: number, found: number, kept: number): void;
  keep(at: number, length: number): number;
  pack(bytes: number, set: number): void;
  scan(from: number, to: number): number;
}

/** Facts of records, a column each, from the first record that was scanned last. */
export interface ScannedRows {
  readonly time: Float64Array;
  /** -1 for one that has none, or one past 2^53. */
  readonly record: Float64Array;
  readonly origin: Int32Array;
  readonly eventId: Uint16Array;
}

/** A wanted record: its row, and what else the scan knows of it. Places are offsets in the chunk. */
export interface Found {
  row: number;
  start: number;
  size: number;
  version: number;
  plan: DataPlan | null;
  descriptors: number;
  values: number;
}

/** What the kernel stopped for. */
export type Stopped = 'supplied' | 'new-origin' | 'plain' | 'too-much';

export class ScanKernel {
  /** Room for chunks, one after another. */
  readonly input: Buffer;
  /** The same, by chunk. */
  readonly #parts: readonly ChunkBytes[];
  readonly rows: ScannedRows;
  /** Keeps the texts of chunks in its input. */
  readonly texts: TextKeeper;
  readonly #kernel: ChunkKernel<ScanExports>;
  readonly #found: number;
  /** Where event ids stand as bytes while a set is made of them, and before the sets. */
  readonly #sets: number;
  /** Event ids of each set. */
  readonly #eventIds: Uint8Array[] = [];
  /** Address of its set, or 0. */
  readonly #setsOf = new WeakMap<Wanted, number>();

  private constructor(kernel: ChunkKernel<ScanExports>) {
    const { input, memory } = kernel;
    const rows = input + INPUT_CHUNKS * CHUNK_SIZE + MARGIN;
    this.#kernel = kernel;
    this.input = memory.subarray(input, input + INPUT_CHUNKS * CHUNK_SIZE);
    this.#parts = Array.from({ length: INPUT_CHUNKS }, (_, i) => chunkOf(this.input, i * CHUNK_SIZE));
    this.#found = rows + ROWS * ROW_SIZE;
    this.#sets = this.#found + ROWS * FOUND_SIZE + MARGIN;
    const { buffer } = memory;
    this.rows = {
      time: new Float64Array(buffer, rows, ROWS),
      record: new Float64Array(buffer, rows + 8 * ROWS, ROWS),
      origin: new Int32Array(buffer, rows + 16 * ROWS, ROWS),
      eventId: new Uint16Array(buffer, rows + 20 * ROWS, ROWS),
    };
    const kept = this.#sets + IDS_SIZE + MAX_SETS * SET_SIZE;
    kernel.exports.prepare(kernel.values, rows, this.#found, kept);
    this.texts = { buffer, keep: kernel.exports.keep };
  }

  /** Null where it can't run. */
  static load(): ScanKernel | null {
    const kernel = ChunkKernel.load<ScanExports>(new URL('./scan.wasm', import.meta.url), OWN, [
      recordPlan,
      nestedPlan,
    ]);
    return kernel && new ScanKernel(kernel);
  }

  /** The chunk that begins at an offset of a block; null where that lies elsewhere than in the input, or is cut. */
  partOf(block: Buffer, start: number): ChunkBytes | null {
    if (block.buffer !== this.input.buffer || start + CHUNK_SIZE > block.length) return null;
    return this.#parts[(block.byteOffset + start - this.input.byteOffset) / CHUNK_SIZE] ?? null;
  }

  /** Enters a whole chunk, of the input or elsewhere: how many records it has; -1 for one that is not as it should be. */
  enter(chunk: Buffer): number {
    const kernel = this.#kernel;
    const isInput = chunk.buffer === this.input.buffer;
    if (!isInput) this.input.set(chunk);
    const base = isInput ? chunk.byteOffset : kernel.input;
    const count = kernel.walk(base);
    if (count > 0) kernel.begin(base);
    return count;
  }

  /** The offset of a record of the chunk. */
  recordAt(index: number): number {
    return this.#kernel.recordAt(index);
  }

  /** Scans records of the chunk; returns the index of the one that it stopped at, `to` when all are done. */
  scan(from: number, to: number): number {
    return this.#kernel.exports.scan(from, to);
  }

  /** Number of wanted records among those that were scanned last. */
  get wanted(): number {
    return this.#kernel.exports.wanted.value;
  }

  /** Tells of a wanted record, by its number. */
  found(index: number, into: Found): void {
    const { words } = this.#kernel;
    const at = (this.#found + index * FOUND_SIZE) / 4;
    const data = words[at + 4]!;
    into.row = words[at]!;
    into.start = words[at + 1]!;
    into.size = words[at + 2]!;
    into.version = words[at + 3]!;
    into.plan = data === 0 ? null : this.#dataPlan(data);
    into.descriptors = words[at + 5]!;
    into.values = words[at + 6]!;
  }

  /** What was found last holds no longer after that. */
  resolve(): Stopped {
    const kernel = this.#kernel;
    if (kernel.supply()) return 'supplied';
    const why = kernel.exports.stopped.value;
    return why === NEW_ORIGIN ? 'new-origin' : why === PLAIN ? 'plain' : 'too-much';
  }

  /** Whose the record is that it stopped at (`new-origin`); of an empty provider the plain way tells. */
  origin(): Origin {
    const { words, memory, exports } = this.#kernel;
    const at = exports.missing.value;
    const { provider, channel, host } = this.#systemAt(words[at / 4 + TEMPLATE]!);
    const text = (given: Given, i: number): string =>
      typeof given === 'string'
        ? given
        : utf16Text(memory, at + PLAN_SIZE + i * LONGEST, words[at / 4 + SEEN + i]!);
    return { provider: text(provider, 0), channel: text(channel, 1), host: text(host, 2) };
  }

  /** Says so: the number of that origin, and what is wanted of it. */
  setOrigin(number: number, wanted: Wanted): void {
    const { words, exports } = this.#kernel;
    words.set([number, this.#setOf(wanted), wanted.oneIn], exports.missing.value / 4 + ORIGIN);
  }

  /** Forgets templates, and with them the origins of their records. */
  forget(): void {
    this.#kernel.forget();
  }

  #systemAt(template: number): SystemPlan {
    return this.#kernel.templateAt(template).system!;
  }

  #dataPlan(told: number): DataPlan | null {
    return (told & OWN_DATA) === 0
      ? this.#kernel.templateAt(told).data
      : (this.#systemAt(told - OWN_DATA).data as DataPlan);
  }

  /** Address of the set of event ids that are wanted; 0 for one that the kernel can't be told. */
  #setOf(wanted: Wanted): number {
    const known = this.#setsOf.get(wanted);
    if (known !== undefined) return known;
    const { eventIds, oneIn } = wanted;
    const same = this.#eventIds.findIndex((ids) => Buffer.compare(ids, eventIds) === 0);
    const number = same < 0 ? this.#eventIds.length : same;
    const isPlain = number === MAX_SETS || !Number.isInteger(oneIn) || oneIn < 0 || oneIn > 0xffffffff;
    const at = isPlain ? 0 : this.#sets + IDS_SIZE + number * SET_SIZE;
    if (!isPlain && same < 0) {
      const { memory, exports } = this.#kernel;
      memory.set(eventIds, this.#sets);
      exports.pack(this.#sets, at);
      this.#eventIds.push(eventIds);
    }
    this.#setsOf.set(wanted, at);
    return at;
  }
}

function recordPlan({ system }: Template, address: number): PlacedCode | null {
  // A record id that is a text is none.
  if (system === null || (typeof system.record === 'string' && system.record !== '')) return null;
  const slot = (given: Given): number => (typeof given === 'string' ? -1 : given);
  const integer = (given: Given): readonly number[] =>
    typeof given === 'string' ? [-1, Number(given) & 0xffff] : [given, 0];
  const { provider, channel, host, eventId, version, record, dependency, last, data } = system;
  const isOwn = typeof data === 'object';
  return placed(PLAN_SIZE + TEXTS * LONGEST, [
    last,
    dependency,
    ...integer(eventId),
    ...integer(version),
    slot(record),
    ...[provider, channel, host].map(slot),
    isOwn ? -1 : data,
    ...(isOwn ? [address + OWN_DATA, data.last] : [0, 0]),
    // No origin yet, and no texts that were seen.
    -1,
    0,
    0,
    -1,
    -1,
    -1,
    address,
  ]);
}

function nestedPlan({ data }: Template, address: number): PlacedCode | null {
  return data && placed(8, [address, data.last]);
}

function placed(size: number, words: readonly number[]): PlacedCode {
  const bytes = Buffer.alloc(size);
  for (const [i, word] of words.entries()) bytes.writeInt32LE(word, 4 * i);
  return { size, place: () => bytes };
}
