/** Makes an event from what a container says, so that the same record reads the same whichever container it came in. */
import {
  boundKey,
  type Event,
  type EventType,
  fieldsOf,
  foldAscii,
  isSysmon,
  parseTime,
} from '../events/index.ts';
import { MAX_NESTING } from './json-syntax.ts';

/** How a Sysmon field is written. */
type FieldType = EventType['layouts'][number]['fields'][number][1];

/** What a container says of one record beside its fields, in the container's own types: numbers may be text and the reverse. */
export interface EventHead {
  readonly record: unknown;
  readonly host: string;
  readonly provider: string;
  readonly channel: string;
  readonly eventId: unknown;
  readonly version: unknown;
}

export interface EventFacts extends EventHead {
  /** Milliseconds since 1970 UTC as the container tells it; NaN if it does not. */
  readonly time: number;
  /** In the order of the record. An empty name stands for unnamed data. */
  readonly fields: Iterable<readonly [name: string, value: unknown]>;
}

/** An event of Windows has some hundred fields at most; names are kept with every one of them. */
export const MAX_FIELDS = 65_536;
export const MAX_NAME = 1024;

/**
 * The event of a container's record, or null where `eventId` is no event id or there are more than MAX_FIELDS. Unnamed data become `param1`, `param2` …,
 * repeated names get `#2`, `#3` …; Sysmon's fields are rendered by their types and its time is its own UtcTime.
 */
export function makeEvent(facts: EventFacts): Event | null {
  const eventId = eventIdOf(facts.eventId);
  const fields = eventId === null ? null : makeFields(eventId, facts.provider, facts.fields);
  if (eventId === null || fields === null) return null;
  const time = isSysmon(facts.provider) ? utcTimeOf(fields, facts.time) : facts.time;
  return withHead(facts, eventId, time, fields);
}

/** The event of what a container says, once its id, time and fields are known. */
export function withHead(
  { record, host, provider, channel, version }: EventHead,
  eventId: number,
  time: number,
  fields: ReadonlyMap<string, string>,
): Event {
  return {
    record: numberOf(record, Number.MAX_SAFE_INTEGER),
    time,
    host,
    provider,
    channel,
    eventId,
    version: numberOf(version, 0xff),
    fields,
  };
}

/** The fields of an event, as `makeEvent` says; null if there are too many. */
export function makeFields(
  eventId: number,
  provider: string,
  given: EventFacts['fields'],
): Map<string, string> | null {
  const sysmon = isSysmon(provider);
  const types = sysmon ? fieldsOf(eventId) : undefined;
  const fields = new Map<string, string>();
  let repeats: Map<string, number> | undefined;
  let unnamed = 0;
  for (const [own, value] of given) {
    if (fields.size >= MAX_FIELDS) return null;
    let name = own === '' ? `param${++unnamed}` : boundKey(own, MAX_NAME);
    let type = types?.get(name);
    if (types !== undefined && type === undefined) {
      name = spellingsOf(eventId).get(foldAscii(name)) ?? name;
      type = types.get(name);
    }
    if (fields.has(name)) name = freeName(fields, name, (repeats ??= new Map()));
    fields.set(name, sysmon ? renderTyped(type, name, value) : renderText(value));
  }
  return fields;
}

/** Sysmon's own time of the event, milliseconds since 1970 UTC; `otherwise` where it has none that can be read. */
function utcTimeOf(fields: ReadonlyMap<string, string>, otherwise: number): number {
  const time = parseTime(fields.get('UtcTime') ?? '');
  return Number.isNaN(time) ? otherwise : time;
}

const TIME_FIELDS: ReadonlySet<string> = new Set(['UtcTime', 'CreationUtcTime', 'PreviousCreationUtcTime']);
const SYSMON_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/;
const USUAL_GUID = /^\{[\dA-F]{8}-[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{12}\}$/;
const GUID = /^\{?([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})\}?$/i;
const BARE_GUID = /^[\dA-F]{8}-[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{12}$/;
const HEX = /^0x0*([\da-f]{1,16})$/i;

/**
 * The text of a field of a Sysmon event as Sysmon itself compares it (sysmon-semantics, 7.1), whatever the container
 * made of it. What does not look like a value of the field's type stays as it is.
 */
export function renderField(eventId: number, name: string, value: unknown): string {
  return renderTyped(fieldsOf(eventId)?.get(name), name, value);
}

function renderTyped(type: FieldType | undefined, name: string, value: unknown): string {
  const text = renderText(value);
  switch (type) {
    case 'guid': {
      if (USUAL_GUID.test(text)) return text;
      const guid = GUID.exec(text)?.[1];
      return guid === undefined ? text : `{${guid.toUpperCase()}}`;
    }
    case 'hex32':
    case 'hex64': {
      // Text of decimal digits is left alone: only a number is known to be decimal. No hexadecimal text has 16 digits
      // without its 0x; such text is a JSON number that a double could not have held.
      if (typeof value === 'number' || /^\d{16,20}$/.test(text)) {
        return /^\d{1,20}$/.test(text) ? `0x${BigInt(text).toString(16)}` : text;
      }
      const digits = HEX.exec(text)?.[1];
      return digits === undefined ? text : `0x${digits.toLowerCase()}`;
    }
    case 'bool': {
      if (typeof value === 'number') return value === 0 ? 'false' : 'true';
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : text;
    }
    case 'uint16':
    case 'uint32':
    case 'uint64':
      return (text.charCodeAt(1) | 0x20) === 0x78 && HEX.test(text) ? BigInt(text).toString() : text;
    default:
      return TIME_FIELDS.has(name) ? renderTime(text) : text;
  }
}

/** A GUID as Windows writes it: evtx_dump leaves its braces out, and may have left out those of a text, too. */
export function braced<T>(value: T): T | string {
  return typeof value === 'string' && BARE_GUID.test(value) ? `{${value}}` : value;
}

/**
 * A JSON value as text: numbers in plain decimal, null empty, arrays joined by `, `, objects as JSON. Arrays nested deeper
 * than `parseObject` lets through, which only a caller can make, are `…`.
 */
export function renderText(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return plainDecimal(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return '';
      if (!Array.isArray(value)) return JSON.stringify(value);
      if (depth >= MAX_NESTING) return '…';
      return value.map((item) => renderText(item, depth + 1)).join(', ');
    default:
      return '';
  }
}

/** An event id, 0 to 65535; of one that carries its qualifiers in the upper half, the lower. Null for anything else. */
export function eventIdOf(value: unknown): number | null {
  const id = typeof value === 'string' && /^\s*-?\d{1,10}\s*$/.test(value) ? Number(value) : value;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < -(2 ** 31) || id >= 2 ** 32) return null;
  return id & 0xffff;
}

/** A whole number, or null for one that is missing or past `max` (2^53 - 1: where a double no longer tells neighbours apart). */
function numberOf(value: unknown, max: number): number | null {
  const number = typeof value === 'string' && /^\s*\d{1,20}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= max
    ? number
    : null;
}

function renderTime(text: string): string {
  if (SYSMON_TIME.test(text)) return text;
  const time = parseTime(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString().replace('T', ' ').replace('Z', '');
}

function plainDecimal(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, '');
}

/** The next free `NAME#2`, `NAME#3` …; `repeats` remembers the last one, so that many repeats take no longer. */
function freeName(fields: ReadonlyMap<string, string>, name: string, repeats: Map<string, number>): string {
  let count = (repeats.get(name) ?? 1) + 1;
  while (fields.has(`${name}#${count}`)) count++;
  repeats.set(name, count);
  return `${name}#${count}`;
}

const spellings = new Map<number, ReadonlyMap<string, string>>();

/** The fields of a type by their folded names: some pipelines respell `TargetProcessGuid`. */
function spellingsOf(eventId: number): ReadonlyMap<string, string> {
  let known = spellings.get(eventId);
  if (known === undefined) {
    known = new Map([...(fieldsOf(eventId)?.keys() ?? [])].map((name) => [foldAscii(name), name]));
    spellings.set(eventId, known);
  }
  return known;
}
