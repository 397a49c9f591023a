/** Event types that the logs show no sign of being able to hold. */
import { eventType, formatTime } from '../events/index.ts';
import type { HostTally } from '../tally/index.ts';
import type { Answer } from './answer.ts';
import type { QuestionFacts } from './question-facts.ts';

type Blind = Answer['blind'][number];

/**
 * Types of Sysmon that its configuration does not log, as far as is known, and types of other channels that are there
 * without any record of theirs. Types that no configuration can switch off are never blind.
 */
export function blindOf(hosts: ReadonlyMap<string, HostTally>, question: QuestionFacts): Blind[] {
  return [...ofSysmon(hosts, question), ...ofOthers(hosts, question)];
}

/** Types of which Sysmon wrote none although it wrote other records: its configuration may just not log them. */
function ofSysmon(hosts: ReadonlyMap<string, HostTally>, { sources, logged }: QuestionFacts): Blind[] {
  const asked = new Set(
    sources.flatMap(({ channel, eventIds }) => (channel === null ? (eventIds ?? []) : [])),
  );
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
  const when = formatTime(configured);
  const setAt = when === '' ? '' : `; it was last set at ${when} (event 16)`;
  return [...asked]
    .sort((a, b) => a - b)
    .filter((id) => eventType(id)?.default !== null)
    .flatMap((eventId): Blind[] => {
      if (logged?.get(eventId) === 'none') {
        return [{ eventId, reason: `the configuration of --log-config does not log event ${eventId}` }];
      }
      if (records === 0 || (counts.get(eventId) ?? 0) > 0 || logged) return [];
      return [
        {
          eventId,
          reason:
            `none among ${plural(records, 'record')} of Sysmon on ${plural(watching, 'host')}: ` +
            `the configuration may not log event ${eventId}${setAt}`,
        },
      ];
    });
}

/** Types that a channel lacks in which they would stand: that Windows audits them is a setting. */
function ofOthers(hosts: ReadonlyMap<string, HostTally>, { sources }: QuestionFacts): Blind[] {
  const blind = new Map<number, Blind>();
  for (const { channel, eventIds } of sources) {
    if (channel === null || eventIds === null) continue;
    const present = [...hosts.values()].flatMap(({ channels }) => channels.get(channel) ?? []);
    if (present.length === 0) continue;
    for (const eventId of eventIds) {
      if (present.some(({ otherEventIds }) => otherEventIds.has(eventId))) continue;
      const logs = plural(present.length, 'log');
      const reason = `none in ${logs} of the channel ${channel}: Windows may not be set to write event ${eventId}`;
      if (!blind.has(eventId)) blind.set(eventId, { eventId, reason });
    }
  }
  return [...blind.values()].sort((a, b) => a.eventId - b.eventId);
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
