/**
 * The monitor's event log: events are given their record ids here, wait shortly, and go to disk in segments. Appending
 * never waits for the disk. While the disk takes nothing (full, read-only, broken, too slow) logging stops and what is
 * not logged is counted; what was appended before is kept and written first when it works again.
 */
import { mkdirSync } from 'node:fs';
import { type Event, eventType, formatTime } from '../../events/index.ts';
import { dumpLine } from '../../lines/index.ts';
import { sealLine } from '../../sources/index.ts';
import { MonitorError } from '../error.ts';
import { type Lock, takeLock } from './lock.ts';
import { type Found, recover, type Recovered } from './recovery.ts';
import { type Queue, Segments } from './segments.ts';

export interface EventLogOptions {
  readonly folder: string;
  readonly host: string;
  /** The system's id of this boot: a segment never holds two. */
  readonly bootId: string;
  /** A segment is followed by the next when it has so many bytes; 16 MiB, at most a quarter of `totalBytes`. */
  readonly segmentBytes?: number;
  /** … or is so old, milliseconds; 24 hours. */
  readonly segmentMs?: number;
  /** Of all segments; the oldest are deleted. Default: TOTAL_BYTES. */
  readonly totalBytes?: number;
  /** Told when logging stops, and when it goes on. */
  readonly onState?: (state: LogState) => void;
}

export type LogState =
  | { readonly logging: true }
  | {
      readonly logging: false;
      /** What the system says. */
      readonly reason: string;
      /** When it stopped, milliseconds since 1970 UTC. */
      readonly since: number;
      /** Events that were not logged since. */
      readonly unlogged: number;
    };

export interface EventLog {
  /** What stood in the folder when the log was opened. */
  readonly found: Found;
  /**
   * Takes an event; its own record id is ignored. The id that it was given, or null (and counted) while nothing can be
   * written.
   */
  append(event: Event): number | null;
  /**
   * Resolves when all that was appended so far is on disk. Throws MonitorError `event-log-unwritable` while nothing can be
   * written.
   */
  sync(): Promise<void>;
  /** Writes what it can, and lets the folder go. Never throws. */
  close(): Promise<void>;
  readonly state: LogState;
  /** `firstRecord` is that of the oldest segment: all before it were deleted. Both are the last id and the next of a log without records. */
  facts(): {
    readonly folder: string;
    readonly segments: number;
    readonly bytes: number;
    readonly firstRecord: number;
    readonly lastRecord: number;
  };
}

/** What an event log takes of the disk at most. */
export const TOTAL_BYTES: number = 1024 ** 3;
/** Appended events wait so long, or until there are so many bytes of them. */
const WAIT_MS = 100;
const WAIT_BYTES = 256 * 1024;
/** What is written is put on disk after so long, or so many bytes. */
const SYNC_MS = 1000;
const SYNC_BYTES = 1024 * 1024;
/** A disk that failed is tried again. */
const RETRY_MS = 2000;
/** More than a disk that works leaves waiting. */
const MOST_WAITING = 64 * 1024 * 1024;

/**
 * Opens the log in a folder, which is made where it is missing; what a writer that was killed left half written is cut.
 * Throws MonitorError `event-log-locked` where another process writes there, `event-log-unwritable` for what the system
 * does not let be made or read.
 */
export function openEventLog(options: EventLogOptions): EventLog {
  const { folder, host, bootId } = options;
  const totalBytes = options.totalBytes ?? TOTAL_BYTES;
  const segmentBytes = Math.min(options.segmentBytes ?? 16 * 1024 ** 2, totalBytes / 4);
  const segmentMs = options.segmentMs ?? 24 * 3_600_000;
  const { lock, recovered } = take(folder, bootId);
  const { found } = recovered;
  const segments = new Segments({ folder, host, bootId, segmentBytes, segmentMs, totalBytes }, recovered);
  const queue: Queue = { lines: [], bytes: 0 };
  let next = found.lastRecord + 1;
  let state: LogState = { logging: true };
  let closing: Promise<void> | null = null;
  /** Whether the folder may be another's by now. */
  let released = false;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  /** When it rings, on the runtime's own clock. */
  let timerAt = Number.POSITIVE_INFINITY;
  /** When the oldest line that is written and not on disk was written, on the runtime's own clock. */
  let unsyncedSince: number | null = null;
  let syncWanted = false;

  function put(event: Event): number {
    const id = next++;
    const bytes = sealLine(dumpLine('live', { ...event, record: id }));
    queue.lines.push({ id, bytes });
    queue.bytes += bytes.length;
    return id;
  }

  function wake(ms: number): void {
    const at = performance.now() + ms;
    if (at >= timerAt) return;
    silence();
    timerAt = at;
    timer = setTimeout(() => void flush(), ms);
  }

  function silence(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    timerAt = Number.POSITIVE_INFINITY;
  }

  function flush(): Promise<void> {
    silence();
    if (released) return Promise.resolve();
    running ??= work().finally(() => {
      running = null;
      if (closing !== null) return;
      if (!state.logging) wake(RETRY_MS);
      else if (queue.lines.length > 0) wake(queue.bytes >= WAIT_BYTES ? 0 : WAIT_MS);
      else if (unsyncedSince !== null) wake(Math.max(0, unsyncedSince + SYNC_MS - performance.now()));
    });
    return running;
  }

  /** Brings the queue to disk, and says so where that had failed before. */
  async function work(): Promise<void> {
    try {
      await drain();
      if (state.logging) return;
      const { since, unlogged } = state;
      if (unlogged > 0) put(unloggedEvent(host, since, Date.now(), unlogged, state.reason));
      setState({ logging: true });
      syncWanted = true;
      await drain();
    } catch (error) {
      stop(reasonOf(error));
    }
  }

  async function drain(): Promise<void> {
    do {
      await segments.write(queue);
      if (segments.unsyncedBytes > 0) unsyncedSince ??= performance.now();
      const due = unsyncedSince !== null && performance.now() >= unsyncedSince + SYNC_MS;
      const last = queue.lines.length === 0 && (syncWanted || !state.logging);
      if (due || last || segments.unsyncedBytes >= SYNC_BYTES) {
        await segments.sync(queue);
        unsyncedSince = null;
        if (last) syncWanted = false;
      }
    } while (queue.lines.length > 0);
  }

  function stop(reason: string): void {
    unsyncedSince = null;
    const since = state.logging ? Date.now() : state.since;
    const unlogged = state.logging ? 0 : state.unlogged;
    const isNews = state.logging || state.reason !== reason;
    state = { logging: false, reason, since, unlogged };
    if (isNews) options.onState?.(state);
  }

  function setState(to: LogState): void {
    state = to;
    options.onState?.(to);
  }

  async function sync(): Promise<void> {
    const last = next - 1;
    // What runs now may have begun before the last was appended.
    for (let round = 0; segments.durable < last && round < 2; round++) {
      syncWanted = true;
      await flush();
    }
    if (segments.durable >= last) return;
    const reason = state.logging ? 'it was closed' : state.reason;
    throw new MonitorError(
      'event-log-unwritable',
      `expected to write to ${folder}, the system says ${reason}: the last ${last - segments.durable} events are not on disk`,
    );
  }

  async function close(): Promise<void> {
    await sync().catch(() => undefined);
    released = true;
    silence();
    await running;
    await segments.close();
    lock.release();
  }

  return {
    found,
    append(event) {
      if (closing !== null) return null;
      if (state.logging && queue.bytes > MOST_WAITING) stop('the disk is too slow');
      if (!state.logging) {
        state = { ...state, unlogged: state.unlogged + 1 };
        return null;
      }
      const id = put(event);
      if (running === null) {
        if (queue.bytes >= WAIT_BYTES) void flush();
        else wake(WAIT_MS);
      }
      return id;
    },
    sync,
    close: () => (closing ??= close()),
    get state() {
      return state;
    },
    facts: () => ({
      folder,
      segments: segments.count,
      bytes: segments.bytes,
      firstRecord: segments.first ?? next,
      lastRecord: next - 1,
    }),
  };
}

/** Takes the folder and what it holds. */
function take(folder: string, bootId: string): { readonly lock: Lock; readonly recovered: Recovered } {
  let lock: Lock | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    lock = takeLock(folder, bootId);
    return { lock, recovered: recover(folder) };
  } catch (error) {
    lock?.release();
    if (error instanceof MonitorError) throw error;
    throw new MonitorError(
      'event-log-unwritable',
      `expected to write to the folder ${folder}, the system says ${reasonOf(error)}: check its permissions, or give another folder`,
    );
  }
}

/** The log's own word for what it could not take: event 255, which the tally counts as lost and takes out of the exposure. */
function unloggedEvent(host: string, from: number, to: number, unlogged: number, reason: string): Event {
  const time = sysmonTime(to);
  return {
    record: null,
    time: to,
    host,
    provider: 'Linux-Sysmon',
    channel: 'Linux-Sysmon/Operational',
    eventId: 255,
    version: eventType(255)?.layouts.at(-1)?.manifestVersion ?? null,
    fields: new Map([
      ['UtcTime', time],
      ['ID', 'UNLOGGED'],
      ['Description', `${unlogged} events could not be written to the event log: ${reason}`],
      ['Lost', String(unlogged)],
      ['From', sysmonTime(Math.min(from, to))],
      ['To', time],
    ]),
  };
}

/** As Sysmon writes times: `2026-01-05 08:00:00.123`. */
function sysmonTime(ms: number): string {
  return formatTime(ms).replace('T', ' ').replace('Z', '');
}

/** `ENOSPC: no space left on device`, or what else an error says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/, \w+( '.*')?$/s, '');
}
