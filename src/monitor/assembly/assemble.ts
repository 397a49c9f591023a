/** Kernel records, in order -> drafts of Sysmon events. The table of docs/sensor.md is this file. */
import { posix } from 'node:path';
import { fromLatin1 } from '../capture/line.ts';
import type { Happening, PathKey, Target } from '../capture/record.ts';
import { PTRACE_ACCESSES, PTRACE_INJECTIONS } from '../program/ptrace.ts';
import type { KernelClock } from './clock.ts';
import { type Draft, utcTime, type Value } from './draft.ts';
import type { Hashes } from './hashes.ts';
import { mappedFile } from './proc.ts';
import type { Pieces } from './pieces.ts';
import type { Process, Processes } from './processes.ts';
import { Repeats } from './repeats.ts';
import { serviceName, userName } from './users.ts';

/** A record with the pieces that came before it. */
export interface Assembled {
  readonly at: number;
  readonly happening: Happening;
  readonly text: { readonly text: string; readonly whole: boolean } | null;
  readonly addresses: readonly string[];
  /** Of the tracer that the record comes from: knows its paths. */
  readonly pieces: Pieces;
}

/** Takes the pieces of a record as it comes: those of the next one of its thread must not be taken for them. */
export function withPieces(happening: Happening, pieces: Pieces): Assembled {
  const { at, what, pid, tid } = happening;
  const text =
    what === 'exec'
      ? pieces.takeArguments(pid, happening.argumentBytes)
      : what === 'delete' || what === 'set-time'
        ? pieces.takeText(tid)
        : what === 'create'
          ? wholeName(happening.name + pieces.takeNameRest(tid), happening.nameBytes)
          : null;
  return {
    at,
    happening,
    text,
    addresses: what === 'lookup' ? pieces.takeAddresses(tid) : [],
    pieces,
  };
}

/** The name of a file, which has so many bytes. */
function wholeName(name: string, bytes: number): { readonly text: string; readonly whole: boolean } {
  return { text: fromLatin1(name), whole: name.length === bytes };
}

/** What accesses come to in the bits of Windows: reading memory; reading and writing it; all. */
const VM_READ = '0x10';
const VM_READ_WRITE = '0x38';
const ALL_ACCESS = '0x1fffff';

export interface AssemblyParts {
  readonly processes: Processes;
  readonly clock: KernelClock;
  readonly hashes: () => Hashes;
  /** Whether a process is the sensor or its tracer. */
  readonly isOwn: (pid: number, parent: number | null) => boolean;
}

export class Assembly {
  readonly #parts: AssemblyParts;
  readonly #repeats = new Repeats();
  /** Paths and arguments that are not whole. */
  truncated = 0;

  constructor(parts: AssemblyParts) {
    this.#parts = parts;
  }

  /** Accesses that repeated one that was told within the last seconds, and so are not told again. */
  get repeated(): number {
    return this.#repeats.count;
  }

  /** What a record comes to: no draft, one, or two (a deletion is 23 and 26). Records must come in the order of their times. */
  assemble(record: Assembled): readonly Draft[] {
    const { happening } = record;
    const { processes, isOwn, clock } = this.#parts;
    const by = processes.doing(happening, record.pieces.path(happening.image)?.text ?? null);
    if (happening.what === 'fork') {
      processes.fork(by, happening.child, happening.at, clock.started(happening.at));
      return [];
    }
    const time = clock.wall(happening.at);
    if (happening.what === 'exec') return this.#exec(record, happening, time);
    if (happening.what === 'exit') processes.exit(by, happening.at);
    if (isOwn(by.pid, by.parent?.pid ?? null)) return [];
    switch (happening.what) {
      case 'exit':
        return [{ eventId: 5, time, values: { ...actor(by) } }];
      case 'create': {
        const target = this.#file(record, happening.directory);
        return [
          {
            eventId: 11,
            time,
            values: { ...actor(by), TargetFilename: target, CreationUtcTime: utcTime(time) },
          },
        ];
      }
      case 'delete': {
        const values = {
          ...actor(by),
          TargetFilename: this.#file(record, happening.directory),
          Hashes: null,
          IsExecutable: null,
        };
        return [
          { eventId: 23, time, values: { ...values, Archived: 'false' } },
          { eventId: 26, time, values },
        ];
      }
      case 'set-time': {
        const values = {
          ...actor(by),
          TargetFilename: this.#file(record, happening.directory),
          CreationUtcTime: timeOf(happening.seconds, happening.nanoseconds),
          PreviousCreationUtcTime: null,
        };
        return [{ eventId: 2, time, values }];
      }
      case 'raw-read':
        return [{ eventId: 9, time, values: { ...actor(by), Device: this.#path(record, happening.path) } }];
      case 'connect':
      case 'accept':
      case 'send':
        // A UDP socket that is disconnected, or connected to no port, talks to nobody.
        return happening.otherPort === 0 ? [] : [{ eventId: 3, time, values: connection(by, happening) }];
      case 'bpf-load':
        return [
          {
            eventId: 6,
            time,
            values: { ...loaded(by), ImageLoaded: `bpf:${fromLatin1(happening.name) || '-'}`, Hashes: null },
          },
        ];
      case 'module-load': {
        const path = happening.path === '0' ? null : this.#path(record, happening.path);
        return [
          {
            eventId: 6,
            time,
            values: {
              ...loaded(by),
              ImageLoaded: path,
              Hashes: () => (path === null ? null : this.#parts.hashes().of(null, path)),
            },
          },
        ];
      }
      case 'lookup':
        return [
          {
            eventId: 22,
            time,
            values: {
              ...actor(by),
              QueryName: fromLatin1(happening.name),
              QueryStatus: happening.status,
              QueryResults: record.addresses.map((address) => `${address};`).join(''),
            },
          },
        ];
      default:
        return this.#across(by, record, time);
    }
  }

  #exec(record: Assembled, exec: Happening & { readonly what: 'exec' }, time: number): readonly Draft[] {
    const { processes, isOwn, hashes } = this.#parts;
    const executable = record.pieces.path(exec.image);
    const image = executable ? `${executable.text}${exec.deleted ? ' (deleted)' : ''}` : null;
    const known =
      image === null || (record.text !== null && !record.text.whole)
        ? processes.inProc(exec.pid, exec.start)
        : null;
    if (executable?.cut || (record.text !== null && !record.text.whole && known?.commandLine == null))
      this.truncated += 1;
    const commandLine =
      record.text?.whole === false
        ? (known?.commandLine ?? record.text.text)
        : (record.text?.text ?? known?.commandLine ?? null);
    const process = processes.exec(
      {
        pid: exec.pid,
        start: exec.start,
        image: image ?? known?.image ?? null,
        commandLine,
        directory: this.#path(record, exec.directory),
        uid: exec.uid,
        loginUid: exec.loginUid,
        session: exec.session,
      },
      exec.parent,
      exec.at,
    );
    if (isOwn(exec.pid, exec.parent)) return [];
    const { parent } = process;
    const values: Record<string, Value> = {
      ProcessGuid: process.guid,
      ProcessId: process.pid,
      Image: process.image,
      CommandLine: process.commandLine,
      CurrentDirectory: process.directory,
      User: () => userName(process.uid),
      LogonGuid: () => processes.logonGuid(process.session),
      LogonId: `0x${process.loginUid.toString(16)}`,
      TerminalSessionId: process.session,
      IntegrityLevel: 'no level',
      Hashes: () =>
        hashes().of(
          exec.inode,
          `/proc/${process.pid}/exe`,
          ...(process.image === null || exec.deleted ? [] : [process.image]),
        ),
      ParentProcessGuid: parent?.guid ?? null,
      ParentProcessId: exec.parent,
      ParentImage: parent?.image ?? null,
      ParentCommandLine: parent?.commandLine ?? null,
      ParentUser: () => (parent ? userName(parent.uid) : null),
    };
    return [{ eventId: 1, time, values }];
  }

  /** What one process does to another. */
  #across(by: Process, record: Assembled, time: number): readonly Draft[] {
    const { happening } = record;
    const access = accessOf(happening);
    if (access === null) return [];
    const { processes } = this.#parts;
    const target = processes.named(access.target, this.#path(record, access.target.image), by);
    if (target.pid === by.pid) return [];
    const { eventId, call } = access;
    if (this.#repeats.isRepeat(`${eventId} ${by.guid} ${target.guid} ${target.pid} ${call}`, happening.at))
      return [];
    const source: Record<string, Value> = {
      SourceProcessId: by.pid,
      SourceImage: by.image,
      TargetProcessId: target.pid,
      TargetImage: target.image,
      SourceUser: () => userName(by.uid),
      TargetUser: () => userName(target.uid),
    };
    if (eventId === 10) {
      const guids = { SourceProcessGUID: by.guid, TargetProcessGUID: target.guid };
      const values = {
        ...source,
        ...guids,
        SourceThreadId: happening.tid,
        GrantedAccess: access.granted,
        CallTrace: null,
        Call: call,
      };
      return [{ eventId, time, values }];
    }
    const address = access.address === null ? null : BigInt(`0x${access.address}`);
    const values = {
      ...source,
      SourceProcessGuid: by.guid,
      TargetProcessGuid: target.guid,
      NewThreadId: access.target.pid,
      StartAddress: address === null ? null : `0x${address.toString(16).toUpperCase().padStart(16, '0')}`,
      StartModule: () => (address === null ? null : mappedFile(target.pid, address)),
      StartFunction: null,
      Call: call,
    };
    return [{ eventId, time, values }];
  }

  #path({ pieces }: Assembled, key: PathKey): string | null {
    const path = key === '0' ? null : pieces.path(key);
    if (path?.cut) this.truncated += 1;
    return path?.text ?? null;
  }

  /** The path of a file by its folder and what the call named; a folder that is not known is `?`. */
  #file(record: Assembled, folder: PathKey): string | null {
    const name = record.text;
    if (name === null) return null;
    if (!name.whole) this.truncated += 1;
    if (name.text.startsWith('/')) return posix.normalize(name.text);
    const base = this.#path(record, folder);
    if (base === null) return name.text === '' ? null : `?/${name.text}`;
    return name.text === '' ? base : posix.join(base, name.text);
  }
}

interface Access {
  readonly eventId: 8 | 10;
  readonly call: string;
  readonly target: Target;
  /** As bits of Windows. */
  readonly granted: string;
  /** Hexadecimal; null where the call has none. */
  readonly address: string | null;
}

function accessOf(happening: Happening): Access | null {
  switch (happening.what) {
    case 'ptrace': {
      const { request, target, address } = happening;
      const injection = PTRACE_INJECTIONS.get(request);
      const name = injection ?? PTRACE_ACCESSES.get(request);
      if (name === undefined) return null;
      const pokes = injection?.startsWith('POKE') ?? false;
      const eventId = injection ? 8 : 10;
      return {
        eventId,
        call: `ptrace:${name}`,
        target,
        granted: ALL_ACCESS,
        address: pokes ? address : null,
      };
    }
    case 'vm-read':
      return {
        eventId: 10,
        call: 'process_vm_readv',
        target: happening.target,
        granted: VM_READ,
        address: null,
      };
    case 'vm-write': {
      const { target, address } = happening;
      return { eventId: 8, call: 'process_vm_writev', target, granted: VM_READ_WRITE, address };
    }
    case 'memory-open':
      return {
        eventId: 10,
        call: 'open:/proc/PID/mem',
        target: happening.target,
        granted: VM_READ_WRITE,
        address: null,
      };
    case 'memory-write': {
      const { target, address } = happening;
      return { eventId: 8, call: 'write:/proc/PID/mem', target, granted: VM_READ_WRITE, address };
    }
    default:
      return null;
  }
}

/** Who did it, as most events say it. */
function actor(by: Process): Record<string, Value> {
  return { ProcessGuid: by.guid, ProcessId: by.pid, Image: by.image, User: () => userName(by.uid) };
}

/** DriverLoad has no process in its layout: it is written after it. Nothing on Linux tells of signatures here. */
function loaded(by: Process): Record<string, Value> {
  return { Signed: null, Signature: null, SignatureStatus: null, ...actor(by) };
}

/** Source is who began: for an accepted connection the other end, as in Sysmon's own records. */
function connection(
  by: Process,
  {
    what,
    protocol,
    localAddress,
    localPort,
    otherAddress,
    otherPort,
  }: Happening & { readonly what: 'connect' | 'accept' | 'send' },
): Record<string, Value> {
  const name = protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : String(protocol);
  const local = { address: localAddress, port: localPort };
  const other = { address: otherAddress, port: otherPort };
  const [source, destination] = what === 'accept' ? [other, local] : [local, other];
  return {
    ...actor(by),
    Protocol: name,
    Initiated: what === 'accept' ? 'false' : 'true',
    SourceIsIpv6: String(source.address.includes(':')),
    SourceIp: source.address,
    SourceHostname: null,
    SourcePort: source.port,
    SourcePortName: () => serviceName(source.port, name),
    DestinationIsIpv6: String(destination.address.includes(':')),
    DestinationIp: destination.address,
    DestinationHostname: null,
    DestinationPort: destination.port,
    DestinationPortName: () => serviceName(destination.port, name),
  };
}

/** A time that a call set, as Sysmon writes it; null for one that no calendar has. */
function timeOf(seconds: number, nanoseconds: number): string | null {
  const ms = seconds * 1000 + Math.floor(nanoseconds / 1e6);
  return Math.abs(ms) <= 8.64e15 ? utcTime(ms) : null;
}
