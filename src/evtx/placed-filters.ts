/** Filters (filter.ts) as they are placed in the kernel's memory, and how kernel/filter.ts reads them. */
import { type Filter, HOW, OUTCOMES, type TextTable, type TextTest } from './filter.ts';
import type { DataPlan } from './plan.ts';

/** Fields of a filter at most, for which the kernel has room. */
const MOST_FIELDS = 64;
const ALL = 16;
const NOT = 32;
/** Ends its clause. */
const LAST = 64;
/** Of a tree, texts found by pairs, and texts of one unit. */
const KIND = { forward: 0, backward: 1, pairs: 2, units: 3 } as const;

/** Places filters in a region, one after another, until it is full. */
export class PlacedFilters {
  readonly #words: Uint32Array;
  readonly #start: number;
  readonly #end: number;
  #at: number;
  /** Addresses; 0 for one that has no room. */
  readonly #filters = new Map<Filter, number>();
  #plans = new WeakMap<DataPlan, Map<Filter, number>>();

  /** `words`: of all memory. The region is aligned to 8 bytes. */
  constructor(words: Uint32Array, start: number, size: number) {
    this.#words = words;
    this.#start = this.#at = start;
    this.#end = start + size;
  }

  /** Forgets all. */
  clear(): void {
    this.#at = this.#start;
    this.#filters.clear();
    this.#plans = new WeakMap();
  }

  /** Address of a filter for the records of a plan; 0 where it can't be placed. */
  place(filter: Filter, plan: DataPlan): number {
    let known = this.#plans.get(plan);
    if (!known) this.#plans.set(plan, (known = new Map()));
    let address = known.get(filter);
    if (address === undefined) known.set(filter, (address = this.#placeFields(filter, plan)));
    return address;
  }

  #placeFields(filter: Filter, plan: DataPlan): number {
    const words: number[] = [];
    for (const name of filter.fields) {
      const index = name === null ? undefined : plan.byName.get(name);
      const field = index === undefined ? null : plan.fields[index]!;
      // A text of the template's own stands in no value.
      if (typeof field?.value === 'string') return 0;
      words.push(field?.value ?? -1, field?.dependency ?? -1);
    }
    const placed = this.#filterAt(filter);
    return placed === 0 ? 0 : this.#whole(() => this.#put([placed, ...words]));
  }

  #filterAt(filter: Filter): number {
    let address = this.#filters.get(filter);
    if (address === undefined) {
      address = filter.fields.length > MOST_FIELDS ? 0 : this.#whole(() => this.#placeFilter(filter));
      this.#filters.set(filter, address);
    }
    return address;
  }

  /** What has no room as a whole takes none. */
  #whole(place: () => number): number {
    const before = this.#at;
    const address = place();
    if (address === 0) this.#at = before;
    return address;
  }

  #placeFilter({ lookups, parts, ungated }: Filter): number {
    const tables = lookups.flatMap(({ field, from, table }) => [field, from, this.#placeTable(table)]);
    const holding = parts.flatMap(({ clauses, outcome }) => [
      this.#put(clauses.flatMap((tests) => tests.flatMap((test) => this.#test(test, test === tests.at(-1))))),
      clauses.reduce((sum, { length }) => sum + length, 0),
      OUTCOMES.indexOf(outcome),
    ]);
    const placed = [
      lookups.length,
      this.#put(tables),
      this.#put(holding),
      this.#put(new Uint32Array(2 * parts.length)),
      ungated.length,
      this.#put(ungated),
    ];
    return this.#put(placed);
  }

  #placeTable(table: TextTable): number {
    const head: number[] = [KIND[table.kind]];
    switch (table.kind) {
      case 'forward':
      case 'backward':
        head.push(...[table.nodes, table.labels, table.rows, table.endings].map((one) => this.#put(one)));
        break;
      case 'pairs': {
        const { stride, buckets, starts, texts, places, unitsAt, units, numbersAt, numbers } = table;
        const columns = [buckets, starts, texts, places, unitsAt, units, numbersAt, numbers];
        head.push(stride, ...columns.map((one) => this.#put(one)));
        break;
      }
      case 'units':
        head.push(
          table.units.length,
          ...[table.possible, table.units, table.numbers].map((one) => this.#put(one)),
        );
    }
    return this.#put(head);
  }

  #test({ field, how, texts, all, not }: TextTest, isLast: boolean): number[] {
    const bits = HOW.indexOf(how) | (all ? ALL : 0) | (not ? NOT : 0) | (isLast ? LAST : 0);
    const placed = texts.flatMap((text) => [this.#put(Buffer.from(text, 'utf16le')), text.length]);
    return [bits, field, texts.length, ...placed];
  }

  /** Address of words, or of bytes; 0 where there is no room, for these and what follows them. */
  #put(what: readonly number[] | NodeJS.TypedArray): number {
    const bytes = ArrayBuffer.isView(what)
      ? new Uint8Array(what.buffer, what.byteOffset, what.byteLength)
      : new Uint8Array(Int32Array.from(what).buffer);
    const at = this.#at;
    if (at + bytes.length > this.#end) {
      this.#at = this.#end + 1;
      return 0;
    }
    new Uint8Array(this.#words.buffer).set(bytes, at);
    this.#at = (at + bytes.length + 7) & ~7;
    return at;
  }
}
