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

  const states = wanted.reduce((sum, { text }) => sum + text.length, 1);
  const next = new Int32Array(states * width);
  const ends: Wanted[][] = [[]];
  let count = 1;
  for (const one of wanted) {
    const { text } = one;
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const at = state * width + classOf(text.charCodeAt(i));
      if (next[at] === 0) {
        next[at] = count;
        ends[count++] = [];
      }
      state = next[at]!;
    }
    ends[state]!.push(one);
  }
  // Breadth first: where a state has no way on, it goes where its longest own ending would.
  const fallback = new Int32Array(count);
  const queue: number[] = [];
  for (let c = 0; c < width; c++) if (next[c] !== 0) queue.push(next[c]!);
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head]!;
    ends[state]!.push(...ends[fallback[state]!]!);
    for (let c = 0; c < width; c++) {
      const at = state * width + c;
      const other = next[fallback[state]! * width + c]!;
      if (next[at] === 0) next[at] = other;
      else {
        fallback[next[at]!] = other;
        queue.push(next[at]!);
      }
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
