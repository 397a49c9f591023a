/** Times in which marks say that a host, or Sysmon on it, was not running. */
import type { Interval, Mark } from '../tally/index.ts';
import { firstEndingFrom } from './intervals.ts';

/** Clocks are set by seconds all the time; a step this long is a machine that was suspended, or a clock that was wrong. */
const CLOCK_STEP_MS = 60_000;

/**
 * Claims of down time: from the last stop or sleep mark to the next start or resume, from when a resume says that the
 * sleep began, over a step of the clock ahead, and from Sysmon's stop to its start in the same channel. They are claims:
 * a record within one proves it wrong there.
 */
export function downtimes(marks: readonly Mark[]): Interval[] {
  const claims: Interval[] = [];
  let machine: number | null = null;
  // A machine was up at its last start or resume, whatever a later record says of the time before.
  let up = Number.NEGATIVE_INFINITY;
  const sysmon = new Map<string, number>();
  for (const { time, kind, channel, since } of marks) {
    if (kind === 'stop' || kind === 'sleep') machine = time;
    // Sysmon's start proves the machine up as well as a start of the machine does.
    if (machine !== null && (kind === 'start' || kind === 'resume' || kind === 'sysmon-started')) {
      claims.push([machine, time]);
      machine = null;
    }
    const stepped = kind === 'clock-set' && since !== null && time - since > CLOCK_STEP_MS;
    if (since !== null && since < time && (kind === 'resume' || stepped)) {
      claims.push([Math.max(since, up), time]);
    }
    if (kind === 'start' || kind === 'resume' || kind === 'sysmon-started') up = time;
    if (kind !== 'sysmon-stopped' && kind !== 'sysmon-started') continue;
    const stopped = sysmon.get(channel);
    if (kind === 'sysmon-stopped') sysmon.set(channel, time);
    else if (stopped !== undefined) {
      claims.push([stopped, time]);
      sysmon.delete(channel);
    }
  }
  return claims;
}

/**
 * Times in which the sensor says of itself that it did not watch, or not all, by marks of these channels. What it recorded
 * there nevertheless does not prove it wrong.
 */
export function lapses(marks: readonly Mark[], channels: ReadonlySet<string>): Interval[] {
  return marks.flatMap(({ kind, channel, since, time }): Interval[] =>
    kind === 'unwatched' && since !== null && channels.has(channel) ? [[since, time]] : [],
  );
}

/** Starts this close to one before are the same start, told by another record. Milliseconds. */
const SAME_START_MS = 10 * 60_000;

/**
 * Claims of down time that no stop announced, such as a crash: a machine that starts was not running just before, so
 * from the last activity to that start. `activity` ascends.
 */
export function crashes(marks: readonly Mark[], activity: readonly Interval[]): Interval[] {
  const claims: Interval[] = [];
  let stopped = false;
  let lastStart = Number.NEGATIVE_INFINITY;
  for (const { kind, time } of marks) {
    if (kind === 'stop' || kind === 'sleep') stopped = true;
    if (kind === 'resume') stopped = false;
    if (kind !== 'start') continue;
    const again = time - lastStart < SAME_START_MS;
    lastStart = time;
    const next = firstEndingFrom(activity, time);
    const running = next < activity.length && (activity[next] as Interval)[0] <= time;
    if (!stopped && !again && !running && next > 0) claims.push([(activity[next - 1] as Interval)[1], time]);
    stopped = false;
  }
  return claims;
}
