/** systemd, by its commands. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync } from 'node:fs';
import { MonitorError } from '../error.ts';
import { type ServicePaths, UNIT } from './paths.ts';

/** What systemd says of the unit. */
export interface UnitState {
  /** `active`, `inactive`, `failed`, `activating` (also between two tries), `deactivating`, `reloading`. */
  readonly active: string;
  readonly sub: string;
  /** `enabled`, `disabled`; empty where there is no such unit. */
  readonly enabled: string;
  readonly mainPid: number;
  /** Restarts by systemd since it was last started by hand. */
  readonly restarts: number;
  /** Why it ended, such as `exit-code` or `oom-kill`; `success` where it did not fail. */
  readonly result: string;
  /** ISO 8601: since when it is in this state; null where systemd does not tell. */
  readonly since: string | null;
}

/** How long one command may take: stopping waits for the unit's TimeoutStopSec. */
const TIMEOUT_MS = 90_000;

/** Whether systemd runs this machine, as sd_booted(3) finds out. */
export function systemdRuns({ root }: ServicePaths): boolean {
  return existsSync(`${root}/run/systemd/system`);
}

/** Runs systemctl and gives its output. Throws MonitorError with what it said. */
export function systemctl(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = run('systemctl', args);
  if (status === 0) return stdout;
  const said = error ? error.message : stderr.trim() || stdout.trim() || `exit code ${status}`;
  throw new MonitorError('monitor-step', `systemctl ${args.join(' ')} failed: ${said}`);
}

/** The unit's state. Throws MonitorError where systemctl can't be asked. */
export function unitState(): UnitState {
  const names = 'ActiveState SubState UnitFileState MainPID NRestarts Result StateChangeTimestamp'.split(' ');
  const shown = systemctl('show', UNIT, `--property=${names.join(',')}`);
  const values = new Map(
    shown.split('\n').map((line) => {
      const [name, ...rest] = line.split('=');
      return [name, rest.join('=')];
    }),
  );
  const text = (name: string): string => values.get(name) ?? '';
  return {
    active: text('ActiveState'),
    sub: text('SubState'),
    enabled: text('UnitFileState'),
    mainPid: Number(text('MainPID')) || 0,
    restarts: Number(text('NRestarts')) || 0,
    result: text('Result'),
    since: isoTime(text('StateChangeTimestamp')),
  };
}

/** Whether the machine is being shut down or started anew; false where systemd does not say. */
export function machineStops(): boolean {
  // It ends with an error in every state but running.
  return run('systemctl', ['is-system-running']).stdout?.trim() === 'stopping';
}

/** What systemd itself writes of every start and stop: it says nothing of why. */
const ROUTINE = /^(?:Start|Stopp|Reload)(?:ing|ed) |^noisefloor\.service: (?:Consumed|Scheduled|Deactivated)/;
/** Read to find some that are not routine. */
const JOURNAL_READ = 100;

/** The last lines of the journal that say what went wrong; empty where it can't be read. */
export function journalTail(lines: number): readonly string[] {
  const { status, stdout } = run('journalctl', [
    `--unit=${UNIT}`,
    `--lines=${JOURNAL_READ}`,
    '--no-pager',
    '--output=cat',
    '--quiet',
  ]);
  if (status !== 0) return [];
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '' && !ROUTINE.test(line))
    .slice(-lines);
}

function run(command: string, args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(command, args, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    // Its times and words are read; and it is not to page, colour or ask for a password.
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** `Thu 2026-11-26 03:44:11 UTC` as ISO 8601. */
function isoTime(text: string): string | null {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/.exec(text);
  return found ? `${found[1]}T${found[2]}Z` : null;
}
