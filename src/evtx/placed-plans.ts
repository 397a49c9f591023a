/** Plans of templates as they are placed in the kernel's memory, and how kernel/scan.ts reads them. */
import type { PlacedCode } from './chunk-kernel.ts';
import type { DataPlan, Given } from './plan.ts';
import type { Template } from './template.ts';

/** Values of plans of which it is told how much is read; bytes of each, and of all. */
const MAX_VALUES = 16_384;
const VALUE_SIZE = 4;
export const VALUES_SIZE: number = MAX_VALUES * VALUE_SIZE;

/** Words of a record's plan that change. */
export const ORIGIN = 18;
export const SEEN = 23;
export const TEMPLATE = 26;
export const PLAN_SIZE = 112;
/** Words of a plan of data: which, and what is read of it: by whom, in which event, whether that is known, and the filter. */
export const NUMBER = 0;
export const VALUES = 2;
export const READS_OF = 3;
export const READS_ID = 4;
export const READS = 5;
export const FILTER = 6;
export const MEASURED = 2;
const TEXTS = 3;
export const LONGEST = 256;
/** Beside the address of a template: the data are its own, and not those nested in a record. */
export const OWN_DATA = 1;

/** Where the kernel is told of the values of each plan: a region of their own, for plans are forgotten. */
export class Values {
  end = 0;
  #start = 0;
  #at = 0;

  begin(start: number): void {
    this.#start = this.#at = start;
    this.end = start + VALUES_SIZE;
  }

  /** Room for so many values; 0 where there is none. */
  place(values: number): number {
    const at = this.#at;
    if (at + VALUE_SIZE * values > this.end) return 0;
    this.#at = at + VALUE_SIZE * values;
    return at;
  }

  clear(words: Uint32Array): void {
    words.fill(0, this.#start / 4, this.#at / 4);
    this.#at = this.#start;
  }
}

export function recordPlan({ system }: Template, address: number, values: Values): PlacedCode | null {
  // A record id that is a text is none.
  if (system === null || (typeof system.record === 'string' && system.record !== '')) return null;
  const slot = (given: Given): number => (typeof given === 'string' ? -1 : given);
  const integer = (given: Given): readonly number[] =>
    typeof given === 'string' ? [-1, Number(given) & 0xffff] : [given, 0];
  const { provider, channel, host, eventId, version, record, created, dependency, last, data } = system;
  const isOwn = typeof data === 'object';
  return placed(PLAN_SIZE + TEXTS * LONGEST, () => [
    last,
    dependency,
    ...integer(eventId),
    ...integer(version),
    slot(record),
    ...[provider, channel, host].map(slot),
    isOwn ? -1 : data,
    ...(isOwn ? dataWords(address + OWN_DATA, data, values) : [0, 0, 0, 0, 0, 0, 0]),
    // No origin yet, and no texts that were seen.
    -1,
    0,
    0,
    0,
    0,
    -1,
    -1,
    -1,
    address,
    slot(created),
  ]);
}

export function nestedPlan({ data }: Template, address: number, values: Values): PlacedCode | null {
  return data && placed(28, () => dataWords(address, data, values));
}

function dataWords(number: number, { last }: DataPlan, values: Values): readonly number[] {
  return [number, last, values.place(last + 1), 0, 0, 0, 0];
}

function placed(size: number, words: () => readonly number[]): PlacedCode {
  return {
    size,
    place: () => {
      const bytes = Buffer.alloc(size);
      for (const [i, word] of words().entries()) bytes.writeInt32LE(word, 4 * i);
      return bytes;
    },
  };
}
