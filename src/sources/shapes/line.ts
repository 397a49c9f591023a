/** Events whose JSON object is one line, without making the object: what an event needs is read off the bytes, its fields later. */
import { type Event, isSysmon, parseTime } from '../../events/index.ts';
import { KIND, LineScanner, LONG, MEMBER } from '../json-scan.ts';
import { LIST_KEYS } from '../json-syntax.ts';
import { parseObject } from '../json-value.ts';
import { type EventHead, eventIdOf, makeFields, renderField, withHead } from '../rendering.ts';
import type { Written } from '../written.ts';
import { SHAPES } from './recognition.ts';
import { type JsonObject, type Shape, words } from './shape.ts';

/** All that shapes are recognised by; with OBJECTS not more than an integer has bits. */
export const RECOGNISED: readonly string[] = words(
  'EventID SourceName ProviderName Provider Source Channel LogName Log EventLog Hostname Computer ComputerName ' +
    'MachineName SourceModuleType SourceModuleName EventReceivedTime EventData ParameterXml event_id source_name ' +
    'log_name winlog Event Event/System eventId provider fields Id',
);
/** Of these it matters whether they are objects. */
export const OBJECTS: readonly number[] = words('winlog Event Event/System fields').map((path) =>
  RECOGNISED.indexOf(path),
);

/** An object with one of these may be a list of events, or have the event inside of it (json.ts). */
const REFUSED = [...LIST_KEYS, 'hits', 'result', '_source', '_raw', '__REALTIME_TIMESTAMP'];

/** The paths of all shapes and of the objects around them, those by which they are recognised first. */
const PATHS: readonly string[] = [...new Set([...RECOGNISED, ...SHAPES.flatMap(pathsOf)])];

function pathsOf({ line }: Shape): string[] {
  if (line === null) return [];
  const paths = [...line.head, line.utcTime, line.others].filter((path) => path !== null);
  return paths.flatMap((path) => {
    const keys = path.split('/');
    return keys.map((_, index) => keys.slice(0, index + 1).join('/'));
  });
}

/** Combinations of recognised keys that are remembered. */
const MAX_KNOWN = 1024;
const END_OF_TIME = Date.UTC(10_000, 0, 1);
/** Longer texts are not kept for the next line. */
const MAX_KEPT = 64;

/** How to read lines of one shape. */
interface Plan {
  readonly shape: Shape;
  /** Of the object what `written` and `head` look at; the same object for every line. */
  readonly skeleton: JsonObject;
  readonly parts: readonly Part[];
  readonly utcTime: number;
  readonly others: number;
  /** The keys of its lines, by event id. */
  readonly names: Map<number, Names>;
}

/** A member of the skeleton. */
interface Part {
  readonly slot: number;
  readonly owner: Record<string, unknown>;
  readonly key: string;
  /** What stands there if the line has an object there; null where that is not expected. */
  readonly inner: object | null;
  filled: boolean;
}

export interface LineRecord {
  readonly event: Event;
  readonly written: Written;
}

/** Reads lines of one log. */
export class LineReader {
  readonly #scanner = new LineScanner(PATHS, REFUSED);
  readonly #plansOf = new Map<Shape, Plan | null>();
  /** By the keys that a line has: a bit of each. */
  readonly #plans = new Map<number, Plan | null>();
  #lastKeys = -1;
  #lastPlan: Plan | null = null;
  /** The last text of each slot: the same things stand in many lines. */
  readonly #kept: (Kept | undefined)[] = [];

  /**
   * The event of the object from `from` to before `to`, which are well-formed UTF-8 on one line; null where the object has to
   * be read as a whole, be it an event or not. What is read is the same. The event's fields hold while the bytes do.
   */
  read(bytes: Buffer, from: number, to: number): LineRecord | null {
    const scanner = this.#scanner;
    if (!scanner.scan(bytes, from, to)) return null;
    const plan = this.#plan();
    if (plan === null || !this.#fill(plan, bytes)) return null;
    const { shape, skeleton } = plan;
    const head = shape.head(skeleton);
    const eventId = eventIdOf(head.eventId);
    if (eventId === null) return null;
    const written = shape.written(skeleton);
    let { time } = written;
    const { kinds } = scanner;
    let utcTime: string | null = null;
    if (plan.utcTime >= 0 && isSysmon(head.provider)) {
      // Fields in two places may be named the same.
      if (kinds[plan.others] === KIND.object) return null;
      const kind = kinds[plan.utcTime];
      if (kind !== KIND.absent) {
        utcTime = kind === KIND.plain ? this.#plainText(plan.utcTime, bytes) : '';
        time = parseTime(utcTime);
        // Of what is no time, and of the year 10,000, the container's counts.
        if (!(time < END_OF_TIME)) return null;
      }
    }
    const fields = new LineFields(scanner, bytes, from, to, plan, head, eventId, utcTime, scanner.hasLong);
    return { event: withHead(head, eventId, time, fields), written };
  }

  /** How to read the line that was scanned; null where no shape has its keys or one that takes the whole object. */
  #plan(): Plan | null {
    const { kinds } = this.#scanner;
    let keys = 0;
    for (let slot = 0; slot < RECOGNISED.length; slot++) if (kinds[slot] !== KIND.absent) keys |= 1 << slot;
    for (let at = 0; at < OBJECTS.length; at++)
      if (kinds[OBJECTS[at]!] === KIND.object) keys |= 1 << (RECOGNISED.length + at);
    if (keys === this.#lastKeys) return this.#lastPlan;
    let plan = this.#plans.get(keys);
    if (plan === undefined) {
      plan = this.#recognise();
      if (this.#plans.size >= MAX_KNOWN) this.#plans.clear();
      this.#plans.set(keys, plan);
    }
    this.#lastKeys = keys;
    this.#lastPlan = plan;
    return plan;
  }

  /** Shapes look at keys and objects only: an object that has the same ones is of the same shape. */
  #recognise(): Plan | null {
    const object: Record<string, unknown> = {};
    for (const [slot, path] of RECOGNISED.entries()) {
      const kind = this.#scanner.kinds[slot];
      if (kind === KIND.absent) continue;
      const [outer = '', inner] = path.split('/');
      const owner = inner === undefined ? object : object[outer];
      (owner as Record<string, unknown>)[inner ?? outer] = kind === KIND.object ? {} : '';
    }
    const shape = SHAPES.find((each) => each.recognise(object));
    if (shape === undefined) return null;
    let plan = this.#plansOf.get(shape);
    if (plan === undefined) this.#plansOf.set(shape, (plan = planOf(shape)));
    return plan;
  }

  /** Puts the line's values into the skeleton; false where one is not of a kind that can be told from its bytes. */
  #fill({ parts }: Plan, bytes: Buffer): boolean {
    const { kinds, starts, ends } = this.#scanner;
    for (const part of parts) {
      const { slot, inner } = part;
      const kind = kinds[slot];
      if (kind === KIND.absent) {
        if (part.filled) part.owner[part.key] = undefined;
        part.filled = false;
        continue;
      }
      let value: unknown;
      switch (kind) {
        case KIND.plain:
          value = this.#plainText(slot, bytes);
          break;
        case KIND.text:
          value = JSON.parse(bytes.toString('utf8', starts[slot], ends[slot]));
          break;
        case KIND.integer:
          value = integerIn(bytes, starts[slot]!, ends[slot]!);
          break;
        case KIND.true:
        case KIND.false:
          value = kind === KIND.true;
          break;
        case KIND.null:
          value = null;
          break;
        case KIND.object:
          if (inner === null) return false;
          value = inner;
          break;
        default:
          return false;
      }
      part.owner[part.key] = value;
      part.filled = true;
    }
    return true;
  }

  #plainText(slot: number, bytes: Buffer): string {
    const start = this.#scanner.starts[slot]! + 1;
    const end = this.#scanner.ends[slot]! - 1;
    const length = end - start;
    const kept = this.#kept[slot];
    if (kept !== undefined && kept.length === length) {
      // What differs from line to line does so at its end.
      let at = length - 1;
      while (at >= 0 && kept.bytes[at] === bytes[start + at]) at--;
      if (at < 0) return kept.text;
    }
    const text = bytes.toString('latin1', start, end);
    if (length <= MAX_KEPT) {
      const into = kept ?? (this.#kept[slot] = { bytes: new Uint8Array(MAX_KEPT), length: 0, text: '' });
      for (let at = 0; at < length; at++) into.bytes[at] = bytes[start + at]!;
      into.length = length;
      into.text = text;
    }
    return text;
  }
}

interface Kept {
  readonly bytes: Uint8Array;
  length: number;
  text: string;
}

function planOf(shape: Shape): Plan | null {
  const { line } = shape;
  if (line === null) return null;
  const skeleton: Record<string, unknown> = {};
  const parts = new Map<string, Part>();
  const add = (path: string): Part => {
    const known = parts.get(path);
    if (known !== undefined) return known;
    const [, outer, key = path] = /^(.*)\/([^/]*)$/.exec(path) ?? [];
    const owner = outer === undefined ? skeleton : (add(outer).inner as Record<string, unknown>);
    const holds = line.head.some((other) => other.startsWith(`${path}/`));
    const part: Part = { slot: PATHS.indexOf(path), owner, key, inner: holds ? {} : null, filled: false };
    // Every key is there from the start, so that all objects look the same to the runtime.
    owner[key] = undefined;
    parts.set(path, part);
    return part;
  };
  for (const path of line.head) add(path);
  const slotOf = (path: string | null): number => (path === null ? -1 : PATHS.indexOf(path));
  return {
    shape,
    skeleton,
    parts: [...parts.values()],
    utcTime: slotOf(line.utcTime),
    others: slotOf(line.others),
    names: new Map(),
  };
}

function integerIn(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === 0x2d;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) value = value * 10 + bytes[at]! - 0x30;
  return negative ? -value : value;
}

/** A key as it stands in lines. */
interface Name {
  readonly bytes: Uint8Array;
  /** Null where the value need not be read. */
  readonly name: string | null;
}

/** Keys by the length that they have with their quotes. */
interface Names {
  readonly byLength: (Name[] | undefined)[];
  count: number;
}

/** Event ids, and keys of each, that are remembered. */
const MAX_IDS = 64;
const MAX_NAMES = 256;
const MAX_MEMBERS = 1024;
/** Where members stand; for one line at a time. */
const members = new Int32Array(MAX_MEMBERS * MEMBER);
/** Texts of one line at a time, without their escapes. */
const unescaped = Buffer.alloc(4096);

/** The fields of an event that is a line: read when one of them is asked for. */
export class LineFields implements ReadonlyMap<string, string> {
  readonly #scanner: LineScanner;
  #bytes: Buffer;
  #from: number;
  #to: number;
  readonly #plan: Plan;
  readonly #head: EventHead;
  readonly #eventId: number;
  readonly #utcTime: string | null;
  readonly #hasLong: boolean;
  #fields: ReadonlyMap<string, string> | null = null;

  /** The object stands from `from` to `to` in the bytes. */
  constructor(
    scanner: LineScanner,
    bytes: Buffer,
    from: number,
    to: number,
    plan: Plan,
    head: EventHead,
    eventId: number,
    utcTime: string | null,
    hasLong: boolean,
  ) {
    this.#scanner = scanner;
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#plan = plan;
    this.#head = head;
    this.#eventId = eventId;
    this.#utcTime = utcTime;
    this.#hasLong = hasLong;
  }

  /** Keeps the fields past the bytes that they stand in; how many bytes that keeps. */
  keep(): number {
    const length = this.#to - this.#from;
    if (this.#fields !== null) return length;
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#from, this.#to));
    this.#from = 0;
    this.#to = length;
    return length;
  }

  get size(): number {
    return this.#all().size;
  }

  get(name: string): string | undefined {
    // Asked for of every record that may have been met twice.
    if (name === 'UtcTime' && this.#utcTime !== null) return renderField(this.#eventId, name, this.#utcTime);
    return this.#all().get(name);
  }

  has(name: string): boolean {
    return (name === 'UtcTime' && this.#utcTime !== null) || this.#all().has(name);
  }

  keys(): MapIterator<string> {
    return this.#all().keys();
  }

  values(): MapIterator<string> {
    return this.#all().values();
  }

  entries(): MapIterator<[string, string]> {
    return this.#all().entries();
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.#all()[Symbol.iterator]();
  }

  forEach(call: (value: string, key: string, map: ReadonlyMap<string, string>) => void): void {
    this.#all().forEach(call);
  }

  #all(): ReadonlyMap<string, string> {
    return (this.#fields ??= this.#read());
  }

  #read(): ReadonlyMap<string, string> {
    const object = this.#members() ?? parseObject(this.#bytes.toString('utf8', this.#from, this.#to)) ?? {};
    const given = this.#plan.shape.fields(object, this.#head);
    return (given && makeFields(this.#eventId, this.#head.provider, given)) ?? new Map();
  }

  /** The object with all keys that matter to its fields; null where it is easier to make the whole. */
  #members(): JsonObject | null {
    const bytes = this.#bytes;
    const count = this.#scanner.list(bytes, this.#from, members);
    if (count < 0) return null;
    const names = this.#names();
    const object: Record<string, unknown> = {};
    for (let at = 0; at < count * MEMBER; at += MEMBER) {
      const key = nameAt(bytes, members[at]!, members[at + 1]!, names) ?? this.#newName(at, names);
      if (key.name === null) continue;
      // An assignment would not make a member of it.
      if (key.name === '__proto__') return null;
      const [start, end] = [members[at + 2]!, members[at + 3]!];
      object[key.name] = valueAt(bytes, start, end, members[at + 4]!, this.#hasLong);
    }
    return object;
  }

  #names(): Names {
    const { names } = this.#plan;
    let known = names.get(this.#eventId);
    if (known === undefined) {
      if (names.size >= MAX_IDS) names.clear();
      known = { byLength: [], count: 0 };
      names.set(this.#eventId, known);
    }
    return known;
  }

  #newName(at: number, names: Names): Name {
    const bytes = Buffer.from(this.#bytes.subarray(members[at], members[at + 1]));
    const name = JSON.parse(bytes.toString('utf8')) as string;
    const made: Name = { bytes, name: this.#plan.shape.line!.drops(name, this.#eventId) ? null : name };
    if (bytes.length <= MAX_KEPT && names.count < MAX_NAMES) {
      (names.byLength[bytes.length] ??= []).push(made);
      names.count++;
    }
    return made;
  }
}

function nameAt(bytes: Uint8Array, start: number, end: number, { byLength }: Names): Name | undefined {
  const length = end - start;
  const names = byLength[length];
  if (names === undefined) return undefined;
  for (const name of names) {
    let at = length - 1;
    while (at >= 0 && name.bytes[at] === bytes[start + at]) at--;
    if (at < 0) return name;
  }
  return undefined;
}

/** As `parseObject` reads it; `hasLong`: whether there are numbers that it keeps as text. */
function valueAt(bytes: Buffer, start: number, end: number, kind: number, hasLong: boolean): unknown {
  switch (kind) {
    case KIND.plain:
    case KIND.text:
      return unescape(bytes, start + 1, end - 1) ?? JSON.parse(bytes.toString('utf8', start, end));
    case KIND.integer:
      return integerIn(bytes, start, end);
    case KIND.number: {
      const text = bytes.toString('latin1', start, end);
      return text.length < LONG ? Number(text) : text;
    }
    case KIND.true:
    case KIND.false:
      return kind === KIND.true;
    case KIND.null:
      return null;
    default: {
      const text = bytes.toString('utf8', start, end);
      return hasLong ? parseObject(`{"it":${text}}`)!['it'] : JSON.parse(text);
    }
  }
}

/** A text of ASCII whose escapes are of one letter; null for any other. */
function unescape(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > unescaped.length) return null;
  let length = 0;
  for (let at = start; at < end; at++) {
    let byte = bytes[at]!;
    if (byte >= 0x80) return null;
    if (byte === 0x5c) {
      byte = ESCAPES[bytes[++at]!]!;
      if (byte === 0) return null;
    }
    unescaped[length++] = byte;
  }
  return unescaped.toString('latin1', 0, length);
}

/** What letters stand for behind a backslash; 0 for \\u. */
const ESCAPES = new Uint8Array(256);
for (const [index, letter] of [...'"\\/bfnrt'].entries())
  ESCAPES[letter.charCodeAt(0)] = '"\\/\b\f\n\r\t'.charCodeAt(index);
