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

/** What searches may still do, shared by all that are given it: tests of a text, and steps of an automaton. */
export interface Work {
  left: number;
}

/** States and steps of one walk, at most: memory and time are bounded. No test written by people comes near it. */
const MOST_STATES = 400_000;
const MOST_STEPS = 100_000_000;

/** Parts that are looked for inside of one another, at most. */
const MOST_PARTS = 200;

/** `roots`: folders that a file name is put into where nothing says which. */
export function textFor(literals: readonly Literal[], roots: readonly string[], work: Work): Found {
  if (opposed(literals)) return 'none';
  const fits = (text: string): boolean =>
    text !== '' &&
    literals.every(({ test, wanted }) => {
      work.left -= 1 + Math.floor(text.length / 64);
      return work.left > 0 && meets(test, text) === wanted;
    });
  for (const candidate of candidates(literals, roots)) {
    if (work.left <= 0) return 'maybe';
    if (fits(candidate)) return { text: candidate };
  }
  const clear = literals.filter((literal): literal is Clear => literal.test.kind !== 'opaque');
  if (clash(clear, work)) return 'none';
  // All but what is not looked into can be met: no walk would tell more.
  if (clear.length < literals.length && textFor(clear, roots, work) !== 'none') return 'maybe';
  const walked = walk(clear, work);
  if (walked === null) return 'none';
  if (walked !== undefined && fits(walked)) return { text: walked };
  return 'maybe';
}

/** Whether what is not looked into must hold and must not: equal keys are equal tests. */
function opposed(literals: readonly Literal[]): boolean {
  const keys = new Map<string, boolean>();
  for (const { test, wanted } of literals) {
    if (test.kind !== 'opaque') continue;
    if ((keys.get(test.key) ?? wanted) !== wanted) return true;
    keys.set(test.key, wanted);
  }
  return false;
}

interface Clear extends Literal {
  readonly test: Exclude<TextTest, { kind: 'opaque' }>;
}

interface Ends {
  readonly begin: string;
  readonly end: string;
  /** The one text, folded, that meets it; null where there are several. */
  readonly whole: string | null;
  /** A text that meets it. */
  readonly sample: string;
}

const ends = new WeakMap<TextTest, Ends>();

function endsOf(test: Clear['test']): Ends | null {
  if (test.kind !== 'pattern') return null;
  let known = ends.get(test);
  if (!known) {
    const [first, last] = [test.pattern[0], test.pattern.at(-1)];
    const text = plainText(test.pattern);
    known = {
      begin: typeof first === 'string' ? foldAscii(first) : '',
      end: typeof last === 'string' ? foldAscii(last) : '',
      whole: text === null ? null : foldAscii(text),
      sample: test.pattern.map((part) => (typeof part === 'string' ? part : '\u2603')).join(''),
    };
    ends.set(test, known);
  }
  return known;
}

const excluding = new WeakMap<TextTest, WeakMap<TextTest, boolean>>();

/** What most contradictions come to, without a walk over all tests: two of them that can't stand together. */
function clash(literals: readonly Clear[], work: Work): boolean {
  const wanted = literals.filter((literal) => literal.wanted);
  let [begin, end] = ['', ''];
  for (const { test } of wanted) {
    const own = endsOf(test);
    if (!own) continue;
    // All spellings of one text are alike to tests that fold case.
    const only = own.whole !== null && !literals.some((one) => one.test.kind === 'pattern' && one.test.cased);
    if (only && !literals.every((one) => meets(one.test, own.whole!) === one.wanted)) return true;
    if (!begin.startsWith(own.begin) && !own.begin.startsWith(begin)) return true;
    if (!end.endsWith(own.end) && !own.end.endsWith(end)) return true;
    if (own.begin.length > begin.length) begin = own.begin;
    if (own.end.length > end.length) end = own.end;
  }
  const unwanted = literals.filter((literal) => !literal.wanted);
  for (const positive of unwanted.length === 0 ? [] : wanted) {
    const sample = endsOf(positive.test)?.sample;
    if (sample === undefined) continue;
    work.left -= unwanted.length;
    if (unwanted.some((other) => meets(other.test, sample) && excludes(positive, other, work))) return true;
  }
  return false;
}

/** Whether no text meets the one and misses the other; asked of the same tests again and again. */
function excludes(positive: Clear, negative: Clear, work: Work): boolean {
  let known = excluding.get(positive.test);
  if (!known) excluding.set(positive.test, (known = new WeakMap()));
  let answer = known.get(negative.test);
  if (answer === undefined) {
    const walked = walk([positive, negative], work);
    // What ran out of work may be known another time.
    if (walked === undefined) return false;
    known.set(negative.test, (answer = walked === null));
  }
  return answer;
}

/** Characters that people can read, and that hardly any test names. */
const NEUTRAL = 'zqxkjvwy0123456789_abcdefghilmnoprstu';

/** Texts that often do, the plainest first. */
function* candidates(literals: readonly Literal[], roots: readonly string[]): Generator<string> {
  let begin = '';
  let end = '';
  const inside: string[] = [];
  const whole: string[] = [];
  const longer = (a: string, b: string): string => (b.length > a.length ? b : a);
  for (const { test, wanted } of literals) {
    if (test.kind === 'opaque') {
      whole.push(...test.samples);
      if (wanted) inside.push(...test.samples.slice(0, 1));
    }
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
      inside.length > MOST_PARTS ||
      !inside.some(
        (other, j) =>
          i !== j && folded(other).includes(folded(part)) && (other.length > part.length || j < i),
      ),
  );
  const middle = parts.filter(
    (part) => !folded(begin).includes(folded(part)) && !folded(end).includes(folded(part)),
  );
  const before = begin === '' && end.startsWith('\\') ? roots : [''];
  if (middle.length === 0) {
    for (let shared = Math.min(begin.length, end.length); shared >= 0; shared -= 1) {
      if (!folded(begin).endsWith(folded(end.slice(0, shared)))) continue;
      for (const root of before) yield root + begin + end.slice(shared);
    }
  }
  for (const between of ['', ' ', 'z', '\\', '~']) {
    const joined = [...(begin === '' ? [] : ['']), ...middle, ...(end === '' ? [] : [''])].join(between);
    for (const root of before) yield root + begin + joined + end;
  }
  yield `${begin}${parts.join('z')}z${end}`;
  yield 'C:\\Users\\u\\z.exe';
  yield 'z';
  yield '-';
}

interface Node {
  readonly states: readonly number[];
  readonly before: Node | null;
  readonly character: string;
}

/** A walk that goes on first where the fewest tests are open; null where no text does, undefined where it grew too large. */
function walk(literals: readonly Clear[], work: Work): string | null | undefined {
  const automata = literals.map(({ test }): Automaton => automatonOf(test));
  const count = automata.length;
  const wanted = literals.map((literal) => literal.wanted);
  const characters = alphabet(literals).map((character) => ({
    character,
    classes: automata.map((automaton) => automaton.classOf(character)),
  }));
  const start: Node = { states: automata.map((automaton) => automaton.start), before: null, character: '' };
  if (start.states.some((state, i) => automata[i]!.fate(state) === (wanted[i] ? 'no' : 'yes'))) return null;
  const seen = new Set([start.states.join()]);
  const queues: Node[][] = [[start]];
  const heads: number[] = [0];
  let steps = 0;
  for (;;) {
    const rank = queues.findIndex((queue, at) => queue !== undefined && heads[at]! < queue.length);
    if (rank < 0) return null;
    const node = queues[rank]![heads[rank]!]!;
    heads[rank]! += 1;
    for (const { character, classes } of characters) {
      steps += count;
      if ((work.left -= count) <= 0 || steps > MOST_STEPS) return undefined;
      const states: number[] = [];
      let open = 0;
      let done = true;
      let i = 0;
      for (; i < count; i += 1) {
        const automaton = automata[i]!;
        const state = automaton.step(node.states[i]!, classes[i]!);
        if (automaton.fate(state) === (wanted[i] ? 'no' : 'yes')) break;
        if (automaton.accepts(state) !== wanted[i]) {
          done = false;
          if (wanted[i]) open += 1;
        }
        states.push(state);
      }
      if (i < count) continue;
      const next: Node = { states, before: node, character };
      if (done) return textOf(next);
      const key = states.join();
      if (seen.has(key)) continue;
      if (seen.size >= MOST_STATES) return undefined;
      seen.add(key);
      (queues[open] ??= []).push(next);
      heads[open] ??= 0;
    }
  }
}

function textOf(last: Node): string {
  const read: string[] = [];
  for (let node: Node | null = last; node; node = node.before) read.push(node.character);
  return read.reverse().join('');
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
