/** What the shapes of JSON logs have in common. */
import { type Event, parseTime } from '../../events/index.ts';
import { isObject } from '../json-value.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One way in which tools write events as JSON objects. No object has two shapes. */
export interface Shape {
  readonly name: string;
  /** Whether an object is written this way; looks at its keys only. */
  recognise(object: JsonObject): boolean;
  /** The event, or null if it has no event id or its fields cannot be read. */
  toEvent(object: JsonObject): Event | null;
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

/**
 * A container's time, milliseconds since 1970 UTC: text, `/Date(1603273264166)/`, a number of milliseconds, or the
 * object that PowerShell makes of a date. NaN for anything else.
 */
export function readTime(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    const ms = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/.exec(value)?.[1];
    return ms === undefined ? parseTime(value) : Number(ms);
  }
  return isObject(value) ? readTime(value['value'] ?? value['DateTime']) : Number.NaN;
}
