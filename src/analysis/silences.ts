/** Silences in which a machine can't have been on: it was suspended, or its clock jumped. */
import type { ChannelTally, Interval } from '../tally/index.ts';
import { cellsTouched, countCells, HOUR_MS } from './cells.ts';

/** No machine stays on for longer and writes nothing, however few its records are: a clock was wrong. */
const LONGEST_MS = 366 * 24 * HOUR_MS;
/** Shorter ones may be a night, or a day off, of a machine that stays on. */
const LEAST_MS = 24 * HOUR_MS;
/** A channel of fewer records tells nothing of its own pace. */
const LEAST_RECORDS = 500;
/** Records that a silence lacks by the channel's pace in the hours in which it was active. */
const LEAST_MISSED = 1000;
/** The pace, records an hour, from which even a burst of the events asked for is no boot's. */
const RUSH = 1000;

/**
 * Silences between stretches of activity, ascending. `bounded`: where nearly all records are the events asked for,
 * silence is what a quiet machine shows, so only a channel that is never slow tells.
 */
export function silences({ activity, records }: ChannelTally, bounded: boolean): Interval[] {
  const pace = records < LEAST_RECORDS ? 0 : records / countCells(cellsTouched(activity));
  if (bounded && pace < RUSH) return [];
  const silent: Interval[] = [];
  activity.forEach(([first], index) => {
    const last = activity[index - 1]?.[1] ?? first;
    const length = first - last;
    const isLong = length > LEAST_MS && (length / HOUR_MS) * pace >= LEAST_MISSED;
    if (isLong || length > LONGEST_MS) silent.push([last, first]);
  });
  return silent;
}
