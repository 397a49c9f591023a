/** The groups of a tally, and the bound on their number. */
import type { Group, Slots, Tally } from './tally.ts';

/** Groups that a tally holds at most: about a kilobyte each. */
export const MAX_GROUPS = 100_000;

/** Key of a group in the tally. Field values can't imitate it: JSON quotes them. */
export function groupKey(rule: number, eventId: number, values: readonly (string | null)[]): string {
  return JSON.stringify([rule, eventId, ...values]);
}

/** Whether a tally that was halved keeps the group with this key. */
export function keeps(tally: Tally, key: string): boolean {
  return tally.halvings === 0 || hash(key) < 2 ** (32 - tally.halvings);
}

/**
 * Halves the kept share until at most `limit` groups are left; the rest goes to `others`. Which groups stay depends on
 * their keys alone, so the result is the same however the events were split: a part never has to halve more often than
 * the whole.
 */
export function boundGroups(tally: Tally, limit: number = MAX_GROUPS): void {
  while (tally.groups.size > limit) {
    tally.halvings += 1;
    for (const [key, group] of tally.groups) if (!keeps(tally, key)) forget(tally, key, group);
  }
}

/** Moves a group to `others`. */
export function forget(tally: Tally, key: string, group: Group): void {
  for (const [host, slots] of group.hosts) addSlots(slotsOf(tally.others, host), slots);
  tally.groups.delete(key);
}

export function slotsOf(hosts: Map<string, Slots>, host: string): Slots {
  let slots = hosts.get(host);
  if (!slots) hosts.set(host, (slots = new Map()));
  return slots;
}

export function addSlots(into: Slots, from: Slots): void {
  for (const [slot, count] of from) into.set(slot, (into.get(slot) ?? 0) + count);
}

/** Adds counts per text. */
export function addCounts<K>(into: Map<K, number>, from: ReadonlyMap<K, number>): void {
  for (const [key, count] of from) into.set(key, (into.get(key) ?? 0) + count);
}

/** FNV-1a over code units, 32 bits, with a final mix so that small differences reach the high bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
