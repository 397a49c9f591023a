/** A record that is read by its template's plan: a value is read when it is asked for, and only that one. */
import type { DataPlan, FieldPlan } from './plan.ts';
import type { Texts } from './texts.ts';
import { valueText } from './value.ts';

/** The bytes that records are read from. Records of a block are valid as long as its bytes are not changed. */
export interface Block {
  readonly bytes: Buffer;
  /** Of the same bytes. */
  readonly view: DataView;
  readonly texts: Texts;
}

/** Values of a template instance: where descriptors (size u16, type u8, 0 u8) and values begin, bytes from the block's start. */
export interface PlannedValues {
  readonly plan: DataPlan;
  readonly descriptors: number;
  readonly values: number;
}

/** Facts of a record; see EvtxRecord. */
export interface RecordFacts {
  readonly record: number | null;
  readonly time: number;
  readonly offset: number;
  readonly provider: string;
  readonly channel: string;
  readonly host: string;
  readonly eventId: number;
  readonly version: number;
}

export class PlannedRecord implements RecordFacts {
  readonly kind = 'record' as const;
  readonly record: number | null;
  readonly time: number;
  readonly offset: number;
  readonly provider: string;
  readonly channel: string;
  readonly host: string;
  readonly eventId: number;
  readonly version: number;
  #fields: ReadonlyMap<string, string> | null;
  readonly #plain: () => ReadonlyMap<string, string>;

  /** `values` is null where the data are not as a plan can tell: then `plain` reads them. */
  constructor(
    facts: RecordFacts,
    block: Block,
    values: PlannedValues | null,
    plain: () => ReadonlyMap<string, string>,
  ) {
    this.record = facts.record;
    this.time = facts.time;
    this.offset = facts.offset;
    this.provider = facts.provider;
    this.channel = facts.channel;
    this.host = facts.host;
    this.eventId = facts.eventId;
    this.version = facts.version;
    this.#fields = values === null ? null : new PlannedFields(block, values);
    this.#plain = plain;
  }

  get fields(): ReadonlyMap<string, string> {
    return (this.#fields ??= this.#plain());
  }
}

/** The fields of a record, in its order; each is decoded whenever it is asked for. */
class PlannedFields implements ReadonlyMap<string, string> {
  readonly #block: Block;
  readonly #plan: DataPlan;
  readonly #descriptors: number;
  /** Where each value begins; one more for the end of the last that the plan needs. */
  readonly #at: number[];

  constructor(block: Block, { plan, descriptors, values }: PlannedValues) {
    this.#block = block;
    this.#plan = plan;
    this.#descriptors = descriptors;
    let p = values;
    this.#at = [p];
    for (let i = 0; i <= plan.last; i++) {
      p += block.view.getUint16(descriptors + 4 * i, true);
      this.#at.push(p);
    }
  }

  get(name: string): string | undefined {
    const index = this.#plan.byName.get(name);
    return index === undefined ? undefined : this.#value(this.#plan.fields[index]!);
  }

  has(name: string): boolean {
    const index = this.#plan.byName.get(name);
    return index !== undefined && this.#exists(this.#plan.fields[index]!);
  }

  get size(): number {
    return this.#plan.fields.reduce((count, field) => count + (this.#exists(field) ? 1 : 0), 0);
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

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }

  #type(index: number): number {
    return this.#block.view.getUint8(this.#descriptors + 4 * index + 2);
  }

  #exists({ dependency }: FieldPlan): boolean {
    return dependency < 0 || this.#type(dependency) !== 0;
  }

  #value(field: FieldPlan): string | undefined {
    if (!this.#exists(field)) return undefined;
    const { value } = field;
    if (typeof value === 'string') return value;
    const { bytes, view, texts } = this.#block;
    const at = this.#at[value]!;
    const size = this.#at[value + 1]! - at;
    const type = this.#type(value);
    return type === 0x01 ? texts.get(view, bytes, at, size) : valueText(bytes, at, size, type);
  }
}
