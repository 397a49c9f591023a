/** Records that tell when a host started, stopped, slept or was logged on to. One table; sources beside the rows. */
import { boundKey, type Event, foldAscii, isSysmon, parseTime } from '../events/index.ts';
import { sensorMarks } from './sensor.ts';
import type { Mark, MarkKind } from './tally.ts';

interface Row {
  readonly provider: string;
  readonly eventId: number;
  readonly kind: MarkKind | ((event: Event) => MarkKind | null);
  /**
   * A record without its provider, as in some flat exports, is this one if it stands in this channel and, where other
   * providers of the channel use the id too, has this field.
   */
  readonly channel: string;
  readonly field: string | null;
}

/** Logons at the machine itself or over Remote Desktop: interactive, unlock, remote interactive, cached interactive. */
const INTERACTIVE: ReadonlySet<string> = new Set(['2', '7', '10', '11']);

const row = (
  provider: string,
  eventId: number,
  kind: Row['kind'],
  channel = 'system',
  field: string | null = null,
): Row => ({ provider, eventId, kind, channel, field });

const KERNEL = 'microsoft-windows-kernel-general';
const POWER = 'microsoft-windows-kernel-power';
const AUDIT = 'microsoft-windows-security-auditing';
const SESSIONS = 'microsoft-windows-terminalservices-localsessionmanager';
const SESSIONS_CHANNEL = `${SESSIONS}/operational`;

/** Folded providers, spelt as EVENTLOG says. Microsoft's documentation of the providers; fields as in their manifests. */
const ROWS: readonly Row[] = [
  row('eventlog', 6005, 'start'), // the event log service was started
  row('eventlog', 6006, 'stop'), // … was stopped
  row('eventlog', 6008, 'start'), // the previous shutdown was unexpected: written at the next start
  row('eventlog', 6009, 'start'), // version of Windows, at boot
  row('eventlog', 1100, 'stop', 'security'), // the event logging service has shut down
  row('eventlog', 1102, 'log-cleared', 'security'), // the Security log was cleared
  row('eventlog', 104, 'log-cleared', 'system', 'Channel'), // another log was cleared, which the field names
  row(KERNEL, 1, 'clock-set', 'system', 'OldTime'), // the system time has changed, from OldTime to NewTime
  row(KERNEL, 12, 'start', 'system', 'StartTime'), // the operating system started; StartTime is the kernel's own
  row(KERNEL, 13, 'stop', 'system', 'StopTime'), // the operating system is shutting down
  // 0: cold, 1: fast startup, after which 12 and 6005 may be absent, 2: resume from hibernation; decimal or 0x….
  row(
    'microsoft-windows-kernel-boot',
    27,
    ({ fields }) => (Number(fields.get('BootType')) === 2 ? 'resume' : 'start'),
    'system',
    'BootType',
  ),
  row(POWER, 41, 'start', 'system', 'BugcheckCode'), // rebooted without a clean shutdown: written at the next start
  row(POWER, 42, 'sleep', 'system', 'TargetState'), // the system is entering sleep
  row(POWER, 107, 'resume', 'system', 'TargetState'), // the system has resumed from sleep
  row(POWER, 109, 'announce', 'system', 'ShutdownActionType'), // the power manager has initiated a shutdown
  row(POWER, 506, 'sleep'), // modern standby begins
  row(POWER, 507, 'resume'), // modern standby ends
  row('microsoft-windows-power-troubleshooter', 1, 'resume', 'system', 'WakeTime'), // slept from SleepTime to WakeTime
  row('user32', 1074, 'announce'), // a process has initiated the restart or shutdown
  row(AUDIT, 4608, 'start', 'security'), // Windows is starting up
  row(AUDIT, 4609, 'stop', 'security'), // Windows is shutting down
  row(
    AUDIT,
    4624,
    ({ fields }) => (INTERACTIVE.has(fields.get('LogonType') ?? '') ? 'logon' : null),
    'security',
  ),
  row('microsoft-windows-winlogon', 7001, 'logon', 'system', 'UserSid'), // user logon notification
  row('microsoft-windows-winlogon', 7002, 'logoff', 'system', 'UserSid'), // user logoff notification
  row(SESSIONS, 21, 'logon', SESSIONS_CHANNEL), // session logon succeeded
  row(SESSIONS, 22, 'logon', SESSIONS_CHANNEL), // shell start notification
  row(SESSIONS, 23, 'logoff', SESSIONS_CHANNEL), // session logoff succeeded
  row(SESSIONS, 24, 'logoff', SESSIONS_CHANNEL), // session has been disconnected
  row(SESSIONS, 25, 'logon', SESSIONS_CHANNEL), // session reconnected
];

/** Older Windows, and newer, spell the provider of these in two ways. */
const EVENTLOG = 'microsoft-windows-eventlog';

const byProvider = new Map(ROWS.map((one) => [`${one.provider}/${one.eventId}`, one]));
/** Ids of all records that may be marks, whoever wrote them. */
export const MARK_IDS: ReadonlySet<number> = new Set([4, 16, 255, ...ROWS.map(({ eventId }) => eventId)]);

function rowOf(event: Event): Row | undefined {
  const { eventId, fields } = event;
  const provider = foldAscii(event.provider);
  if (provider !== '' && provider !== '-') {
    return byProvider.get(`${provider === EVENTLOG ? 'eventlog' : provider}/${eventId}`);
  }
  const channel = foldAscii(event.channel);
  return ROWS.find(
    (one) =>
      one.eventId === eventId && one.channel === channel && (one.field === null || fields.has(one.field)),
  );
}

/** What Sysmon says of itself (sysmon-semantics, events 4 and 16). */
function sysmonMark(event: Event): MarkKind | null {
  if (event.eventId === 16) return 'sysmon-configured';
  if (event.eventId !== 4) return null;
  const state = foldAscii(event.fields.get('State') ?? '');
  return state === 'started' ? 'sysmon-started' : state === 'stopped' ? 'sysmon-stopped' : null;
}

function otherMark(event: Event): MarkKind | null {
  const kind = rowOf(event)?.kind ?? null;
  return typeof kind === 'function' ? kind(event) : kind;
}

/** A time that a record tells is believed if it is this close to the record's own, milliseconds. */
const CLOSE_MS = 15 * 60_000;
/** Windows NT has not been asleep, nor its clock, since before this. */
const OLDEST = Date.UTC(1993, 0, 1);

const NONE: readonly Mark[] = [];

/** The marks that a record makes: nearly all records make none, so the id is asked first. */
export function marksOf(event: Event): readonly Mark[] {
  if (!MARK_IDS.has(event.eventId) || !Number.isFinite(event.time)) return NONE;
  const mark = markOf(event);
  const told = sensorMarks(event);
  if (told.length === 0) return mark === null ? NONE : [mark];
  const { eventId } = event;
  const channel = boundKey(foldAscii(event.channel));
  const marks = told.map((one): Mark => ({ ...one, channel, eventId, cleared: '' }));
  return mark === null ? marks : [{ ...mark, boot: told[0]!.boot }, ...marks];
}

function markOf(event: Event): Mark | null {
  const kind = isSysmon(event.provider) ? sysmonMark(event) : otherMark(event);
  if (!kind) return null;
  const told = (name: string): number => parseTime(event.fields.get(name) ?? '');
  // The kernel starts, and the machine wakes, seconds before that is written; a time far off is a clock that was set.
  const own = kind === 'start' ? told('StartTime') : kind === 'resume' ? told('WakeTime') : Number.NaN;
  const since = kind === 'resume' ? told('SleepTime') : kind === 'clock-set' ? told('OldTime') : Number.NaN;
  const time = kind === 'clock-set' ? told('NewTime') : own;
  const cleared = kind !== 'log-cleared' ? '' : (event.fields.get('Channel') ?? event.channel);
  return {
    time: Math.abs(time - event.time) < CLOSE_MS ? time : event.time,
    kind,
    channel: boundKey(foldAscii(event.channel)),
    eventId: event.eventId,
    since: since >= OLDEST ? since : null,
    cleared: boundKey(foldAscii(cleared)),
    boot: '',
  };
}

/** Orders marks by time, then kind, channel and what else they tell, by code units. */
export function compareMarks(a: Mark, b: Mark): number {
  return (
    a.time - b.time ||
    compareText(a.kind, b.kind) ||
    compareText(a.channel, b.channel) ||
    a.eventId - b.eventId ||
    (a.since ?? -1) - (b.since ?? -1) ||
    compareText(a.cleared, b.cleared) ||
    compareText(a.boot, b.boot)
  );
}

/** Code unit order: the order of every tie. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
