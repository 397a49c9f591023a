/** Reads the text of one JSON object; what is nested deeper than an event can be is none. */
import { MAX_NESTING } from './json-syntax.ts';

/** Digits and dots in a number that a double may not hold. */
const LONG = 16;
const AFTER_NUMBER = /\s*[,}\]]/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The object that `text` is, or null if it is no JSON object or nested deeper than MAX_NESTING: whoever walks through the
 * values may go down with them. Numbers of 16 and more characters come as text, so that
 * integers of 64 bits stay intact. `__proto__` is an ordinary key; of a key that comes twice, the last one counts.
 */
export function parseObject(text: string): Record<string, unknown> | null {
  if (!isShallow(text) && isTooDeep(text)) return null;
  try {
    const value: unknown = JSON.parse(hasLongNumber(text) ? quoteLongNumbers(text) : text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether so few brackets open that no nesting can be too deep, wherever they stand. */
export function isShallow(text: string): boolean {
  let left = MAX_NESTING;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1))
      if (--left < 0) return false;
  }
  return true;
}

/** Whether brackets outside of strings are nested too deep. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = afterString(text, at) - 1;
    else if (char === '{' || char === '[') {
      if (++depth > MAX_NESTING) return true;
    } else if (char === '}' || char === ']') depth--;
  }
  return false;
}

/** Whether there is such a number; one inside of a string does no harm. Of so long a run, every 16th character is in it. */
function hasLongNumber(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigitOrDot(text, at)) continue;
    let start = at;
    while (isDigitOrDot(text, start - 1)) start--;
    while (isDigitOrDot(text, at + 1)) at++;
    AFTER_NUMBER.lastIndex = at + 1;
    if (at + 1 - start >= LONG && AFTER_NUMBER.test(text)) return true;
  }
  return false;
}

function isDigitOrDot(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x2e;
}

/** Puts numbers of 16 and more characters in quotes; strings stay as they are. */
function quoteLongNumbers(text: string): string {
  let quoted = '';
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const outside = quote === -1 ? text.slice(at) : text.slice(at, quote);
    quoted +=
      outside.length < 16 ? outside : outside.replace(NUMBER, (it) => (it.length < 16 ? it : `"${it}"`));
    if (quote === -1) break;
    at = afterString(text, quote);
    quoted += text.slice(quote, at);
  }
  return quoted;
}

/** Just past the string whose opening quote is at `quote`. */
function afterString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text[before] === '\\') before--;
    if ((end - before) % 2 === 1) return end + 1;
  }
  return text.length;
}
