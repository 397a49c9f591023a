/** The wanted records of a block. Most are like one before, and need not be made. */
import type { Origin } from './origins.ts';
import type { DataPlan } from './plan.ts';
import { type Chunk, PlannedRecord } from './planned-record.ts';
import type { EvtxRecord } from './record.ts';
import type { Rows } from './scan.ts';
import { FOUND, type ScanKernel } from './scan-kernel.ts';

/** Words of what the kernel found; the row in the first is made that of the block. */
const [ROW, START, SIZE, VERSION, PLAN, DESCRIPTORS, VALUES, NUMBERS, ALIKE] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** In their order. Valid as long as the block is. */
export class WantedRecords {
  count = 0;
  #rows: Rows;
  /** Of those that the kernel found. */
  #words = new Int32Array(0);
  readonly #chunks: Chunk[] = [];
  readonly #plans: (DataPlan | null)[] = [];
  /** Those that were made. */
  readonly #made: (PlannedRecord | EvtxRecord | undefined)[] = [];
  /** Added to what a record is like, so that no record of another scanner has the same number. */
  #first = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** Begins with another block. */
  begin(rows: Rows): void {
    this.#rows = rows;
    this.#made.length = 0;
    this.count = 0;
  }

  /** Adds what the kernel found; its rows begin at that one of the block. */
  addFound(kernel: ScanKernel, firstRow: number, chunk: Chunk): void {
    const { wanted } = kernel;
    const end = this.count + wanted;
    const words = this.#room(end);
    kernel.found(words, FOUND * this.count);
    this.#first = kernel.texts.first;
    let [told, plan]: [number, DataPlan | null] = [0, null];
    for (let i = this.count; i < end; i++) {
      words[FOUND * i + ROW]! += firstRow;
      const of = words[FOUND * i + PLAN]!;
      // Whole runs of records have one plan.
      if (of !== told) [told, plan] = [of, kernel.dataPlan(of)];
      this.#plans[i] = plan;
      this.#chunks[i] = chunk;
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
    }
    return this.#words;
  }

  /** The block's row of a record that is like another; see `alike`. */
  rowOf(index: number): number {
    return this.#words[FOUND * index + ROW]!;
  }

  /**
   * A number that is the same for records of one origin and event id that are the same in all that is read of them, and
   * for no others; -1 for a record of which that is not known.
   */
  alike(index: number): number {
    const alike = this.#words[FOUND * index + ALIKE]!;
    return alike < 0 ? -1 : this.#first + alike;
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
    const row = words[at + ROW]!;
    const { origin, origins, record, time, eventId } = this.#rows;
    const id = record[row]!;
    return new PlannedRecord({
      chunk: this.#chunks[index]!,
      start: words[at + START]!,
      size: words[at + SIZE]!,
      origin: origins[origin[row]!] as Origin,
      record: id < 0 ? null : id,
      time: time[row]!,
      eventId: eventId[row]!,
      version: words[at + VERSION]!,
      plan: this.#plans[index]!,
      descriptors: words[at + DESCRIPTORS]!,
      values: words[at + VALUES]!,
      numbers: words[at + NUMBERS]! >> 2,
    });
  }
}
