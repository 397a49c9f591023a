/** Correlations: the events that they count -> when they fire. */
import {
  compareSightings,
  SLOT_MS,
  type Group,
  type Sequence,
  type Sighting,
  type Tally,
} from '../tally/index.ts';
import type { Correlation } from '../predicate/index.ts';
import { typeKey } from '../events/index.ts';

/** The tally with a group for each correlation and key that fires: from here on it is like any other rule. */
export function withCorrelations(tally: Tally, correlations: readonly Correlation[]): Tally {
  if (correlations.length === 0) return tally;
  const groups = new Map(tally.groups);
  for (const [name, sequence] of tally.sequences) {
    const correlation = correlations.find(({ rule }) => rule === sequence.rule);
    const fired = correlation ? firings(sequence.sightings, correlation) : [];
    if (fired.length > 0) groups.set(`correlation ${name}`, groupOf(sequence, fired));
  }
  return { ...tally, groups, by: fieldsOf(tally.by, correlations) };
}

/** How groups of correlations are named: each has fields of its own. */
export function fieldsOf(
  by: ReadonlyMap<string, readonly string[]>,
  correlations: readonly Correlation[],
): Map<string, readonly string[]> {
  return new Map([
    ...by,
    ...correlations.map(({ rule, by: own }): [string, readonly string[]] => [
      typeKey(channelOf(rule), 0),
      own,
    ]),
  ]);
}

function channelOf(rule: number): string {
  return `correlation ${rule}`;
}

function groupOf({ rule, key }: Sequence, fired: readonly Sighting[]): Group {
  const hosts: Group['hosts'] = new Map();
  for (const { time, host } of fired) {
    const slots = hosts.get(host) ?? new Map<number, number>();
    const slot = Math.floor(time / SLOT_MS);
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
    hosts.set(host, slots);
  }
  return { rules: [rule], eventId: 0, channel: channelOf(rule), key, spellings: new Map(), hosts };
}

/**
 * The events at which a correlation fires: those with which the number of events (of different values) within its
 * timespan, up to and with that event, meets its condition. Then it begins anew, as an alert does that was raised.
 */
function firings(sightings: readonly Sighting[], { timespan, bounds, type }: Correlation): Sighting[] {
  const sorted = sightings.toSorted(compareSightings);
  const fired: Sighting[] = [];
  const values = new Map<string, number>();
  let first = 0;
  for (const [index, sighting] of sorted.entries()) {
    values.set(sighting.value, (values.get(sighting.value) ?? 0) + 1);
    for (; sorted[first]!.time <= sighting.time - timespan; first += 1) {
      const { value } = sorted[first]!;
      const left = values.get(value)! - 1;
      if (left > 0) values.set(value, left);
      else values.delete(value);
    }
    const count = type === 'value_count' ? values.size : index - first + 1;
    if (!bounds.every((bound) => holds(bound, count))) continue;
    fired.push(sighting);
    values.clear();
    first = index + 1;
  }
  return fired;
}

function holds({ op, count: bound }: Correlation['bounds'][number], count: number): boolean {
  switch (op) {
    case 'gt':
      return count > bound;
    case 'gte':
      return count >= bound;
    case 'lt':
      return count < bound;
    case 'lte':
      return count <= bound;
    case 'eq':
      return count === bound;
    case 'neq':
      return count !== bound;
  }
}
