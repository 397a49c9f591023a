/** Sessions of Sysmon in its own channel: from one start to the next. Times ascend, each once. */
import type { Interval } from '../tally/index.ts';
import { firstEndingFrom } from './intervals.ts';

/** The service starts so long after its driver, at most. */
const BUFFERED_MS = 5 * 60_000;

/**
 * When what Sysmon saw begins, of a start that its service told of. The driver sees events before that, which are written
 * behind the start: in a log that tells when events happened, and not when they were written, they stand before it, after
 * the silence of a machine that was off.
 */
export function beginOf(start: number, activity: readonly Interval[]): number {
  const [first] = activity[firstEndingFrom(activity, start)] ?? [start];
  return first <= start && start - first <= BUFFERED_MS ? first : start;
}

/**
 * Sessions as far as records show them: from each start to the channel's last record before the next start. Silence
 * within does not cut them, because a log with regular events that begins with a start keeps all that came after.
 * Nothing before the first start is a session.
 */
export function recordedSessions(starts: readonly number[], activity: readonly Interval[]): Interval[] {
  let next = 0;
  return starts.map((start, index): Interval => {
    const until = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    while (next < activity.length && (activity[next] as Interval)[0] < until) next += 1;
    // Activity tells the last record to half an hour: where it runs on over the next start, so does the exposure.
    const last = next > 0 ? (activity[next - 1] as Interval)[1] : start;
    return [start, Math.max(start, Math.min(last, until))];
  });
}

/**
 * Sessions as long as they can have been: from the first record and from each start to the next start, or to a stop
 * (in any of the lists) that comes after the session's last record; the last one to the channel's last record.
 */
export function wholeSessions(
  starts: readonly number[],
  stops: readonly (readonly number[])[],
  activity: readonly Interval[],
): Interval[] {
  const first = activity[0]?.[0];
  const begins =
    first !== undefined && first < (starts[0] ?? Number.POSITIVE_INFINITY) ? [first, ...starts] : starts;
  const positions = stops.map(() => 0);
  return recordedSessions(begins, activity).map(([start, last], index): Interval => {
    const until = begins[index + 1];
    if (until === undefined) return [start, last];
    const ends = stops.map((times, list) => {
      let position = positions[list] as number;
      while (position < times.length && (times[position] as number) < last) position += 1;
      positions[list] = position;
      return times[position] ?? Number.POSITIVE_INFINITY;
    });
    return [start, Math.min(until, ...ends)];
  });
}
