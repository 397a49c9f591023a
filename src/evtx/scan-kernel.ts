/**
 * The scan kernel (kernel/scan.ts), seen from outside: where what it tells lies, and plans as it reads them.
 *
 *     input: chunks | totals | wanted records | event ids as bytes, and sets of them | values of plans | what tells records
 *     that are known | filters
 */
import { readsOf } from './alike.ts';
import { CHUNK_SIZE } from './chunk-header.ts';
import { ALLOWANCE, type ChunkExports, ChunkKernel, type Global, MARGIN, PLAIN } from './chunk-kernel.ts';
import { EACH, type Origin, type Wanted } from './origins.ts';
import { PlacedFilters } from './placed-filters.ts';
import {
  FILTER,
  LONGEST,
  MEASURED,
  nestedPlan,
  NUMBER,
  ORIGIN,
  OWN_DATA,
  PLAN_SIZE,
  READS,
  READS_ID,
  READS_OF,
  recordPlan,
  SEEN,
  TEMPLATE,
  VALUES,
  Values,
  VALUES_SIZE,
} from './placed-plans.ts';
import type { DataPlan, Given, SystemPlan } from './plan.ts';
import type { Columns, Totals } from './totals.ts';
import { utf16Text } from './value.ts';

/** Chunks of a block at most: few, so that they are still in the processor's cache when they are scanned. */
export const INPUT_CHUNKS = 8;
export const INPUT_SIZE: number = INPUT_CHUNKS * CHUNK_SIZE;
/** More records than a chunk can hold, of 28 bytes each; any may need a row of its own. */
export const MOST_RECORDS = 2400;
const ROWS = INPUT_CHUNKS * MOST_RECORDS;
/** Columns of stretches and of event ids, and the kernel's own 256 rows of two bytes. */
const TOTALS_SIZE = ROWS * (4 * 8 + 3 * 4 + 3 * 4) + 512;
/** Words of a wanted record, of which the first ten are five numbers of 64 bits, and the last two one more. */
export const FOUND = 24;
const FOUND_SIZE = 4 * FOUND;
/** Bytes of a set of event ids, and how many sets are told apart: an origin of any other is read the plain way. */
const IDS_SIZE = 65_536;
const SET_SIZE = IDS_SIZE / 8;
const MAX_SETS = 32;
/** How often for one block it is told what is read: one may be made to ask with every record. */
const MAX_TELLINGS = INPUT_CHUNKS * 64;
const KEPT_SIZE = 16_384 * 16 + 2 * 1024 * 1024 + MARGIN;
/** Those of a large configuration (sysmon-modular, 2,900 conditions) take 650,000 bytes. */
const FILTERS_SIZE = 4 * 1024 * 1024;
const OWN =
  INPUT_SIZE +
  MARGIN +
  TOTALS_SIZE +
  ROWS * FOUND_SIZE +
  MARGIN +
  IDS_SIZE +
  MAX_SETS * SET_SIZE +
  VALUES_SIZE +
  KEPT_SIZE +
  FILTERS_SIZE;

const DONE = 0;
const NEW_ORIGIN = 6;
const NEW_READS = 7;
const IRREGULAR = 8;

interface ScanExports extends ChunkExports {
  readonly wanted: Global;
  readonly stretchCount: Global;
  readonly eventIdCount: Global;
  readonly chunkIndex: Global;
  readonly recordCount: Global;
  readonly recordIndex: Global;
  prepare(values: number, totals: number, found: number, kept: number): void;
  pack(bytes: number, set: number): void;
  beginBlock(block: number, chunks: number, allowance: number): void;
  passTo(record: number): void;
  dismiss(alike: number): void;
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
  /** Of all memory. */
  readonly #words: Int32Array;
  /** Is added to what a record is like: so no record of another kernel has the same number. */
  readonly firstAlike: number;
  readonly #kernel: ChunkKernel<ScanExports>;
  readonly #found: number;
  /** Where event ids stand as bytes while a set is made of them, and before the sets. */
  readonly #sets: number;
  /** Event ids of each set. */
  readonly #eventIds: Uint8Array[] = [];
  /** Address of its set, or 0. */
  readonly #setsOf = new WeakMap<Wanted, number>();

  readonly #values: Values;
  readonly #filters: PlacedFilters;
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
    const kept = values.end;
    exports.prepare(kernel.values, totals, this.#found, kept);
    this.#filters = new PlacedFilters(kernel.words, (kept + KEPT_SIZE + 7) & ~7, FILTERS_SIZE - 8);
    this.#words = new Int32Array(buffer);
    this.firstAlike = kernels * 2 ** 31;
    kernels += 1;
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
    into.set(this.#words.subarray(from, from + FOUND * this.wanted), at);
  }

  /** Records with this number (ALIKE) need not be told again, but for those that are wanted for their ids. */
  dismiss(alike: number): void {
    this.#kernel.exports.dismiss(alike);
  }

  /** The plan of data that is told so; null where only the plain way can read them. */
  dataPlan(told: number): DataPlan | null {
    if (told === 0) return null;
    return (told & OWN_DATA) === 0
      ? this.#kernel.templateAt(told).data
      : (this.#systemAt(told - OWN_DATA).data as DataPlan);
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
    const asker = this.#askers[words[plan + READS_OF]! - 1]!;
    const eventId = words[plan + READS_ID]!;
    this.#tellings += 1;
    words[plan + READS] = words[plan + FILTER] = 0;
    if (asker.eventIds[eventId] === EACH || this.#tellings > MAX_TELLINGS) return;
    const data = this.dataPlan(words[plan + NUMBER]!)!;
    if (asker.meet?.(eventId, data) === false) return;
    const filter = asker.filtered?.filterOf(eventId);
    if (filter) words[plan + FILTER] = this.#filters.place(filter, data);
    const reads = words[plan + FILTER] === 0 ? asker.reads : asker.filtered!.reads;
    const isMeasured = asker.measures === true;
    if (reads === undefined || (isMeasured && !data.isWhole)) return;
    words[plan + READS] = isMeasured ? MEASURED : 1;
    const at = words[plan + VALUES]! / 4;
    for (const [i, read] of readsOf(reads, eventId, data).entries()) words[at + i] = read;
  }

  /** Forgets templates, and with them the origins of their records. */
  forget(): void {
    this.#kernel.forget();
    this.#values.clear(this.#kernel.words);
    this.#filters.clear();
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
    stretches: {
      first: wide(),
      from: wide(),
      to: wide(),
      delay: wide(),
      origin: narrow(),
      records: narrow(),
      late: narrow(),
    },
    eventIds: { origin: narrow(), eventId: narrow(), records: narrow() },
  };
}

/** How many have said what records are like. */
let kernels = 0;
