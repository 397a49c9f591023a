/**
 * A text that meets some tests and none of others, or the proof that there is none: the tests' automata, walked side by
 * side over the characters that they tell apart.
 */
import { foldAscii } from '../events/index.ts';
import { type Automaton, automatonOf } from './automaton.ts';
import { meets, type TextTest } from './formula.ts';
import { plainText } from './pattern.ts';

export interface Literal {
  readonly test: TextTest;
  /** Whether the text must meet the test, or must not. */
  readonly wanted: boolean;
}

/** A text that is not empty; `maybe`: only what is not looked into can tell; `none`: there is no such text. */
export type Found = { readonly text: string } | 'maybe' | 'none';

/** States of one walk, at most: memory for them is bounded. No test written by people comes near it. */
const MOST_STATES = 400_000;

export function textFor(literals: readonly Literal[]): Found {
  const fits = (text: string): boolean =>
    text !== '' && literals.every(({ test, wanted }) => meets(test, text) === wanted);
  for (const candidate of candidates(literals)) if (fits(candidate)) return { text: candidate };
  const clear = literals.filter((literal): literal is Clear => literal.test.kind !== 'opaque');
  const walked = walk(clear);
  if (walked === null) return 'none';
  if (walked !== undefined && fits(walked)) return { text: walked };
  return 'maybe';
}

interface Clear extends Literal {
  readonly test: Exclude<TextTest, { kind: 'opaque' }>;
}

/** Characters that people can read, and that hardly any test names. */
const NEUTRAL = 'zqxkjvwy0123456789_abcdefghilmnoprstu';

/** Texts that often do, the plainest first. */
function* candidates(literals: readonly Literal[]): Generator<string> {
  let begin = '';
  let end = '';
  const inside: string[] = [];
  const whole: string[] = [];
  const longer = (a: string, b: string): string => (b.length > a.length ? b : a);
  for (const { test, wanted } of literals) {
    if (test.kind === 'opaque') whole.push(...test.samples);
    if (!wanted || test.kind !== 'pattern') continue;
    const { pattern } = test;
    const texts = pattern.filter((part) => typeof part === 'string');
    if (texts.length === 0) continue;
    if (pattern.length === texts.length) whole.push(plainText(pattern) ?? '');
    else {
      const [first, last] = [pattern[0], pattern.at(-1)];
      if (typeof first === 'string') begin = longer(begin, first);
      if (typeof last === 'string') end = longer(end, last);
      inside.push(
        ...texts.slice(typeof first === 'string' ? 1 : 0, typeof last === 'string' ? -1 : undefined),
      );
    }
  }
  yield* whole;
  const folded = (text: string): string => foldAscii(text);
  const parts = inside.filter(
    (part, i) =>
      !inside.some(
        (other, j) =>
          i !== j && folded(other).includes(folded(part)) && (other.length > part.length || j < i),
      ),
  );
  const middle = parts.filter(
    (part) => !folded(begin).includes(folded(part)) && !folded(end).includes(folded(part)),
  );
  const rooted = begin === '' && end.startsWith('\\') ? 'C:\\Users\\u' : '';
  if (middle.length === 0) {
    for (let shared = Math.min(begin.length, end.length); shared >= 0; shared -= 1)
      if (folded(begin).endsWith(folded(end.slice(0, shared)))) yield rooted + begin + end.slice(shared);
  }
  for (const between of ['', ' ', 'z', '\\', '~'])
    yield (
      rooted +
        begin +
        [...(begin === '' ? [] : ['']), ...middle, ...(end === '' ? [] : [''])].join(between) +
        end
    );
  yield `${begin}${parts.join('z')}z${end}`;
  yield 'C:\\Users\\u\\z.exe';
  yield 'z';
  yield '-';
}

/** A shortest-first walk; null where no text does, undefined where it grew too large. */
function walk(literals: readonly Clear[]): string | null | undefined {
  const automata = literals.map(({ test }): Automaton => automatonOf(test));
  const characters = alphabet(literals);
  const doomed = (state: number, i: number): boolean =>
    automata[i]!.fate(state) === (literals[i]!.wanted ? 'no' : 'yes');
  const done = (states: readonly number[]): boolean =>
    states.every((state, i) => automata[i]!.accepts(state) === literals[i]!.wanted);
  /** Tests that must still be met: those with the fewest go on first. */
  const open = (states: readonly number[]): number =>
    states.reduce((sum, state, i) => sum + (literals[i]!.wanted && !automata[i]!.accepts(state) ? 1 : 0), 0);
  interface Node {
    readonly states: readonly number[];
    readonly before: Node | null;
    readonly character: string;
  }
  const start: Node = { states: automata.map((automaton) => automaton.start), before: null, character: '' };
  if (start.states.some(doomed)) return null;
  const seen = new Set([start.states.join()]);
  const queues: Node[][] = [];
  const put = (node: Node): void => {
    const rank = open(node.states);
    (queues[rank] ??= []).push(node);
  };
  const heads: number[] = [];
  put(start);
  for (;;) {
    const rank = queues.findIndex((queue, at) => queue !== undefined && (heads[at] ?? 0) < queue.length);
    if (rank < 0) return null;
    const node = queues[rank]![heads[rank] ?? 0]!;
    heads[rank] = (heads[rank] ?? 0) + 1;
    for (const character of characters) {
      const states = node.states.map((state, i) => automata[i]!.step(state, character));
      if (states.some(doomed)) continue;
      const next: Node = { states, before: node, character };
      if (done(states)) return textOf(next);
      const key = states.join();
      if (seen.has(key)) continue;
      if (seen.size >= MOST_STATES) return undefined;
      seen.add(key);
      put(next);
    }
  }
  function textOf(last: Node): string {
    const read: string[] = [];
    for (let node: Node | null = last; node; node = node.before) read.push(node.character);
    return read.reverse().join('');
  }
}

/** The characters that the tests tell apart, and one for all others. */
function alphabet(literals: readonly Clear[]): string[] {
  const named = new Set<string>();
  let cased = false;
  let ordered = false;
  for (const { test } of literals) {
    const texts =
      test.kind === 'pattern' ? test.pattern.filter((part) => typeof part === 'string') : [test.text];
    if (test.kind === 'pattern') cased ||= test.cased;
    else ordered = true;
    for (const text of texts) for (const character of text) named.add(character);
  }
  const all = new Set<string>();
  for (const character of named) {
    all.add(foldAscii(character));
    if (cased)
      all.add(character).add(character.toUpperCase().length === 1 ? character.toUpperCase() : character);
  }
  // Between two characters that are named sorts another one, and before the first.
  const own = [...all];
  if (ordered) for (const character of own) for (const by of [-1, 1]) addBeside(all, character, by);
  const neutral = [...NEUTRAL].find((character) => !all.has(character) && !all.has(character.toUpperCase()));
  all.add(
    neutral ??
      String.fromCodePoint([...all].reduce((most, one) => Math.max(most, one.codePointAt(0)!), 0x2603) + 1),
  );
  return [...all];
}

/** The next character in one direction that folding leaves as it is, and that is one unit of UTF-16. */
function addBeside(all: Set<string>, character: string, by: number): void {
  const unit = character.charCodeAt(0) + by;
  if (unit < 0 || unit >= 0xd800) return;
  all.add(String.fromCharCode(unit >= 0x41 && unit <= 0x5a ? (by < 0 ? 0x40 : 0x5b) : unit));
}
