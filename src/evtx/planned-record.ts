/** A record that is read by its template's plan: a value is read when it is asked for, and only that one. */
import type { Origin } from './origins.ts';
import type { DataPlan, FieldPlan } from './plan.ts';
import type { Texts } from './texts.ts';
import { addTextSize, textEnd, type TextSize, valueText } from './value.ts';

/** A chunk that records are read from. They are valid as long as its bytes are not changed. */
export interface Chunk {
  readonly bytes: Buffer;
  /** Of the same bytes. */
  readonly view: DataView;
  readonly texts: Texts;
  /** Of the chunk in its file, bytes. */
  readonly offset: number;
  /** Decodes the data of the record of `size` bytes at `start` the plain way. */
  readonly plainFields: (start: number, size: number) => ReadonlyMap<string, string>;
}

/** What the scan knows of a record. */
export interface PlannedFacts {
  readonly chunk: Chunk;
  /** Where it begins in its chunk, and its size. */
  readonly start: number;
  readonly size: number;
  readonly origin: Origin;
  readonly record: number | null;
  readonly time: number;
  readonly eventId: number;
  readonly version: number;
  readonly delay: number;
  /** Null where its data are not as a plan can tell. */
  readonly plan: DataPlan | null;
  /** Where the descriptors (size u16, type u8, 0 u8) and the values of the data's instance begin in the chunk. */
  readonly descriptors: number;
  readonly values: number;
  /** The part of the filter of what is wanted that holds first, OUT or UNDECIDED. */
  readonly part: number;
}

/** A record; see EvtxRecord. */
export class PlannedRecord {
  readonly kind = 'record' as const;
  readonly #facts: PlannedFacts;
  #fields: ReadonlyMap<string, string> | null = null;

  constructor(facts: PlannedFacts) {
    this.#facts = facts;
  }

  get record(): number | null {
    return this.#facts.record;
  }

  get time(): number {
    return this.#facts.time;
  }

  get eventId(): number {
    return this.#facts.eventId;
  }

  get version(): number {
    return this.#facts.version;
  }

  get delay(): number {
    return this.#facts.delay;
  }

  get provider(): string {
    return this.#facts.origin.provider;
  }

  get channel(): string {
    return this.#facts.origin.channel;
  }

  get host(): string {
    return this.#facts.origin.host;
  }

  /** Bytes from the start of the file. */
  get offset(): number {
    return this.#facts.chunk.offset + this.#facts.start;
  }

  get fields(): ReadonlyMap<string, string> {
    const { chunk, start, size, plan } = this.#facts;
    this.#fields ??= plan === null ? chunk.plainFields(start, size) : new PlannedFields(this.#facts, plan);
    return this.#fields;
  }
}

/** A text where it stands: UTF-16LE from `at` on, `length` units of it. */
export interface PlacedText {
  bytes: Uint8Array;
  at: number;
  length: number;
}

/** Fields whose texts can be looked at where they stand, and measured, without being made. */
export interface PlacedFields extends ReadonlyMap<string, string> {
  /** Of all values, and how many characters their names have. */
  textSize(): TextSize & { readonly names: number };
  /** False where the field has no text, or one that does not stand in the log so: then `get` tells. */
  place(name: string, into: PlacedText): boolean;
  /**
   * Visits every text of UTF-16 where it stands; the object is the same each time. False, and nothing is visited, where
   * there are texts of other kinds: then the values tell. Numbers, times and ids are no texts.
   */
  eachText(visit: (text: PlacedText) => void): boolean;
  /** The same object for records that have the same fields in the same order. */
  readonly plan: DataPlan;
  /** The part of the filter of what is wanted (`Wanted.filtered`) that holds first, OUT or UNDECIDED. */
  readonly part: number;
  /** The first eight digits of a GUID, as a number; -1 where the field is not there, or no GUID in sixteen bytes. */
  guidStart(name: string): number;
}

/** Fields that are told where they stand; null for those that are not. */
export function placedFields(fields: ReadonlyMap<string, string>): PlacedFields | null {
  return fields instanceof PlannedFields ? fields : null;
}

/** Types of texts that are not of UTF-16 as it is placed: of single bytes, and names. */
const OTHER_TEXTS: ReadonlySet<number> = new Set([0x02, 0x23]);
const placed: PlacedText = { bytes: new Uint8Array(), at: 0, length: 0 };

/** The fields of a record, in its order; each is decoded whenever it is asked for. */
class PlannedFields implements PlacedFields {
  readonly #chunk: Chunk;
  readonly #plan: DataPlan;
  readonly #descriptors: number;
  readonly #values: number;
  readonly part: number;
  /** Where the value of this index begins: values are mostly asked for in their order. */
  #index = 0;
  #at: number;

  constructor({ chunk, descriptors, values, part }: PlannedFacts, plan: DataPlan) {
    this.#chunk = chunk;
    this.#plan = plan;
    this.#descriptors = descriptors;
    this.#values = values;
    this.part = part;
    this.#at = values;
  }

  get(name: string): string | undefined {
    const index = this.#plan.byName.get(name);
    return index === undefined ? undefined : this.#value(this.#plan.fields[index]!);
  }

  place(name: string, into: PlacedText): boolean {
    const index = this.#plan.byName.get(name);
    if (index === undefined) return false;
    const field = this.#plan.fields[index]!;
    const { value } = field;
    if (typeof value === 'string' || !this.#exists(field) || this.#type(value) !== 0x01) return false;
    const { bytes, view } = this.#chunk;
    const at = this.#placeOf(value);
    into.bytes = bytes;
    into.at = at;
    into.length = (textEnd(bytes, at, view.getUint16(this.#descriptors + 4 * value, true)) - at) >> 1;
    return into.length > 0;
  }

  eachText(visit: (text: PlacedText) => void): boolean {
    const { fields } = this.#plan;
    for (const { value } of fields) {
      if (typeof value === 'string' ? value !== '' : OTHER_TEXTS.has(this.#type(value))) return false;
    }
    for (const { name } of fields) if (this.place(name, placed)) visit(placed);
    return true;
  }

  get plan(): DataPlan {
    return this.#plan;
  }

  guidStart(name: string): number {
    const index = this.#plan.byName.get(name);
    if (index === undefined) return -1;
    const field = this.#plan.fields[index]!;
    const { value } = field;
    if (typeof value === 'string' || !this.#exists(field) || this.#type(value) !== 0x0f) return -1;
    const { view } = this.#chunk;
    if (view.getUint16(this.#descriptors + 4 * value, true) < 16) return -1;
    return view.getUint32(this.#placeOf(value), true);
  }

  has(name: string): boolean {
    const index = this.#plan.byName.get(name);
    return index !== undefined && this.#exists(this.#plan.fields[index]!);
  }

  get size(): number {
    const { fields, isWhole } = this.#plan;
    return isWhole ? fields.length : fields.reduce((n, field) => n + (this.#exists(field) ? 1 : 0), 0);
  }

  forEach(visit: (value: string, name: string, map: ReadonlyMap<string, string>) => void): void {
    for (const field of this.#plan.fields) {
      const value = this.#value(field);
      if (value !== undefined) visit(value, field.name, this);
    }
  }

  *entries(): MapIterator<[string, string]> {
    for (const field of this.#plan.fields) {
      const value = this.#value(field);
      if (value !== undefined) yield [field.name, value];
    }
  }

  *keys(): MapIterator<string> {
    for (const field of this.#plan.fields) if (this.#exists(field)) yield field.name;
  }

  *values(): MapIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  textSize(): TextSize & { readonly names: number } {
    const size = { characters: 0, jsonBytes: 0, names: 0 };
    for (const field of this.#plan.fields) {
      if (!this.#exists(field)) continue;
      const { name, value } = field;
      size.names += name.length;
      if (typeof value === 'string') {
        size.characters += value.length;
        size.jsonBytes += Buffer.byteLength(JSON.stringify(value));
        continue;
      }
      const length = this.#chunk.view.getUint16(this.#descriptors + 4 * value, true);
      addTextSize(size, this.#chunk, this.#placeOf(value), length, this.#type(value));
    }
    return size;
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }

  #type(index: number): number {
    return this.#chunk.view.getUint8(this.#descriptors + 4 * index + 2);
  }

  #exists({ dependency }: FieldPlan): boolean {
    return dependency < 0 || this.#type(dependency) !== 0;
  }

  #value(field: FieldPlan): string | undefined {
    if (!this.#exists(field)) return undefined;
    const { value } = field;
    if (typeof value === 'string') return value;
    const { bytes, view, texts } = this.#chunk;
    const at = this.#placeOf(value);
    const size = view.getUint16(this.#descriptors + 4 * value, true);
    const type = this.#type(value);
    if (type !== 0x01) return valueText(bytes, at, size, type);
    return texts.get(view, bytes, at, size);
  }

  #placeOf(index: number): number {
    const { view } = this.#chunk;
    let i = this.#index;
    let at = this.#at;
    if (i > index) {
      i = 0;
      at = this.#values;
    }
    for (; i < index; i++) at += view.getUint16(this.#descriptors + 4 * i, true);
    this.#index = i;
    this.#at = at;
    return at;
  }
}
