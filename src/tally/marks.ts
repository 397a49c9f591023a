/** Records that tell when a host started, stopped, slept or was logged on to. One table; sources beside the rows. */
import { type Event, foldAscii, isSysmon, parseTime } from '../events/index.ts';
import type { Mark, MarkKind } from './tally.ts';

type Rule = MarkKind | ((event: Event) => MarkKind | null);

/** Logons at the machine itself or over Remote Desktop: interactive, unlock, remote interactive, cached interactive. */
const INTERACTIVE: ReadonlySet<string> = new Set(['2', '7', '10', '11']);

/** By folded provider and event id. Microsoft's documentation of the providers; field names as in their manifests. */
const MARKS: Readonly<Record<string, Rule>> = {
  'eventlog/6005': 'start', // the event log service was started
  'eventlog/6006': 'stop', // … was stopped
  'eventlog/6008': 'start', // the previous shutdown was unexpected: written at the next start
  'eventlog/6009': 'start', // version of Windows, at boot
  'microsoft-windows-kernel-general/12': 'start', // the operating system started; StartTime is the kernel's own
  'microsoft-windows-kernel-general/13': 'stop', // the operating system is shutting down
  // BootType 2 is a resume from hibernation; logs write it as 2 or as 0x2.
  'microsoft-windows-kernel-boot/27': (event) =>
    event.fields.get('BootType') === '0x2' ? 'resume' : 'start',
  'microsoft-windows-kernel-power/41': 'start', // rebooted without a clean shutdown: written at the next start
  'microsoft-windows-kernel-power/42': 'sleep', // the system is entering sleep
  'microsoft-windows-kernel-power/107': 'resume', // the system has resumed from sleep
  'microsoft-windows-kernel-power/109': 'announce', // the kernel power manager has initiated a shutdown
  'microsoft-windows-kernel-power/506': 'sleep', // modern standby begins
  'microsoft-windows-kernel-power/507': 'resume', // modern standby ends
  'microsoft-windows-power-troubleshooter/1': 'resume', // the system has returned from a low power state
  'user32/1074': 'announce', // a process has initiated the restart or shutdown
  'microsoft-windows-eventlog/1100': 'stop', // the event logging service has shut down
  'microsoft-windows-eventlog/1102': 'log-cleared', // the Security log was cleared
  'microsoft-windows-eventlog/104': 'log-cleared', // another log was cleared
  'microsoft-windows-security-auditing/4608': 'start', // Windows is starting up
  'microsoft-windows-security-auditing/4609': 'stop', // Windows is shutting down
  'microsoft-windows-security-auditing/4624': (event) =>
    INTERACTIVE.has(event.fields.get('LogonType') ?? '') ? 'logon' : null,
  'microsoft-windows-winlogon/7001': 'logon', // user logon notification
  'microsoft-windows-terminalservices-localsessionmanager/21': 'logon', // session logon succeeded
  'microsoft-windows-terminalservices-localsessionmanager/25': 'logon', // session reconnected
};

/** What Sysmon says of itself (sysmon-semantics, events 4 and 16). */
function sysmonMark(event: Event): MarkKind | null {
  if (event.eventId === 16) return 'sysmon-configured';
  if (event.eventId !== 4) return null;
  const state = foldAscii(event.fields.get('State') ?? '');
  return state === 'started' ? 'sysmon-started' : state === 'stopped' ? 'sysmon-stopped' : null;
}

function otherMark(event: Event): MarkKind | null {
  const rule = MARKS[`${foldAscii(event.provider)}/${event.eventId}`] ?? null;
  return typeof rule === 'function' ? rule(event) : rule;
}

const MARK_IDS: ReadonlySet<number> = new Set([
  4,
  16,
  ...Object.keys(MARKS).map((key) => Number(key.split('/')[1])),
]);

/** The mark that a record makes, or null: nearly all records make none, so the id is asked first. */
export function markOf(event: Event): Mark | null {
  if (!MARK_IDS.has(event.eventId) || !Number.isFinite(event.time)) return null;
  const kind = isSysmon(event.provider) ? sysmonMark(event) : otherMark(event);
  if (!kind) return null;
  const kernel = kind === 'start' ? parseTime(event.fields.get('StartTime') ?? '') : Number.NaN;
  // The kernel starts seconds before the record is written; a StartTime far off is a clock that was set in between.
  const time = Math.abs(kernel - event.time) < 15 * 60_000 ? kernel : event.time;
  return { time, kind, source: `${event.channel}/${event.eventId}` };
}

/** Orders marks by time, then kind, then source, by code units. */
export function compareMarks(a: Mark, b: Mark): number {
  return a.time - b.time || compareText(a.kind, b.kind) || compareText(a.source, b.source);
}

/** Code unit order: the order of every tie. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
