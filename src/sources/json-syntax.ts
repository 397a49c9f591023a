/**
 * Checks one JSON object token by token, in pieces: where it ends, or where it breaks and what was expected there.
 * Keeps its own stack, so that no nesting can exhaust the thread's.
 */

export const MAX_NESTING = 128;

/** What may come next; the words are those of the message. */
type Expected =
  | 'a value'
  | 'a value or ]'
  | 'a key in quotes'
  | 'a key in quotes or }'
  | 'a colon'
  | 'a comma or }'
  | 'a comma or ]';

/** How far the check of an object has come. Positions count from the object's first character. */
export interface Check {
  at: number;
  expected: Expected;
  /** The open containers, outermost first, each by its bracket. */
  nest: string;
  /** Where each of them begins. */
  opens: number[];
  /** Inside a string: whether it is a key. */
  string: 'key' | 'value' | null;
  stringStart: number;
  /** Characters of an unfinished number that need not be looked at again. */
  seen: number;
  /** The keys that lead to the value being read, of the two outermost objects. */
  path: [string, string];
  /** Whether a key of the outermost object was one that only events have. */
  event: boolean;
}

/** `wrapper`: `at` stands at the `[` of a list of events inside of an object that is none itself. */
export type Verdict = 'end' | 'more' | 'wrapper' | { readonly expected: string; readonly tooDeep?: true };

const EVENT_KEYS: ReadonlySet<string> = new Set([
  'EventID',
  'event_id',
  'Event',
  'winlog',
  'eventId',
  'EventData',
  'Id',
  '_source',
]);
export const LIST_KEYS: ReadonlySet<string> = new Set([
  'value',
  'Events',
  'events',
  'Records',
  'records',
  'results',
]);

/** Whether an object may hold a list of events instead of being one, as `{"value": […]}` does. */
export function mayWrap(object: object): boolean {
  if ('hits' in object) return true;
  for (const key of LIST_KEYS) if (key in object) return true;
  return false;
}

export function startCheck(): Check {
  return {
    at: 1,
    expected: 'a key in quotes or }',
    nest: '{',
    opens: [0],
    string: null,
    stringStart: 0,
    seen: 0,
    path: ['', ''],
    event: false,
  };
}

/** The check of what is left of a wrapper, `depth` objects deep, after its list. */
export function startTail(depth: number): Check {
  const opens = Array<number>(depth).fill(0);
  return { ...startCheck(), at: 0, expected: 'a comma or }', nest: '{'.repeat(depth), opens, event: true };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const NUMBER_LIKE = /[-+.\deE]+/y;
const LITERALS = ['true', 'false', 'null'] as const;

/** Goes on with `check` over `text` from `start`, where the object begins, up to `end`. */
export function checkObject(text: string, start: number, end: number, check: Check): Verdict {
  let at = start + check.at;
  let verdict: Verdict = 'more';
  while (at < end) {
    if (check.string !== null) {
      const stop = stringEnd(text, at, end);
      at = stop.at;
      if (stop.expected !== undefined) verdict = { expected: stop.expected };
      if (!stop.closed) break;
      if (check.string === 'key') {
        noteKey(check, text.slice(start + check.stringStart, at - 1));
        check.expected = 'a colon';
      } else afterValue(check);
      check.string = null;
      continue;
    }
    const char = text[at] ?? '';
    if (char === ' ' || char === '\n' || char === '\r' || char === '\t') {
      at++;
      continue;
    }
    const closer = check.nest.endsWith('{') ? '}' : ']';
    if (char === closer && check.expected.endsWith(closer)) {
      at++;
      check.nest = check.nest.slice(0, -1);
      check.opens.pop();
      if (check.nest === '') {
        verdict = 'end';
        break;
      }
      afterValue(check);
    } else if (char === '"' && /key|value/.test(check.expected)) {
      at++;
      check.string = check.expected.startsWith('a key') ? 'key' : 'value';
      check.stringStart = at - start;
    } else if (char === ':' && check.expected === 'a colon') {
      at++;
      check.expected = 'a value';
    } else if (char === ',' && check.expected.startsWith('a comma')) {
      at++;
      check.expected = closer === '}' ? 'a key in quotes' : 'a value';
    } else if (check.expected.startsWith('a value')) {
      if (char === '{' || char === '[') {
        if (char === '[' && isList(check)) {
          const first = firstAfter(text, at + 1, end);
          if (first === '') break;
          if (first === '{') {
            verdict = 'wrapper';
            break;
          }
        }
        if (check.nest.length >= MAX_NESTING) {
          verdict = { expected: `nesting of at most ${MAX_NESTING}`, tooDeep: true };
          break;
        }
        check.opens.push(at - start);
        at++;
        check.nest += char;
        check.expected = char === '{' ? 'a key in quotes or }' : 'a value or ]';
        continue;
      }
      const length = scalarLength(text, at, end, check);
      if (length === 0) break;
      if (length < 0) {
        verdict = { expected: check.expected };
        break;
      }
      at += length;
      afterValue(check);
    } else {
      verdict = { expected: check.expected };
      break;
    }
  }
  check.at = at - start;
  return verdict;
}

function afterValue(check: Check): void {
  check.expected = check.nest.endsWith('{') ? 'a comma or }' : 'a comma or ]';
}

function noteKey(check: Check, key: string): void {
  if (check.nest === '{') {
    check.path[0] = key;
    if (EVENT_KEYS.has(key)) check.event = true;
  } else if (check.nest === '{{') check.path[1] = key;
}

function isList({ event, nest, path }: Check): boolean {
  if (event) return false;
  return nest === '{' ? LIST_KEYS.has(path[0]) : nest === '{{' && path[0] === 'hits' && path[1] === 'hits';
}

/** First character from `at` on that is no space; empty if there is none yet. */
function firstAfter(text: string, at: number, end: number): string {
  for (let next = at; next < end; next++) if (!' \n\r\t'.includes(text[next] ?? '')) return text[next] ?? '';
  return '';
}

/** Length of the number or literal at `at`; 0 if it may go on past `end`, -1 if there is none. */
function scalarLength(text: string, at: number, end: number, check: Check): number {
  for (const literal of LITERALS) {
    if (text.startsWith(literal, at) && at + literal.length <= end) return literal.length;
    if (literal.startsWith(text.slice(at, Math.min(end, at + literal.length)))) return 0;
  }
  NUMBER_LIKE.lastIndex = at + check.seen;
  const like = check.seen + (NUMBER_LIKE.exec(text)?.[0].length ?? 0);
  if (like === 0) return -1;
  check.seen = Math.min(like, end - at);
  if (at + like >= end) return 0;
  check.seen = 0;
  NUMBER.lastIndex = at;
  return NUMBER.exec(text)?.[0].length === like ? like : -1;
}

/** Goes on inside a string: just past its closing quote, or to where more text is needed, or to what breaks it. */
function stringEnd(
  text: string,
  from: number,
  end: number,
): { at: number; closed: boolean; expected?: string } {
  let at = from;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return { at: at + 1, closed: true };
    if (code < 0x20) return { at, closed: false, expected: 'the quote that ends the string' };
    if (code !== 0x5c) {
      at++;
      continue;
    }
    if (at + 1 >= end) break;
    const escape = text[at + 1] ?? '';
    if ('"\\/bfnrt'.includes(escape)) at += 2;
    else if (escape !== 'u') return { at, closed: false, expected: 'an escape of JSON' };
    else if (at + 6 > end && /^[\da-f]*$/i.test(text.slice(at + 2, end))) break;
    else if (/^[\da-f]{4}$/i.test(text.slice(at + 2, at + 6))) at += 6;
    else return { at, closed: false, expected: 'four hexadecimal digits after \\u' };
  }
  return { at, closed: false };
}
