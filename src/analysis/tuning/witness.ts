/** Events that show what an entry hides. */
import { foldAscii } from '../../events/index.ts';
import type { Candidate } from './candidates.ts';
import { valueMeets } from './meets.ts';
import { fieldsOf, type NoiseGroup } from './noise.ts';
import type { WitnessEvent } from './tuning.ts';

/** What an attacker would do in each field that the entry does not ask about. */
const ATTACKERS: Readonly<Record<string, string>> = {
  TargetImage: 'C:\\Windows\\System32\\lsass.exe',
  StartModule: '-',
  StartFunction: '-',
  CommandLine: 'attacker.exe',
  TargetFilename: 'C:\\Users\\Public\\attacker.exe',
  QueryName: 'attacker.example',
  GrantedAccess: '0x1FFFFF',
};

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
        asked.has(field) ? value : (ATTACKERS[field] ?? value),
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
