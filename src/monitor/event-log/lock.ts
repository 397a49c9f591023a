/**
 * One process writes to a folder of segments. The lock is a symbolic link: it is made at once and whole, even on a full
 * disk, and its target says who holds it. A holder that is gone, or ran before the last boot, holds nothing.
 */
import { readFileSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SEGMENT_LOCK } from '../../sources/index.ts';
import { MonitorError } from '../error.ts';

export interface Lock {
  /** Never throws: a lock that is left behind is taken over by the next. */
  release(): void;
}

const ATTEMPTS = 10;

/** Takes the lock of a folder. Throws MonitorError `event-log-locked` where another process holds it. */
export function takeLock(folder: string, bootId: string): Lock {
  const path = join(folder, SEGMENT_LOCK);
  const mine = `${process.pid}:${startOf(process.pid) ?? 0}:${bootId}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (made(() => symlinkSync(mine, path), 'EEXIST')) return { release: () => release(path, mine) };
    const holder = holderOf(path);
    if (holder === null) continue;
    if (isHeld(holder, bootId)) throw locked(folder, holder);
    // Of several that want to take it over, one moves it away.
    const aside = `${path}.${process.pid}`;
    if (!made(() => renameSync(path, aside), 'ENOENT')) continue;
    const moved = holderOf(aside);
    // Another took it over between the look and the move: it gets its lock back.
    if (moved !== null && moved !== holder) made(() => symlinkSync(moved, path), 'EEXIST');
    made(() => unlinkSync(aside), 'ENOENT');
    if (moved !== null && moved !== holder) throw locked(folder, moved);
  }
  throw locked(folder, holderOf(path) ?? '');
}

/** Whether an operation was done; false where it failed in the way that others of our kind make it fail. */
function made(operation: () => void, lost: string): boolean {
  try {
    operation();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === lost) return false;
    throw error;
  }
}

/** The link's target; null where there is none. What is no link of ours is held by nobody that is known. */
function holderOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return '';
    throw error;
  }
}

function isHeld(holder: string, bootId: string): boolean {
  const [, pid, start, boot] = /^(\d{1,10}):(\d{1,20}):(.*)$/s.exec(holder) ?? [];
  if (pid === undefined || boot !== bootId) return false;
  const since = startOf(Number(pid));
  // A process of the same id that began at another time is another process.
  return since === null ? isAlive(Number(pid)) : String(since) === start;
}

/** When a process began, in ticks since boot (proc(5), field 22 of stat); null where the system does not tell. */
function startOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before may hold spaces and brackets.
    const start = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isSafeInteger(start) ? start : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function release(path: string, mine: string): void {
  try {
    if (readlinkSync(path) === mine) unlinkSync(path);
  } catch {
    // The next takes it over.
  }
}

function locked(folder: string, holder: string): MonitorError {
  const pid = /^\d{1,10}/.exec(holder)?.[0];
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new MonitorError(
    'event-log-locked',
    `expected to be the only one who writes to ${folder}, found that ${who} does: stop it first, or give another folder`,
  );
}
