/**
 * Finds which of many texts stand in a value. Most values hold none of them, so that it is made for saying no: of each text
 * four characters in a row that few others have stand for it (as rare as the texts let one guess), and a text that ends a path
 * is looked up by the path's last part. What they find is compared in full.
 */

/** A folded text, not empty, and where it must stand. */
export interface SoughtText {
  readonly text: string;
  readonly place: 'whole' | 'begin' | 'end' | 'inside';
}

const GRAM = 4;
/** Grams that may be stepped over. */
const MAX_STEP = 8;
const SLASH = 47;
const BACKSLASH = 92;
/** Bits of a hash that are used at most. */
const MOST_BITS = 16;
/** Grams that a text has, about: room for so many is made where they are counted. */
const GRAMS_EACH = 32;
/** A filter has so many bits for a gram: few, as many filters are to stay in the nearest cache. */
const BITS_EACH = 16;
/** Knuth's: 2^32 by the golden ratio. */
const MULTIPLIER = 0x9e3779b1;

/** Units of text below this have a number of their own, A to Z that of a to z; all others share 0. */
const ASCII = 128;
const FOLDED = new Uint8Array(ASCII).map((_, unit) => (unit >= 65 && unit <= 90 ? unit + 32 : unit));

function numberOf(unit: number): number {
  return unit < ASCII ? FOLDED[unit]! : 0;
}

/** What is shifted out of a hash to make it a place among so many things. */
function shiftFor(things: number): number {
  return 32 - Math.max(5, Math.min(MOST_BITS, Math.ceil(Math.log2(things + 1))));
}

/** How often grams stand in texts: what is common in rules is common in logs. */
export class GramCounts {
  private readonly shift: number;
  private readonly counts: Uint16Array;

  /** Room for the grams of so many texts. */
  constructor(texts: number) {
    this.shift = shiftFor(texts * GRAMS_EACH);
    this.counts = new Uint16Array(2 ** (32 - this.shift));
  }

  add(text: string): void {
    let gram = 0;
    for (let i = 0; i < text.length; i += 1) {
      gram = (gram << 8) | numberOf(text.charCodeAt(i));
      if (i < GRAM - 1) continue;
      const hash = Math.imul(gram, MULTIPLIER) >>> this.shift;
      if (this.counts[hash]! < 0xffff) this.counts[hash]! += 1;
    }
  }

  /**
   * Of as many grams in a row as `step` tells those that the fewest texts have: where the first of them ends, and how many
   * texts have it. Of a text that is long enough for them.
   */
  rarest(text: string, step = 1): { readonly end: number; readonly count: number } {
    let end = 0;
    let least = Infinity;
    let gram = 0;
    let sum = 0;
    for (let i = 0; i < text.length; i += 1) {
      gram = (gram << 8) | numberOf(text.charCodeAt(i));
      if (i < GRAM - 1) continue;
      const count = this.count(gram);
      sum += count;
      if (i < GRAM - 2 + step) continue;
      if (sum < least) [end, least] = [i + 2 - step, sum];
      sum -= step === 1 ? count : this.count(gramAt(text, i + 2 - step));
    }
    return { end, count: least };
  }

  private count(gram: number): number {
    return this.counts[Math.imul(gram, MULTIPLIER) >>> this.shift]!;
  }
}

/** The last part of a path that a text fixes; null for a text that does not end one. */
export function lastPart({ text, place }: SoughtText): string | null {
  if (place !== 'whole' && place !== 'end') return null;
  const cut = Math.max(text.lastIndexOf('\\'), text.lastIndexOf('/')) + 1;
  return (cut === 0 && place === 'end') || cut === text.length ? null : text.slice(cut);
}

/** Texts by a number that says little: those that share one are chained. */
class Chains {
  private readonly mask: number;
  private readonly keys: Int32Array;
  private readonly heads: Int32Array;
  private readonly nexts: number[] = [];

  /** Room for `most` entries. */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(most, 1) * 2));
    this.mask = size - 1;
    this.keys = new Int32Array(size);
    this.heads = new Int32Array(size).fill(-1);
  }

  /** Entries are numbered as they are added, from 0. */
  add(key: number): void {
    const slot = this.slot(key);
    this.keys[slot] = key;
    this.nexts.push(this.heads[slot]!);
    this.heads[slot] = this.nexts.length - 1;
  }

  /** The last entry of a key; -1 without one. */
  last(key: number): number {
    return this.heads[this.slot(key)]!;
  }

  /** The entry before it of the same key; -1 without one. */
  before(entry: number): number {
    return this.nexts[entry]!;
  }

  private slot(key: number): number {
    let slot = (Math.imul(key, MULTIPLIER) >>> 8) & this.mask;
    while (this.heads[slot] !== -1 && this.keys[slot] !== key) slot = (slot + 1) & this.mask;
    return slot;
  }
}

/** A text with its number; the part of it that stands for it ends at `mark`. */
interface Entry extends SoughtText {
  readonly number: number;
  readonly mark: number;
}

export class TextFinder {
  /** Texts that end a path, by the hash of its last part. */
  private readonly parts: Entry[] = [];
  private readonly byPart: Chains | null;
  private longestPart = 0;
  /** Characters of the shortest text: no shorter value holds one. */
  private readonly shortest: number;
  /** Texts by a gram; where grams are looked at only each so many characters, by as many. */
  private readonly step: number;
  private readonly grams: Entry[] = [];
  private readonly byGram: Chains | null;
  /** Bits by the hash of a gram: most grams have none. */
  private readonly filter: Uint32Array;
  /** What is shifted out of a hash to make it a place in the filter. */
  private readonly shift: number;
  /** Texts that are not ASCII, by a unit that is not: most values have none. */
  private readonly byUnit = new Map<number, Entry[]>();
  /** Texts that are too short to have a gram, by their last two characters; and those of one character. */
  private readonly byPair = new Map<number, Entry[]>();
  private readonly pairs: Uint8Array | null;
  private readonly single: (Entry & { readonly spellings: readonly string[] })[] = [];

  /** Each text is told by its index in `sought`. */
  constructor(sought: readonly SoughtText[], counts: GramCounts = countsOf(sought)) {
    const partKeys: number[] = [];
    const plain: Entry[] = [];
    for (let number = 0; number < sought.length; number += 1) {
      const one = sought[number]!;
      // Written out: to copy an object by its spread takes many times as long, and there are tens of thousands.
      const { text, place } = one;
      const part = lastPart(one);
      const wide = part === null ? lastWide(text) : -1;
      if (part !== null) {
        this.parts.push({ text, place, number, mark: 0 });
        partKeys.push(partHash(part, part.length)!);
        this.longestPart = Math.max(this.longestPart, part.length);
      } else if (wide >= 0) {
        const unit = text.charCodeAt(wide);
        listOf(this.byUnit, unit).push({ text, place, number, mark: wide + 1 });
      } else if (text.length === 1) {
        this.single.push({ text, place, number, mark: 0, spellings: [text, text.toUpperCase()] });
      } else if (text.length < GRAM) {
        const pair = pairOf(text.charCodeAt(text.length - 2), text.charCodeAt(text.length - 1));
        listOf(this.byPair, pair).push({ text, place, number, mark: text.length });
      } else plain.push({ text, place, number, mark: 0 });
    }
    this.shortest = sought.reduce((least, { text }) => Math.min(least, text.length), Infinity);
    const shortest = plain.reduce((least, { text }) => Math.min(least, text.length), MAX_STEP + GRAM - 1);
    this.pairs = this.byPair.size > 0 ? new Uint8Array(1 << 14) : null;
    for (const pair of this.byPair.keys()) this.pairs![pair] = 1;
    this.step = this.byUnit.size > 0 || this.pairs ? 1 : shortest - GRAM + 1;
    const gramKeys: number[] = [];
    for (const { text, place, number } of plain) {
      const { end } = counts.rarest(text, this.step);
      for (let mark = end; mark < end + this.step; mark += 1) {
        this.grams.push({ text, place, number, mark });
        gramKeys.push(gramAt(text, mark));
      }
    }
    this.byPart = chained(partKeys);
    this.byGram = chained(gramKeys);
    this.shift = shiftFor(gramKeys.length * BITS_EACH);
    this.filter = new Uint32Array(2 ** (27 - this.shift));
    for (const gram of gramKeys) {
      const hash = Math.imul(gram, MULTIPLIER) >>> this.shift;
      this.filter[hash >>> 5]! |= 1 << (hash & 31);
    }
  }

  /** Calls `found` with the number of each text that stands in its place in a value; perhaps several times. */
  find(value: string, found: (number: number) => void): void {
    if (value.length < this.shortest) return;
    if (this.byPart) this.findParts(this.byPart, value, found);
    if (this.step > 1 && this.byGram) this.findSteps(this.byGram, value, found);
    else if (this.byGram || this.pairs || this.byUnit.size > 0) this.findGrams(this.byGram, value, found);
    if (this.single.length > 0) this.findSingles(value, found);
  }

  private findSingles(value: string, found: (number: number) => void): void {
    for (const one of this.single) {
      if (one.place === 'inside' ? one.spellings.some((text) => value.includes(text)) : stands(one, value))
        found(one.number);
    }
  }

  private findParts(byPart: Chains, value: string, found: (number: number) => void): void {
    const hash = partHash(value, this.longestPart);
    if (hash === null) return;
    for (let at = byPart.last(hash); at >= 0; at = byPart.before(at)) {
      const one = this.parts[at]!;
      if (stands(one, value)) found(one.number);
    }
  }

  private findGrams(byGram: Chains | null, value: string, found: (number: number) => void): void {
    const { filter, shift, pairs } = this;
    const { length } = value;
    let gram = 0;
    for (let i = 0; i < length; i += 1) {
      const unit = value.charCodeAt(i);
      if (unit >= ASCII) {
        gram <<= 8;
        for (const one of this.byUnit.get(unit) ?? NONE) if (standsAt(one, value, i + 1)) found(one.number);
        continue;
      }
      gram = (gram << 8) | FOLDED[unit]!;
      if (pairs !== null && pairs[((gram >>> 1) & 0x3f80) | (gram & 0x7f)] !== 0)
        this.findPairs(((gram >>> 1) & 0x3f80) | (gram & 0x7f), value, i + 1, found);
      const hash = Math.imul(gram, MULTIPLIER) >>> shift;
      if (((filter[hash >>> 5]! >>> (hash & 31)) & 1) === 0) continue;
      for (let at = byGram!.last(gram); at >= 0; at = byGram!.before(at)) {
        const one = this.grams[at]!;
        if (standsAt(one, value, i + 1)) found(one.number);
      }
    }
  }

  private findPairs(pair: number, value: string, at: number, found: (number: number) => void): void {
    for (const one of this.byPair.get(pair)!) if (standsAt(one, value, at)) found(one.number);
  }

  /** Looks at each so many-th gram: as many in a row stand for each text. */
  private findSteps(byGram: Chains, value: string, found: (number: number) => void): void {
    const { filter, shift, step } = this;
    const { length } = value;
    for (let end = GRAM; end <= length; end += step) {
      const gram =
        (numberOf(value.charCodeAt(end - 4)) << 24) |
        (numberOf(value.charCodeAt(end - 3)) << 16) |
        (numberOf(value.charCodeAt(end - 2)) << 8) |
        numberOf(value.charCodeAt(end - 1));
      const hash = Math.imul(gram, MULTIPLIER) >>> shift;
      if (((filter[hash >>> 5]! >>> (hash & 31)) & 1) === 0) continue;
      for (let at = byGram.last(gram); at >= 0; at = byGram.before(at)) {
        const one = this.grams[at]!;
        if (standsAt(one, value, end)) found(one.number);
      }
    }
  }
}

const NONE: readonly Entry[] = [];

function listOf(lists: Map<number, Entry[]>, key: number): Entry[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  return list;
}

/** Whether a text stands where its mark is at `at`. */
function standsAt({ text, place, mark }: Entry, value: string, at: number): boolean {
  const begin = at - mark;
  if ((place === 'begin' || place === 'whole') && begin !== 0) return false;
  if ((place === 'end' || place === 'whole') && begin + text.length !== value.length) return false;
  return isAt(text, value, begin);
}

/** Whether a text that is no inner one stands in its place. */
function stands({ text, place }: Entry, value: string): boolean {
  if (place === 'whole' && value.length !== text.length) return false;
  return isAt(text, value, place === 'begin' ? 0 : value.length - text.length);
}

/** Whether a folded text stands at a place of a value. The value is not folded for it: few hold what is sought. */
export function isAt(text: string, value: string, begin: number): boolean {
  if (begin < 0 || begin + text.length > value.length) return false;
  for (let i = 0; i < text.length; i += 1) {
    const unit = value.charCodeAt(begin + i);
    if ((unit < ASCII ? FOLDED[unit]! : unit) !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** The last unit that is not ASCII; -1 where there is none. */
function lastWide(text: string): number {
  let at = text.length - 1;
  while (at >= 0 && text.charCodeAt(at) < ASCII) at -= 1;
  return at;
}

function pairOf(first: number, second: number): number {
  return (numberOf(first) << 7) | numberOf(second);
}

function countsOf(sought: readonly SoughtText[]): GramCounts {
  const counts = new GramCounts(sought.length);
  for (const { text } of sought) counts.add(text);
  return counts;
}

function chained(keys: readonly number[]): Chains | null {
  if (keys.length === 0) return null;
  const chains = new Chains(keys.length);
  for (const key of keys) chains.add(key);
  return chains;
}

function gramAt(text: string, end: number): number {
  let gram = 0;
  for (let i = end - GRAM; i < end; i += 1) gram = (gram << 8) | numberOf(text.charCodeAt(i));
  return gram;
}

/** Of what stands behind the last slash or backslash; null where that is longer than any that is sought. */
function partHash(text: string, longest: number): number | null {
  let hash = 0;
  const least = Math.max(0, text.length - longest);
  let i = text.length - 1;
  for (; i >= least; i -= 1) {
    const unit = text.charCodeAt(i);
    if (unit === BACKSLASH || unit === SLASH) return hash;
    hash = (Math.imul(hash, 31) + numberOf(unit)) | 0;
  }
  if (i < 0) return hash;
  const before = text.charCodeAt(i);
  return before === BACKSLASH || before === SLASH ? hash : null;
}
