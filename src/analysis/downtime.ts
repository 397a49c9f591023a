/** Times in which marks say that a host, or Sysmon on it, was not running. */
import type { Interval, Mark } from '../tally/index.ts';
import { markChannel } from './mark-channel.ts';

/**
 * Claims of down time, ascending: from the last stop or sleep mark to the next start or resume, and from Sysmon's stop
 * to its start in the same channel. They are claims: a record within one proves it wrong there.
 */
export function downtimes(marks: readonly Mark[]): Interval[] {
  const claims: Interval[] = [];
  let machine: number | null = null;
  const sysmon = new Map<string, number>();
  for (const mark of marks) {
    const { time, kind } = mark;
    if (kind === 'stop' || kind === 'sleep') machine = time;
    // Sysmon's start proves the machine up as well as a start of the machine does.
    if (machine !== null && (kind === 'start' || kind === 'resume' || kind === 'sysmon-started')) {
      claims.push([machine, time]);
      machine = null;
    }
    if (kind !== 'sysmon-stopped' && kind !== 'sysmon-started') continue;
    const channel = markChannel(mark);
    const stopped = sysmon.get(channel);
    if (kind === 'sysmon-stopped') sysmon.set(channel, time);
    else if (stopped !== undefined) {
      claims.push([stopped, time]);
      sysmon.delete(channel);
    }
  }
  return claims;
}
