/** Finds all of many texts inside another in one pass (Aho and Corasick, 1975). */

/** A text to look for, where it must stand, and the number to tell. The text is not empty. */
export interface Wanted {
  readonly text: string;
  readonly place: 'inside' | 'begin' | 'end';
  readonly number: number;
}

/** Calls `found` with the number of each text that stands in its place; a number may be told several times. */
export type TextMatcher = (text: string, found: (number: number) => void) => void;

/** Up to so many texts, looking for one after another is no slower. */
const FEW = 4;

/** Builds a matcher; null if there is nothing to look for. */
export function buildMatcher(wanted: readonly Wanted[]): TextMatcher | null {
  if (wanted.length === 0) return null;
  if (wanted.length <= FEW) {
    return (text, found) => {
      for (const one of wanted) if (stands(one, text)) found(one.number);
    };
  }
  // Characters by number; all that stand in no text share 0.
  const classes = new Map<number, number>();
  for (const { text } of wanted) {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (!classes.has(unit)) classes.set(unit, classes.size + 1);
    }
  }
  const width = classes.size + 1;
  const ascii = new Uint16Array(128);
  for (const [unit, number] of classes) if (unit < 128) ascii[unit] = number;
  const classOf = (unit: number): number => (unit < 128 ? ascii[unit]! : (classes.get(unit) ?? 0));

  // The tree of all texts: where each state goes on by a character of its own.
  const ways: [unit: number, state: number][][] = [[]];
  const ends: Wanted[][] = [[]];
  const byWay = new Map<number, number>();
  for (const one of wanted) {
    let state = 0;
    for (let i = 0; i < one.text.length; i++) {
      const unit = classOf(one.text.charCodeAt(i));
      let way = byWay.get(state * width + unit);
      if (way === undefined) {
        way = ends.push([]) - 1;
        ways.push([]);
        ways[state]!.push([unit, way]);
        byWay.set(state * width + unit, way);
      }
      state = way;
    }
    ends[state]!.push(one);
  }
  // Breadth first: where a state has no way of its own, it goes where its longest own ending would.
  const next = new Int32Array(ends.length * width);
  const fallback = new Int32Array(ends.length);
  const queue = [0];
  for (const state of queue) {
    const other = fallback[state]!;
    if (state !== 0) {
      next.copyWithin(state * width, other * width, (other + 1) * width);
      ends[state]!.push(...ends[other]!);
    }
    for (const [unit, way] of ways[state]!) {
      fallback[way] = state === 0 ? 0 : next[other * width + unit]!;
      next[state * width + unit] = way;
      queue.push(way);
    }
  }
  const hits = ends.map((ending) => (ending.length === 0 ? null : ending));
  return (text, found) => {
    const { length } = text;
    let state = 0;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      state = next[state * width + (unit < 128 ? ascii[unit]! : (classes.get(unit) ?? 0))]!;
      const ending = hits[state];
      if (!ending) continue;
      for (const { place, number, text: ended } of ending) {
        if (place === 'inside' || (place === 'end' ? i + 1 === length : i + 1 === ended.length))
          found(number);
      }
    }
  };
}

function stands({ text, place }: Wanted, within: string): boolean {
  if (place === 'inside') return within.includes(text);
  return place === 'begin' ? within.startsWith(text) : within.endsWith(text);
}
