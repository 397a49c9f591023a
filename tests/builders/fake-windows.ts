/**
 * A Windows machine that is not there: what `Sysmon64`, `wevtutil`, `sc`, `reg` and `whoami` answer, over event logs in
 * files. It stands behind the injected machine of the tests on Linux, and behind command files under Wine. The words
 * and numbers are those of the real tools, as far as public sources and transcripts show them.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { win32 } from 'node:path';
import { type Block, parseConfig } from '../../src/config/index.ts';
import type { Event } from '../../src/events/index.ts';
import { type Machine } from '../../src/monitor/windows/machine.ts';
import { decodeOutput } from '../../src/monitor/windows/output.ts';
import { findLogs, readLog } from '../../src/sources/index.ts';

export interface FakeChannel {
  /** Path of the .evtx that it shows. */
  readonly file: string;
  /** Records that have come so far, and the oldest that is not overwritten yet. Default: all. */
  upTo?: number;
  from?: number;
  /** Added to every record id. */
  readonly shift?: number;
  readonly retention?: boolean;
  readonly autoBackup?: boolean;
}

export interface FakeWindows {
  /** Null: `whoami` does not tell. */
  elevated: boolean | null;
  /** Windows speaks Portuguese, and not English. */
  readonly translated?: boolean;
  readonly services: Record<string, { readonly image: string; readonly state: string }>;
  /** By key and value name, in lower case. */
  readonly registry: Record<string, Record<string, string>>;
  readonly channels: Record<string, FakeChannel>;
  readonly sysmon: {
    readonly schema: string;
    readonly encoding: 'utf16le' | 'latin1';
    /** Releases before 13 keep no hash. */
    readonly hash?: boolean;
    /** Sysmon prints this in place of the configuration that it was given. */
    readonly dump?: string;
    /** Text of the configuration in force. */
    config?: string;
  };
  /** Commands that end otherwise, by their first words, such as `wevtutil epl`. */
  readonly fail: Record<string, { readonly status: number; readonly says?: string }>;
}

export interface Answered {
  readonly status: number;
  readonly out: Buffer;
  readonly err: Buffer;
}

export function fakeWindows(some: Partial<FakeWindows> = {}): FakeWindows {
  return {
    elevated: true,
    services: {},
    registry: {},
    channels: {},
    sysmon: { schema: '4.90', encoding: 'utf16le', hash: true },
    fail: {},
    ...some,
  };
}

/** What a program of this machine answers. */
export async function answered(
  machine: FakeWindows,
  program: string,
  args: readonly string[],
): Promise<Answered> {
  const name = win32.basename(program).replace(/\.(?:exe|cmd)$/i, '');
  const tool = /^sysmon/i.test(name) ? 'sysmon' : name.toLowerCase();
  const words = [tool, ...args].join(' ');
  const failing = Object.keys(machine.fail).find((start) => words.startsWith(start));
  if (failing !== undefined) {
    const { status, says = '' } = machine.fail[failing]!;
    return { status, out: Buffer.alloc(0), err: Buffer.from(says, 'latin1') };
  }
  switch (tool) {
    case 'whoami':
      return said(whoami(machine));
    case 'sc':
      return serviceControl(machine, args);
    case 'reg':
      return registry(machine, args);
    case 'wevtutil':
      return await wevtutil(machine, args);
    case 'sysmon':
      return sysmon(machine, program, args);
    default:
      throw new Error(`no such fake: ${program}`);
  }
}

function said(text: string, status = 0, encoding: BufferEncoding = 'latin1'): Answered {
  return {
    status,
    out: Buffer.from(text.replaceAll('\n', '\r\n'), encoding),
    err: Buffer.alloc(0),
  };
}

function refused(status: number, text: string): Answered {
  return { status, out: Buffer.alloc(0), err: Buffer.from(text, 'latin1') };
}

function whoami({ elevated }: FakeWindows): string {
  const level = elevated ? 'S-1-16-12288' : 'S-1-16-8192';
  return `Mandatory Label\\Level Label ${elevated === null ? '' : level}\n`;
}

function serviceControl({ services, translated }: FakeWindows, [verb, name]: readonly string[]): Answered {
  const service = services[name!];
  if (verb !== 'query' || service === undefined)
    return said('[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n', 1060);
  const [type, state] = translated ? ['TIPO ', 'ESTADO'] : ['TYPE ', 'STATE'];
  return said(
    `\n${translated ? 'NOME_DO_SERVIÇO' : 'SERVICE_NAME'}: ${name}\n        ${type}              : 10  WIN32_OWN_PROCESS\n` +
      `        ${state}              : ${service.state === 'RUNNING' ? 4 : 1}  ${service.state}\n                                (STOPPABLE, NOT_PAUSABLE)\n`,
  );
}

function registry(machine: FakeWindows, [, key, , name]: readonly string[]): Answered {
  const service = Object.entries(machine.services).find(
    ([one]) => key!.toLowerCase() === `hklm\\system\\currentcontrolset\\services\\${one.toLowerCase()}`,
  )?.[1];
  const value =
    service && name === 'ImagePath'
      ? service.image
      : machine.registry[key!.toLowerCase()]?.[name!.toLowerCase()];
  if (value === undefined)
    return refused(1, 'ERROR: The system was unable to find the specified registry key');
  return said(`\n${key}\n    ${name}    REG_EXPAND_SZ    ${value}\n\n`);
}

async function wevtutil(machine: FakeWindows, [verb, name, ...rest]: readonly string[]): Promise<Answered> {
  const channel = machine.channels[name!];
  if (channel === undefined)
    return refused(15_007, 'Failed to open log. The specified channel could not be found.');
  if (!machine.elevated && name !== 'System') return refused(5, 'Acesso negado.'.replace('A', '\xc0'));
  const option = (start: string): string | undefined =>
    rest.find((one) => one.toLowerCase().startsWith(start))?.slice(start.length);
  if (verb === 'epl') {
    copyFileSync(channel.file, rest[0]!);
    return said('');
  }
  if (verb === 'gl') {
    const { retention = false, autoBackup = false } = channel;
    return said(
      `name: ${name}\nenabled: true\ntype: Operational\nowningPublisher: Microsoft-Windows-Sysmon\nisolation: Custom\n` +
        `channelAccess: O:BAG:SYD:(A;;0xf0007;;;SY)\nlogging:\n  logFileName: %SystemRoot%\\System32\\Winevt\\Logs\\x.evtx\n` +
        `  retention: ${retention}\n  autoBackup: ${autoBackup}\n  maxSize: 67108864\npublishing:\n  fileMax: 1\n`,
    );
  }
  const events = await eventsOf(channel);
  if (verb === 'gli') {
    // As real ones do after a clear: the oldest record is said to be the first.
    return said(
      `creationTime: 2024-06-03T08:31:00.000Z\nfileSize: 1118208\nattributes: 32\nnumberOfLogRecords: ${events.length}\noldestRecordNumber: 1\n`,
    );
  }
  const bookmark = option('/bm:');
  const query = option('/q:');
  const after = bookmark
    ? Number(/RecordId='(\d+)'/.exec(readFileSync(bookmark, 'utf8'))![1])
    : Number(/^\*\[System\[\(EventRecordID>(\d+)\)\]\]$/.exec(query ?? '')?.[1] ?? 0);
  const eventId = /^\*\[System\[\(EventID=(\d+)\)\]\]$/.exec(query ?? '')?.[1];
  // What it can't read it takes for a query that finds nothing, as the real one does.
  const understood = query === undefined || after > 0 || eventId !== undefined;
  const found = events.filter(
    (event) =>
      understood &&
      (event.record ?? 0) > after &&
      (eventId === undefined || event.eventId === Number(eventId)),
  );
  if (option('/rd:') === 'true') found.reverse();
  const text = found
    .slice(0, Number(option('/c:') ?? Infinity))
    .map(asXml)
    .join('\n');
  return said(text, 0, option('/uni:') === 'true' ? 'utf16le' : 'latin1');
}

async function eventsOf({ file, upTo = Infinity, from = 0, shift = 0 }: FakeChannel): Promise<Event[]> {
  const events: Event[] = [];
  for (const log of findLogs([file]).logs) {
    for await (const batch of readLog(log, { verify: false })) {
      for (const event of batch.events) {
        const record = (event.record ?? 0) + shift;
        if (record > upTo || record < from) continue;
        const { time, host, provider, channel, eventId, version } = event;
        const fields = new Map(event.fields);
        events.push({ record, time, host, provider, channel, eventId, version, fields });
      }
    }
  }
  return events;
}

/** An event as wevtutil writes it: single quotes, seven digits of a second, a line each. */
function asXml({ record, time, host, provider, channel, eventId, version, fields }: Event): string {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll("'", '&apos;');
  const at = new Date(time).toISOString().replace('Z', '0000Z');
  const data = [...fields].map(([name, value]) => `<Data Name='${escaped(name)}'>${escaped(value)}</Data>`);
  return (
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/>` +
    `<EventID>${eventId}</EventID><Version>${version ?? 0}</Version><TimeCreated SystemTime='${at}'/>` +
    `<EventRecordID>${record}</EventRecordID><Execution ProcessID='1' ThreadID='2'/><Channel>${channel}</Channel>` +
    `<Computer>${escaped(host)}</Computer></System><EventData>${data.join('')}</EventData></Event>`
  );
}

const BANNER =
  '\n\nSystem Monitor v15.15 - System activity monitor\nBy Mark Russinovich and Thomas Garnier\n' +
  'Copyright (C) 2014-2024 Microsoft Corporation\nUsing libxml2. libxml2 is Copyright (C) 1998-2012 Daniel Veillard. All Rights Reserved.\n' +
  'Sysinternals - www.sysinternals.com\n\n';

function sysmon(machine: FakeWindows, program: string, args: readonly string[]): Answered {
  const { sysmon: state, services } = machine;
  const name = win32.basename(program).replace(/\.[^.]*$/, '');
  const [option, value] = args.filter((arg) => arg !== '-accepteula');
  const print = (text: string, status = 0): Answered => said(BANNER + text, status, state.encoding);
  if (!args.includes('-accepteula'))
    throw new Error('a window would ask to accept the licence, and never end');
  if (option === '-s')
    return print(`<manifest schemaversion="${state.schema}" binaryversion="15.0">\n</manifest>\n`);
  if (machine.elevated === false) return print('You need to launch Sysmon as an Administrator.\n', 5);
  if (option === '-c' && value === undefined) {
    if (services[name] === undefined) return print('Sysmon is not installed on this computer\n', 1);
    return print(state.dump ?? dumped(machine, name));
  }
  if (option === '-u') {
    if (services[name] === undefined) return print('Sysmon is not installed on this computer\n', 1);
    delete services[name];
    delete state.config;
    return print(`Stopping ${name}.\n${name} stopped.\n${name} removed.\nSysmonDrv removed.\n`);
  }
  if (!existsSync(value!)) return print(`Error: Failed to open xml configuration: ${value}\n`, 1);
  const bytes = readFileSync(value!);
  const { accepted } = parseConfig(bytes, { binarySchema: state.schema });
  if (!accepted) return print('Error: Failed to validate the xml configuration.\n', 1);
  if ((option === '-i') === (services[name] !== undefined)) {
    const text = option === '-i' ? `The service ${name} is already registered.` : 'Sysmon is not installed.';
    return print(`${text}\n`, 1);
  }
  state.config = bytes.toString('latin1');
  const key = 'hklm\\system\\currentcontrolset\\services\\sysmondrv\\parameters';
  machine.registry[key] = { configfile: value! };
  if (state.hash) machine.registry[key]['confighash'] = hashOf(bytes);
  const loading = `Loading configuration file with schema version 4.90\nConfiguration file validated.\n`;
  if (option === '-c') return print(`${loading}Configuration updated.\n`);
  services[name] = { image: program, state: 'RUNNING' };
  return print(
    `${loading}${name} installed.\nSysmonDrv installed.\nStarting SysmonDrv.\nSysmonDrv started.\nStarting ${name}..\n${name} started.\n`,
  );
}

function hashOf(bytes: Uint8Array): string {
  return `SHA256=${createHash('sha256').update(bytes).digest('hex').toUpperCase()}`;
}

/** As dumpConfiguration.c prints it. */
function dumped(
  { sysmon: { config = '', schema, hash }, registry: values }: FakeWindows,
  name: string,
): string {
  const bytes = Buffer.from(config, 'latin1');
  const file = values['hklm\\system\\currentcontrolset\\services\\sysmondrv\\parameters']?.['configfile'];
  const head = [
    'Current configuration:',
    ` - Service name:                  ${name}`,
    ' - Driver name:                   SysmonDrv',
    ` - Config file:                   ${file}`,
    ...(hash ? [` - Config hash:                   ${hashOf(bytes)}`] : []),
    '',
    ' - HashingAlgorithms:             SHA1',
    ' - Network connection:            disabled',
    ' - Archive Directory:             -',
    '',
  ];
  const blocks = parseConfig(bytes, { binarySchema: schema }).config?.active ?? [];
  const rules = blocks.length === 0 ? ['No rules installed'] : [`Rule configuration (version ${schema}):`];
  let before: Block | null = null;
  for (const block of blocks) {
    const { tag, onmatch, combine, filters } = block;
    if (before?.tag === tag && before.onmatch === onmatch) continue;
    before = block;
    rules.push(
      ` - ${tag.padEnd(30)} onmatch: ${onmatch}   combine rules using '${combine === 'or' ? 'Or' : 'And'}'`,
    );
    let rule = null;
    for (const filter of filters) {
      if (filter.rule !== null && filter.rule !== rule)
        rules.push(`\tCompound Rule 0001   combine using ${filter.ruleMode === 'or' ? 'Or' : 'And'}`);
      rule = filter.rule;
      rules.push(
        `\t${rule === null ? '' : '    '}${filter.field.padEnd(30)} filter: ${filter.condition.padEnd(12)} value: '${filter.text}'`,
      );
    }
  }
  return `${[...head, ...rules].join('\n')}\n`;
}

/** The machine as the monitor takes it, and what was run on it, a command a line. */
export function machineOf(
  state: FakeWindows,
  files: readonly string[] = [],
): { readonly machine: Machine; readonly ran: string[] } {
  const ran: string[] = [];
  const machine: Machine = {
    env: { SystemRoot: String.raw`C:\Windows`, PATH: String.raw`relative;C:\Windows\System32;C:\tools` },
    exists: (path) => files.includes(path) || existsSync(path),
    copy: () => Promise.reject(Object.assign(new Error('busy'), { code: 'EBUSY' })),
    run: async (program, args) => {
      ran.push([win32.basename(program), ...args].join(' '));
      const { status, out, err } = await answered(state, program, args);
      return { status, text: decodeOutput(out), errorText: decodeOutput(err), failure: null };
    },
  };
  return { machine, ran };
}
