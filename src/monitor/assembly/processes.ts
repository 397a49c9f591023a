/** The processes of the machine, as /proc shows them once and forks, execs and exits change them. */
import type { Identity } from './identity.ts';
import { ticksOf } from './identity.ts';
import { type ProcEntry, processInNamespace, processOfThread, readProc } from './proc.ts';

/** What is known of a process. Never changed: an exec makes another. */
export interface Process {
  readonly pid: number;
  /** Nanoseconds since the kernel's start. */
  readonly start: number;
  readonly guid: string;
  /** Null where it is not known. */
  readonly image: string | null;
  readonly commandLine: string | null;
  readonly directory: string | null;
  readonly uid: number;
  readonly loginUid: number;
  readonly session: number;
  readonly parent: Parent | null;
}

/** What events tell of a parent: copied, because a chain of parents would never be let go. */
export type Parent = Pick<Process, 'pid' | 'guid' | 'image' | 'commandLine' | 'uid'>;

/** How long a process that ended is remembered, for records that come after its end: nanoseconds. */
const REMEMBERED_NS = 10e9;
const UNSET = 4_294_967_295;

/** Reads /proc; another in tests. */
export interface ProcReader {
  readonly read: (pid: number) => ProcEntry | null;
  readonly processOfThread: (tid: number) => number | null;
  readonly processInNamespace: (from: number, number: number) => number | null;
}

const SYSTEM: ProcReader = { read: readProc, processOfThread, processInNamespace };

export class Processes {
  readonly #identity: Identity;
  readonly #proc: ProcReader;
  readonly #byPid = new Map<number, Process>();
  readonly #ended: { readonly process: Process; readonly at: number }[] = [];
  /** Records before this time tell nothing new of processes that the scan found: nanoseconds of the records' clock. */
  #scannedAt = Number.NEGATIVE_INFINITY;
  #scanned: ReadonlyMap<number, number> = new Map();

  constructor(identity: Identity, proc: ProcReader = SYSTEM) {
    this.#identity = identity;
    this.#proc = proc;
  }

  get size(): number {
    return this.#byPid.size;
  }

  /** Takes over what /proc shows at a time of the records' clock. */
  scan(entries: readonly ProcEntry[], at: number): void {
    this.#byPid.clear();
    this.#ended.length = 0;
    this.#scannedAt = at;
    this.#scanned = new Map(entries.map(({ pid, start }) => [pid, start]));
    // Parents first, as far as their numbers tell; the others are known by pid alone.
    for (const entry of entries) this.#byPid.set(entry.pid, this.#fromProc(entry));
    for (const entry of entries) {
      const parent = this.#byPid.get(entry.parent);
      if (parent) this.#byPid.set(entry.pid, { ...this.#byPid.get(entry.pid)!, parent: asParent(parent) });
    }
  }

  /** The process that has this pid, or had it last. */
  get(pid: number): Process | null {
    return this.#byPid.get(pid) ?? null;
  }

  /** The process that did something: its start is known from the record itself. */
  doing(pid: number, start: number, uid: number): Process {
    const known = this.#byPid.get(pid);
    if (known && Math.abs(ticksOf(known.start) - ticksOf(start)) <= 1) {
      // A fork tells its child's start by the clock of the fork, and /proc in hundredths of a second.
      if (ticksOf(known.start) === ticksOf(start) && known.uid === uid) return known;
      const exact = { ...known, start, uid, guid: this.#identity.processGuid(pid, start) };
      this.#byPid.set(pid, exact);
      return exact;
    }
    const found = this.inProc(pid, start);
    const process: Process = found
      ? {
          ...this.#fromProc(found),
          start,
          guid: this.#identity.processGuid(pid, start),
          parent: this.#parentOf(found.parent),
        }
      : { ...UNKNOWN, pid, start, uid, guid: this.#identity.processGuid(pid, start) };
    this.#byPid.set(pid, process);
    return process;
  }

  /**
   * The process that another named: by its pid or by that of a thread, in the pid namespace of `from` where that is not
   * the first.
   */
  named(target: number, from: Process, level: number): Process {
    const pid = level > 0 ? (this.#proc.processInNamespace(from.pid, target) ?? 0) : target;
    const known = this.#byPid.get(pid);
    if (known) return known;
    const leader = this.#proc.processOfThread(pid);
    const ofThread = leader === null ? undefined : this.#byPid.get(leader);
    if (ofThread) return ofThread;
    const entry = this.#proc.read(leader ?? pid);
    if (!entry) return { ...UNKNOWN, pid };
    const process = { ...this.#fromProc(entry), parent: this.#parentOf(entry.parent) };
    this.#byPid.set(process.pid, process);
    return process;
  }

  /** A fork at a time of the records' clock; `start` is that time on the clock of starts. */
  fork(parent: Process, child: number, at: number, start: number): void {
    if (at <= this.#scannedAt && this.#scanned.has(child)) return;
    this.#byPid.set(child, {
      ...parent,
      pid: child,
      start,
      guid: this.#identity.processGuid(child, start),
      parent: asParent(parent),
    });
  }

  /** An exec: the process is another program from now on. */
  exec(process: Omit<Process, 'guid' | 'parent'>, parent: number, at: number): Process {
    const executed: Process = {
      ...process,
      guid: this.#identity.processGuid(process.pid, process.start),
      parent: this.#parentOf(parent),
    };
    if (at > this.#scannedAt || !this.#scanned.has(process.pid)) this.#byPid.set(process.pid, executed);
    return executed;
  }

  /** What /proc says of a process that is still the one that started then. */
  inProc(pid: number, start: number): ProcEntry | null {
    const entry = this.#proc.read(pid);
    return entry !== null && Math.abs(ticksOf(entry.start) - ticksOf(start)) <= 1 ? entry : null;
  }

  logonGuid(session: number): string {
    return this.#identity.logonGuid(session);
  }

  exit(process: Process, at: number): void {
    if (at <= this.#scannedAt && this.#scanned.has(process.pid)) return;
    this.#ended.push({ process, at });
    let gone = 0;
    while (gone < this.#ended.length && this.#ended[gone]!.at < at - REMEMBERED_NS) {
      const { process: old } = this.#ended[gone]!;
      // The pid may have gone to another process meanwhile.
      if (this.#byPid.get(old.pid)?.guid === old.guid) this.#byPid.delete(old.pid);
      gone += 1;
    }
    this.#ended.splice(0, gone);
  }

  #parentOf(pid: number): Parent | null {
    const known = this.#byPid.get(pid);
    if (known) return asParent(known);
    const entry = this.#proc.read(pid);
    return entry ? asParent(this.#fromProc(entry)) : null;
  }

  #fromProc(entry: ProcEntry): Process {
    const { parent: _, ...rest } = entry;
    return { ...rest, guid: this.#identity.processGuid(entry.pid, entry.start), parent: null };
  }
}

const UNKNOWN: Process = {
  pid: 0,
  start: 0,
  guid: '{00000000-0000-0000-0000-000000000000}',
  image: null,
  commandLine: null,
  directory: null,
  uid: 0,
  loginUid: UNSET,
  session: UNSET,
  parent: null,
};

function asParent({ pid, guid, image, commandLine, uid }: Process): Parent {
  return { pid, guid, image, commandLine, uid };
}
