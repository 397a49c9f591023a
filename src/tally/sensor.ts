/**
 * What the sensor on Linux says of itself, beyond what Sysmon says: which boot it runs in, what it lost and when it did
 * not watch (docs/event-log.md). Only records of its own provider that carry its own fields tell.
 */
import { boundKey, type Diagnostic, type Event, foldAscii, parseTime } from '../events/index.ts';
import type { Mark, MarkKind } from './tally.ts';

/** Nothing of today was recorded before: an earlier time is of a clock that was never set, or made up. */
const OLDEST = Date.UTC(1993, 0, 1);
/** A time that a record tells may be later than its own by so much, milliseconds. */
const CLOSE_MS = 15 * 60_000;
/** Of these nothing is missing that could have been seen. */
const HARMLESS: ReadonlySet<string> = new Set(['LATE', 'GAP']);

/** More lost records than one event can tell of; sums stay whole numbers. */
const MOST_LOST = 1e9;

const REASONS: Readonly<Record<string, string>> = {
  LOST: 'a buffer in the kernel was full, and records were lost there',
  LATE: 'records came late, and stand out of order',
  SHED: 'more came than it could take, and records were left out',
  TRUNCATED: 'texts were longer than it can read, and are cut',
  RESTART: 'its tracer was started again, and nothing was seen meanwhile',
  GAP: 'it did not watch for a while, such as while the machine slept',
  UNLOGGED: 'nothing could be written to its event log for a while',
  TORN: 'its event log ended within a line, which was cut',
};

function isSensors({ provider }: Event): boolean {
  return foldAscii(provider) === 'linux-sysmon';
}

type Told = Pick<Mark, 'time' | 'kind' | 'since' | 'boot'>;

/**
 * The marks that a record makes of a boot, a shutdown, an unwatched time or a step of the clock, beside Sysmon's own; `boot`
 * of a start is also that of Sysmon's start beside it.
 */
export function sensorMarks(event: Event): readonly Told[] {
  const { eventId, fields, time: own } = event;
  if ((eventId !== 4 && eventId !== 255) || !isSensors(event)) return [];
  const told = (name: string): number => parseTime(fields.get(name) ?? '');
  const mark = (kind: MarkKind, time: number, since: number | null, boot: string): readonly Told[] => [
    { kind, time, since, boot },
  ];
  if (eventId === 4) {
    const state = foldAscii(fields.get('State') ?? '');
    if (state === 'stopped' && foldAscii(fields.get('Reason') ?? '') === 'shutdown')
      return mark('stop', own, null, '');
    const boot = (fields.get('BootId') ?? '').slice(0, 64);
    const time = told('BootTime');
    return state === 'started' && boot !== '' && time >= OLDEST && time <= own
      ? mark('start', time, null, boot)
      : [];
  }
  const [from, to] = [told('From'), told('To')];
  if (!(from >= OLDEST && to >= OLDEST && to <= own + CLOSE_MS)) return [];
  const id = fields.get('ID');
  if (id === 'CLOCK') return mark('clock-set', to, from, '');
  // What was cut short is there all the same.
  return from < to && id !== 'TRUNCATED' ? mark('unwatched', to, from, '') : [];
}

/** What a record says was lost; null for a record that says nothing of the kind. */
export function sensorLoss(event: Event): Diagnostic | null {
  const { eventId, fields, host } = event;
  if (eventId !== 255 || !isSensors(event)) return null;
  const id = fields.get('ID') ?? '';
  const isOwn = fields.has('Lost') || fields.has('From') || fields.has('To') || Object.hasOwn(REASONS, id);
  // A step of the clock is a mark, and loses nothing.
  if (!isOwn || id === 'CLOCK') return null;
  const text = fields.get('Lost') ?? '';
  const lost = /^\d{1,15}$/.test(text) ? Math.min(Number(text), MOST_LOST) : 0;
  const known = Object.hasOwn(REASONS, id);
  const reason = known ? REASONS[id]! : 'something was lost';
  return {
    code: lost > 0 ? 'sensor-loss' : 'sensor-gap',
    severity: lost === 0 && HARMLESS.has(id) ? 'info' : 'warning',
    message: `the sensor of ${boundKey(host)} says that ${reason} (event 255${known ? `, ${id}` : ''})`,
    where: {},
    lost,
  };
}
