/** What the shapes of JSON logs have in common. */
import type { EventFacts, EventHead } from '../rendering.ts';
import { isObject } from '../json-value.ts';
import { readWritten, UNKNOWN, type Written } from '../written.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One way in which tools write events as JSON objects. No object has two shapes. */
export interface Shape {
  readonly name: string;
  /** Whether an object is written this way; looks at its keys only. */
  recognise(object: JsonObject): boolean;
  /** The time that the container has for the record, and what is known of its zone. */
  written(object: JsonObject): Written;
  /** What the object says of its event beside time and fields. */
  head(object: JsonObject): EventHead;
  /** The fields in the order of the record; null if they cannot be read. */
  fields(object: JsonObject, head: EventHead): EventFacts['fields'] | null;
  /** Whether a Sysmon event's time is that of the container, and not its own UtcTime. */
  readonly keepsTime?: true;
  /** How to read its events off their lines; null if that takes the whole object. */
  readonly line: LineKeys | null;
}

/** Where an object that is one line has what an event needs before anyone asks for its fields: paths such as `outer/inner`. */
export interface LineKeys {
  /** Every key that `written` and `head` look at. */
  readonly head: readonly string[];
  /** The field UtcTime; null where it does not matter (`keepsTime`). */
  readonly utcTime: string | null;
  /** An object that may hold fields beside those of `utcTime`. */
  readonly others: string | null;
  /** Whether `fields` finds the same in an object without this key. */
  drops(name: string, eventId: number): boolean;
}

/** The words of a text, as a list of keys. */
export function words(text: string): readonly string[] {
  return text.split(' ');
}

/** The text of the first of these keys that holds some. */
export function textOf(object: JsonObject, ...keys: readonly string[]): string {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return '';
}

/** The value of the first of these keys that the object has; undefined if it has none. */
export function firstOf(object: JsonObject, ...keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = object[key];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

export function objectIn(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

/** Numbers from here on are milliseconds (1973), microseconds and nanoseconds; less are seconds, up to the year 5138. */
const [MILLISECONDS, MICROSECONDS, NANOSECONDS] = [1e11, 1e14, 1e17] as const;

/** What a date can hold, milliseconds. */
const LAST_MS = 8.64e15;

/** Milliseconds since 1970 of a time that a container has as a number, in whichever unit it is of our days. */
function epochIn(value: number): number {
  const size = Math.abs(value);
  if (size < MILLISECONDS) return Math.floor(value * 1000);
  if (size < MICROSECONDS) return value;
  return Math.floor(value / (size < NANOSECONDS ? 1e3 : 1e6));
}

/** A container's time: text, a number since 1970, or the object that PowerShell makes of a date. */
export function timeIn(value: unknown): Written {
  if (typeof value === 'string') return readWritten(value);
  if (typeof value === 'number') {
    const time = epochIn(value);
    return Math.abs(time) <= LAST_MS
      ? { time, zone: 'utc', half: false }
      : { ...UNKNOWN, unread: String(value) };
  }
  return isObject(value) ? timeIn(value['value'] ?? value['DateTime']) : UNKNOWN;
}

/** A time of a container whose times are UTC, whatever they say of their zone. */
export function utcIn(value: unknown): Written {
  return { ...timeIn(value), zone: 'utc', half: false };
}
