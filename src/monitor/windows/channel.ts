/** A channel of the event log service, asked by wevtutil. */
import { win32 } from 'node:path';
import { Readable } from 'node:stream';
import { type Diagnostic, type Event, formatTime, parseTime } from '../../events/index.ts';
import { type Batch, readXml } from '../../sources/index.ts';
import { MonitorError } from '../error.ts';
import { ACCESS_DENIED, type Machine, NO_SUCH_CHANNEL, type Ran } from './machine.ts';
import { linesOf } from './output.ts';
import { sysmonService } from './service.ts';

export const SYSMON_CHANNEL = 'Microsoft-Windows-Sysmon/Operational';
export const SYSTEM_CHANNEL = 'System';

/** Events as wevtutil is asked for them: UTF-16, for in the console's code page what that lacks would be lost. */
export const AS_XML: readonly string[] = ['/f:XML', '/uni:true'];

/** The record at one end of a channel; `time` as ISO 8601, UTC. */
interface ChannelEnd {
  readonly record: number | null;
  readonly time: string | null;
}

export interface ChannelState {
  readonly channel: string;
  readonly enabled: boolean | null;
  /** Bytes now, and at most. */
  readonly size: number | null;
  readonly maxSize: number | null;
  /** What happens when it is full: the oldest records go, all stays in archives, or new ones are lost. */
  readonly whenFull: 'overwrites' | 'archives' | 'stops' | null;
  readonly records: number | null;
  readonly oldest: ChannelEnd | null;
  readonly newest: ChannelEnd | null;
  /** Path of its file. */
  readonly file: string;
}

/** Size, wrap and ends of a channel. Throws MonitorError where it can't be read. */
export async function channelState(machine: Machine, channel: string): Promise<ChannelState> {
  const setup = await machine.run('wevtutil', ['gl', channel]);
  if (setup.status !== 0) throw await channelError(machine, channel, setup);
  const log = await machine.run('wevtutil', ['gli', channel]);
  const retention = valueOf(setup.text, 'retention');
  return {
    channel,
    enabled: asBoolean(valueOf(setup.text, 'enabled')),
    size: asNumber(valueOf(log.text, 'fileSize')),
    maxSize: asNumber(valueOf(setup.text, 'maxSize')),
    whenFull:
      retention === 'false'
        ? 'overwrites'
        : retention !== 'true'
          ? null
          : valueOf(setup.text, 'autoBackup') === 'true'
            ? 'archives'
            : 'stops',
    records: asNumber(valueOf(log.text, 'numberOfLogRecords')),
    // `gli` has an oldestRecordNumber, which is wrong once a log was cleared.
    oldest: asEnd(await endOf(machine, channel, false)),
    newest: asEnd(await endOf(machine, channel, true)),
    file: fileOf(machine, channel, valueOf(setup.text, 'logFileName')),
  };
}

/** The newest or the oldest event of a channel, or of those that an XPath query finds; null where there is none. */
export async function endOf(
  machine: Machine,
  channel: string,
  newest: boolean,
  query?: string,
): Promise<Event | null> {
  const args = ['qe', channel, ...(query === undefined ? [] : [`/q:${query}`]), '/c:1', `/rd:${newest}`];
  const { status, text } = await machine.run('wevtutil', [...args, ...AS_XML]);
  if (status !== 0) return null;
  return (await eventsIn(channel, text)).events[0] ?? null;
}

/**
 * The events in what wevtutil printed, and what it would not let read. Their times are those of their records, as in an
 * export of the same channel, and not Sysmon's own, as in XML from anywhere.
 */
export async function eventsIn(
  channel: string,
  text: string,
): Promise<Pick<Batch, 'events' | 'diagnostics'>> {
  const events: Event[] = [];
  const diagnostics: Diagnostic[] = [];
  const created = new Map<number, number>();
  for (const [, time, record] of text.matchAll(CREATED)) created.set(Number(record), parseTime(time!));
  const whole = Readable.from([{ text, bytes: 0 }]);
  for await (const batch of readXml(channel, whole)) {
    for (const event of batch.events)
      events.push({ ...event, time: created.get(event.record ?? -1) ?? event.time });
    diagnostics.push(...batch.diagnostics);
  }
  return { events, diagnostics };
}

/** Time and id of a record; they stand before all that an event says of others, in which `<` is escaped. */
const CREATED =
  /<TimeCreated SystemTime=['"]([^'"<>]{1,64})['"]\s*\/>(?:(?!<\/System>)[^]){0,4096}?<EventRecordID>(\d{1,16})</g;

/** Why a channel can't be read, as one sentence. */
export async function channelError(machine: Machine, channel: string, ran: Ran): Promise<MonitorError> {
  if (ran.status === ACCESS_DENIED) return channelDenied(channel);
  if (ran.status === NO_SUCH_CHANNEL) {
    const service = channel === SYSMON_CHANNEL ? await sysmonService(machine) : null;
    const message =
      channel !== SYSMON_CHANNEL
        ? `this machine has no event log ${channel}`
        : service === null
          ? 'Sysmon is not installed on this machine: noisefloor install CONFIG does that'
          : `the service ${service.name} is there, but not its event log ${channel}: install Sysmon again`;
    return new MonitorError('live-no-channel', message);
  }
  const why = ran.failure ?? `wevtutil ended with ${ran.status}`;
  const said = linesOf(ran.errorText).at(-1);
  return new MonitorError(
    'live-failed',
    `the event log ${channel} can't be read: ${why}${said === undefined ? '' : `, and says: ${said.trim()}`}`,
  );
}

export function channelDenied(channel: string): MonitorError {
  return new MonitorError(
    'live-not-elevated',
    `Windows does not let you read ${channel}: start the terminal with "Run as administrator", or become one of the Event Log Readers`,
  );
}

/** Path of a channel's file: as `gl` names it, or as it is by default. */
export function fileOf(machine: Machine, channel: string, named: string | null): string {
  const file = `${channel.replaceAll('/', '%4')}.evtx`;
  const path = named ?? win32.join('%SystemRoot%', 'System32', 'Winevt', 'Logs', file);
  const root = machine.env['SystemRoot'] ?? String.raw`C:\Windows`;
  return path.replace(/%SystemRoot%/i, () => root);
}

/** The value behind `name:` in what `gl` and `gli` print; Windows does not translate these names. */
function valueOf(text: string, name: string): string | null {
  const line = linesOf(text).find((one) => one.trimStart().startsWith(`${name}:`));
  const value = line?.slice(line.indexOf(':') + 1).trim() ?? '';
  return value === '' ? null : value;
}

function asEnd(event: Event | null): ChannelEnd | null {
  return event && { record: event.record, time: formatTime(event.time) || null };
}

function asNumber(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

function asBoolean(text: string | null): boolean | null {
  return text === 'true' ? true : text === 'false' ? false : null;
}
