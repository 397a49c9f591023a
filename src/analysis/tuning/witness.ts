/** Events that show what an entry hides. */
import { foldAscii } from '../../events/index.ts';
import { attackersDeed } from '../attacker.ts';
import type { Candidate } from './candidates.ts';
import { valueMeets } from './meets.ts';
import { fieldsOf, type NoiseGroup } from './noise.ts';
import type { WitnessEvent } from './tuning.ts';

/** Where a thread starts is the caller's choice: none of the places that were seen. */
const NOWHERE: ReadonlySet<string> = new Set(['StartModule', 'StartFunction']);

/**
 * An event that meets the entry, and no other entry of the list wherever there is one: the values that it asks for as
 * they were seen, and others of an attacker's choice.
 */
export function witnessOf(
  candidate: Candidate,
  groups: readonly NoiseGroup[],
  list: readonly Candidate[],
): WitnessEvent {
  const asked = new Set(candidate.conditions.map(({ field }) => field));
  const others = list.filter((other) => other !== candidate);
  const free = (fields: Readonly<Record<string, string>>): boolean =>
    !others.some((other) => fieldsMeet(fields, candidate, other));
  const seen = groups.map(fieldsOf);
  const chosen = seen.map((fields) =>
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [
        field,
        asked.has(field) ? value : NOWHERE.has(field) ? '-' : (attackersDeed(field) ?? value),
      ]),
    ),
  );
  const fields = chosen.find(free) ?? seen.find(free) ?? chosen[0]!;
  return { EventID: String(candidate.eventId), ...fields };
}

/** Whether an event of the type of one entry meets another. */
function fieldsMeet(
  fields: Readonly<Record<string, string>>,
  { eventId, channel }: Candidate,
  other: Candidate,
): boolean {
  if (other.eventId !== eventId || other.channel !== channel) return false;
  return other.conditions.every((condition) => {
    const value = fields[condition.field];
    return valueMeets(value === undefined ? null : foldAscii(value), condition) !== 'no';
  });
}
