/** What one value of a rule asks of a field, compiled. */
import { RE2JS } from 're2js';
import { compilePattern, type Pattern, simplePattern } from '../decide/index.ts';
import { type Event, foldAscii, parseTime } from '../events/index.ts';
import { isIn } from './network.ts';
import { regexNeed } from './regex-need.ts';
import type { Test, TimePart } from './rule.ts';
import { isAt } from './text-finder.ts';

/** A value that is there, as written and folded: folded only when it is asked for. */
export interface FoldableValue {
  readonly text: string;
  readonly folded: string;
}

export type ValueTest = (value: FoldableValue, event: Event) => boolean;

/** A value that is no field's. */
export class PlainValue implements FoldableValue {
  readonly text: string;
  private lower: string | undefined = undefined;

  constructor(text: string) {
    this.text = text;
  }

  get folded(): string {
    return (this.lower ??= foldAscii(this.text));
  }
}

/** Where a value is asked that is of no event. */
export const NO_EVENT: Event = {
  record: null,
  time: Number.NaN,
  host: '',
  provider: '',
  channel: '',
  eventId: 0,
  version: null,
  fields: new Map<string, string>(),
};

/** Reads a field of an event; undefined where the event lacks it. */
export type FieldReader = (event: Event) => string | undefined;

/** `reader` is asked for the fields that other fields are compared with. */
export function compileValueTest(test: Test, reader: (field: string) => FieldReader): ValueTest {
  switch (test.kind) {
    case 'pattern':
      return patternTest(test.pattern, test.cased);
    case 'regex': {
      let pattern: RE2JS | null = null;
      const finds = (text: string): boolean =>
        (pattern ??= compileRegex(test.source, test.flags)).matcher(text).find();
      const rigid = regexNeed(test.source, test.flags)?.rigid ?? null;
      if (rigid === null) return ({ text }) => finds(text);
      // Hardly any value gets past that: the expression is compiled for the first that does.
      const { length, source } = rigid;
      return ({ text }) => text.length >= length && source.test(text) && finds(text);
    }
    case 'cidr':
      return ({ text }) => isIn(text.trim(), test);
    case 'compare':
      return compareTest(test.op, test.number);
    case 'field':
      return fieldTest(test, reader(test.field));
    case 'time': {
      const { part, number } = test;
      return ({ text }) => timePart(parseTime(text), part) === number;
    }
    case 'or': {
      const tests = test.of.map((one) => compileValueTest(one, reader));
      return (value, event) => tests.some((one) => one(value, event));
    }
    case 'exists':
      return () => test.exists;
    case 'null':
      return () => false;
  }
}

/** Throws RE2JS's own error for what it can't compile. Flags of i, m and s. */
export function compileRegex(source: string, flags: string): RE2JS {
  const bits = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL };
  const all = [...flags].reduce((sum, flag) => sum | (bits[flag as 'i' | 'm' | 's'] ?? 0), 0);
  return RE2JS.compile(source, all);
}

function patternTest(pattern: Pattern, cased: boolean): ValueTest {
  const asked = cased ? pattern : pattern.map((part) => (typeof part === 'string' ? foldAscii(part) : part));
  const simple = simplePattern(asked);
  if (!simple) {
    const matches = compilePattern(asked);
    return cased ? ({ text }) => matches(text) : ({ folded }) => matches(folded);
  }
  const { place, text: wanted } = simple;
  if (cased) return ({ text }) => stands(place, wanted, text);
  const { length } = wanted;
  switch (place) {
    case 'whole':
      return ({ text }) => text.length === length && isAt(wanted, text, 0);
    case 'begin':
      return ({ text }) => isAt(wanted, text, 0);
    case 'end':
      return ({ text }) => isAt(wanted, text, text.length - length);
    case 'inside':
      return (value) => value.text.length >= length && value.folded.includes(wanted);
  }
}

function stands(place: 'whole' | 'begin' | 'end' | 'inside', wanted: string, text: string): boolean {
  switch (place) {
    case 'whole':
      return text === wanted;
    case 'begin':
      return text.startsWith(wanted);
    case 'end':
      return text.endsWith(wanted);
    case 'inside':
      return text.includes(wanted);
  }
}

function fieldTest({ place, cased }: Extract<Test, { kind: 'field' }>, read: FieldReader): ValueTest {
  return (value, event) => {
    const other = read(event);
    if (other === undefined || other.length > value.text.length) return false;
    if (place === 'whole' && other.length !== value.text.length) return false;
    return cased ? stands(place, other, value.text) : stands(place, foldAscii(other), value.folded);
  };
}

type Numbered = number | bigint;

function compareTest(op: 'lt' | 'lte' | 'gt' | 'gte', number: string): ValueTest {
  const wanted = numberOf(number);
  return ({ text }) => {
    const found = numberOf(text);
    if (found === null || wanted === null) return false;
    switch (op) {
      case 'lt':
        return found < wanted;
      case 'lte':
        return found <= wanted;
      case 'gt':
        return found > wanted;
      case 'gte':
        return found >= wanted;
    }
  };
}

/** A number as logs write it, decimal or `0x…`; integers past 2^53 stay exact. null for anything else. */
function numberOf(text: string): Numbered | null {
  const trimmed = text.trim();
  if (!/^(?:[+-]?\d+(?:\.\d+)?|0x[\da-f]+)$/i.test(trimmed) || trimmed.length > 400) return null;
  const number = Number(trimmed);
  if (Number.isSafeInteger(number) || trimmed.includes('.')) return number;
  return BigInt(trimmed.replace(/^\+/, ''));
}

/** A part of a time, UTC; NaN for what is no time. */
function timePart(time: number, part: TimePart): number {
  const date = new Date(time);
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'week':
      return isoWeek(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
  }
}

const DAY_MS = 86_400_000;

/** ISO 8601: week 1 holds the year's first Thursday. */
function isoWeek(date: Date): number {
  const day = Math.floor(date.getTime() / DAY_MS);
  // 1 January 1970 was a Thursday: the Thursday of this day's week.
  const thursday = day - ((((day + 3) % 7) + 7) % 7) + 3;
  const first = Date.UTC(new Date(thursday * DAY_MS).getUTCFullYear(), 0, 1) / DAY_MS;
  return Math.floor((thursday - first) / 7) + 1;
}
