/** Waits until the service's sensor watches. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MonitorError } from '../error.ts';
import { readStatus, type SensorStatus } from '../status.ts';
import type { ServicePaths } from './paths.ts';
import { journalTail, unitState } from './systemd.ts';

export interface Waiting {
  readonly say: (line: string) => void;
  /** Milliseconds. */
  readonly waitMs: number;
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal | undefined;
}

const POLL_MS = 250;
/** Reading the status costs nothing, asking systemd a process: on a slow machine that would take the time from the sensor. */
const POLLS_PER_UNIT_STATE = 8;
const JOURNAL_LINES = 8;

/**
 * Asks until `done` finds in the status what it waits for, of the process that is the service's now. Throws
 * MonitorError, after the journal's last lines, when the service fails or the time is up.
 */
export async function untilSensor<T>(
  { status }: ServicePaths,
  what: string,
  { say, waitMs, signal }: Waiting,
  done: (status: SensorStatus) => T | null,
): Promise<T> {
  const end = performance.now() + waitMs;
  const { restarts } = unitState();
  for (let polls = 0; ; polls++) {
    const now = readStatus(status);
    const found = now === null ? null : done(now);
    if (found !== null || polls % POLLS_PER_UNIT_STATE === 0) {
      const unit = unitState();
      if (found !== null && now?.pid === unit.mainPid) return found;
      const ended = unit.active === 'failed' || unit.active === 'inactive' || unit.restarts > restarts;
      if (ended) throw failed(say, `noisefloor ended (${unit.result || unit.active}) before ${what}`);
    }
    if (performance.now() >= end)
      throw failed(say, `waited ${Math.round(waitMs / 1000)} s, but noisefloor is not yet ${what}`);
    if (signal?.aborted) throw new MonitorError('monitor-step', `interrupted before noisefloor was ${what}`);
    await sleep(POLL_MS);
  }
}

/** Says the journal's last lines, and gives the error. */
function failed(say: (line: string) => void, message: string): MonitorError {
  sayJournal(say);
  return new MonitorError('monitor-step', message);
}

/** The journal's last lines of the service, indented. */
export function sayJournal(say: (line: string) => void): void {
  const lines = journalTail(JOURNAL_LINES);
  if (lines.length === 0) return;
  say('The last lines of its journal:');
  for (const line of lines) say(`  ${line}`);
}
