/** The values of one event after another, each read and folded once, and only if it is asked for. */
import { foldAscii } from '../events/index.ts';
import type { PlacedText } from '../evtx/index.ts';

/** Takes a field's value by its name; undefined where the event has none. */
export type FieldReader = (field: string) => string | undefined;

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

  slotOf(field: string): number {
    const known = this.#slots.findIndex((slot) => slot.field === field);
    if (known >= 0) return known;
    const own = Buffer.alloc(2 * KEPT);
    const units: PlacedText = { bytes: own, at: 0, length: 0 };
    return this.#slots.push({ field, written: '', folded: '', placed: false, units, own }) - 1;
  }

  /** Goes on to the next event. */
  start(read: FieldReader): void {
    this.#read = read;
    const slots = this.#slots;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      slot.written = slot.folded = '';
      slot.placed = false;
    }
  }

  /** Its units, as it is written. */
  units(number: number): PlacedText {
    const slot = this.#slots[number]!;
    if (!slot.placed) {
      slot.placed = true;
      put(this.written(number), slot);
    }
    return slot.units;
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
