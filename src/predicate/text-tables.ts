/**
 * Texts that are looked for, as tables (evtx/filter.ts) by which those are found that stand in another text: without a
 * folded copy of it, and without looking at more of it than is needed. Ends are walked until nothing that is sought goes
 * on, and of the inside only every so many characters are looked at.
 */
import type { TextPairs, TextTable, TextTree, TextUnits } from '../evtx/index.ts';

/** A text to look for, folded, where it must stand, and the number to tell. `leaf`: all that is behind the last `\`. */
export interface Sought {
  readonly text: string;
  readonly place: 'whole' | 'leaf' | 'begin' | 'end' | 'inside';
  readonly number: number;
}

/** Tables of texts that stand at the ends; `inside` is passed over. */
export function endsTables(sought: readonly Sought[]): TextTable[] {
  const trees = [
    // What must end with the text is found from behind, where the names of programs differ soonest.
    buildTree(
      'backward',
      sought.filter(({ place }) => place !== 'begin' && place !== 'inside'),
      (text) => text.split('').reverse().join(''),
    ),
    buildTree(
      'forward',
      sought.filter(({ place }) => place === 'begin'),
      (text) => text,
    ),
  ];
  return trees.filter((tree) => tree !== null);
}

/** Of a node's numbers: first unit of the label; where the label stands, and its length. */
export const UNIT = 0;
export const LABEL = 1;
export const LENGTH = 2;
/** Its row, or -1 where children are few: then its first child. Its next sibling. 0: none. */
export const ROW = 3;
export const CHILD = 4;
export const SIBLING = 5;
/** Where its endings begin and end. */
export const ENDINGS = 6;
export const ENDINGS_END = 7;

/** What must hold where a text of the tree ends: nothing, the other end, or that behind a `\`. */
export const ANYWHERE = 0;
const WHOLE = 1;
export const LEAF = 2;

/** Up to so many children are tried in turn. */
const FEW_CHILDREN = 3;
export const CLASSES = 64;

function buildTree(
  kind: TextTree['kind'],
  sought: readonly Sought[],
  order: (text: string) => string,
): TextTree | null {
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
    kind,
    nodes: Int32Array.from(nodes),
    labels: Uint16Array.from(labels),
    rows: Int32Array.from(rows),
    endings: Int32Array.from(endings),
  };
}

/** Most characters that lie between two pairs that are looked at. */
const MAX_STRIDE = 8;

/** Pairs of characters as they are frequent in what logs hold: the others tell more. */
const USUAL =
  'c:\\windows\\system32\\svchost.exe -k netsvcs -p -s c:\\program files (x86)\\common files\\microsoft shared\\' +
  'c:\\users\\administrator\\appdata\\local\\temp\\ hklm\\software\\microsoft\\windows nt\\currentversion\\ "-' +
  'hklm\\system\\currentcontrolset\\services\\ ntdll.dll kernelbase.dll powershell.exe /c cmd.exe /d c:\\programdata\\';

/**
 * Tables of texts that stand anywhere; those for other places are passed over. Of each text some pairs of neighbours, one
 * after another, are kept: as many as are passed over between two looks, so that one of them is seen wherever the text
 * stands. Where such a pair is seen, the texts that have it are compared.
 */
export function insideTables(sought: readonly Sought[]): TextTable[] {
  const numbersOf = new Map<string, number[]>();
  for (const { text, place, number } of sought) {
    if (place !== 'inside') continue;
    const numbers = numbersOf.get(text);
    if (numbers) numbers.push(number);
    else numbersOf.set(text, [number]);
  }
  const singles = [...numbersOf].filter(([text]) => text.length === 1);
  const longer = [...numbersOf].filter(([text]) => text.length > 1);
  return [
    ...(singles.length === 0 ? [] : [buildUnits(singles)]),
    ...(longer.length === 0 ? [] : [buildPairs(longer)]),
  ];
}

type Numbered = readonly [text: string, numbers: readonly number[]];

function buildUnits(texts: readonly Numbered[]): TextUnits {
  const sorted = texts
    .flatMap(([text, numbers]) => numbers.map((number) => ({ unit: text.charCodeAt(0), number })))
    .sort((x, y) => x.unit - y.unit);
  const possible = new Uint8Array(256);
  for (const { unit } of sorted) possible[folded(unit & 0xff)] = 1;
  return {
    kind: 'units',
    possible,
    units: Uint16Array.from(sorted, ({ unit }) => unit),
    numbers: Int32Array.from(sorted, ({ number }) => number),
  };
}

/** A pair's place in one of the texts. */
interface Place {
  readonly text: number;
  readonly at: number;
}

function buildPairs(texts: readonly Numbered[]): TextPairs {
  const shortest = texts.reduce((least, [text]) => Math.min(least, text.length), Infinity);
  const stride = Math.min(shortest - 1, MAX_STRIDE);
  // What is frequent in logs, or in these texts, tells little.
  const counts = usualPairs().slice();
  for (const [text] of texts) for (let i = 0; i + 1 < text.length; i += 1) counts[pairAt(text, i)]! += 1;
  // By pair: the texts that have it, and where.
  const placesOf = new Map<number, Place[]>();
  for (const [index, [text]] of texts.entries()) {
    const best = rarest(text, stride, counts);
    for (let at = best; at < best + stride; at += 1) {
      const pair = pairAt(text, at);
      const known = placesOf.get(pair);
      if (known) known.push({ text: index, at });
      else placesOf.set(pair, [{ text: index, at }]);
    }
  }
  // Bucket 0 is that of all other pairs.
  const buckets = new Uint16Array(CLASSES * CLASSES);
  const starts = new Int32Array(placesOf.size + 2);
  for (const [index, [pair, own]] of [...placesOf].entries()) {
    buckets[pair] = index + 1;
    starts[index + 2] = starts[index + 1]! + own.length;
  }
  const candidates = [...placesOf.values()].flat();
  const unitsAt = new Int32Array(texts.length + 1);
  const numbersAt = new Int32Array(texts.length + 1);
  for (const [index, [text, numbers]] of texts.entries()) {
    unitsAt[index + 1] = unitsAt[index]! + text.length;
    numbersAt[index + 1] = numbersAt[index]! + numbers.length;
  }
  const units = new Uint16Array(unitsAt[texts.length]!);
  for (const [index, [text]] of texts.entries())
    for (let i = 0; i < text.length; i += 1) units[unitsAt[index]! + i] = text.charCodeAt(i);
  return {
    kind: 'pairs',
    stride,
    buckets,
    starts,
    texts: Int32Array.from(candidates, ({ text }) => text),
    places: Int32Array.from(candidates, ({ at }) => at),
    unitsAt,
    units,
    numbersAt,
    numbers: Int32Array.from(texts.flatMap(([, numbers]) => numbers)),
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

/** A unit, A to Z folded. */
export function folded(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}

/** Classes of characters by their lower 8 bits, so that a letter has one class in either case. */
export const CLASS_OF: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, unit) => (unit < 0x40 ? 0 : 32) + (unit & 31),
);

function pairAt(text: string, at: number): number {
  return (CLASS_OF[text.charCodeAt(at) & 0xff]! << 6) | CLASS_OF[text.charCodeAt(at + 1) & 0xff]!;
}
