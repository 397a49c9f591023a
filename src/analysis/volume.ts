/** What a configuration would write per host and day. */
import type { Tally } from '../tally/index.ts';
import type { Answer, Rate } from './answer.ts';
import { scale } from './rates.ts';

const METHOD =
  'events 4, 16 and 255 included; JSON: bytes of dump lines; EVTX: estimated as 360 bytes a record and two a character; a day is 24 watched hours';

/**
 * Null where nothing was measured, or nothing was watched. `hours` are the most that may have been watched. The interval
 * is that of the events that match, in proportion: they are the same events, but for the few that Sysmon always logs.
 */
export function volumeOf({ volume }: Tally, hours: number, matches: Rate | null): Answer['volume'] {
  if (volume.events === 0 || hours === 0 || matches === null) return null;
  const perDay = (count: number): number => (count / hours) * 24;
  const events = perDay(volume.events);
  return {
    eventsPerHostDay:
      matches.estimate > 0
        ? scale(matches, events / matches.estimate)
        : { ...matches, estimate: events, low: 0, high: null, method: 'none: no event matched' },
    jsonMbPerHostDay: perDay(volume.jsonBytes) / 1e6,
    evtxMbPerHostDay: perDay(volume.evtxBytes) / 1e6,
    method: METHOD,
  };
}
