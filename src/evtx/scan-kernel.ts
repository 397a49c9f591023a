/**
 * The scan kernel (kernel/scan.ts), seen from outside: where what it tells lies, and plans as it reads them.
 *
 *     input: chunks | totals | wanted records | event ids as bytes, and sets of them | values of plans | numbers of texts |
 *     texts that are known, and what tells records
 */
import { readsOf } from './alike.ts';
import { CHUNK_SIZE } from './chunk-header.ts';
import {
  ALLOWANCE,
  type ChunkExports,
  ChunkKernel,
  type Global,
  MARGIN,
  type PlacedCode,
  PLAIN,
} from './chunk-kernel.ts';
import { EACH, type Origin, type Wanted } from './origins.ts';
import type { DataPlan, Given, SystemPlan } from './plan.ts';
import type { Template } from './template.ts';
import type { TextKernel } from './texts.ts';
import type { Columns, Totals } from './totals.ts';
import { utf16Text } from './value.ts';

/** Chunks of a block at most: few, so that they are still in the processor's cache when they are scanned. */
export const INPUT_CHUNKS = 8;
export const INPUT_SIZE: number = INPUT_CHUNKS * CHUNK_SIZE;
/** More records than a chunk can hold, of 28 bytes each; any may need a row of its own. */
export const MOST_RECORDS = 2400;
const ROWS = INPUT_CHUNKS * MOST_RECORDS;
/** Columns of stretches and of event ids, and the kernel's own 256 rows of two bytes. */
const TOTALS_SIZE = ROWS * (3 * 8 + 2 * 4 + 3 * 4) + 512;
/** Words of a wanted record, of which the first six are three numbers of 64 bits. */
export const FOUND = 18;
const FOUND_SIZE = 4 * FOUND;
/** Bytes of a set of event ids, and how many sets are told apart: an origin of any other is read the plain way. */
const IDS_SIZE = 65_536;
const SET_SIZE = IDS_SIZE / 8;
const MAX_SETS = 32;
/** Values of plans that are told of: their texts may be numbered, and records said to be alike. */
const MAX_VALUES = 16_384;
const VALUE_SIZE = 8;
/** How often for one block it is told what is read: one may be made to ask with every record. */
const MAX_TELLINGS = INPUT_CHUNKS * 64;
const NUMBERS_SIZE = 4 * 65_536;
const KEPT_SIZE = 16_384 * 16 + 2 * 1024 * 1024 + MARGIN;
const OWN =
  INPUT_SIZE +
  MARGIN +
  TOTALS_SIZE +
  ROWS * FOUND_SIZE +
  MARGIN +
  IDS_SIZE +
  MAX_SETS * SET_SIZE +
  MAX_VALUES * VALUE_SIZE +
  NUMBERS_SIZE +
  KEPT_SIZE;

const DONE = 0;
const NEW_ORIGIN = 6;
const NEW_READS = 7;
const IRREGULAR = 8;

/** Words of a record's plan. */
const ORIGIN = 17;
const SEEN = 22;
const TEMPLATE = 25;
const PLAN_SIZE = 104;
/** Words of a plan of data: which, and what is read of it: by whom, in which event, and whether that is known. */
const NUMBER = 0;
const VALUES = 2;
const READS_OF = 3;
const READS_ID = 4;
const READS = 5;
const TEXTS = 3;
const LONGEST = 256;
/** Beside the address of a template: the data are its own, and not those nested in a record. */
const OWN_DATA = 1;

interface ScanExports extends ChunkExports {
  readonly wanted: Global;
  readonly stretchCount: Global;
  readonly eventIdCount: Global;
  readonly characters: Global;
  readonly chunkIndex: Global;
  readonly recordCount: Global;
  readonly recordIndex: Global;
  prepare(values: number, totals: number, found: number, numbers: number, kept: number): void;
  clearNumbers(): void;
  measure(descriptors: number, count: number, values: number): number;
  pack(bytes: number, set: number): void;
  beginBlock(block: number, chunks: number, allowance: number): void;
  passTo(record: number): void;
  scan(): number;
}

/**
 * What the kernel stopped for: what it was given now; a record of an origin that nobody told it of, or one that is read the
 * plain way; those that are left of a chunk which asks for too much; or a chunk that is not as it should be.
 */
export type Stopped = 'supplied' | 'new-origin' | 'plain' | 'too-much' | 'irregular';

export class ScanKernel {
  /** Room for chunks, one after another. */
  readonly input: Buffer;
  /** What the records come to that were scanned last. */
  readonly #totals: Columns;
  readonly texts: TextKernel;
  readonly #kernel: ChunkKernel<ScanExports>;
  readonly #found: number;
  /** Where event ids stand as bytes while a set is made of them, and before the sets. */
  readonly #sets: number;
  /** Event ids of each set. */
  readonly #eventIds: Uint8Array[] = [];
  /** Address of its set, or 0. */
  readonly #setsOf = new WeakMap<Wanted, number>();

  readonly #values: Values;
  /** Those that ask, by their number from 1. */
  readonly #askers: Wanted[] = [];
  /** How often it was told what is read, for this block. */
  #tellings = 0;

  private constructor(kernel: ChunkKernel<ScanExports>, values: Values) {
    const { input, memory, exports } = kernel;
    this.#values = values;
    const totals = input + INPUT_SIZE + MARGIN;
    this.#kernel = kernel;
    this.input = memory.subarray(input, input + INPUT_SIZE);
    this.#found = totals + TOTALS_SIZE;
    this.#sets = this.#found + ROWS * FOUND_SIZE + MARGIN;
    const { buffer } = memory;
    this.#totals = totalsAt(buffer, totals);
    values.begin(this.#sets + IDS_SIZE + MAX_SETS * SET_SIZE);
    const numbers = values.end;
    exports.prepare(kernel.values, totals, this.#found, numbers, numbers + NUMBERS_SIZE);
    this.texts = {
      buffer,
      words: new Int32Array(buffer),
      first: texts * 2 ** 31,
      measure: exports.measure,
      characters: exports.characters,
    };
    texts += 1;
  }

  /** Null where it can't run. */
  static load(): ScanKernel | null {
    const values = new Values();
    const kernel = ChunkKernel.load<ScanExports>(new URL('./scan.wasm', import.meta.url), OWN, [
      (template, address) => recordPlan(template, address, values),
      (template, address) => nestedPlan(template, address, values),
    ]);
    return kernel && new ScanKernel(kernel, values);
  }

  /** Begins with a block of whole chunks, of the input or elsewhere. */
  begin(block: Buffer): void {
    const kernel = this.#kernel;
    const isInput = block.buffer === this.input.buffer;
    if (!isInput) this.input.set(block);
    this.#tellings = 0;
    const base = isInput ? block.byteOffset : kernel.input;
    const chunks = block.length / CHUNK_SIZE;
    kernel.allowParsing(chunks);
    kernel.exports.beginBlock(base, chunks, ALLOWANCE);
  }

  /** Scans the block from where it stands; whether it is done. */
  scan(): boolean {
    return this.#kernel.exports.scan() === DONE;
  }

  /** The chunk of the block in which it stopped, how many records that has, and the one that it stopped at. */
  get chunkIndex(): number {
    return this.#kernel.exports.chunkIndex.value;
  }

  get recordCount(): number {
    return this.#kernel.exports.recordCount.value;
  }

  get recordIndex(): number {
    return this.#kernel.exports.recordIndex.value;
  }

  /** The offset of a record of that chunk. */
  recordAt(index: number): number {
    return this.#kernel.recordAt(index);
  }

  /** Leaves out the records of that chunk before one of them. */
  passTo(index: number): void {
    this.#kernel.exports.passTo(index);
  }

  /** Number of wanted records among those that were scanned last, some told as one. */
  get wanted(): number {
    return this.#kernel.exports.wanted.value;
  }

  /** Adds what the records come to that were scanned last. */
  total(totals: Totals): void {
    const { stretchCount, eventIdCount } = this.#kernel.exports;
    totals.take(this.#totals, stretchCount.value, eventIdCount.value);
  }

  /** Copies what is told of the wanted records, FOUND words each. */
  found(into: Int32Array, at: number): void {
    const from = this.#found / 4;
    into.set(this.texts.words.subarray(from, from + FOUND * this.wanted), at);
  }

  /** The plan of data that is told so; null where only the plain way can read them. */
  dataPlan(told: number): DataPlan | null {
    if (told === 0) return null;
    return (told & OWN_DATA) === 0
      ? this.#kernel.templateAt(told).data
      : (this.#systemAt(told - OWN_DATA).data as DataPlan);
  }

  /** Numbers of texts that were told hold no longer. */
  clearNumbers(): void {
    this.#kernel.exports.clearNumbers();
  }

  /** What was found last holds no longer after that. */
  resolve(): Stopped {
    const kernel = this.#kernel;
    if (kernel.supply()) return 'supplied';
    const why = kernel.exports.stopped.value;
    if (why === NEW_READS) {
      this.#tellReads();
      return 'supplied';
    }
    if (why === NEW_ORIGIN) return 'new-origin';
    if (why === IRREGULAR) return 'irregular';
    return why === PLAIN ? 'plain' : 'too-much';
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
    let asker = this.#askers.indexOf(wanted) + 1;
    if (asker === 0) asker = this.#askers.push(wanted);
    const { oneIn, within = 0 } = wanted;
    words.set([number, this.#setOf(wanted), oneIn, asker, within], exports.missing.value / 4 + ORIGIN);
  }

  /** Tells what is read of the data that it stopped at. */
  #tellReads(): void {
    const { words, exports } = this.#kernel;
    const plan = exports.missing.value / 4;
    const { eventIds, reads } = this.#askers[words[plan + READS_OF]! - 1]!;
    const eventId = words[plan + READS_ID]!;
    this.#tellings += 1;
    words[plan + READS] = 0;
    if (reads === undefined || eventIds[eventId] === EACH || this.#tellings > MAX_TELLINGS) return;
    words[plan + READS] = 1;
    const at = words[plan + VALUES]! / 4;
    const all = readsOf(reads, eventId, this.dataPlan(words[plan + NUMBER]!)!);
    for (const [i, read] of all.entries()) words[at + 2 * i + 1] = read;
  }

  /** Forgets templates, and with them the origins of their records. */
  forget(): void {
    this.#kernel.forget();
    this.#values.clear(this.#kernel.words);
    this.#askers.length = 0;
  }

  #systemAt(template: number): SystemPlan {
    return this.#kernel.templateAt(template).system!;
  }

  /** Address of the set of event ids that are wanted; 0 for one that the kernel can't be told. */
  #setOf(wanted: Wanted): number {
    const known = this.#setsOf.get(wanted);
    if (known !== undefined) return known;
    const { eventIds, oneIn, within = 0 } = wanted;
    const same = this.#eventIds.findIndex((ids) => Buffer.compare(ids, eventIds) === 0);
    const number = same < 0 ? this.#eventIds.length : same;
    const isPlain =
      number === MAX_SETS || ![oneIn, within].every((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 31);
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

/** The columns in the order in which the kernel has them (kernel/totals.ts). */
function totalsAt(buffer: ArrayBufferLike, start: number): Columns {
  let at = start;
  const wide = (): Float64Array => new Float64Array(buffer, (at += 8 * ROWS) - 8 * ROWS, ROWS);
  const narrow = (): Int32Array => new Int32Array(buffer, (at += 4 * ROWS) - 4 * ROWS, ROWS);
  return {
    stretches: { first: wide(), from: wide(), to: wide(), origin: narrow(), records: narrow() },
    eventIds: { origin: narrow(), eventId: narrow(), records: narrow() },
  };
}

/** How many scanners have given numbers to texts. */
let texts = 0;

/** Where the kernel is told of the values of each plan: a region of their own, for plans are forgotten. */
class Values {
  end = 0;
  #start = 0;
  #at = 0;

  begin(start: number): void {
    this.#start = this.#at = start;
    this.end = start + MAX_VALUES * VALUE_SIZE;
  }

  /** Room for so many values; 0 where there is none. */
  place(values: number): number {
    const at = this.#at;
    if (at + VALUE_SIZE * values > this.end) return 0;
    this.#at = at + VALUE_SIZE * values;
    return at;
  }

  clear(words: Uint32Array): void {
    words.fill(0, this.#start / 4, this.#at / 4);
    this.#at = this.#start;
  }
}

function recordPlan({ system }: Template, address: number, values: Values): PlacedCode | null {
  // A record id that is a text is none.
  if (system === null || (typeof system.record === 'string' && system.record !== '')) return null;
  const slot = (given: Given): number => (typeof given === 'string' ? -1 : given);
  const integer = (given: Given): readonly number[] =>
    typeof given === 'string' ? [-1, Number(given) & 0xffff] : [given, 0];
  const { provider, channel, host, eventId, version, record, dependency, last, data } = system;
  const isOwn = typeof data === 'object';
  return placed(PLAN_SIZE + TEXTS * LONGEST, () => [
    last,
    dependency,
    ...integer(eventId),
    ...integer(version),
    slot(record),
    ...[provider, channel, host].map(slot),
    isOwn ? -1 : data,
    ...(isOwn ? dataWords(address + OWN_DATA, data, values) : [0, 0, 0, 0, 0, 0]),
    // No origin yet, and no texts that were seen.
    -1,
    0,
    0,
    0,
    0,
    -1,
    -1,
    -1,
    address,
  ]);
}

function nestedPlan({ data }: Template, address: number, values: Values): PlacedCode | null {
  return data && placed(24, () => dataWords(address, data, values));
}

function dataWords(number: number, { last }: DataPlan, values: Values): readonly number[] {
  return [number, last, values.place(last + 1), 0, 0, 0];
}

function placed(size: number, words: () => readonly number[]): PlacedCode {
  return {
    size,
    place: () => {
      const bytes = Buffer.alloc(size);
      for (const [i, word] of words().entries()) bytes.writeInt32LE(word, 4 * i);
      return bytes;
    },
  };
}
