/** Text with wildcards, as it is matched. */

/** Plain text and wildcards in their order: `many` is `*`, `one` is `?`. No two texts stand side by side. */
export type Pattern = readonly (string | typeof MANY | typeof ONE)[];

/** `*`: any text, also none. */
export const MANY = 0;
/** `?`: one character (a code point). */
export const ONE = 1;

/** The text of a pattern without wildcards; null for one that has some. */
export function plainText(pattern: Pattern): string | null {
  if (pattern.length === 0) return '';
  const [part] = pattern;
  return pattern.length === 1 && typeof part === 'string' ? part : null;
}

/** What a pattern comes to, where it needs no walk: one text and where it stands. null where it does. */
export function simplePattern(
  pattern: Pattern,
): { readonly place: 'whole' | 'begin' | 'end' | 'inside'; readonly text: string } | null {
  const begins = pattern[0] !== MANY;
  const ends = pattern.length === 0 || pattern.at(-1) !== MANY;
  const first = begins ? 0 : 1;
  const inner = pattern.length - first - (ends ? 0 : 1);
  const text = inner <= 0 ? '' : pattern[first]!;
  if (inner > 1 || typeof text !== 'string') return null;
  // A lone `*` is both its beginning and its end.
  if (pattern.length === 1 && !begins) return { place: 'inside', text: '' };
  return { place: begins ? (ends ? 'whole' : 'begin') : ends ? 'end' : 'inside', text };
}

/** A run between two `*`: texts and `?`. */
type Run = readonly (string | typeof ONE)[];

/**
 * Whether a whole text matches. A run between two `*` is looked for where it first stands: should a later one match, this
 * one does, too. So it takes the length of the text times that of the longest run at most. `?` is a code point.
 */
export function compilePattern(pattern: Pattern): (text: string) => boolean {
  const runs: (string | typeof ONE)[][] = [[]];
  for (const part of pattern) {
    if (part === MANY) runs.push([]);
    else runs.at(-1)!.push(part);
  }
  const first: Run = runs[0]!;
  if (runs.length === 1) return (text) => runEnd(first, text, 0) === text.length;
  const last: Run = runs.at(-1)!;
  const middle: readonly Run[] = runs.slice(1, -1).filter((run) => run.length > 0);
  return (text) => {
    let at = runEnd(first, text, 0);
    for (const run of middle) {
      if (at < 0) return false;
      at = findRun(run, text, at);
    }
    return at >= 0 && runBegin(last, text) >= at;
  };
}

/** Where the run that begins at `at` ends; -1 if it does not stand there. */
function runEnd(run: Run, text: string, at: number): number {
  let end = at;
  for (const part of run) {
    if (part === ONE) {
      if (end >= text.length) return -1;
      end += text.codePointAt(end)! > 0xffff ? 2 : 1;
    } else {
      if (!text.startsWith(part, end)) return -1;
      end += part.length;
    }
  }
  return end;
}

/** Where the run that ends with the text begins; -1 if it does not stand there. */
function runBegin(run: Run, text: string): number {
  let begin = text.length;
  for (const part of run.toReversed()) {
    if (part === ONE) {
      if (begin <= 0) return -1;
      begin -= begin > 1 && text.codePointAt(begin - 2)! > 0xffff ? 2 : 1;
    } else {
      begin -= part.length;
      if (begin < 0 || !text.startsWith(part, begin)) return -1;
    }
  }
  return begin;
}

/** Where the run ends that first stands at `from` or later; -1 if none does. */
function findRun(run: Run, text: string, from: number): number {
  const [head] = run;
  for (let at = from; at <= text.length; at++) {
    if (typeof head === 'string') {
      at = text.indexOf(head, at);
      if (at < 0) return -1;
    }
    const end = runEnd(run, text, at);
    if (end >= 0) return end;
    // The second half of a code point is no character.
    if (head === ONE && text.codePointAt(at)! > 0xffff) at++;
  }
  return -1;
}
