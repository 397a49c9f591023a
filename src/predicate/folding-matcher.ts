/**
 * Finds which of many texts stand in another one, A to Z folded on both sides, without making a folded copy of it and
 * without looking at more of it than is needed: ends are walked until nothing that is sought goes on, and of the inside
 * only every so many characters are looked at.
 */
import type { PlacedText } from '../evtx/index.ts';

/** A text to look for, folded, where it must stand, and the number to tell. `leaf`: all that is behind the last `\`. */
export interface Sought {
  readonly text: string;
  readonly place: 'whole' | 'leaf' | 'begin' | 'end' | 'inside';
  readonly number: number;
}

/** Calls `found` with the number of each text that stands in its place; a number may be told several times. */
export type FoldingMatcher = (text: PlacedText, found: (number: number) => void) => void;

const BACKSLASH = 0x5c;

/** Looks at the ends of a text; `inside` is passed over. Null if there is nothing to look for. */
export function buildEndsMatcher(sought: readonly Sought[]): FoldingMatcher | null {
  const forward = buildTree(
    sought.filter(({ place }) => place === 'begin'),
    (text) => text,
  );
  // What must end with the text is found from behind, where the names of programs differ soonest.
  const backward = buildTree(
    sought.filter(({ place }) => place !== 'begin' && place !== 'inside'),
    (text) => text.split('').reverse().join(''),
  );
  if (!forward) return backward && ((text, found) => walkBackward(backward, text, found));
  if (!backward) return (text, found) => walkForward(forward, text, found);
  return (text, found) => {
    walkBackward(backward, text, found);
    walkForward(forward, text, found);
  };
}

/** A tree of texts in which every node but the root has a label of one or more characters. */
interface Tree {
  /** Eight numbers of each node, so that one look at memory is enough; a node is known by where they begin. */
  readonly nodes: Int32Array;
  readonly labels: Uint16Array;
  /** First children by the class of their first character, CLASSES of them for each node that has many; 0: none. */
  readonly rows: Int32Array;
  /** Of each text that ends in a node: four times its number, and what must hold (ANYWHERE, WHOLE or LEAF). */
  readonly endings: Int32Array;
}

/** First character of the label; where the label stands, and its length. */
const UNIT = 0;
const LABEL = 1;
const LENGTH = 2;
/** Its row, or -1 where children are few: then its first child. Its next sibling. 0: none. */
const ROW = 3;
const CHILD = 4;
const SIBLING = 5;
/** Where its endings begin and end. */
const ENDINGS = 6;
const ENDINGS_END = 7;

/** What must hold where a text of the tree ends: nothing, the other end, or that behind a `\`. */
const ANYWHERE = 0;
const WHOLE = 1;
const LEAF = 2;

/** Up to so many children are tried in turn. */
const FEW_CHILDREN = 3;
const CLASSES = 64;

function buildTree(sought: readonly Sought[], order: (text: string) => string): Tree | null {
  if (sought.length === 0) return null;
  const keyed = sought
    .map(({ text, place, number }) => ({ key: order(text), place, number }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.number - b.number));
  const nodes: number[] = [];
  const labels: number[] = [];
  const rows: number[] = [];
  const endings: number[] = [];
  /** Adds those texts of `keyed` as a node; `depth` characters of them stand in its parents. */
  const add = (from: number, to: number, depth: number): number => {
    const first = keyed[from]!.key;
    const last = keyed[to - 1]!.key;
    let end = depth;
    // The root alone has no label.
    if (nodes.length > 0)
      while (end < first.length && first.charCodeAt(end) === last.charCodeAt(end)) end += 1;
    const unit = end > depth ? first.charCodeAt(depth) : 0;
    const node = nodes.length;
    nodes.push(unit, labels.length, end - depth, -1, 0, 0, endings.length, 0);
    for (let i = depth; i < end; i += 1) labels.push(first.charCodeAt(i));
    let at = from;
    for (; at < to && keyed[at]!.key.length === end; at += 1) {
      const { place, number } = keyed[at]!;
      endings.push(4 * number + (place === 'whole' ? WHOLE : place === 'leaf' ? LEAF : ANYWHERE));
    }
    nodes[node + ENDINGS_END] = endings.length;
    const children: number[] = [];
    while (at < to) {
      const own = keyed[at]!.key.charCodeAt(end);
      let next = at + 1;
      while (next < to && keyed[next]!.key.charCodeAt(end) === own) next += 1;
      children.push(add(at, next, end));
      at = next;
    }
    if (children.length > FEW_CHILDREN) {
      const row = rows.length;
      nodes[node + ROW] = row;
      for (let i = 0; i < CLASSES; i += 1) rows.push(0);
      for (const child of children) {
        const of = row + (nodes[child + UNIT]! & (CLASSES - 1));
        nodes[child + SIBLING] = rows[of]!;
        rows[of] = child;
      }
    } else {
      for (const child of children) {
        nodes[child + SIBLING] = nodes[node + CHILD]!;
        nodes[node + CHILD] = child;
      }
    }
    return node;
  };
  add(0, keyed.length, 0);
  return {
    nodes: Int32Array.from(nodes),
    labels: Uint16Array.from(labels),
    rows: Int32Array.from(rows),
    endings: Int32Array.from(endings),
  };
}

function folded(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}

/** The folded unit at a byte. */
function foldedUnit(bytes: Uint8Array, at: number): number {
  return folded(bytes[at]! | (bytes[at + 1]! << 8));
}

/** The child of a node whose label begins with this character; 0 if there is none. */
function childOf({ nodes, rows }: Tree, node: number, unit: number): number {
  const row = nodes[node + ROW]!;
  let child = row < 0 ? nodes[node + CHILD]! : rows[row + (unit & (CLASSES - 1))]!;
  while (child !== 0 && nodes[child + UNIT] !== unit) child = nodes[child + SIBLING]!;
  return child;
}

function walkForward(tree: Tree, text: PlacedText, found: (number: number) => void): void {
  const { nodes, labels, endings } = tree;
  const { bytes } = text;
  let { at, length: left } = text;
  let node = 0;
  for (;;) {
    for (let i = nodes[node + ENDINGS]!, end = nodes[node + ENDINGS_END]!; i < end; i += 1)
      found(endings[i]! >> 2);
    if (left === 0) return;
    node = childOf(tree, node, folded(bytes[at]! | (bytes[at + 1]! << 8)));
    if (node === 0) return;
    const label = nodes[node + LABEL]!;
    const size = nodes[node + LENGTH]!;
    if (size > left) return;
    for (let i = 1; i < size; i += 1) {
      const unit = bytes[at + 2 * i]! | (bytes[at + 2 * i + 1]! << 8);
      if (folded(unit) !== labels[label + i]) return;
    }
    at += 2 * size;
    left -= size;
  }
}

function walkBackward(tree: Tree, text: PlacedText, found: (number: number) => void): void {
  const { nodes, labels, endings } = tree;
  const { bytes } = text;
  let { length: left } = text;
  // Of the last unit that is left.
  let at = text.at + 2 * left - 2;
  let node = 0;
  for (;;) {
    for (let i = nodes[node + ENDINGS]!, end = nodes[node + ENDINGS_END]!; i < end; i += 1) {
      const ending = endings[i]!;
      const kind = ending & 3;
      if (kind === ANYWHERE || left === 0 || (kind === LEAF && foldedUnit(bytes, at) === BACKSLASH))
        found(ending >> 2);
    }
    if (left === 0) return;
    node = childOf(tree, node, folded(bytes[at]! | (bytes[at + 1]! << 8)));
    if (node === 0) return;
    const label = nodes[node + LABEL]!;
    const size = nodes[node + LENGTH]!;
    if (size > left) return;
    for (let i = 1; i < size; i += 1) {
      const unit = bytes[at - 2 * i]! | (bytes[at - 2 * i + 1]! << 8);
      if (folded(unit) !== labels[label + i]) return;
    }
    at -= 2 * size;
    left -= size;
  }
}

/** Most characters that lie between two pairs that are looked at. */
const MAX_STRIDE = 8;

/** Pairs of characters as they are frequent in what logs hold: the others tell more. */
const USUAL =
  'c:\\windows\\system32\\svchost.exe -k netsvcs -p -s c:\\program files (x86)\\common files\\microsoft shared\\' +
  'c:\\users\\administrator\\appdata\\local\\temp\\ hklm\\software\\microsoft\\windows nt\\currentversion\\ "-' +
  'hklm\\system\\currentcontrolset\\services\\ ntdll.dll kernelbase.dll powershell.exe /c cmd.exe /d c:\\programdata\\';

/**
 * Looks for texts inside of another one; those for other places are passed over. Null if there is nothing to look for.
 * Of each text some pairs of neighbours, one after another, are kept: as many as are passed over between two looks, so
 * that one of them is seen wherever the text stands. Where such a pair is seen, the texts that have it are compared.
 */
export function buildInsideMatcher(sought: readonly Sought[]): FoldingMatcher | null {
  const numbersOf = new Map<string, number[]>();
  for (const { text, place, number } of sought) {
    if (place !== 'inside') continue;
    const numbers = numbersOf.get(text);
    if (numbers) numbers.push(number);
    else numbersOf.set(text, [number]);
  }
  if (numbersOf.size === 0) return null;
  const singles = [...numbersOf].filter(([text]) => text.length === 1);
  const longer = [...numbersOf].filter(([text]) => text.length > 1);
  const pairs = longer.length === 0 ? null : buildPairs(longer);
  if (singles.length === 0) return pairs;
  const numbersOfUnit = new Map(singles.map(([text, numbers]) => [text.charCodeAt(0), numbers]));
  const possible = new Uint8Array(256);
  for (const unit of numbersOfUnit.keys()) possible[folded(unit & 0xff)] = 1;
  return (text, found) => {
    const { bytes, at, length } = text;
    for (let i = at, end = at + 2 * length; i < end; i += 2) {
      // A letter in upper case is possible where the other is.
      if (possible[folded(bytes[i]!)] === 0) continue;
      for (const number of numbersOfUnit.get(foldedUnit(bytes, i)) ?? NONE) found(number);
    }
    pairs?.(text, found);
  };
}

const NONE: readonly number[] = [];

/** A pair's place in one of the texts. */
interface Place {
  readonly text: number;
  readonly at: number;
}

function buildPairs(texts: readonly (readonly [text: string, numbers: readonly number[]])[]): FoldingMatcher {
  const shortest = texts.reduce((least, [text]) => Math.min(least, text.length), Infinity);
  const stride = Math.min(shortest - 1, MAX_STRIDE);
  // What is frequent in logs, or in these texts, tells little.
  const counts = usualPairs().slice();
  for (const [text] of texts) for (let i = 0; i + 1 < text.length; i += 1) counts[pairAt(text, i)]! += 1;
  // By pair: the texts that have it, and where.
  const places = new Map<number, Place[]>();
  for (const [index, [text]] of texts.entries()) {
    const best = rarest(text, stride, counts);
    for (let at = best; at < best + stride; at += 1) {
      const pair = pairAt(text, at);
      const known = places.get(pair);
      if (known) known.push({ text: index, at });
      else places.set(pair, [{ text: index, at }]);
    }
  }
  // Bucket 0 is that of all other pairs.
  const bucketOf = new Uint16Array(CLASSES * CLASSES);
  const startOf = new Int32Array(places.size + 2);
  for (const [index, [pair, own]] of [...places].entries()) {
    bucketOf[pair] = index + 1;
    startOf[index + 2] = startOf[index + 1]! + own.length;
  }
  const candidates = [...places.values()].flat();
  const textOf = Int32Array.from(candidates, ({ text }) => text);
  const placeOf = Int32Array.from(candidates, ({ at }) => at);
  const unitsAt = new Int32Array(texts.length + 1);
  for (const [index, [text]] of texts.entries()) unitsAt[index + 1] = unitsAt[index]! + text.length;
  const units = new Uint16Array(unitsAt[texts.length]!);
  for (const [index, [text]] of texts.entries())
    for (let i = 0; i < text.length; i += 1) units[unitsAt[index]! + i] = text.charCodeAt(i);
  const numbers = texts.map(([, own]) => own);
  const classes = CLASS_OF;

  /** Compares the texts that have a pair that stands at a place, units from the start. */
  const compare = (text: PlacedText, at: number, bucket: number, found: (number: number) => void): void => {
    const { bytes } = text;
    for (let i = startOf[bucket]!, last = startOf[bucket + 1]!; i < last; i += 1) {
      const from = at - placeOf[i]!;
      if (from < 0) continue;
      const index = textOf[i]!;
      const begin = unitsAt[index]!;
      const size = unitsAt[index + 1]! - begin;
      if (from + size > text.length) continue;
      const start = text.at + 2 * from;
      let same = 0;
      for (; same < size; same += 1) {
        const unit = bytes[start + 2 * same]! | (bytes[start + 2 * same + 1]! << 8);
        if (folded(unit) !== units[begin + same]) break;
      }
      if (same === size) for (const number of numbers[index]!) found(number);
    }
  };
  return (text, found) => {
    const { bytes, at, length } = text;
    const step = 2 * stride;
    for (let i = at + step - 2, end = at + 2 * length - 2; i < end; i += step) {
      const bucket = bucketOf[(classes[bytes[i]!]! << 6) | classes[bytes[i + 2]!]!]!;
      if (bucket !== 0) compare(text, (i - at) >> 1, bucket, found);
    }
  };
}

/** Where those pairs of a text begin, so many in a row, that are counted the least. */
function rarest(text: string, stride: number, counts: Uint32Array): number {
  let weight = 0;
  for (let i = 0; i < stride; i += 1) weight += counts[pairAt(text, i)]!;
  let [best, least] = [0, weight];
  for (let from = 1; from + stride < text.length; from += 1) {
    weight += counts[pairAt(text, from + stride - 1)]! - counts[pairAt(text, from - 1)]!;
    if (weight < least) [best, least] = [from, weight];
  }
  return best;
}

let usual: Uint32Array | null = null;

/** How often a pair stands in what is usual. */
function usualPairs(): Uint32Array {
  if (!usual) {
    usual = new Uint32Array(CLASSES * CLASSES);
    for (let i = 0; i + 1 < USUAL.length; i += 1) usual[pairAt(USUAL, i)]! += 8;
  }
  return usual;
}

/** Classes of characters by their lower 8 bits, so that a letter has one class in either case. */
const CLASS_OF = Uint8Array.from({ length: 256 }, (_, unit) => (unit < 0x40 ? 0 : 32) + (folded(unit) & 31));

function pairAt(text: string, at: number): number {
  return (CLASS_OF[text.charCodeAt(at) & 0xff]! << 6) | CLASS_OF[text.charCodeAt(at + 1) & 0xff]!;
}
