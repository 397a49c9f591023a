/** Events as Sysmon and Windows write them, for logs in tests and examples: every field with the type of its manifest. */
import { eventType } from '../../src/events/index.ts';
import { encodeValue } from './evtx-value.ts';
import { type EvtxValue, filetimeTicks, type Scalar, type WriterEvent } from './evtx-writer.ts';

/** Where a record stands: what all events have in common. */
export interface RecordHead {
  readonly recordId: number;
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
  readonly computer: string;
}

export interface SysmonEventInput extends RecordHead {
  readonly eventId: number;
  /** By name; those not given are `-`, 0 or zeros, and UtcTime is `time`. Numbers may be written as text. */
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
  /** Schema version whose layout the event has. Default: 4.90. */
  readonly schema?: string;
  readonly processId?: number;
  readonly threadId?: number;
}

/** `2021-03-14 06:39:30.227`, as Sysmon writes times into fields. */
export function sysmonTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** A Sysmon event of the given schema. Throws a TypeError for a type or a field that the schema lacks. */
export function sysmonEvent(input: SysmonEventInput): WriterEvent {
  const { schema = '4.90', fields = {} } = input;
  const type = eventType(input.eventId);
  const layout = type?.layouts.findLast((one) => Number(one.since) <= Number(schema));
  if (layout === undefined) throw new TypeError(`Sysmon ${schema} has no event ${input.eventId}`);
  const known = new Set(layout.fields.map(([name]) => name));
  for (const name of Object.keys(fields)) {
    if (!known.has(name)) throw new TypeError(`event ${input.eventId} of Sysmon ${schema} has no ${name}`);
  }
  return {
    recordId: input.recordId,
    time: input.time,
    provider: 'Microsoft-Windows-Sysmon',
    providerGuid: '{5770385F-C22A-43E0-BF4C-06F5698FFBD9}',
    channel: 'Microsoft-Windows-Sysmon/Operational',
    computer: input.computer,
    eventId: input.eventId,
    version: layout.manifestVersion,
    level: 4,
    task: input.eventId,
    keywords: 0x8000000000000000n,
    processId: input.processId ?? 2712,
    threadId: input.threadId ?? 3640,
    userSid: 'S-1-5-18',
    data: {
      kind: 'EventData',
      fields: layout.fields.map(([name, fieldType]) => {
        const given = fields[name] ?? (name === 'UtcTime' ? sysmonTime(input.time) : undefined);
        return [name, sysmonValue(fieldType, given)];
      }),
    },
  };
}

function sysmonValue(type: Scalar['type'], given: string | number | boolean | undefined): EvtxValue {
  switch (type) {
    case 'guid':
      return { type, value: String(given ?? '{00000000-0000-0000-0000-000000000000}') };
    case 'uint16':
    case 'uint32':
    case 'hex32':
      return { type, value: Number(given ?? 0) };
    case 'uint64':
    case 'hex64':
      return { type, value: BigInt(given ?? 0) };
    case 'bool':
      return { type, value: given === true || given === 'true' };
    default:
      return { type: 'string', value: String(given ?? '-') };
  }
}

const text = (value: string): EvtxValue => ({ type: 'string', value });
const u32 = (value: number): EvtxValue => ({ type: 'uint32', value });
const time = (ms: number): EvtxValue => ({ type: 'filetime', value: filetimeTicks(ms) });
/** Strings of the old API: one value for all, in one unnamed Data. */
const strings = (...values: string[]): EvtxValue => ({
  type: 'array',
  of: 'string',
  values: values.map((value): Scalar => ({ type: 'string', value })),
});

type Body = Pick<WriterEvent, 'provider' | 'eventId' | 'version' | 'data'> & Partial<WriterEvent>;
type Fields = readonly (readonly [name: string | null, value: EvtxValue])[];

const data = (...fields: Fields): WriterEvent['data'] => ({ kind: 'EventData', fields });

/** As the event log service writes about itself. Without strings there is no Data. */
function eventLog(eventId: number, value: EvtxValue, binary?: Uint8Array): Body {
  const shared = { provider: 'EventLog', qualifiers: 32_768, version: 0, keywords: 0x80000000000000n };
  const fields: Fields = [[null, value]];
  const body: WriterEvent['data'] = { kind: 'EventData', fields, ...(binary ? { binary } : {}) };
  return { ...shared, classic: true, eventId, data: body };
}

/** What 6005 and 6006 have beside their strings: the time as SYSTEMTIME, and 8 bytes more. */
function serviceTime(ms: number): Uint8Array {
  return Buffer.concat([encodeValue({ type: 'systemtime', value: ms }).bytes, Buffer.alloc(8)]);
}

function kernelGeneral(eventId: number, ...fields: Fields): Body {
  const providerGuid = '{A68CA8B7-004F-D7B6-A698-07E2DE0F1F5D}';
  const provider = 'Microsoft-Windows-Kernel-General';
  return { provider, providerGuid, eventId, version: 0, userSid: 'S-1-5-18', data: data(...fields) };
}

function kernelPower(eventId: number, version: number, task: number, level: number, ...fields: Fields): Body {
  const providerGuid = '{331C3B3A-2005-44C2-AC5E-77220C37D6B4}';
  const provider = 'Microsoft-Windows-Kernel-Power';
  return { provider, providerGuid, eventId, version, task, level, data: data(...fields) };
}

function winlogon(eventId: number, task: number, sid: string): Body {
  return {
    provider: 'Microsoft-Windows-Winlogon',
    providerGuid: '{DBE9B383-7CF3-4331-91CC-A3CB16A3B538}',
    eventId,
    version: 0,
    task,
    keywords: 0x2000200000000000n,
    processId: 632,
    threadId: 1044,
    userSid: 'S-1-5-18',
    data: data(['TSId', u32(1)], ['UserSid', { type: 'sid', value: sid }]),
  };
}

/** What the System log says of a machine's life, as Windows 10 22H2 does. */
export type SystemMark =
  /** Kernel-General 12: the kernel started at `startTime`. */
  | { readonly mark: 'Kernel-General/12'; readonly startTime: number }
  | { readonly mark: 'Kernel-General/13'; readonly stopTime: number }
  /** The event log service started, stopped, names the system, says how long it is up (seconds). */
  | { readonly mark: 'EventLog/6005' | 'EventLog/6006' | 'EventLog/6009' }
  | { readonly mark: 'EventLog/6013'; readonly uptime: number }
  /** The last shutdown, at `stopTime`, was unexpected. */
  | { readonly mark: 'EventLog/6008'; readonly stopTime: number }
  | { readonly mark: 'Kernel-Power/41' | 'Kernel-Power/109' | 'Kernel-Power/42' | 'Kernel-Power/107' }
  | { readonly mark: 'Power-Troubleshooter/1'; readonly sleepTime: number; readonly wakeTime: number }
  /** Somebody asks for a shutdown. */
  | {
      readonly mark: 'User32/1074';
      readonly process: string;
      readonly user: string;
      readonly kind: 'restart' | 'power off';
    }
  | { readonly mark: 'Winlogon/7001' | 'Winlogon/7002'; readonly sid: string }
  /** A service entered a state: no mark, but activity. */
  | {
      readonly mark: 'Service Control Manager/7036';
      readonly service: string;
      readonly state: 'running' | 'stopped';
    };

/** An event of the System log. */
export function systemEvent(head: RecordHead, mark: SystemMark): WriterEvent {
  return { ...head, channel: 'System', ...systemBody(head, mark) };
}

function systemBody(head: RecordHead, mark: SystemMark): Body {
  switch (mark.mark) {
    case 'Kernel-General/12':
      return kernelGeneral(
        12,
        ['MajorVersion', u32(10)],
        ['MinorVersion', u32(0)],
        ['BuildVersion', u32(19_045)],
        ['QfeVersion', u32(4_412)],
        ['ServiceVersion', u32(0)],
        ['BootMode', u32(0)],
        ['StartTime', time(mark.startTime)],
      );
    case 'Kernel-General/13':
      return kernelGeneral(13, ['StopTime', time(mark.stopTime)]);
    case 'EventLog/6005':
      return eventLog(6005, { type: 'absent' }, serviceTime(head.time));
    case 'EventLog/6006':
      return eventLog(6006, { type: 'absent' }, serviceTime(head.time));
    case 'EventLog/6009':
      return eventLog(6009, strings('10.00.', '19045', '', 'Multiprocessor Free', '17763'));
    case 'EventLog/6013':
      return eventLog(6013, strings('', '', '', '', String(mark.uptime), '60', '0 UTC'));
    case 'EventLog/6008': {
      // As the local clock shows it, with the marks that Windows puts around the parts of a date.
      const stop = new Date(mark.stopTime);
      const date = [stop.getUTCMonth() + 1, stop.getUTCDate(), stop.getUTCFullYear()].map(
        (n) => `\u200E${n}`,
      );
      const clock = stop.toISOString().slice(11, 19);
      return { ...eventLog(6008, strings(clock, date.join('/'), '', '', '', '', '')), level: 2 };
    }
    case 'Kernel-Power/41':
      return {
        ...kernelPower(
          41,
          8,
          63,
          1,
          ['BugcheckCode', u32(0)],
          ['BugcheckParameter1', { type: 'hex64', value: 0n }],
          ['BugcheckParameter2', { type: 'hex64', value: 0n }],
          ['BugcheckParameter3', { type: 'hex64', value: 0n }],
          ['BugcheckParameter4', { type: 'hex64', value: 0n }],
          ['SleepInProgress', u32(0)],
          ['PowerButtonTimestamp', { type: 'uint64', value: 0n }],
          ['BootAppStatus', u32(0)],
          ['Checkpoint', { type: 'uint8', value: 0 }],
        ),
        keywords: 0x8000400000000002n,
      };
    case 'Kernel-Power/109':
      return {
        ...kernelPower(
          109,
          0,
          103,
          4,
          ['ShutdownActionType', u32(6)],
          ['ShutdownEventCode', u32(0)],
          ['ShutdownReason', u32(5)],
        ),
        keywords: 0x8000200000000004n,
      };
    case 'Kernel-Power/42': {
      const fields: Fields = [
        ['TargetState', u32(4)],
        ['EffectiveState', u32(4)],
        ['Reason', u32(0)],
        ['Flags', u32(0)],
        ['TransitionsToOn', u32(1)],
      ];
      return { ...kernelPower(42, 3, 64, 4, ...fields), keywords: 0x8000000000000404n };
    }
    case 'Kernel-Power/107': {
      const never: EvtxValue = { type: 'filetime', value: 0n };
      const fields: Fields = [
        ['TargetState', u32(4)],
        ['EffectiveState', u32(4)],
        ['WakeFromState', u32(4)],
        ['ProgrammedWakeTimeAc', never],
        ['ProgrammedWakeTimeDc', never],
        ['WakeRequesterTypeAc', u32(0)],
        ['WakeRequesterTypeDc', u32(0)],
      ];
      return { ...kernelPower(107, 1, 102, 4, ...fields), keywords: 0x8000000000000404n };
    }
    case 'Power-Troubleshooter/1':
      return {
        provider: 'Microsoft-Windows-Power-Troubleshooter',
        providerGuid: '{CDC05E28-C449-49C6-B9D2-88CF761644DF}',
        eventId: 1,
        version: 3,
        userSid: 'S-1-5-19',
        data: data(['SleepTime', time(mark.sleepTime)], ['WakeTime', time(mark.wakeTime)]),
      };
    case 'User32/1074':
      return {
        provider: 'User32',
        providerGuid: '{B0AA8734-56F7-41CC-B2F4-DE228E98B946}',
        eventSourceName: 'User32',
        qualifiers: 32_768,
        eventId: 1074,
        version: 0,
        keywords: 0x8080000000000000n,
        processId: 632,
        data: data(
          ['param1', text(`${mark.process} (${head.computer})`)],
          ['param2', text(head.computer)],
          ['param3', text('Other (Unplanned)')],
          ['param4', text('0x0')],
          ['param5', text(mark.kind)],
          ['param6', text('')],
          ['param7', text(mark.user)],
        ),
      };
    case 'Winlogon/7001':
      return winlogon(7001, 1101, mark.sid);
    case 'Winlogon/7002':
      return winlogon(7002, 1102, mark.sid);
    case 'Service Control Manager/7036':
      return {
        provider: 'Service Control Manager',
        providerGuid: '{555908D1-A6D7-4695-8E1E-26931D2012F4}',
        eventSourceName: 'Service Control Manager',
        qualifiers: 16_384,
        eventId: 7036,
        version: 0,
        keywords: 0x8080000000000000n,
        processId: 712,
        data: data(['param1', text(mark.service)], ['param2', text(mark.state)]),
      };
  }
}
