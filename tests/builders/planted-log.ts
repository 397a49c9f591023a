/** Logs whose noise and attacks are known because they are planted: event 8 among the ends of programs, hour by hour. */
import type { Event } from '../../src/events/index.ts';
import { dumpLine } from '../../src/lines/index.ts';
import { event } from './events.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Monday at midnight, UTC. */
export const PLANTED_START: number = Date.UTC(2026, 0, 5);

export interface Planted {
  readonly host: string;
  /** Hours after the start. */
  readonly hour: number;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * JSON Lines of these events 8, half past their hour, on hosts that are each watched for so many hours: a program ends
 * every ten minutes.
 */
export function plantedLog(planted: readonly Planted[], hours: Readonly<Record<string, number>>): string {
  const all: Event[] = [];
  for (const [host, watched] of Object.entries(hours)) {
    for (let at = 0; at < watched * HOUR; at += 10 * MINUTE)
      all.push(written(host, 5, PLANTED_START + at, { Image: 'C:\\Windows\\System32\\svchost.exe' }));
  }
  for (const [index, { host, hour, fields }] of planted.entries())
    all.push(written(host, 8, PLANTED_START + hour * HOUR + 30 * MINUTE + index, fields));
  all.sort((a, b) => a.time - b.time);
  return `${all.map((one, index) => dumpLine('x', { ...one, record: index + 1 })).join('\n')}\n`;
}

function written(
  host: string,
  eventId: number,
  time: number,
  fields: Readonly<Record<string, string>>,
): Event {
  const UtcTime = new Date(time).toISOString().replace('T', ' ').replace('Z', '');
  return event({ host, eventId, time, fields: { UtcTime, ...fields } });
}
