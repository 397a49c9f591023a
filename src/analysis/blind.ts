/** Event types that the logs show no sign of being able to hold. */
import { eventType, formatTime } from '../events/index.ts';
import type { HostTally } from '../tally/index.ts';
import type { Answer } from './answer.ts';

/**
 * Types of which Sysmon wrote none although it wrote other records: its configuration may just not log them. Types that
 * no configuration can switch off are never blind.
 */
export function blindOf(hosts: ReadonlyMap<string, HostTally>, eventIds: readonly number[]): Answer['blind'] {
  const counts = new Map<number, number>();
  let records = 0;
  let watching = 0;
  let configured = Number.NEGATIVE_INFINITY;
  for (const host of hosts.values()) {
    let sysmon = 0;
    for (const channel of host.channels.values()) {
      sysmon += channel.sysmon;
      for (const [id, seen] of channel.byEventId) counts.set(id, (counts.get(id) ?? 0) + seen);
    }
    records += sysmon;
    if (sysmon > 0) watching += 1;
    for (const { kind, time } of host.marks) {
      if (kind === 'sysmon-configured') configured = Math.max(configured, time);
    }
  }
  if (records === 0) return [];
  const when = formatTime(configured);
  const setAt = when === '' ? '' : `; it was last set at ${when} (event 16)`;
  return eventIds
    .filter((id) => (counts.get(id) ?? 0) === 0 && eventType(id)?.default !== null)
    .map((eventId) => ({
      eventId,
      reason:
        `none among ${plural(records, 'record')} of Sysmon on ${plural(watching, 'host')}: ` +
        `the configuration may not log event ${eventId}${setAt}`,
    }));
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
