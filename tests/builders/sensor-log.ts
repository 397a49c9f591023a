/** What the sensor on Linux writes of itself, event by event. Times are text such as `08:00:20` of 5 January 2026, UTC. */
import type { Event } from '../../src/events/index.ts';
import type { Question } from '../../src/predicate/index.ts';
import { event, question } from './events.ts';

export function clock(time: string): number {
  return Date.parse(`2026-01-05T${time}Z`);
}

function sysmonTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** An event of the sensor; `UtcTime` is added. Times in fields are given as the clock shows them. */
export function sensorEvent(
  time: string,
  eventId: number,
  fields: Readonly<Record<string, string>> = {},
): Event {
  const timed = Object.entries(fields).map(([name, value]) => [
    name,
    /^\d\d:\d\d:\d\d$/.test(value) ? sysmonTime(clock(value)) : value,
  ]);
  return event({
    time: clock(time),
    host: 'vm',
    provider: 'Linux-Sysmon',
    channel: 'Linux-Sysmon/Operational',
    eventId,
    version: 3,
    fields: { UtcTime: sysmonTime(clock(time)), ...Object.fromEntries(timed) },
  });
}

export function started(time: string, boot: string, booted: string): Event {
  return sensorEvent(time, 4, { State: 'Started', BootId: boot, BootTime: booted });
}

export function stopped(time: string, reason: string): Event {
  return sensorEvent(time, 4, { State: 'Stopped', Reason: reason });
}

/** A heartbeat every five minutes between two times. */
export function beats(from: string, to: string): Event[] {
  const events: Event[] = [];
  for (let time = clock(from) + 300_000; time < clock(to); time += 300_000) {
    events.push(sensorEvent(new Date(time).toISOString().slice(11, 19), 4, { State: 'Running' }));
  }
  return events;
}

export function remoteThreads(time: string, count: number): Event[] {
  return Array.from({ length: count }, () =>
    sensorEvent(time, 8, { SourceImage: '/usr/bin/gdb', TargetImage: '/usr/bin/sleep' }),
  );
}

/** The events with record ids, in the order of the file. */
export function numbered(events: readonly Event[], first = 1): Event[] {
  return events.map((each, index) => ({ ...each, record: first + index }));
}

/** The question for event 8 of any Sysmon. */
export const ASKED: Question = question({ decide: ({ eventId }) => (eventId === 8 ? [0] : []) });
