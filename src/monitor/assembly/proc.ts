/** What /proc says of a process. Everything here may be gone at any moment: then it is null. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandLine } from './pieces.ts';

export interface ProcEntry {
  readonly pid: number;
  readonly parent: number;
  /** Nanoseconds since the kernel's start, in steps of a hundredth of a second. */
  readonly start: number;
  /** Null for the kernel's own threads. */
  readonly image: string | null;
  readonly commandLine: string | null;
  readonly directory: string | null;
  readonly uid: number;
  readonly loginUid: number;
  readonly session: number;
}

/** Ticks of /proc/PID/stat: USER_HZ, 100 on every architecture that Linux supports since 2.6. */
const TICK_NS = 1e7;

/** All processes, ascending by pid. */
export function scanProc(): readonly ProcEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((pid) => readProc(pid) ?? []);
}

export function readProc(pid: number): ProcEntry | null {
  const folder = `/proc/${pid}`;
  const stat = attempt(() => readFileSync(`${folder}/stat`, 'latin1'));
  if (stat === null) return null;
  // The name stands in brackets and may hold any.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const image = attempt(() => readlinkSync(`${folder}/exe`));
  const bytes = attempt(() => readFileSync(`${folder}/cmdline`));
  return {
    pid,
    parent: Number(fields[1]),
    start: Number(fields[19]) * TICK_NS,
    image,
    commandLine: bytes === null || image === null ? null : commandLine(bytes),
    directory: attempt(() => readlinkSync(`${folder}/cwd`)),
    uid:
      numberIn(
        attempt(() => readFileSync(`${folder}/status`, 'latin1')),
        /^Uid:\s+(\d+)/m,
      ) ?? 0,
    loginUid:
      numberIn(
        attempt(() => readFileSync(`${folder}/loginuid`, 'latin1')),
        /^(\d+)/,
      ) ?? UNSET,
    session:
      numberIn(
        attempt(() => readFileSync(`${folder}/sessionid`, 'latin1')),
        /^(\d+)/,
      ) ?? UNSET,
  };
}

/** Login uid or session of a process that has none. */
const UNSET = 4_294_967_295;

/** The process that a thread belongs to; null where there is no such thread. */
export function processOfThread(tid: number): number | null {
  return numberIn(
    attempt(() => readFileSync(`/proc/${tid}/status`, 'latin1')),
    /^Tgid:\s+(\d+)/m,
  );
}

/** The process that has this number in the pid namespace that process `from` is in; null where none is found. */
export function processInNamespace(from: number, number: number): number | null {
  const namespace = attempt(() => readlinkSync(`/proc/${from}/ns/pid`));
  if (namespace === null) return null;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    if (attempt(() => readlinkSync(`/proc/${name}/ns/pid`)) !== namespace) continue;
    const status = attempt(() => readFileSync(`/proc/${name}/status`, 'latin1')) ?? '';
    if (numberIn(status, /^NSpid:.*?\s(\d+)$/m) === number) return Number(name);
  }
  return null;
}

/** The file that is mapped at an address of a process; null where none is, or where the process is gone. */
export function mappedFile(pid: number, address: bigint): string | null {
  const maps = attempt(() => readFileSync(`/proc/${pid}/maps`, 'utf8')) ?? '';
  for (const line of maps.split('\n')) {
    const match = /^([\da-f]+)-([\da-f]+) \S+ \S+ \S+ \S+ +(.+)$/.exec(line);
    if (match && address >= BigInt(`0x${match[1]}`) && address < BigInt(`0x${match[2]}`)) return match[3]!;
  }
  return null;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function numberIn(text: string | null, pattern: RegExp): number | null {
  const found = text === null ? null : pattern.exec(text)?.[1];
  return found === null || found === undefined ? null : Number(found);
}
