/**
 * How far the local times of a host, as a container writes them, are from UTC: Sysmon's events tell, whose UtcTime stands
 * beside the container's time. The rule, for each file (member of an archive) and host:
 *
 * 1. What has to be added, UtcTime - written time, is an offset if it is a multiple of 15 minutes within 14 hours, but for
 *    the delay of at most 3 minutes with which Sysmon writes. On a clock of 12 hours without AM and PM 12 hours more or
 *    less are the same zone. Anything else is a late event and says nothing.
 * 2. Of a host's offsets the commonest holds, and those at most 2 hours from it, as daylight saving moves them.
 * 3. A record of another provider gets the offset of the nearest Sysmon event: each offset gives it a time, and that offset
 *    is right which has Sysmon events nearest to its time. Several that have them within an hour (the hour that comes twice,
 *    the halves of the day) are told apart by the record of the same channel before it: the nearer to that; for the first
 *    of a channel, by the commonest offset. On a clock of 12 hours a time that follows the record before within three
 *    hours is as near as one that has Sysmon events: where clocks were just set, no event tells of now. Such times are told
 *    apart by the half of the day that is nearer to the record before, then by Sysmon's events.
 * 4. A record waits until Sysmon's events have passed its time, in the order in which records of its channel stand; to the
 *    end of the file, if they do not. Too many that wait (clock-repair.ts) are decided by what is known; where that is
 *    nothing, the file is read a second time for its Sysmon events alone.
 *
 * Nothing in it depends on how a file is cut into blocks; a text log is never cut into ranges for threads (range.ts).
 */
import { FARTHEST, type Written, zoneIn } from './written.ts';

const HOUR = 3_600_000;
const HALF_DAY = 12 * HOUR;
/** Sysmon's events are written later than they happen, and some containers cut times to seconds; milliseconds. */
export const DELAY: number = 3 * 60_000;
const CUT = 2000;
/** Daylight saving is an hour, half an hour or, in one place, two. */
const SAVING = 2 * HOUR;
/** Sysmon's events are taken together where no more lies between them. */
const NEAR = HOUR;
/** Sysmon's events are out of order by less. */
const BACKWARDS = HOUR / 4;
/** Bounds of what is kept of a host: a file that reaches them is not one of real events. */
const MAX_SPANS = 4096;
const MAX_OFFSETS = 64;
const MAX_CHANNELS = 256;

interface Span {
  from: number;
  to: number;
}

interface Offset {
  readonly value: number;
  events: number;
  /** Times, UTC, of the Sysmon events that have it: sorted, apart by more than NEAR. */
  readonly spans: Span[];
}

/** What the Sysmon events of a host in one file have told so far. */
export interface HostClock {
  readonly offsets: Offset[];
  spans: number;
  /** UtcTime of the first, the earliest and the latest Sysmon event. */
  first: number;
  earliest: number;
  latest: number;
  /** An hour was written that a clock of 12 hours does not have. */
  wholeDay: boolean;
  /** All of the file's Sysmon events are in. */
  complete: boolean;
  /** The time that the last record of each channel was given. */
  readonly before: Map<string, number>;
}

export function newClock(): HostClock {
  return {
    offsets: [],
    spans: 0,
    first: Number.NaN,
    earliest: Number.POSITIVE_INFINITY,
    latest: Number.NEGATIVE_INFINITY,
    wholeDay: false,
    complete: false,
    before: new Map(),
  };
}

/** Notes how a record's time is written, be it Sysmon's or not. */
export function noteWritten(clock: HostClock, written: Written): void {
  if (written.zone !== 'utc' && !written.half) clock.wholeDay = true;
}

/** Takes a Sysmon event in; false where it tells nothing. */
export function noteSysmon(clock: HostClock, written: Written, utc: number): boolean {
  const value = zoneIn(utc - written.time, DELAY, CUT);
  if (value === null || !inRange(value, written, isHalf(clock, written))) return false;
  const { offsets } = clock;
  let at = offsets[0]?.value === value ? 0 : offsets.findIndex((each) => each.value === value);
  if (at < 0) {
    if (offsets.length >= MAX_OFFSETS) return false;
    at = offsets.push({ value, events: 0, spans: [] }) - 1;
  }
  const offset = offsets[at]!;
  offset.events++;
  // The commonest first; of as many, the one that came first.
  for (; at > 0 && offsets[at - 1]!.events < offset.events; at--) {
    offsets[at] = offsets[at - 1]!;
    offsets[at - 1] = offset;
  }
  addTo(clock, offset.spans, utc);
  if (Number.isNaN(clock.first)) clock.first = utc;
  clock.earliest = Math.min(clock.earliest, utc);
  clock.latest = Math.max(clock.latest, utc);
  return true;
}

/** What to add to a record's time as written to make it UTC, milliseconds; null where no Sysmon event tells. */
export function offsetFor(clock: HostClock, written: Written, channel: string): number | null {
  const main = clock.offsets[0];
  if (main === undefined) return null;
  const half = isHalf(clock, written);
  if (clock.offsets.length === 1 && !half) return main.value;
  const before = clock.before.get(channel);
  let best = main.value;
  let bestScore: readonly number[] | null = null;
  const consider = (value: number): void => {
    const time = written.time + value;
    const far = distance(clock, value, half, time);
    const step = before === undefined ? Number.POSITIVE_INFINITY : Math.abs(time - before);
    const score = half ? halfScore(far, step) : [far <= NEAR ? 0 : far, step];
    if (bestScore !== null && !isLess(score, bestScore)) return;
    best = value;
    bestScore = score;
  };
  for (const { value } of clock.offsets) {
    if (!isKin(value, main.value, half)) continue;
    if (inRange(value, written, half)) consider(value);
    if (!half) continue;
    // One of 12 AM (a day off those of PM), of AM or of PM is known; it may be another's.
    for (const halves of [-1, 1, -2, 2]) {
      const another = value + halves * HALF_DAY;
      if (inRange(another, written, half)) consider(another);
    }
  }
  return best;
}

/**
 * How little speaks for a time of a clock of 12 hours, the weightiest first. Those near enough to Sysmon's events are
 * alike, and where the clock was just set, so that none of its offsets is that of now, one that follows the record before
 * as closely. The half of the day is that of the record before; the rest Sysmon's events tell.
 */
function halfScore(far: number, step: number): readonly number[] {
  const isNear = far <= NEAR || step <= NEAR + SAVING;
  const halves = step === Number.POSITIVE_INFINITY ? 0 : Math.round(step / HALF_DAY);
  return [isNear ? 0 : Math.min(far, Math.max(step, 1)), halves, far, step];
}

function isLess(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at]! < other[at]!;
}

/** Whether Sysmon's events have passed a time, so that what they will bring is farther from it. */
export function hasPassed(clock: HostClock, time: number): boolean {
  if (clock.complete) return true;
  if (clock.offsets.length === 0) return false;
  // Some tools write the newest record first.
  const backwards = clock.first - clock.earliest > BACKWARDS && clock.latest - clock.first < BACKWARDS;
  return backwards ? time >= clock.earliest : time <= clock.latest;
}

/** Notes the time that a record was given. */
export function noteTime(clock: HostClock, channel: string, time: number): void {
  if (clock.before.size < MAX_CHANNELS || clock.before.has(channel)) clock.before.set(channel, time);
}

function isHalf(clock: HostClock, written: Written): boolean {
  return written.half && !clock.wholeDay;
}

/** Whether an offset may be a zone's. A clock of 12 hours shows noon and midnight as 12. */
function inRange(value: number, written: Written, half: boolean): boolean {
  const twelve = half && Math.floor(written.time / HOUR) % 24 === 12;
  const least = -FARTHEST - (twelve ? HALF_DAY : 0);
  const most = FARTHEST + (half && !twelve ? HALF_DAY : 0);
  return value >= least && value <= most;
}

/** Whether two offsets are of one zone, with and without daylight saving, in the morning or the afternoon. */
function isKin(one: number, other: number, half: boolean): boolean {
  return Math.abs(apart(one, other, half)) <= SAVING;
}

function apart(one: number, other: number, half: boolean): number {
  const difference = one - other;
  return half ? difference - Math.round(difference / HALF_DAY) * HALF_DAY : difference;
}

/** Milliseconds from a time to the nearest Sysmon event that has the offset, half days aside where they may be. */
function distance(clock: HostClock, value: number, half: boolean, time: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const offset of clock.offsets) {
    if (apart(offset.value, value, half) !== 0) continue;
    const { spans } = offset;
    const at = firstEnding(spans, time);
    const after = spans[at];
    const last = spans[at - 1];
    if (after !== undefined) nearest = Math.min(nearest, Math.max(0, after.from - time));
    if (last !== undefined) nearest = Math.min(nearest, time - last.to);
  }
  return nearest;
}

/** Index of the first span that does not end before a time. */
function firstEnding(spans: readonly Span[], time: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle]!.to < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addTo(clock: HostClock, spans: Span[], time: number): void {
  const at = spans.length > 0 && spans.at(-1)!.to < time ? spans.length : firstEnding(spans, time);
  const after = spans[at];
  const last = spans[at - 1];
  if (after !== undefined && after.from - NEAR <= time) {
    after.from = Math.min(after.from, time);
    if (last !== undefined && after.from - last.to <= NEAR) {
      after.from = last.from;
      spans.splice(at - 1, 1);
      clock.spans--;
    }
  } else if (last !== undefined && time - last.to <= NEAR) {
    last.to = time;
  } else if (clock.spans < MAX_SPANS) {
    spans.splice(at, 0, { from: time, to: time });
    clock.spans++;
  }
}
