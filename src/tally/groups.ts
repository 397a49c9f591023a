/** The groups of a tally, and the bound on their number. */
import { boundKey } from '../events/index.ts';
import type { Group, Slots, Tally } from './tally.ts';

/** Groups that a tally holds at most: one takes 1.5 KB, and every thread has a tally of its own. */
export const MAX_GROUPS = 100_000;
/** Characters of their values on average, at most: command lines of 32 Ki would fill the memory long before. */
const MAX_CHARACTERS = 320;
/** Spellings of one group, or host, that are told apart: the most frequent is shown, and there are two or three. */
export const MAX_SPELLINGS = 8;

/** Key of a group in the tally. Field values can't imitate it: JSON quotes them. Several long ones are long together. */
export function groupKey(rules: readonly number[], type: string, values: readonly (string | null)[]): string {
  return boundKey(JSON.stringify([rules, type, ...values]));
}

/** Whether a tally that was halved keeps the group with this key. */
export function keeps(tally: Tally, key: string): boolean {
  return tally.halvings === 0 || hash(key) < 2 ** (32 - tally.halvings);
}

/** Whether there are too many groups, or too long ones. */
function exceeds(tally: Tally, limit: number): boolean {
  if (tally.groups.size > limit) return true;
  let characters = 0;
  for (const { key } of tally.groups.values()) characters += charactersOf(key);
  return characters > limit * MAX_CHARACTERS;
}

/** Characters of a group's values. */
export function charactersOf(key: Group['key']): number {
  return key.reduce((sum, value) => sum + (value?.length ?? 0), 0);
}

/** Characters of new groups after which the bound is to be looked at. */
export function charactersFor(limit: number): number {
  return (limit * MAX_CHARACTERS) / 2;
}

/**
 * Halves the kept share until at most `limit` groups are left, and no more text than they may hold; the rest goes to `others`. Which groups stay depends on
 * their keys alone, so the result is the same however the events were split: a part never has to halve more often than
 * the whole.
 */
export function boundGroups(tally: Tally, limit: number = MAX_GROUPS): void {
  while (exceeds(tally, limit)) {
    tally.halvings += 1;
    for (const [key, group] of tally.groups) if (!keeps(tally, key)) forget(tally, key, group);
  }
}

/** Moves a group to `others`. */
export function forget(tally: Tally, key: string, group: Group): void {
  for (const [host, slots] of group.hosts) addCounts(slotsOf(tally.others, host), slots);
  tally.groups.delete(key);
}

export function slotsOf(hosts: Map<string, Slots>, host: string): Slots {
  let slots = hosts.get(host);
  if (!slots) hosts.set(host, (slots = new Map()));
  return slots;
}

/** Counts events of one slot. */
export function addToSlot(slots: Slots, slot: number, events: number): void {
  slots.set(slot, (slots.get(slot) ?? 0) + events);
}

/** Adds counts by key, such as slots. */
export function addCounts<K>(into: Map<K, number>, from: ReadonlyMap<K, number>): void {
  // Without a pair for each: there may be many.
  from.forEach((count, key) => into.set(key, (into.get(key) ?? 0) + count));
}

/**
 * Adds counts of spellings. Past the bound a new one is not counted: a log with more spellings of one name than that may
 * have the wrong one shown, and which one then depends on the order in which it was read.
 */
export function addSpelling(into: Map<string, number>, text: string, count: number): void {
  const known = into.get(text);
  if (known !== undefined || into.size < MAX_SPELLINGS) into.set(text, (known ?? 0) + count);
}

export function addSpellings(into: Map<string, number>, from: Iterable<readonly [string, number]>): void {
  for (const [text, count] of from) addSpelling(into, text, count);
}

/** FNV-1a over code units, 32 bits, with a final mix so that small differences reach the high bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
