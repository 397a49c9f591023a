/**
 * Filters: what is asked of the texts of a record, as plain tables that the kernel (kernel/filter.ts) goes through as well
 * as TypeScript does. A filter has parts in an order; the first that holds has decided.
 */

/** Texts by how they begin, or, backward, by how they end, in nodes that all but the root have a label of units. */
export interface TextTree {
  readonly kind: 'forward' | 'backward';
  /**
   * Eight numbers of each node, which is known by where they begin: first unit of the label, where the label stands and
   * its length, its row or -1, first child and next sibling (0: none), and where its endings begin and end.
   */
  readonly nodes: Int32Array;
  readonly labels: Uint16Array;
  /** First children by the lower 6 bits of their first unit, 64 of them for each node that has many; 0: none. */
  readonly rows: Int32Array;
  /** Of each text that ends in a node: four times its number, and 0, 1 where it must be whole, 2 where whole or behind a `\`. */
  readonly endings: Int32Array;
}

/** Texts of two units and more that are found inside of others by pairs of their units. */
export interface TextPairs {
  readonly kind: 'pairs';
  /** One pair in so many is looked at. */
  readonly stride: number;
  /** By the classes of a pair's units, six bits each: a bucket, or 0. */
  readonly buckets: Uint16Array;
  /** By bucket, one more for the end: where its texts begin in the next two: which, and where in it the pair stands. */
  readonly starts: Int32Array;
  readonly texts: Int32Array;
  readonly places: Int32Array;
  /** By text, one more for the end: where its units begin, and its numbers. */
  readonly unitsAt: Int32Array;
  readonly units: Uint16Array;
  readonly numbersAt: Int32Array;
  readonly numbers: Int32Array;
}

/** Texts of one unit, each with its number. */
export interface TextUnits {
  readonly kind: 'units';
  /** By the lower byte of a unit, folded: not 0 where it may be one of them. */
  readonly possible: Uint8Array;
  /** Ascending. */
  readonly units: Uint16Array;
  readonly numbers: Int32Array;
}

/** Tells the numbers of the texts that stand in another one; all are folded, A to Z. */
export type TextTable = TextTree | TextPairs | TextUnits;

/**
 * How a text stands to that of a test; `leaf`: it is all, or all behind the last `\`; `less` and `more`: by their units. In
 * the kernel's order.
 */
export const HOW = ['is', 'contains', 'begins', 'ends', 'leaf', 'less', 'more'] as const;

/** A test of the text of a field, A to Z folded. */
export interface TextTest {
  /** Index in the filter's fields. */
  readonly field: number;
  readonly how: (typeof HOW)[number];
  readonly texts: readonly string[];
  /** All of them are needed, and not one. */
  readonly all: boolean;
  /** What is told is turned around. */
  readonly not: boolean;
}

export interface Filter {
  /** Those that it reads, by their names; null for one that is always missing. What is missing or empty is read as `-`. */
  readonly fields: readonly (string | null)[];
  /** What tells numbers of parts that may hold by a field's text, and the lowest that each can tell. */
  readonly lookups: readonly { readonly field: number; readonly from: number; readonly table: TextTable }[];
  readonly parts: readonly FilterPart[];
  /** Parts that no lookup tells, ascending. */
  readonly ungated: readonly number[];
}

export interface FilterPart {
  /** Of each, one test must hold, beside what a lookup has shown. */
  readonly clauses: readonly (readonly TextTest[])[];
  /** What the filter does with a record of which this part holds first: lets it in or out, or leaves it undecided. */
  readonly outcome: (typeof OUTCOMES)[number];
}

/** In the kernel's order. */
export const OUTCOMES = ['in', 'out', 'undecided'] as const;

/** In place of the number of the part that holds first: it lets the record out, or none holds; and that was not decided. */
export const OUT = -1;
export const UNDECIDED = -2;
