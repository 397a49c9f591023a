/** The processes of the machine, as /proc shows them once and forks, execs and exits change them. */
import { type Identity, ticksOf } from './identity.ts';
import type { Target, Who } from '../capture/record.ts';
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
  /** Null where it is not known. */
  readonly uid: number | null;
  readonly loginUid: number;
  readonly session: number;
  readonly parent: Parent | null;
}

/** What events tell of a parent: copied, because a chain of parents would never be let go. */
export type Parent = Pick<Process, 'pid' | 'guid' | 'image' | 'commandLine' | 'uid'>;

/** How long a process that ended is remembered, for records that come after its end: nanoseconds. */
const REMEMBERED_NS = 10e9;
const UNSET = 4_294_967_295;
const MAX_PROCESSES = 65_536;

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

  /** The process that did something. The record itself tells its start, and where it is known `image`, what it runs. */
  doing({ pid, start, uid }: Pick<Who, 'pid' | 'start' | 'uid'>, image: string | null): Process {
    const known = this.#byPid.get(pid);
    if (known && sameStart(known.start, start)) {
      const runs = image === null || isImage(known, image);
      // A fork tells its child's start by the clock of the fork, and /proc in hundredths of a second.
      if (runs && ticksOf(known.start) === ticksOf(start) && known.uid === uid) return known;
      const guid = this.#identity.processGuid(pid, start);
      // It became another program, which was not told.
      const now = runs ? known : { ...known, image, commandLine: null };
      return this.#put({ ...now, start, uid, guid });
    }
    const found = this.inProc(pid, start);
    const guid = this.#identity.processGuid(pid, start);
    if (!found) return this.#put({ ...UNKNOWN, pid, start, uid, guid, image });
    const parent = this.#parentOf(found.parent);
    return this.#put({ ...this.#fromProc(found), start, uid, guid, image: image ?? found.image, parent });
  }

  /**
   * The process that another did something to: named by its pid or by that of a thread, in the pid namespace of `from`
   * where that is not the first. `image`: what it ran, where the kernel saw it start.
   */
  named(target: Target, image: string | null, from: Process): Process {
    const pid = target.level > 0 ? (this.#proc.processInNamespace(from.pid, target.pid) ?? 0) : target.pid;
    const seen = target.level === 0 && target.start > 0;
    const known = this.#byPid.get(pid);
    if (known && seen && sameStart(known.start, target.start) && (image === null || isImage(known, image)))
      return known;
    const entry = this.#proc.read(this.#byPid.has(pid) ? pid : (this.#proc.processOfThread(pid) ?? pid));
    // /proc lists no threads, yet shows each by its number.
    if (entry && !(seen && !sameStart(entry.start, target.start))) {
      const before = this.#byPid.get(entry.pid);
      if (
        before &&
        sameStart(before.start, entry.start) &&
        (entry.image === null || isImage(before, entry.image))
      )
        return before;
      return this.#put({ ...this.#fromProc(entry), parent: this.#parentOf(entry.parent) });
    }
    if (seen) {
      const guid = this.#identity.processGuid(pid, target.start);
      return { ...UNKNOWN, pid, start: target.start, guid, image, uid: target.uid };
    }
    return known ?? { ...UNKNOWN, pid, uid: null };
  }

  /** A fork at a time of the records' clock; `start` is that time on the clock of starts. */
  fork(parent: Process, child: number, at: number, start: number): void {
    if (at <= this.#scannedAt && this.#scanned.has(child)) return;
    this.#put({
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
    if (at > this.#scannedAt || !this.#scanned.has(process.pid)) this.#put(executed);
    return executed;
  }

  /** What /proc says of a process that is still the one that started then. */
  inProc(pid: number, start: number): ProcEntry | null {
    const entry = this.#proc.read(pid);
    return entry !== null && sameStart(entry.start, start) ? entry : null;
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

  /** Ends are not always told: past a number of processes those go that were last heard of longest ago. */
  #put(process: Process): Process {
    this.#byPid.delete(process.pid);
    if (this.#byPid.size >= MAX_PROCESSES) this.#byPid.delete(this.#byPid.keys().next().value!);
    this.#byPid.set(process.pid, process);
    return process;
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

/** Hundredths of a second may be cut differently by the kernel and by the clock of a fork. */
function sameStart(a: number, b: number): boolean {
  return Math.abs(ticksOf(a) - ticksOf(b)) <= 1;
}

/** Whether a process runs what a path says: of a file that is gone, /proc and the sensor say so behind the path. */
function isImage(process: Process, image: string): boolean {
  return process.image === image || process.image === `${image} (deleted)`;
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
