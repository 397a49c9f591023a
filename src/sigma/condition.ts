/** Reads `selection and not 1 of filter_*`. */
import type { Condition } from './rule.ts';
import { quote } from './yaml.ts';

/** What is wrong with a condition, and at which character. */
export interface ConditionProblem {
  readonly at: number;
  readonly message: string;
}

/** Brackets and `not` within one another, and words in all. */
const MAX_DEPTH = 64;
const MAX_WORDS = 10_000;

interface Word {
  readonly text: string;
  readonly at: number;
}

/** The meaning of a condition over the searches of these names. Binding, loosest first: or, and, not. */
export function parseCondition(text: string, names: readonly string[]): Condition | ConditionProblem {
  const pipe = text.indexOf('|');
  if (pipe >= 0) {
    return {
      at: pipe,
      message:
        'expected a condition over one event, found an aggregation after "|", which Sigma has given up: write the count as a correlation (type event_count or value_count) of this rule',
    };
  }
  // Nearly half of all rules name their one search.
  if (names.includes(text) && isName(text)) return { kind: 'search', name: text };
  const words: Word[] = [...text.matchAll(/[()]|[^\s()]+/g)].map((match) => ({
    text: match[0],
    at: match.index,
  }));
  if (words.length > MAX_WORDS) {
    return { at: 0, message: `expected at most ${MAX_WORDS} words, found ${words.length}` };
  }
  const reading = new ConditionReading(words, text.length, names);
  try {
    return reading.whole();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { at: error.at, message: error.message };
  }
}

/** Whether a text is one word, and none that means something else. */
function isName(text: string): boolean {
  return /^[^\s()*]+$/.test(text) && !/^(?:and|or|not|of)$/i.test(text);
}

class Unreadable extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** One walk over the words of a condition. */
class ConditionReading {
  private readonly words: readonly Word[];
  private readonly end: number;
  private readonly names: readonly string[];
  private next = 0;

  constructor(words: readonly Word[], end: number, names: readonly string[]) {
    this.words = words;
    this.end = end;
    this.names = names;
  }

  whole(): Condition {
    const condition = this.or(0);
    const rest = this.words[this.next];
    if (rest) throw new Unreadable(rest.at, `expected and, or or the end, found ${quote(rest.text)}`);
    return condition;
  }

  private or(depth: number): Condition {
    return this.chain('or', () => this.chain('and', () => this.not(depth)));
  }

  private chain(kind: 'and' | 'or', read: () => Condition): Condition {
    const of = [read()];
    while (this.take(kind)) of.push(read());
    return of.length === 1 ? of[0]! : { kind, of };
  }

  private not(depth: number): Condition {
    if (depth > MAX_DEPTH) {
      throw new Unreadable(
        this.words[this.next]?.at ?? this.end,
        `expected at most ${MAX_DEPTH} brackets and nots within one another, found more`,
      );
    }
    if (this.take('not')) return { kind: 'not', of: this.not(depth + 1) };
    if (!this.take('(')) return this.operand();
    const condition = this.or(depth + 1);
    if (!this.take(')')) throw this.expected('")"');
    return condition;
  }

  private operand(): Condition {
    const word = this.words[this.next];
    const lower = word?.text.toLowerCase() ?? '';
    if (!word || ['', 'and', 'or', ')', 'of'].includes(lower)) {
      throw this.expected('the name of a search, 1 of, all of, not or "("');
    }
    this.next++;
    if (this.words[this.next]?.text.toLowerCase() === 'of') {
      this.next++;
      if (lower === '1' || lower === 'any') return this.selector('or');
      if (lower === 'all') return this.selector('and');
      throw new Unreadable(word.at, `expected 1 of, any of or all of, found ${quote(`${word.text} of`)}`);
    }
    if (this.names.includes(word.text)) return { kind: 'search', name: word.text };
    throw new Unreadable(
      word.at,
      word.text.includes('*')
        ? `expected 1 of or all of before a name with wildcards, found ${quote(word.text)}`
        : `expected the name of a search${this.known()}, found ${quote(word.text)}`,
    );
  }

  private selector(kind: 'and' | 'or'): Condition {
    const word = this.words[this.next];
    if (!word || word.text === '(' || word.text === ')')
      throw this.expected('them, or a name such as filter_*');
    this.next++;
    const pattern = word.text.toLowerCase() === 'them' ? '*' : word.text;
    const matches = nameMatcher(pattern);
    // By convention a name that begins with an underscore is no selection, unless it is asked for.
    const found = this.names.filter(
      (name) => matches(name) && (!name.startsWith('_') || pattern.startsWith('_')),
    );
    if (found.length === 0) {
      throw new Unreadable(
        word.at,
        `expected the name of a search${this.known()}, found ${quote(word.text)}`,
      );
    }
    const of = found.map((name): Condition => ({ kind: 'search', name }));
    return of.length === 1 ? of[0]! : { kind, of };
  }

  private known(): string {
    return this.names.length <= 20 ? ` (${this.names.join(', ')})` : '';
  }

  private take(text: string): boolean {
    if (this.words[this.next]?.text.toLowerCase() !== text) return false;
    this.next++;
    return true;
  }

  private expected(what: string): Unreadable {
    const word = this.words[this.next];
    return new Unreadable(
      word?.at ?? this.end,
      `expected ${what}, found ${word ? quote(word.text) : 'the end'}`,
    );
  }
}

/** `*` in the name of a search is any text, also none; nothing else is special. */
function nameMatcher(pattern: string): (name: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => name === first;
  return (name) => {
    if (!name.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
  };
}
