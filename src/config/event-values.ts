/** The values of one event after another, each read and folded once, and only if it is asked for. */
import { foldAscii } from '../events/index.ts';
import type { DataPlan, PlacedFields, PlacedText } from '../evtx/index.ts';

/** Takes a field's value by its name; undefined where the event has none. */
export type FieldReader = (field: string) => string | undefined;

/** Tells where the text of a field stands, and its number; where it stands nowhere so, a FieldReader tells it. */
export type PlacedValues = Pick<PlacedFields, 'place' | 'numberOf' | 'numberAt' | 'plan'>;

/** Number of the text of fields that an event lacks: no other text has it. */
const MISSING = 2 ** 52;
/** In place of a value's index in a plan: the field is not there, or its name is to be asked for. */
const NOT_THERE = -1;
const BY_NAME = -2;

/** A text of up to so many units is put where the one before it was. */
const KEPT = 1024;

interface Slot {
  readonly field: string;
  /** Empty: not asked for yet. */
  written: string;
  folded: string;
  placed: boolean;
  readonly units: PlacedText;
  readonly own: Buffer;
}

/** Values by slots, which are given to fields before the first event. A missing or empty value is `-`. */
export class EventValues {
  readonly #slots: Slot[] = [];
  #read: FieldReader = () => undefined;
  #placed: PlacedValues | null = null;
  /** By slot, indices of their values in the event's plan. */
  #indices: Int32Array = new Int32Array(0);
  readonly #indicesOf = new WeakMap<DataPlan, Int32Array>();

  slotOf(field: string): number {
    const known = this.#slots.findIndex((slot) => slot.field === field);
    if (known >= 0) return known;
    const own = Buffer.alloc(2 * KEPT);
    const units: PlacedText = { bytes: own, at: 0, length: 0 };
    return this.#slots.push({ field, written: '', folded: '', placed: false, units, own }) - 1;
  }

  /** Goes on to the next event. */
  start(read: FieldReader, placed: PlacedValues | null): void {
    this.#read = read;
    this.#placed = placed;
    if (placed !== null) this.#indices = this.#indicesOf.get(placed.plan) ?? this.#indicesIn(placed.plan);
    const slots = this.#slots;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      slot.written = slot.folded = '';
      slot.placed = false;
    }
  }

  /** Where it stands, as it is written. */
  units(number: number): PlacedText {
    const slot = this.#slots[number]!;
    const { field, units } = slot;
    if (slot.placed) return units;
    slot.placed = true;
    if (field === 'RuleName' || this.#placed === null || !this.#placed.place(field, units))
      put(this.written(number), slot);
    return units;
  }

  /** By which its text may be known again; -1 for none. */
  textNumber(number: number): number {
    const placed = this.#placed;
    if (placed === null) return -1;
    const index = this.#indices[number]!;
    if (index === NOT_THERE) return MISSING;
    return index === BY_NAME ? placed.numberOf(this.#slots[number]!.field) : placed.numberAt(index);
  }

  #indicesIn(plan: DataPlan): Int32Array {
    const indices = Int32Array.from(this.#slots, ({ field }) => {
      if (field === 'RuleName') return NOT_THERE;
      // Of a plan that is not whole a field may be missing.
      if (!plan.isWhole) return BY_NAME;
      const index = plan.byName.get(field);
      return index === undefined ? NOT_THERE : (plan.fields[index]!.value as number);
    });
    this.#indicesOf.set(plan, indices);
    return indices;
  }

  /** As it is written. */
  written(number: number): string {
    const slot = this.#slots[number]!;
    if (slot.written !== '') return slot.written;
    // RuleName is known only when the filters are through: what a log says is the name of another configuration.
    slot.written = (slot.field === 'RuleName' ? '' : this.#read(slot.field)) || '-';
    return slot.written;
  }

  folded(number: number): string {
    const slot = this.#slots[number]!;
    if (slot.folded === '') slot.folded = foldAscii(this.written(number));
    return slot.folded;
  }
}

function put(text: string, { units, own }: Slot): void {
  const { length } = text;
  units.at = 0;
  units.length = length;
  units.bytes = length > KEPT ? Buffer.from(text, 'utf16le') : own;
  if (length > KEPT) return;
  if (length > SHORT) own.write(text, 'utf16le');
  else {
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      own[2 * i] = unit;
      own[2 * i + 1] = unit >> 8;
    }
  }
}

/** Up to so many units are put faster here than by a call out of the language. */
const SHORT = 24;
