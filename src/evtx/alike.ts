/**
 * Records that are alike: of one origin, event id and template, and the same in all that is read of them. What was found
 * out about one holds for the others.
 */
import type { DataPlan } from './plan.ts';

/** How much of a field is read, as bits. The numbers are the kernel's (kernel/data-values.ts). */
export const READ_NOTHING = 0;
/** Of a GUID the first eight digits. */
export const READ_START = 1;
/** Nothing of a value that holds no letter past `f` and `x`, as numbers, times and ids do not. */
export const READ_WORDS = 2;
export const READ_ALL = 4;

/** How much is read of a field of events with an id. */
export type Reads = (eventId: number, field: string) => number;

/** By value of the plan, as many as there are up to the last. */
export function readsOf(reads: Reads, eventId: number, { fields, last }: DataPlan): Int32Array {
  const all = new Int32Array(last + 1);
  for (const { name, value } of fields) if (typeof value === 'number') all[value] = reads(eventId, name);
  return all;
}
