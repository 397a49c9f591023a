/**
 * A model of the machine in the post that started this: a Windows workstation on which somebody installs Sysmon with a
 * configuration that logs CreateRemoteThread (and, so that use can be seen, the start and end of processes), and then works for
 * a week. Modelled, not recorded: names, times and counts are chosen here. The same every time.
 *
 * What it is built to show: csrss.exe makes nearly all of the events, in a burst at each start of Windows and a few at each
 * shutdown; a VM's guest tool makes some in steady use; two sources come once or twice. And what real logs do: events
 * queued by Sysmon's driver are written only when its service starts; the System log writes the end of one session at the
 * start of the next; one shutdown is unexpected, and once the machine sleeps.
 */
import { type RecordHead, sysmonEvent, sysmonTime, systemEvent, type SystemMark } from './evtx-windows.ts';
import type { WriterEvent } from './evtx-writer.ts';
import {
  AT_BOOT,
  AT_LOGON,
  CSRSS,
  DEBUGGED,
  DEBUGGER,
  EXPLORER,
  type Program,
  ROUTINE,
  RUNDLL32,
  SYS32,
  USER,
  VMTOOLS,
} from './modelled-programs.ts';

const COMPUTER = 'DESKTOP-NF01';
const USER_SID = 'S-1-5-21-2718281828-3141592653-1618033988-1001';
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Monday 2024-06-03 is day 3; times of day are UTC. */
const at = (day: number, clock: string): number => Date.parse(`2024-06-0${day}T${clock}Z`);

interface Session {
  readonly boot: number;
  readonly logon: number;
  readonly end: number;
  readonly how: 'power off' | 'restart' | 'power lost';
}

const session = (day: number, boot: string, logon: string, end: string, how: Session['how']): Session => ({
  boot: at(day, boot),
  logon: at(day, logon),
  end: at(day, end),
  how,
});

/** On Tuesday the user logs on long after the start. */
const SESSIONS: readonly Session[] = [
  session(3, '08:02:11', '08:02:58', '13:04:20', 'restart'),
  session(3, '13:05:02', '13:05:49', '17:41:33', 'power off'),
  session(4, '07:51:40', '08:09:12', '18:02:05', 'power off'),
  session(5, '08:00:27', '08:01:20', '11:18:44', 'restart'),
  session(5, '11:19:31', '11:20:25', '15:37:04', 'power lost'),
  session(5, '15:52:18', '15:53:09', '17:56:50', 'power off'),
  session(6, '08:05:36', '08:06:31', '17:48:12', 'power off'),
  session(7, '08:03:55', '08:04:47', '14:29:10', 'restart'),
  session(7, '14:29:58', '14:30:52', '16:59:02', 'power off'),
];
const INSTALL = at(3, '08:31:07');
const SLEEP = { from: at(6, '12:04:10'), to: at(6, '12:51:36') };

const DEBUGGED_AT = [at(5, '14:12:41'), at(7, '10:47:19')];
const RUNDLL32_AT = at(6, '15:13:27');

interface Process {
  readonly image: string;
  readonly commandLine: string;
  readonly user: string;
  readonly pid: number;
  readonly guid: string;
}

type Fields = Readonly<Record<string, string | number>>;

/** An event before it has a record id. `written`: when it came into the log, which is what orders it. */
interface Draft {
  readonly written: number;
  readonly make: (head: RecordHead) => WriterEvent;
}

interface Machine {
  readonly random: () => number;
  readonly sysmon: Draft[];
  readonly system: Draft[];
  /** The session's processes, by image; of several the last. */
  readonly processes: Map<string, Process>;
  bootNumber: number;
  /** Sysmon's service runs from then on in this session. */
  sysmonSince: number;
  processCount: number;
}

/** Every record of the two logs, in the order of the record ids. */
export function modelledWeek(): { sysmon: WriterEvent[]; system: WriterEvent[] } {
  const machine: Machine = {
    random: seeded(20_240_603),
    sysmon: [],
    system: [],
    processes: new Map(),
    bootNumber: 30,
    sysmonSince: INSTALL,
    processCount: 0,
  };
  for (const [index, one] of SESSIONS.entries()) runSession(machine, one, SESSIONS[index - 1]);
  return { sysmon: numbered(machine.sysmon, 1), system: numbered(machine.system, 4211) };
}

function numbered(drafts: readonly Draft[], first: number): WriterEvent[] {
  const inOrder = [...drafts].sort((a, b) => a.written - b.written);
  return inOrder.map(({ written, make }, i) =>
    make({ recordId: first + i, time: written, computer: COMPUTER }),
  );
}

function runSession(machine: Machine, now: Session, before: Session | undefined): void {
  machine.processes.clear();
  machine.processCount = 0;
  machine.bootNumber += 1;
  start(machine, { image: 'System', commandLine: '', user: 'NT AUTHORITY\\SYSTEM' }, now.boot, 4);
  const serviceStart = now.boot + between(machine, 9, 55) * SECOND;
  machine.sysmonSince = before === undefined ? INSTALL : serviceStart;
  systemAtBoot(machine, now, before);
  if (before === undefined) installSysmon(machine);
  else sysmon(machine, 4, serviceStart, { State: 'Started', Version: '15.15', SchemaVersion: '4.90' });

  for (const [seconds, one] of AT_BOOT) run(machine, one, now.boot + seconds * SECOND, now);
  burst(machine, now.boot + 7.8 * SECOND, ['wininit', 'winlogon', 'services', 'lsass', 'LogonUI', 'dwm']);
  for (const [seconds, one] of AT_LOGON) run(machine, one, now.logon + seconds * SECOND, now);
  burst(machine, now.logon + 1.2 * SECOND, ['winlogon', 'dwm', 'userinit']);

  for (
    let time = now.logon + 40 * SECOND;
    time < now.end - MINUTE;
    time += between(machine, 4, 11) * MINUTE
  ) {
    if (!asleep(time)) run(machine, pick(machine, ROUTINE), time, now);
  }
  for (
    let time = now.logon + 20 * MINUTE;
    time < now.end - MINUTE;
    time += between(machine, 30, 75) * MINUTE
  ) {
    const service = pick(machine, [
      'Windows Update',
      'Background Intelligent Transfer Service',
      'Software Protection',
    ]);
    const state = pick(machine, ['running', 'stopped'] as const);
    if (!asleep(time)) system(machine, time, { mark: 'Service Control Manager/7036', service, state });
  }
  guestTool(machine, now);
  rareSources(machine, now);
  if (SLEEP.from > now.boot && SLEEP.to < now.end) sleepAndResume(machine);
  if (now.how !== 'power lost') shutdown(machine, now);
}

function installSysmon(machine: Machine): void {
  sysmon(machine, 16, INSTALL, {
    Configuration: 'C:\\Tools\\create-remote-thread-and-processes.xml',
    ConfigurationFileHash: `SHA256=${hash('configuration')}`,
  });
  sysmon(machine, 4, INSTALL + 210, { State: 'Started', Version: '15.15', SchemaVersion: '4.90' });
}

/** The service writes its own start first, and then what the kernel has kept for it: the end of the session before, too. */
function systemAtBoot(machine: Machine, now: Session, before: Session | undefined): void {
  const service = now.boot + 11 * SECOND;
  const records: (readonly [time: number, SystemMark])[] = [];
  if (before?.how === 'power lost') {
    records.push([service, { mark: 'EventLog/6008', stopTime: before.end - 2 * SECOND }]);
  }
  records.push([service, { mark: 'EventLog/6009' }], [service, { mark: 'EventLog/6005' }]);
  records.push([service, { mark: 'EventLog/6013', uptime: 11 }]);
  if (before !== undefined && before.how !== 'power lost') {
    records.push([before.end - 900, { mark: 'Kernel-Power/109' }]);
    records.push([before.end, { mark: 'Kernel-General/13', stopTime: before.end }]);
  }
  records.push([now.boot + 90, { mark: 'Kernel-General/12', startTime: now.boot }]);
  if (before?.how === 'power lost') records.push([now.boot + 2400, { mark: 'Kernel-Power/41' }]);
  for (const [index, [time, mark]] of records.entries()) system(machine, time, mark, service + index);
  system(machine, now.logon, { mark: 'Winlogon/7001', sid: USER_SID });
}

/** Windows initialises: the client-server runtime starts threads in every process that it attends to. */
function burst(machine: Machine, from: number, names: readonly string[]): void {
  for (const name of names) {
    const count = Math.floor(between(machine, 1, 4));
    for (let i = 0; i < count; i++) {
      const time = from + between(machine, 0, 3) * SECOND;
      thread(machine, time, CSRSS, `${SYS32}\\${name}.exe`, `${SYS32}\\KERNELBASE.dll`, 'CtrlRoutine');
    }
  }
}

/** The VM's guest tool, a few times a day and once after the sleep. */
function guestTool(machine: Machine, now: Session): void {
  const times: number[] = SLEEP.from > now.boot && SLEEP.to < now.end ? [SLEEP.to + 21 * SECOND] : [];
  const step = 190;
  for (let time = now.logon + 50 * MINUTE; time < now.end - 15 * MINUTE; time += step * MINUTE) {
    const jittered = time + between(machine, 0, 40) * MINUTE;
    if (!asleep(jittered) && jittered < now.end - 5 * MINUTE) times.push(jittered);
  }
  for (const time of times) {
    const target = machine.random() < 0.75 ? EXPLORER : `${SYS32}\\spoolsv.exe`;
    thread(machine, time, VMTOOLS, target, `${SYS32}\\kernel32.dll`, 'GetCommandLineW');
  }
}

function rareSources(machine: Machine, now: Session): void {
  const within = (time: number): boolean => time > now.boot && time < now.end;
  for (const time of DEBUGGED_AT.filter(within)) {
    run(machine, DEBUGGER, time - 20 * SECOND, now);
    run(machine, DEBUGGED, time - 4 * SECOND, now);
    thread(machine, time, DEBUGGER.image, DEBUGGED.image, `${SYS32}\\ntdll.dll`, 'DbgUiRemoteBreakin');
  }
  if (within(RUNDLL32_AT)) {
    run(machine, RUNDLL32, RUNDLL32_AT - 2 * SECOND, now);
    thread(machine, RUNDLL32_AT, RUNDLL32.image, EXPLORER, `${SYS32}\\kernel32.dll`, 'LoadLibraryW');
  }
}

function sleepAndResume(machine: Machine): void {
  system(machine, SLEEP.from, { mark: 'Kernel-Power/42' });
  system(machine, SLEEP.to, { mark: 'Kernel-Power/107' });
  const times = { sleepTime: SLEEP.from, wakeTime: SLEEP.to };
  system(machine, SLEEP.to + 2 * SECOND, { mark: 'Power-Troubleshooter/1', ...times });
}

function shutdown(machine: Machine, now: Session): void {
  const how = now.how === 'restart' ? 'restart' : 'power off';
  const process = how === 'restart' ? `${SYS32}\\MoUsoCoreWorker.exe` : EXPLORER;
  system(machine, now.end - 9 * SECOND, { mark: 'User32/1074', process, user: USER, kind: how });
  system(machine, now.end - 6 * SECOND, { mark: 'Winlogon/7002', sid: USER_SID });
  system(machine, now.end - 2 * SECOND, { mark: 'EventLog/6006' });
  const targets = [`${SYS32}\\winlogon.exe`, `${SYS32}\\dwm.exe`, EXPLORER];
  for (let i = Math.floor(between(machine, 1, 4)); i > 0; i--) {
    const time = now.end - between(machine, 3, 7) * SECOND;
    thread(machine, time, CSRSS, pick(machine, targets), `${SYS32}\\KERNELBASE.dll`, 'CtrlRoutine');
  }
}

/** Starts a program and, if that falls into the session, ends it. */
function run(machine: Machine, one: Program, time: number, now: Session): void {
  const parent = machine.processes.get(one.parent);
  const process = start(machine, one, time);
  const byUser = one.user === USER;
  const byMicrosoft = one.company === 'Microsoft Corporation';
  sysmon(machine, 1, time, {
    ProcessGuid: process.guid,
    ProcessId: process.pid,
    Image: one.image,
    FileVersion: byMicrosoft ? '10.0.19041.4355 (WinBuild.160101.0800)' : '12.3.5.22544',
    Description: one.description,
    Product: byMicrosoft ? 'Microsoft® Windows® Operating System' : one.description,
    Company: one.company,
    OriginalFileName: one.image.slice(one.image.lastIndexOf('\\') + 1),
    CommandLine: one.commandLine,
    CurrentDirectory: byUser ? 'C:\\Users\\anna\\' : `${SYS32}\\`,
    User: one.user,
    LogonGuid: guid(byUser ? now.logon : now.boot, byUser ? 7 : 1, machine.bootNumber),
    LogonId: byUser ? 0x3c91a + machine.bootNumber : 0x3e7,
    TerminalSessionId: byUser ? 1 : 0,
    IntegrityLevel: byUser ? 'Medium' : 'System',
    Hashes: `SHA256=${hash(one.image)}`,
    ParentProcessGuid: parent?.guid ?? '{00000000-0000-0000-0000-000000000000}',
    ParentProcessId: parent?.pid ?? 0,
    ParentImage: one.parent,
    ParentCommandLine: parent?.commandLine ?? '-',
    ParentUser: parent?.user ?? '-',
  });
  const end = time + between(machine, ...one.runs) * SECOND;
  if (end < now.end - 10 * SECOND && !asleep(end)) {
    const { guid: ProcessGuid, pid: ProcessId, image: Image, user: User } = process;
    sysmon(machine, 5, end, { ProcessGuid, ProcessId, Image, User });
  }
}

function start(
  machine: Machine,
  one: Pick<Process, 'image' | 'commandLine' | 'user'>,
  time: number,
  pid?: number,
): Process {
  machine.processCount += 1;
  const process: Process = {
    image: one.image,
    commandLine: one.commandLine,
    user: one.user,
    pid: pid ?? 4 * Math.floor(between(machine, 90, 3000)),
    guid: guid(time, machine.processCount, machine.bootNumber),
  };
  machine.processes.set(one.image, process);
  return process;
}

/** Event 8. Both processes run already. */
function thread(
  machine: Machine,
  time: number,
  source: string,
  target: string,
  module: string,
  name: string,
): void {
  const [from, to] = [machine.processes.get(source), machine.processes.get(target)];
  if (!from || !to) throw new Error(`the model has no ${from ? target : source} at ${sysmonTime(time)}`);
  sysmon(machine, 8, time, {
    SourceProcessGuid: from.guid,
    SourceProcessId: from.pid,
    SourceImage: from.image,
    TargetProcessGuid: to.guid,
    TargetProcessId: to.pid,
    TargetImage: to.image,
    NewThreadId: 4 * Math.floor(between(machine, 90, 3000)),
    // Modules stand at another address after each start of Windows, and their functions always at the same distance.
    StartAddress: startAddress(machine.bootNumber, `${module}!${name}`),
    StartModule: module,
    StartFunction: name,
    SourceUser: from.user,
    TargetUser: to.user,
  });
}

/** The driver sees events before the service runs, and the service writes them when it starts. None before the install. */
function sysmon(machine: Machine, eventId: number, time: number, fields: Fields): void {
  const ms = Math.round(time);
  const since = Math.round(machine.sysmonSince);
  if (since === INSTALL && ms < INSTALL) return;
  // In a row, a millisecond for every second that they have waited less.
  const queued = since + 60 - Math.ceil((since - ms) / SECOND);
  const service = eventId === 4 || eventId === 16;
  const delay = 2 + Math.floor(machine.random() * 9);
  machine.sysmon.push({
    written: service ? ms : ms < since ? queued : ms + delay,
    make: (head) => sysmonEvent({ ...head, eventId, fields: { UtcTime: sysmonTime(ms), ...fields } }),
  });
}

function system(machine: Machine, time: number, mark: SystemMark, written: number = time): void {
  machine.system.push({
    written: Math.round(written),
    make: (head) => systemEvent({ ...head, time: Math.round(time) }, mark),
  });
}

function asleep(time: number): boolean {
  return time > SLEEP.from - 5 * SECOND && time < SLEEP.to + 5 * SECOND;
}

/** As Sysmon makes them: machine, start in seconds since 1970, number of the process and of the boot. */
function guid(time: number, count: number, boot: number): string {
  const seconds = Math.floor(time / 1000)
    .toString(16)
    .padStart(8, '0');
  const swapped = (value: number): string => {
    const hex = value.toString(16).padStart(4, '0');
    return hex.slice(2) + hex.slice(0, 2);
  };
  return `{4e463031-${seconds.slice(4)}-${seconds.slice(0, 4)}-${swapped(count)}-00000000${swapped(boot)}}`.toUpperCase();
}

function startAddress(boot: number, symbol: string): string {
  const base = 0x7ff8_0000_0000 + (fnv(`${boot}${symbol.split('!')[0]}`) % 0xffff) * 0x1_0000;
  return `0x${(base + (fnv(symbol) % 0xf_ffff)).toString(16).toUpperCase().padStart(16, '0')}`;
}

/** 64 hexadecimal digits that look like a SHA-256, and are none. */
function hash(text: string): string {
  return Array.from({ length: 8 }, (_, i) => fnv(`${i}${text}`).toString(16).padStart(8, '0'))
    .join('')
    .toUpperCase();
}

/** FNV-1a, 32 bits. */
function fnv(text: string): number {
  return [...text].reduce((sum, char) => Math.imul(sum ^ char.charCodeAt(0), 0x0100_0193) >>> 0, 0x811c_9dc5);
}

function between(machine: Machine, least: number, most: number): number {
  return least + machine.random() * (most - least);
}

function pick<T>(machine: Machine, from: readonly T[]): T {
  return from[Math.floor(machine.random() * from.length)]!;
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
