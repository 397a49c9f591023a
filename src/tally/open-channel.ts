/** A channel while it is being counted: stretches of activity and runs of record ids, joined as they come. */
import { Identities } from './identities.ts';
import { joinIntervals } from './intervals.ts';
import type { Overlap } from './merge.ts';
import { OTHERS } from './others.ts';
import { joinRuns, RunList, type Runs } from './runs.ts';
import { ACTIVITY_GAP_MS, type ChannelTally, type HostTally, type Interval } from './tally.ts';

/** A channel while it is being counted: its latest stretch and run are still open. */
export interface OpenChannel {
  readonly hostKey: string;
  readonly channel: string;
  readonly host: HostTally;
  readonly tally: ChannelTally;
  intervals: Interval[];
  readonly runs: RunList;
  /** Ids that stood in more than one run. */
  readonly twice: RunList;
  /** Lengths at which the lists are joined next. */
  intervalsAt: number;
  runsAt: number;
  first: number;
  last: number;
  runFirst: number;
  runLast: number;
  runFrom: number;
  runTo: number;
  /** Null where no id is suspected. */
  readonly identities: Identities | null;
}

/** Lists of this length are joined on the way: memory stays flat where records come out of order. */
const JOIN_AT = 4096;

export function openChannel(
  hostKey: string,
  channel: string,
  host: HostTally,
  tally: ChannelTally,
  suspects: Runs | null,
): OpenChannel {
  return {
    hostKey,
    channel,
    host,
    tally,
    intervals: [],
    runs: new RunList(),
    twice: new RunList(),
    intervalsAt: JOIN_AT,
    runsAt: JOIN_AT,
    first: Number.NaN,
    last: Number.NaN,
    runFirst: -1,
    runLast: -1,
    runFrom: Number.POSITIVE_INFINITY,
    runTo: Number.NEGATIVE_INFINITY,
    identities: suspects && new Identities(suspects),
  };
}

/** Counts records of one event id. */
export function countIds(tally: ChannelTally, sysmon: boolean, eventId: number, records: number): void {
  const ids = sysmon ? tally.byEventId : tally.otherEventIds;
  if (sysmon) tally.sysmon += records;
  ids.set(eventId, (ids.get(eventId) ?? 0) + records);
}

/**
 * Adds records' times, milliseconds since 1970 UTC: the first and the last of some that leave no gap between them that
 * ends a stretch of activity, as those of a scan do not (STRETCH_GAP_MS).
 */
export function addTimes(open: OpenChannel, from: number, to: number): void {
  if (to >= open.first - ACTIVITY_GAP_MS && from <= open.last + ACTIVITY_GAP_MS) {
    if (to > open.last) open.last = to;
    if (from < open.first) open.first = from;
  } else if (Number.isFinite(from)) {
    closeInterval(open);
    open.first = from;
    open.last = to;
  }
}

/** Adds ids that follow each other, and the first and the last time of their records; `first` is -1 for records without. */
export function addRun(open: OpenChannel, records: number, first: number, from: number, to: number): void {
  // Ids of several channels say nothing of each other.
  if (first < 0 || open.channel === OTHERS) {
    open.tally.withoutId += records;
    return;
  }
  if (first !== open.runLast + 1 || open.runLast < 0) {
    closeRun(open);
    open.runFirst = first;
    open.runFrom = Number.POSITIVE_INFINITY;
    open.runTo = Number.NEGATIVE_INFINITY;
  }
  open.runLast = first + records - 1;
  if (from < open.runFrom) open.runFrom = from;
  if (to > open.runTo) open.runTo = to;
}

/** The stretch that goes on, if there is one. */
function openInterval({ first, last }: OpenChannel): Interval[] {
  return Number.isFinite(first) ? [[first, last]] : [];
}

function closeInterval(open: OpenChannel): void {
  open.intervals.push(...openInterval(open));
  if (open.intervals.length < open.intervalsAt) return;
  open.intervals = joinIntervals(open.intervals);
  open.intervalsAt = Math.max(JOIN_AT, 2 * open.intervals.length);
}

/** Adds the run of ids that goes on, if there is one. */
function addOpenRun({ runFirst, runLast, runFrom, runTo }: OpenChannel, runs: RunList): void {
  if (runLast >= 0) runs.add(runFirst, runLast, runFrom, runTo, runLast - runFirst + 1);
}

function closeRun(open: OpenChannel): void {
  const { runs } = open;
  addOpenRun(open, runs);
  if (runs.length < open.runsAt) return;
  runs.replace(joinRuns(runs.all(), open.twice));
  open.runsAt = Math.max(JOIN_AT, 2 * runs.length);
}

/** Writes what was added so far into the channel's tally; returns the ids that were met more than once, or null. */
export function closeChannel(open: OpenChannel): Overlap | null {
  const [runs, twice] = [open.runs.copy(), open.twice.copy()];
  addOpenRun(open, runs);
  open.tally.activity = joinIntervals([...open.intervals, ...openInterval(open)]);
  open.tally.runs = joinRuns(runs.all(), twice);
  return twice.length === 0
    ? null
    : { host: open.hostKey, channel: open.channel, runs: joinRuns(twice.all()) };
}
