/** A tally grouped by fewer fields. */
import { typeKey } from '../events/index.ts';
import { addCounts, addSpellings, groupKey, slotsOf } from './groups.ts';
import type { Group, Tally } from './tally.ts';

type By = ReadonlyMap<string, readonly string[]>;

/** Brings two tallies to the fields that they share, in the order of the first, so that they add up. Both may change. */
export function alignGroups(a: Tally, b: Tally): void {
  const shared = new Map<string, readonly string[]>();
  for (const [type, fields] of a.by) {
    const others = b.by.get(type);
    if (!others || (others.length === fields.length && others.every((field, i) => field === fields[i])))
      continue;
    shared.set(
      type,
      fields.filter((field) => others.includes(field)),
    );
  }
  if (shared.size === 0) return;
  regroup(a, shared);
  regroup(b, shared);
}

/** Groups the types that `by` names by its fields, which are among those that the tally has. */
function regroup(tally: Tally, by: By): void {
  const groups = [...tally.groups];
  tally.groups.clear();
  for (const [key, group] of groups) {
    const type = typeKey(group.channel, group.eventId);
    const wanted = by.get(type);
    if (!wanted) {
      tally.groups.set(key, group);
      continue;
    }
    const fields = tally.by.get(type) ?? [];
    add(
      tally,
      projected(
        group,
        wanted.map((field) => fields.indexOf(field)),
      ),
      type,
    );
  }
  for (const [type, fields] of by) if (tally.by.has(type)) tally.by.set(type, fields);
}

function projected(group: Group, places: readonly number[]): Group {
  const pick = (values: readonly (string | null)[]): (string | null)[] =>
    places.map((place) => values[place] ?? null);
  const spellings = new Map<string, number>();
  const written = [...group.spellings].map(([spelling, times]): [string, number] => [
    JSON.stringify(pick(JSON.parse(spelling) as (string | null)[])),
    times,
  ]);
  addSpellings(spellings, written);
  return { ...group, key: pick(group.key), spellings };
}

function add(tally: Tally, group: Group, type: string): void {
  const key = groupKey(group.rules, type, group.key);
  const known = tally.groups.get(key);
  if (!known) {
    tally.groups.set(key, group);
    return;
  }
  addSpellings(known.spellings, group.spellings);
  for (const [host, slots] of group.hosts) addCounts(slotsOf(known.hosts, host), slots);
}
