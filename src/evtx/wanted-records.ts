/** The wanted records of a block. Most are like one before, and need not be made. */
import type { Origin } from './origins.ts';
import type { DataPlan } from './plan.ts';
import { PlannedRecord } from './planned-record.ts';
import type { EvtxRecord } from './record.ts';
import { FOUND, type ScanKernel } from './scan-kernel.ts';
import type { ScannedChunks } from './scanned-chunk.ts';

/** Of what the kernel found: numbers of 64 bits, and words (kernel/scan.ts). */
const [TIME, ID, LAST, CHARACTERS, JSON_BYTES, DELAY, NUMBERS_OF_64] = [0, 1, 2, 3, 4, 11, FOUND / 2];
const [ORIGIN, EVENT_ID, START, SIZE, VERSION] = [10, 11, 12, 13, 14];
const [PLAN, DESCRIPTORS, VALUES, ALIKE, RECORDS, CHUNK, PART] = [15, 16, 17, 18, 19, 20, 21];

/** In their order, some told as one (`Wanted.within`). Valid as long as the block is. */
export class WantedRecords {
  count = 0;
  readonly #origins: readonly Origin[];
  /** Of those that the kernel found. */
  #words = new Int32Array(0);
  /** Of the same bytes. */
  #numbers = new Float64Array(0);
  #chunks: ScannedChunks | null = null;
  /** Which found them. */
  #kernel: ScanKernel | null = null;
  readonly #plans: (DataPlan | null)[] = [];
  /** Those that were made. */
  readonly #made: (PlannedRecord | EvtxRecord | undefined)[] = [];
  /** Added to what a record is like, so that no record of another scanner has the same number. */
  #first = 0;

  /** `origins` by number. */
  constructor(origins: readonly Origin[]) {
    this.#origins = origins;
  }

  /** Begins with other chunks. */
  begin(chunks: ScannedChunks): void {
    this.#chunks = chunks;
    this.#made.length = 0;
    this.count = 0;
  }

  /** Adds what the kernel found in a block whose first chunk has this index. */
  addFound(kernel: ScanKernel, first: number): void {
    const { wanted } = kernel;
    const end = this.count + wanted;
    const words = this.#room(end);
    kernel.found(words, FOUND * this.count);
    this.#kernel = kernel;
    this.#first = kernel.firstAlike;
    let [told, plan]: [number, DataPlan | null] = [0, null];
    for (let i = this.count; i < end; i++) {
      const of = words[FOUND * i + PLAN]!;
      // Whole runs of records have one plan.
      if (of !== told) [told, plan] = [of, kernel.dataPlan(of)];
      this.#plans[i] = plan;
      words[FOUND * i + CHUNK]! += first;
    }
    this.count = end;
  }

  /** Adds one that was read otherwise. */
  add(record: PlannedRecord | EvtxRecord): void {
    const at = this.count;
    this.#room(at + 1)[FOUND * at + ALIKE] = -1;
    this.#made[at] = record;
    this.count = at + 1;
  }

  /** The words, with room for so many records. */
  #room(records: number): Int32Array {
    if (this.#words.length < FOUND * records) {
      const words = new Int32Array(2 * FOUND * records);
      words.set(this.#words);
      this.#words = words;
      this.#numbers = new Float64Array(words.buffer);
    }
    return this.#words;
  }

  /** How many are told as one: the record itself, and those behind it that are like it. */
  recordsOf(index: number): number {
    return this.alike(index) < 0 ? 1 : this.#words[FOUND * index + RECORDS]!;
  }

  /** EventRecordID of a record that is like another (see `alike`); -1 for one that has none, or one past 2^53. */
  idOf(index: number): number {
    return this.#numbers[NUMBERS_OF_64 * index + ID]!;
  }

  /** Milliseconds since 1970 UTC of a record that is like another. */
  timeOf(index: number): number {
    return this.#numbers[NUMBERS_OF_64 * index + TIME]!;
  }

  /** The time of the last of those that are told as one; none of them is later. */
  lastTimeOf(index: number): number {
    return this.#numbers[NUMBERS_OF_64 * index + LAST]!;
  }

  /** Characters of the values of those that are told as one (`Wanted.measures`), and bytes of them as strings of JSON. */
  charactersOf(index: number): number {
    return this.#numbers[NUMBERS_OF_64 * index + CHARACTERS]!;
  }

  jsonBytesOf(index: number): number {
    return this.#numbers[NUMBERS_OF_64 * index + JSON_BYTES]!;
  }

  /**
   * A number that is the same for records of one origin and event id that are the same in all that is read of them, and
   * for no others; -1 for a record of which that is not known.
   */
  alike(index: number): number {
    const alike = this.#words[FOUND * index + ALIKE]!;
    return alike < 0 ? -1 : this.#first + alike;
  }

  /** Says that records which are like this one need not be told again, but for those that `oneIn` asks for. */
  dismiss(index: number): void {
    this.#kernel!.dismiss(this.#words[FOUND * index + ALIKE]!);
  }

  record(index: number): PlannedRecord | EvtxRecord {
    return (this.#made[index] ??= this.#found(index));
  }

  all(): (PlannedRecord | EvtxRecord)[] {
    return Array.from({ length: this.count }, (_, index) => this.record(index));
  }

  #found(index: number): PlannedRecord {
    const words = this.#words;
    const at = FOUND * index;
    const id = this.idOf(index);
    return new PlannedRecord({
      chunk: this.#chunks!.at(words[at + CHUNK]!),
      start: words[at + START]!,
      size: words[at + SIZE]!,
      origin: this.#origins[words[at + ORIGIN]!] as Origin,
      record: id < 0 ? null : id,
      time: this.timeOf(index),
      eventId: words[at + EVENT_ID]!,
      version: words[at + VERSION]!,
      delay: this.#numbers[NUMBERS_OF_64 * index + DELAY]!,
      plan: this.#plans[index]!,
      descriptors: words[at + DESCRIPTORS]!,
      values: words[at + VALUES]!,
      part: words[at + PART]!,
    });
  }
}
