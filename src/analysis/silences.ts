/** Silences in which a machine can't have been on: it was suspended, or its clock jumped. */
import type { ChannelTally, Interval } from '../tally/index.ts';
import { cellsTouched, countCells, HOUR_MS } from './cells.ts';

/** No machine stays on for longer and writes nothing, however few its records are: a clock was wrong. */
const LONGEST_MS = 366 * 24 * HOUR_MS;
/** Shorter ones may be a night, or a day off, of a machine that stays on. */
const LEAST_MS = 24 * HOUR_MS;
/** Records that a silence lacks by the channel's pace in the hours in which it was active. */
const LEAST_MISSED = 1000;
/** Fewer records tell less of their pace: a silence has to lack more of them, by the square of what they are fewer. */
const SURE_RECORDS = 500;
/** The pace, records an hour, from which even a burst of the events asked for is no boot's. */
const RUSH = 1000;

/**
 * Silences between stretches of activity, ascending. `bounded`: where nearly all records are the events asked for,
 * silence is what a quiet machine shows, so only a channel that is never slow tells.
 */
export function silences({ activity, records }: ChannelTally, bounded: boolean): Interval[] {
  const pace = records / countCells(cellsTouched(activity));
  if (bounded && pace < RUSH) return [];
  const missed = LEAST_MISSED * Math.max(1, SURE_RECORDS / records) ** 2;
  const silent: Interval[] = [];
  activity.forEach(([first], index) => {
    const last = activity[index - 1]?.[1] ?? first;
    const length = first - last;
    const isLong = length > LEAST_MS && (length / HOUR_MS) * pace >= missed;
    if (isLong || length > LONGEST_MS) silent.push([last, first]);
  });
  return silent;
}
