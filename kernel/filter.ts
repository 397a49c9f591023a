/**
 * Which of the parts of a filter holds first for a record, in AssemblyScript: what src/config/first-match.ts finds, from
 * the same tables (src/evtx/filter.ts; placed by src/evtx/placed-filters.ts). The record is the one that was entered last.
 */
import { beginTexts, now, place, textAt, units } from './field-text';

/** No part holds, or one that lets the record out. */
export const OUT: i32 = -1;
/** A value is of a type whose text is not told here, or the part leaves it open. */
export const UNDECIDED: i32 = -2;

/**
 * A filter, words: how many lookups, and where they stand; where its parts stand, and which of them failed; how many
 * parts have no gate, and where these stand.
 */
const LOOKUPS: usize = 0;
const LOOKUPS_AT: usize = 4;
const PARTS_AT: usize = 8;
const FAILED_AT: usize = 12;
const UNGATED: usize = 16;
const UNGATED_AT: usize = 20;
/** A lookup: field, the lowest part that it finds, and its table. */
const LOOKUP: usize = 12;
const LOWEST: usize = 4;
const TABLE: usize = 8;
/** A part: where its tests stand, how many, and what comes of it where it holds first (`OUTCOMES` of src/evtx/filter.ts). */
const PART: usize = 12;
const TESTS: usize = 4;
const OUTCOME: usize = 8;
const LETS_IN: u32 = 0;
const LETS_OUT: u32 = 1;
/** A test: how, the field, and how many texts; behind that, of each where it stands and how many units it has. */
const TEST: usize = 12;
const FIELD_OF_TEST: usize = 4;
const TEXT_COUNT: usize = 8;
/** How: `HOW` of src/evtx/filter.ts, in which `contains` is all that is not here. */
const IS: u32 = 0;
const BEGINS: u32 = 2;
const ENDS: u32 = 3;
const LEAF: u32 = 4;
const LESS: u32 = 5;
const MORE: u32 = 6;
const HOW: u32 = 15;
const ALL: u32 = 16;
const NOT: u32 = 32;
/** The last of tests of which one must hold. */
const LAST: u32 = 64;

const FORWARD: u32 = 0;
const BACKWARD: u32 = 1;
const PAIRS: u32 = 2;

/** A tree of texts, words: which way it is walked, its nodes, labels, rows and endings (`TextTree`). */
const NODES: usize = 4;
const LABELS: usize = 8;
const ROWS: usize = 12;
const ENDINGS: usize = 16;
const CLASSES: usize = 64;
/** Of a node, behind the first unit of its label. */
const LABEL: usize = 4;
const LENGTH: usize = 8;
const ROW: usize = 12;
const CHILD: usize = 16;
const SIBLING: usize = 20;
const FIRST_ENDING: usize = 24;
const ENDINGS_END: usize = 28;
const ANYWHERE: i32 = 0;
const BEHIND: i32 = 2;
/** Texts that are found by pairs of units (`TextPairs`). */
const STRIDE: usize = 4;
const BUCKETS: usize = 8;
const STARTS: usize = 12;
const TEXTS: usize = 16;
const PLACES: usize = 20;
const UNITS_AT: usize = 24;
const UNITS: usize = 28;
const NUMBERS_AT: usize = 32;
const NUMBERS: usize = 36;
/** Texts of one unit (`TextUnits`). */
const SINGLE_COUNT: usize = 4;
const POSSIBLE: usize = 8;
const SINGLES: usize = 12;
const SINGLE_NUMBERS: usize = 16;

const BACKSLASH: u32 = 0x5c;

let parts: usize = 0;
let failed: usize = 0;
let best: i32 = i32.MAX_VALUE;
let isUndecided: bool = false;

/**
 * The lowest part that holds, OUT or UNDECIDED. `fields`: the filter's address, and behind it where its fields stand;
 * `valuesAt`: the addresses of the record's values.
 */
export function firstPart(fields: usize, valuesAt: usize): i32 {
  beginTexts(fields + 4, valuesAt);
  const filter = <usize>load<u32>(fields);
  parts = <usize>load<u32>(filter, PARTS_AT);
  failed = <usize>load<u32>(filter, FAILED_AT);
  best = i32.MAX_VALUE;
  isUndecided = false;
  let lookup = <usize>load<u32>(filter, LOOKUPS_AT);
  for (const end = lookup + <usize>load<u32>(filter, LOOKUPS) * LOOKUP; lookup < end; lookup += LOOKUP) {
    if (load<i32>(lookup, LOWEST) > best) continue;
    if (!place(load<u32>(lookup))) return UNDECIDED;
    const table = <usize>load<u32>(lookup, TABLE);
    const kind = load<u32>(table);
    if (kind == FORWARD || kind == BACKWARD) walk(table, kind == BACKWARD);
    else if (kind == PAIRS) findPairs(table);
    else findUnits(table);
    if (isUndecided) return UNDECIDED;
  }
  let ungated = <usize>load<u32>(filter, UNGATED_AT);
  for (const end = ungated + ((<usize>load<u32>(filter, UNGATED)) << 2); ungated < end; ungated += 4) {
    const part = load<i32>(ungated);
    if (part >= best) break;
    const holds = hold(part);
    if (isUndecided) return UNDECIDED;
    if (holds) {
      best = part;
      break;
    }
  }
  if (best == i32.MAX_VALUE) return OUT;
  const outcome = load<u32>(partAt(best), OUTCOME);
  return outcome == LETS_IN ? best : outcome == LETS_OUT ? OUT : UNDECIDED;
}

function found(part: i32): void {
  if (part >= best) return;
  const mark = failed + ((<usize>part) << 3);
  if (load<u64>(mark) == now) return;
  if (hold(part)) best = part;
  else store<u64>(mark, now);
}

function partAt(part: i32): usize {
  return parts + <usize>part * PART;
}

/** Whether a part holds by its tests, beside what its gate has shown. */
function hold(part: i32): bool {
  let test = <usize>load<u32>(partAt(part));
  let isMet = false;
  for (let left = load<u32>(partAt(part), TESTS); left > 0; left--) {
    if (!place(load<u32>(test, FIELD_OF_TEST))) {
      isUndecided = true;
      // Nothing is looked at any more.
      best = -1;
      return false;
    }
    const how = load<u32>(test);
    const texts = load<u32>(test, TEXT_COUNT);
    if (!isMet) isMet = meets(how, test + TEST, texts) != ((how & NOT) != 0);
    if ((how & LAST) != 0) {
      if (!isMet) return false;
      isMet = false;
    }
    test += TEST + ((<usize>texts) << 3);
  }
  return true;
}

/** Whether the text that was placed meets one of the texts of a test, or all. */
function meets(how: u32, text: usize, texts: u32): bool {
  const all = (how & ALL) != 0;
  for (const end = text + ((<usize>texts) << 3); text < end; text += 8) {
    if (meetsOne(how & HOW, <usize>load<u32>(text), load<u32>(text, 4)) != all) return !all;
  }
  return all;
}

function meetsOne(how: u32, wanted: usize, size: u32): bool {
  if (how == LESS) return compare(wanted, size) < 0;
  if (how == MORE) return compare(wanted, size) > 0;
  if (size > units) return false;
  const rest = (<usize>(units - size)) << 1;
  if (how == IS) return rest == 0 && isAt(textAt, wanted, size);
  if (how == BEGINS) return isAt(textAt, wanted, size);
  if (how == ENDS) return isAt(textAt + rest, wanted, size);
  if (how == LEAF) {
    if (rest != 0 && load<u16>(textAt + rest - 2) != BACKSLASH) return false;
    return isAt(textAt + rest, wanted, size);
  }
  return contains(wanted, size);
}

function folded(unit: u32): u32 {
  return unit - 0x41 < 26 ? unit + 0x20 : unit;
}

function unitAt(at: usize): u32 {
  return folded(load<u16>(at));
}

/** Whether a folded text stands at a place. From behind: that is where paths differ. */
function isAt(at: usize, wanted: usize, size: u32): bool {
  for (let i = (<usize>size) << 1; i > 0;) {
    i -= 2;
    if (unitAt(at + i) != load<u16>(wanted + i)) return false;
  }
  return true;
}

function contains(wanted: usize, size: u32): bool {
  if (size == 0) return true;
  const first = <u32>load<u16>(wanted);
  // A letter stands in either case.
  const other = first - 0x61 < 26 ? first - 0x20 : first;
  const lower = i16x8.splat(<i16>first);
  const upper = i16x8.splat(<i16>other);
  const last = textAt + ((<usize>(units - size)) << 1);
  for (let at = textAt; at <= last; at += 16) {
    const eight = v128.load(at);
    let mask = <u32>i16x8.bitmask(v128.or(i16x8.eq(eight, lower), i16x8.eq(eight, upper)));
    for (; mask != 0; mask &= mask - 1) {
      const start = at + ((<usize>ctz(mask)) << 1);
      if (start > last) return false;
      if (isAt(start, wanted, size)) return true;
    }
  }
  return false;
}

/** The order of the text that was placed and another one, by their units. */
function compare(wanted: usize, size: u32): i32 {
  const least = min<u32>(units, size);
  for (let i: usize = 0; i < (<usize>least) << 1; i += 2) {
    const order = <i32>unitAt(textAt + i) - <i32>load<u16>(wanted + i);
    if (order != 0) return order;
  }
  return <i32>units - <i32>size;
}

/** The child of a node whose label begins with this unit; 0 if there is none. */
function childOf(table: usize, node: usize, unit: u32): usize {
  const nodes = <usize>load<u32>(table, NODES);
  const row = load<i32>(node, ROW);
  let child =
    row < 0
      ? load<i32>(node, CHILD)
      : load<i32>(<usize>load<u32>(table, ROWS) + ((<usize>row + <usize>(unit & <u32>(CLASSES - 1))) << 2));
  while (child != 0 && load<u32>(nodes + ((<usize>child) << 2)) != unit)
    child = load<i32>(nodes + ((<usize>child) << 2), SIBLING);
  return child == 0 ? 0 : nodes + ((<usize>child) << 2);
}

/** Goes through a tree from one end of the text, as far as what is sought goes on. */
function walk(table: usize, isBackward: bool): void {
  const labels = <usize>load<u32>(table, LABELS);
  const endings = <usize>load<u32>(table, ENDINGS);
  let left = units;
  // Of the first unit that is left, seen from that end; and the way to the next one.
  let at = isBackward ? textAt + ((<usize>left) << 1) - 2 : textAt;
  const step: usize = isBackward ? -2 : 2;
  let node = <usize>load<u32>(table, NODES);
  while (true) {
    const end = load<i32>(node, ENDINGS_END);
    for (let i = load<i32>(node, FIRST_ENDING); i < end; i++) {
      const ending = load<i32>(endings + ((<usize>i) << 2));
      const kind = ending & 3;
      if (kind == ANYWHERE || left == 0 || (kind == BEHIND && load<u16>(at) == BACKSLASH)) found(ending >> 2);
    }
    if (left == 0) return;
    node = childOf(table, node, unitAt(at));
    if (node == 0) return;
    const size = load<u32>(node, LENGTH);
    if (size > left) return;
    const label = labels + ((<usize>load<u32>(node, LABEL)) << 1);
    for (let i: usize = 1; i < <usize>size; i++)
      if (unitAt(at + i * step) != load<u16>(label + (i << 1))) return;
    at += <usize>size * step;
    left -= size;
  }
}

/** The class of a unit's lower byte: a letter has one in either case. */
function classAt(at: usize): usize {
  const unit = <u32>load<u8>(at);
  return <usize>((unit & 31) | (unit < 0x40 ? 0 : 32));
}

/** Looks at every so many pairs of units, and compares the texts that have one there. */
function findPairs(table: usize): void {
  const text = textAt;
  const length = units;
  const step = (<usize>load<u32>(table, STRIDE)) << 1;
  const buckets = <usize>load<u32>(table, BUCKETS);
  const end = text + ((<usize>length) << 1) - 2;
  if (length < 2) return;
  for (let at = text + step - 2; at < end; at += step) {
    const bucket = load<u16>(buckets + (((classAt(at) << 6) | classAt(at + 2)) << 1));
    if (bucket != 0) comparePairs(table, text, length, <u32>(at - text) >> 1, bucket);
  }
}

function comparePairs(table: usize, text: usize, length: u32, at: u32, bucket: u32): void {
  const starts = <usize>load<u32>(table, STARTS) + ((<usize>bucket) << 2);
  const texts = <usize>load<u32>(table, TEXTS);
  const places = <usize>load<u32>(table, PLACES);
  const last = (<usize>load<u32>(starts, 4)) << 2;
  for (let i = (<usize>load<u32>(starts)) << 2; i < last; i += 4) {
    const inside = load<u32>(places + i);
    if (at < inside) continue;
    const index = (<usize>load<u32>(texts + i)) << 2;
    const bounds = <usize>load<u32>(table, UNITS_AT) + index;
    const begin = load<u32>(bounds);
    const size = load<u32>(bounds, 4) - begin;
    if (at - inside + size > length) continue;
    const wanted = <usize>load<u32>(table, UNITS) + ((<usize>begin) << 1);
    if (!isAt(text + ((<usize>(at - inside)) << 1), wanted, size)) continue;
    tellNumbers(table, index);
  }
}

/** Tells the numbers of a text of the table. */
function tellNumbers(table: usize, index: usize): void {
  const bounds = <usize>load<u32>(table, NUMBERS_AT) + index;
  const numbers = <usize>load<u32>(table, NUMBERS);
  const last = (<usize>load<u32>(bounds, 4)) << 2;
  for (let i = (<usize>load<u32>(bounds)) << 2; i < last; i += 4) found(load<i32>(numbers + i));
}

/** Looks at every unit for texts of one. */
function findUnits(table: usize): void {
  const possible = <usize>load<u32>(table, POSSIBLE);
  const singles = <usize>load<u32>(table, SINGLES);
  const numbers = <usize>load<u32>(table, SINGLE_NUMBERS);
  const count = load<u32>(table, SINGLE_COUNT);
  const text = textAt;
  for (let at = text, end = text + ((<usize>units) << 1); at < end; at += 2) {
    if (load<u8>(possible + <usize>folded(load<u8>(at))) == 0) continue;
    const unit = unitAt(at);
    let i = firstOf(singles, count, unit);
    for (; i < count && load<u16>(singles + ((<usize>i) << 1)) == unit; i++)
      found(load<i32>(numbers + ((<usize>i) << 2)));
  }
}

/** Where a unit stands first among ascending ones, or would. */
function firstOf(ascending: usize, count: u32, unit: u32): u32 {
  let from: u32 = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (load<u16>(ascending + ((<usize>middle) << 1)) < unit) from = middle + 1;
    else to = middle;
  }
  return from;
}
