/** Field values that meet filters, or miss them: built from the filters' own texts, and checked. */
import { foldAscii } from '../events/index.ts';
import { compileCondition, listItems } from './condition.ts';
import type { Test } from './implication.ts';

/** Values that hardly any filter names. */
const NEUTRAL: readonly string[] = ['zq9', '-', 'C:\\zq9\\zq9.exe', '~', '!'];

/** Most values that are offered for one field. */
const MOST = 12;

/** Filters on one field that are met together, at most. */
const TESTS = 64;

/** Most items that are taken from one list. */
const ITEMS = 16;

/** A value that meets the filter, or one that does not; null where none was found. Never a guess. */
export function valueFor(test: Test, meets: boolean): string | null {
  const match = compileCondition(test.condition, test.text);
  const pieces = piecesOf(test);
  const candidates = meets ? [...joined([pieces])] : [...NEUTRAL, ...pieces.whole, ...pieces.inside];
  return candidates.find((value) => value !== '' && match(foldAscii(value)) === meets) ?? null;
}

/** Values that meet all of these filters (of one field), the plainest first; empty where none was found. */
export function valuesMeeting(tests: readonly Test[]): string[] {
  if (tests.length > TESTS) return [];
  const matches = tests.map(({ condition, text }) => compileCondition(condition, text));
  const found = new Set<string>();
  for (const value of joined(tests.map(piecesOf))) {
    if (value === '' || !matches.every((match) => match(foldAscii(value)))) continue;
    found.add(value);
    if (found.size >= MOST) break;
  }
  return [...found];
}

/** What a filter's text says of a value: the whole of it, how it begins, what is inside, how it ends. */
interface Pieces {
  readonly whole: readonly string[];
  readonly begin: string;
  readonly inside: readonly string[];
  readonly end: string;
}

function piecesOf({ condition, text }: Test): Pieces {
  const pieces: Pieces = { whole: [], begin: '', inside: [], end: '' };
  switch (condition) {
    case 'is any':
      return { ...pieces, whole: text.split(';').slice(0, ITEMS) };
    case 'begin with':
      return { ...pieces, begin: text };
    case 'end with':
      return { ...pieces, end: text };
    case 'image':
      if (text.includes('\\')) return { ...pieces, whole: [text] };
      return { ...pieces, whole: [text], end: `\\${text}` };
    case 'contains':
      return { ...pieces, inside: [text] };
    case 'contains all':
      return { ...pieces, inside: listItems(text).slice(0, ITEMS) };
    case 'contains any':
      // One of them is enough: each is tried alone.
      return { ...pieces, whole: listItems(text).slice(0, ITEMS) };
    case 'less than':
      return { ...pieces, whole: [text.slice(0, -1), '!', ' '] };
    case 'more than':
      return { ...pieces, whole: [`${text}~`, '~'] };
    default:
      return { ...pieces, whole: [text, ...listItems(text).slice(0, ITEMS)] };
  }
}

/** Values that may meet several filters at once. */
function* joined(all: readonly Pieces[]): Generator<string> {
  const begin = longest(all.map((pieces) => pieces.begin));
  const end = longest(all.map((pieces) => pieces.end));
  // A part inside of another needs no place of its own.
  const parts = [...new Set(all.flatMap(({ inside }) => inside))];
  const inside = parts.filter(
    (part, i) => !parts.some((other, j) => i !== j && foldAscii(other).includes(foldAscii(part))),
  );
  const wholes = [...new Set(all.flatMap(({ whole }) => whole))].slice(0, ITEMS);
  const rooted = begin === '' && end.startsWith('\\') ? 'C:\\zq9' : '';
  if (begin + end === '' && inside.length === 0) {
    yield* wholes;
    yield* NEUTRAL;
  } else {
    yield asPath([rooted, begin, ...inside.filter((part) => !begin.includes(part)), end]);
    yield begin + inside.join('') + end;
    yield begin + end;
    // The end may lie over the beginning, as in C:\a\ and \a\b.exe.
    for (let shared = Math.min(begin.length, end.length); shared > 0; shared--) {
      if (foldAscii(begin.slice(-shared)) === foldAscii(end.slice(0, shared)))
        yield begin + end.slice(shared);
    }
  }
  for (const whole of wholes) {
    yield whole;
    yield begin + inside.join('') + whole + end;
    yield `${begin}zq9${whole}${inside.join('')}zq9${end}`;
  }
  yield `${begin}zq9${inside.join('zq9')}zq9${end}`;
  yield `${begin}${inside.join('')}zq9${end}`;
  yield `${begin}~${inside.join('~')}~${end}`;
  yield* NEUTRAL;
}

/** Parts joined as a path where they look like parts of one. */
function asPath(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    const joint = path.includes('\\') && part !== '' && !path.endsWith('\\') && !/^[\\.]/.test(part);
    return path + (joint ? '\\' : '') + part;
  }, '');
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), '');
}
