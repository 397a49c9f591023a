/** When, in the life of a machine, something happened: windows of time around its marks. */
import { type Interval, type Mark, type MarkKind, NO_SLOT, SLOT_MS } from '../tally/index.ts';
import type { Phase } from './answer.ts';
import type { Boot } from './boots.ts';
import { firstEndingFrom, union } from './intervals.ts';

const MINUTE_MS = 60_000;
/** A boot lasts this long from the kernel's start, however late Sysmon's own start record comes. */
export const BOOT_MS: number = 5 * MINUTE_MS;
/** So long a logon and a resume last. */
const LOGON_MS = MINUTE_MS;
/** A shutdown begins so long before its first stop mark, or earlier with the mark that announces it. */
const BEFORE_STOP_MS = MINUTE_MS;
const ANNOUNCE_MS = 10 * MINUTE_MS;
/** Stop marks further apart than this are not of one shutdown, even where no start was recorded between them. */
const ONE_SHUTDOWN_MS = 10 * MINUTE_MS;

/** Marks that tell nothing of what the machine was doing. */
const SILENT: ReadonlySet<MarkKind> = new Set([
  'log-cleared',
  'sysmon-configured',
  'clock-set',
  'logoff',
  'unwatched',
]);

export interface Phases {
  /** False for a host without marks: then nothing is known of any time. */
  readonly known: boolean;
  /** Windows by precedence, each list ascending and disjoint; closed intervals of milliseconds. */
  readonly windows: readonly (readonly [phase: Phase, windows: readonly Interval[]])[];
}

/** The phases of a host with these marks (ascending) and boots (ascending). */
export function phasesOf(marks: readonly Mark[], boots: readonly Boot[]): Phases {
  const after = (kind: MarkKind): Interval[] =>
    union([marks.filter((mark) => mark.kind === kind).map(({ time }) => [time, time + LOGON_MS - 1])]);
  return {
    known: marks.some((mark) => !SILENT.has(mark.kind)),
    windows: [
      ['shutdown', shutdowns(marks, boots)],
      ['boot', union([boots.map(({ time }) => [time, time + BOOT_MS - 1])])],
      ['logon', after('logon')],
      ['resume', after('resume')],
    ],
  };
}

/** The phase of a 10-second slot: the first whose window it meets, else steady; unknown for a host without marks. */
export function phaseOfSlot(phases: Phases, slot: number): Phase {
  if (slot === NO_SLOT || !phases.known) return 'unknown';
  const start = slot * SLOT_MS;
  for (const [phase, windows] of phases.windows) {
    const window = windows[firstEndingFrom(windows, start)];
    if (window && window[0] < start + SLOT_MS) return phase;
  }
  return 'steady';
}

/** All time that is not steady. */
export function unsteady(phases: Phases): Interval[] {
  return union(phases.windows.map(([, windows]) => windows));
}

/** From before the first of a cluster of stop marks to the last: several come within seconds, with events between. */
function shutdowns(marks: readonly Mark[], boots: readonly Boot[]): Interval[] {
  const windows: [number, number][] = [];
  let announced: number[] = [];
  let open: [number, number] | null = null;
  let boot = 0;
  for (const { time, kind } of marks) {
    // A boot that only Sysmon tells of has no start mark, so boots end a cluster too.
    const booted = (boots[boot]?.time ?? Number.POSITIVE_INFINITY) <= time;
    while ((boots[boot]?.time ?? Number.POSITIVE_INFINITY) <= time) boot += 1;
    if (booted || kind === 'start') {
      open = null;
      announced = [];
    }
    if (kind === 'announce') announced.push(time);
    if (kind !== 'stop') continue;
    if (open && time - open[1] <= ONE_SHUTDOWN_MS) {
      open[1] = time;
      continue;
    }
    const announcement = announced.find((earlier) => time - earlier <= ANNOUNCE_MS) ?? time;
    open = [Math.min(announcement, time - BEFORE_STOP_MS), time];
    windows.push(open);
    announced = [];
  }
  return union([windows]);
}
