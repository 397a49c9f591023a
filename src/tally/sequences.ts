/** Events that a correlation counts: when each came, and on which host. Whether it fires is for analysis to tell. */
import { boundKey } from '../events/index.ts';
import type { Counted } from '../predicate/index.ts';
import { compareText } from './marks.ts';
import type { Sequence, Sighting, Tally } from './tally.ts';

/** By time, then host, then value, by code units. */
export function compareSightings(a: Sighting, b: Sighting): number {
  return a.time - b.time || compareText(a.host, b.host) || compareText(a.value, b.value);
}

/** Events that are kept for correlations at most: one takes about a hundred bytes. */
const MAX_SIGHTINGS = 500_000;

export function addCounted(tally: Tally, counted: Counted, time: number, host: string): void {
  if (!Number.isFinite(time) || tally.sightings >= MAX_SIGHTINGS) {
    tally.sightingsMore += 1;
    return;
  }
  tally.sightings += 1;
  const value = boundKey(counted.value);
  sequenceOf(tally, counted).sightings.push({ time, host, value });
}

function sequenceOf(tally: Tally, { rule, key }: Pick<Sequence, 'rule' | 'key'>): Sequence {
  const name = boundKey(JSON.stringify([rule, ...key]));
  let sequence = tally.sequences.get(name);
  if (!sequence) {
    sequence = { rule, key: key.map((value) => boundKey(value)), sightings: [] };
    tally.sequences.set(name, sequence);
  }
  return sequence;
}

export function mergeSequences(into: Tally, from: Tally): void {
  into.sightingsMore += from.sightingsMore;
  for (const sequence of from.sequences.values()) {
    const { sightings } = sequenceOf(into, sequence);
    const room = Math.max(0, MAX_SIGHTINGS - into.sightings);
    for (const sighting of sequence.sightings.slice(0, room)) sightings.push(sighting);
    const added = Math.min(room, sequence.sightings.length);
    into.sightings += added;
    into.sightingsMore += sequence.sightings.length - added;
  }
}
