/** Finds which of many texts stand in another one, A to Z folded on both sides, by their tables. */
import type { PlacedText, TextPairs, TextTable, TextTree, TextUnits } from '../evtx/index.ts';
import {
  ANYWHERE,
  CHILD,
  CLASS_OF,
  CLASSES,
  ENDINGS,
  ENDINGS_END,
  endsTables,
  folded,
  insideTables,
  LABEL,
  LEAF,
  LENGTH,
  ROW,
  SIBLING,
  type Sought,
  UNIT,
} from './text-tables.ts';

/** Calls `found` with the number of each text that stands in its place; a number may be told several times. */
export type FoldingMatcher = (text: PlacedText, found: (number: number) => void) => void;

const BACKSLASH = 0x5c;

/** Looks at the ends of a text; `inside` is passed over. Null if there is nothing to look for. */
export function buildEndsMatcher(sought: readonly Sought[]): FoldingMatcher | null {
  return matcherOf(endsTables(sought));
}

/** Looks for texts inside of another one; those for other places are passed over. Null if there is nothing to look for. */
export function buildInsideMatcher(sought: readonly Sought[]): FoldingMatcher | null {
  return matcherOf(insideTables(sought));
}

/** Looks at a text by one table after the other; null if there is none. */
export function matcherOf(tables: readonly TextTable[]): FoldingMatcher | null {
  const [first, second] = tables.map(matcherOfTable);
  if (first === undefined) return null;
  if (second === undefined) return first;
  return (text, found) => {
    first(text, found);
    second(text, found);
  };
}

function matcherOfTable(table: TextTable): FoldingMatcher {
  switch (table.kind) {
    case 'forward':
    case 'backward':
      return (text, found) => walk(table, text, found);
    case 'pairs':
      return (text, found) => findPairs(table, text, found);
    case 'units':
      return (text, found) => findUnits(table, text, found);
  }
}

/** The folded unit at a byte. */
function foldedUnit(bytes: Uint8Array, at: number): number {
  return folded(bytes[at]! | (bytes[at + 1]! << 8));
}

/** The child of a node whose label begins with this character; 0 if there is none. */
function childOf({ nodes, rows }: TextTree, node: number, unit: number): number {
  const row = nodes[node + ROW]!;
  let child = row < 0 ? nodes[node + CHILD]! : rows[row + (unit & (CLASSES - 1))]!;
  while (child !== 0 && nodes[child + UNIT] !== unit) child = nodes[child + SIBLING]!;
  return child;
}

/** Goes through a tree from one end of a text, as far as what is sought goes on. */
function walk(tree: TextTree, text: PlacedText, found: (number: number) => void): void {
  const { kind, nodes, labels, endings } = tree;
  const { bytes } = text;
  let { length: left } = text;
  // Of the first unit that is left, seen from that end; and the way to the next one.
  const step = kind === 'backward' ? -2 : 2;
  let at = kind === 'backward' ? text.at + 2 * left - 2 : text.at;
  let node = 0;
  for (;;) {
    for (let i = nodes[node + ENDINGS]!, end = nodes[node + ENDINGS_END]!; i < end; i += 1) {
      const ending = endings[i]!;
      const must = ending & 3;
      if (must === ANYWHERE || left === 0 || (must === LEAF && foldedUnit(bytes, at) === BACKSLASH))
        found(ending >> 2);
    }
    if (left === 0) return;
    node = childOf(tree, node, foldedUnit(bytes, at));
    if (node === 0) return;
    const label = nodes[node + LABEL]!;
    const size = nodes[node + LENGTH]!;
    if (size > left) return;
    for (let i = 1; i < size; i += 1) if (foldedUnit(bytes, at + i * step) !== labels[label + i]) return;
    at += size * step;
    left -= size;
  }
}

function findUnits(
  { possible, units, numbers }: TextUnits,
  text: PlacedText,
  found: (number: number) => void,
): void {
  const { bytes, at, length } = text;
  for (let i = at, end = at + 2 * length; i < end; i += 2) {
    // A letter in upper case is possible where the other is.
    if (possible[folded(bytes[i]!)] === 0) continue;
    const unit = foldedUnit(bytes, i);
    for (let j = firstOf(units, unit); units[j] === unit; j += 1) found(numbers[j]!);
  }
}

/** Where a unit stands first among ascending ones, or would. */
function firstOf(units: Uint16Array, unit: number): number {
  let [from, to] = [0, units.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (units[middle]! < unit) from = middle + 1;
    else to = middle;
  }
  return from;
}

function findPairs(table: TextPairs, text: PlacedText, found: (number: number) => void): void {
  const { stride, buckets } = table;
  const { bytes, at, length } = text;
  const step = 2 * stride;
  for (let i = at + step - 2, end = at + 2 * length - 2; i < end; i += step) {
    const bucket = buckets[(CLASS_OF[bytes[i]!]! << 6) | CLASS_OF[bytes[i + 2]!]!]!;
    if (bucket !== 0) comparePairs(table, text, (i - at) >> 1, bucket, found);
  }
}

/** Compares the texts that have a pair that stands at a place, units from the start. */
function comparePairs(
  { starts, texts, places, unitsAt, units, numbersAt, numbers }: TextPairs,
  text: PlacedText,
  at: number,
  bucket: number,
  found: (number: number) => void,
): void {
  const { bytes } = text;
  for (let i = starts[bucket]!, last = starts[bucket + 1]!; i < last; i += 1) {
    const from = at - places[i]!;
    if (from < 0) continue;
    const index = texts[i]!;
    const begin = unitsAt[index]!;
    const size = unitsAt[index + 1]! - begin;
    if (from + size > text.length) continue;
    const start = text.at + 2 * from;
    let same = 0;
    for (; same < size; same += 1) {
      const unit = bytes[start + 2 * same]! | (bytes[start + 2 * same + 1]! << 8);
      if (folded(unit) !== units[begin + same]) break;
    }
    if (same < size) continue;
    for (let j = numbersAt[index]!, end = numbersAt[index + 1]!; j < end; j += 1) found(numbers[j]!);
  }
}
