/** The machine's own channels while they grow: all that stands there, and then what comes. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnostic, Event } from '../../events/index.ts';
import { type Batch, findLogs, type FollowedBatch, readLog } from '../../sources/index.ts';
import { AS_XML, channelError, endOf, eventsIn, SYSMON_CHANNEL } from './channel.ts';
import { ACCESS_DENIED, type Machine, NO_SUCH_CHANNEL, type Ran, thisMachine } from './machine.ts';
import { privateFolder } from './private-folder.ts';
import { snapshotLive } from './snapshot.ts';

export interface FollowLiveOptions {
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default: 1,000. */
  readonly intervalMs?: number;
  readonly machine?: Machine;
  /** Folder for temporary files. Default: the system's. */
  readonly within?: string;
  /** Told what is no event and no loss. */
  readonly onNotice?: (text: string) => void;
}

/** Events asked for at once: what comes faster is fetched in several calls, and memory stays flat. */
const AT_ONCE = 2000;
/** So many looks without a record, and it is asked whether the log began anew. */
const QUIET_LOOKS = 10;

/** Where the reading of a channel stands. */
interface Position {
  readonly channel: string;
  /** Record id of the last event that was read; 0 before the first. */
  last: number;
  quiet: number;
  /** Whether wevtutil takes our bookmarks. */
  bookmarks: boolean;
  failing: boolean;
}

/**
 * Yields all that the channels of Sysmon and System hold, and then every new record, until the signal. No record comes
 * twice. Record ids that are skipped, because the log wrapped faster than it was read, become a diagnostic. Throws
 * MonitorError as `snapshotLive` does; what fails later is a diagnostic, and is tried again.
 */
export async function* followLive(options: FollowLiveOptions): AsyncGenerator<FollowedBatch> {
  const { signal, intervalMs = 1000, machine = thisMachine(), within = tmpdir() } = options;
  const positions: Position[] = [];
  const snapshot = await snapshotLive({ machine, within });
  try {
    for (const notice of snapshot.notices) options.onNotice?.(notice);
    for (const { channel, path } of snapshot.logs) {
      const position = { channel, last: 0, quiet: 0, bookmarks: true, failing: false };
      positions.push(position);
      for (const log of findLogs([path]).logs) {
        for await (const batch of readLog(log, { verify: false })) {
          if (signal.aborted) return;
          for (const { record } of batch.events) position.last = Math.max(position.last, record ?? 0);
          yield { ...renamed(batch, channel), live: false };
        }
      }
    }
  } finally {
    snapshot.remove();
  }
  const folder = privateFolder(within);
  try {
    yield { source: SYSMON_CHANNEL, events: [], diagnostics: [], bytes: 0, live: true };
    while (!signal.aborted) {
      let full = false;
      for (const position of positions) {
        const batch = await look(machine, position, join(folder.path, 'bookmark.xml'), signal);
        if (batch === null || signal.aborted) continue;
        full ||= batch.events.length >= AT_ONCE;
        yield { ...batch, live: true };
      }
      if (!full) await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    folder.remove();
  }
}

/** What came since the last look; null where nothing did. */
async function look(
  machine: Machine,
  position: Position,
  bookmark: string,
  signal: AbortSignal,
): Promise<Batch | null> {
  const { channel } = position;
  const ran = await ask(machine, position, bookmark, signal);
  if (signal.aborted) return null;
  if (ran.status !== 0) {
    // The event log service may be restarting: tried again, and told once.
    if (position.failing) return null;
    position.failing = true;
    const { code, message } = await channelError(machine, channel, ran);
    const diagnostic: Diagnostic = { code, severity: 'error', message, where: { source: channel }, lost: 0 };
    return { source: channel, events: [], diagnostics: [diagnostic], bytes: 0 };
  }
  position.failing = false;
  const read = await eventsIn(channel, ran.text);
  const events = read.events.filter(({ record }) => record === null || record > position.last);
  const diagnostics = [...read.diagnostics];
  if (events.length === 0 && (await beganAnew(machine, position))) {
    diagnostics.push(
      gap(channel, position.last, `the event log began anew after record ${position.last}`, 0),
    );
    position.last = 0;
  }
  diagnostics.push(...gapsIn(position, events));
  if (events.length === 0 && diagnostics.length === 0) return null;
  return { source: channel, events, diagnostics, bytes: Buffer.byteLength(ran.text) };
}

/** Asks for events behind the last one: by a bookmark, from which the service reads on without searching; else by id. */
async function ask(
  machine: Machine,
  position: Position,
  bookmark: string,
  signal: AbortSignal,
): Promise<Ran> {
  const { channel, last } = position;
  const query = (...which: string[]): Promise<Ran> =>
    machine.run('wevtutil', ['qe', channel, ...which, `/c:${AT_ONCE}`, '/rd:false', ...AS_XML], { signal });
  if (last === 0) return await query();
  if (position.bookmarks) {
    const mark = `<Bookmark Channel='${channel}' RecordId='${last}' IsCurrent='true'/>`;
    writeFileSync(bookmark, `<BookmarkList>${mark}</BookmarkList>`);
    const ran = await query(`/bm:${bookmark}`);
    if (ran.status === 0 || ran.status === ACCESS_DENIED || ran.status === NO_SUCH_CHANNEL) return ran;
  }
  const ran = await query(`/q:*[System[(EventRecordID>${last})]]`);
  if (ran.status === 0) position.bookmarks = false;
  return ran;
}

/** Whether the channel's newest record has a lower id than one that was read: the log was made anew. */
async function beganAnew(machine: Machine, position: Position): Promise<boolean> {
  position.quiet += 1;
  if (position.quiet % QUIET_LOOKS !== 0) return false;
  const newest = await endOf(machine, position.channel, true);
  return newest !== null && newest.record !== null && newest.record < position.last;
}

/** Moves the position behind these events, and tells of ids that are missing before and among them. */
function gapsIn(position: Position, events: readonly Event[]): Diagnostic[] {
  const { channel } = position;
  const found: Diagnostic[] = [];
  for (const { record } of events) {
    if (record === null) continue;
    const missing = position.last === 0 ? 0 : record - position.last - 1;
    if (missing > 0) {
      const message = `expected record ${position.last + 1}, found ${record}: ${missing} were overwritten before they were read`;
      found.push(gap(channel, record, message, missing));
    }
    position.last = record;
  }
  if (events.length > 0) position.quiet = 0;
  return found;
}

function gap(channel: string, record: number, message: string, lost: number): Diagnostic {
  const severity = lost > 0 ? 'error' : 'warning';
  return { code: 'live-gap', severity, message, where: { source: channel, record }, lost };
}

/** A batch of a temporary file, told as what it is: its channel. */
function renamed(batch: Batch, channel: string): Batch {
  const diagnostics = batch.diagnostics.map((one) => ({ ...one, where: { ...one.where, source: channel } }));
  return { ...batch, source: channel, diagnostics };
}
