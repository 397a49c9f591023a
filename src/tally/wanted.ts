/** Which records a tally needs to see, and not only to count: those in question, those that may be marks, and samples. */
import { ALWAYS_LOGGED, foldAscii, isSysmon } from '../events/index.ts';
import { EVERY_RECORD, type Origin, type Wanted } from '../evtx/index.ts';
import type { Question } from '../predicate/index.ts';
import { MARK_IDS } from './marks.ts';
import { ONE_IN } from './sightings.ts';

export function wantedOf({ sources }: Question, { provider, channel }: Origin): Wanted {
  const sysmon = isSysmon(provider);
  // The sensor on Linux tells its boot with every record.
  if (sysmon && /^l/i.test(provider)) return EVERY_RECORD;
  const named = sysmon ? null : foldAscii(channel);
  const eventIds = new Uint8Array(65_536);
  for (const id of sysmon ? ALWAYS_LOGGED : MARK_IDS) eventIds[id] = 1;
  for (const source of sources) {
    if (source.channel !== named) continue;
    if (source.eventIds === null) return EVERY_RECORD;
    for (const id of source.eventIds) eventIds[id] = 1;
  }
  return { eventIds, oneIn: sysmon ? ONE_IN : 0 };
}
