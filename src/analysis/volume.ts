/** What a configuration would write per host and day. */
import type { Tally } from '../tally/index.ts';
import type { Answer } from './answer.ts';
import type { Exposure } from './exposure.ts';
import { eventRate } from './rates.ts';

const METHOD =
  'events 4, 16 and 255 included; JSON: bytes of dump lines; EVTX: estimated as 360 bytes a record and two a character; a day is 24 watched hours';

/** Null where nothing was measured, or nothing was watched. */
export function volumeOf({ volume }: Tally, { least, most, bounded }: Exposure): Answer['volume'] {
  if (volume.events === 0 || most.hours === 0) return null;
  const perDay = (bytes: number): number => (bytes / most.hours) * (24 / 1e6);
  return {
    eventsPerHostDay: eventRate(volume.events, least.hours / 24, most.hours / 24, bounded),
    jsonMbPerHostDay: perDay(volume.jsonBytes),
    evtxMbPerHostDay: perDay(volume.evtxBytes),
    method: METHOD,
  };
}
