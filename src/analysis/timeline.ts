/** When: events and boots over the whole span, in at most 60 buckets whatever the times claim to be. */
import { formatTime } from '../events/index.ts';
import { type Interval, NO_SLOT, SLOT_MS } from '../tally/index.ts';
import type { Answer } from './answer.ts';
import { type HostSlots, isAsked } from './hits.ts';
import type { QuestionFacts } from './question-facts.ts';

const MOST_BUCKETS = 60;
const MINUTE_MS = 60_000;
const DAY = 24 * 60;
/** Lengths of a bucket, minutes; each at most 2.5 times the one before, so that at least 24 buckets are filled. */
const LADDER: readonly number[] = [
  1,
  2,
  5,
  10,
  20,
  30,
  60,
  120,
  180,
  360,
  720,
  DAY,
  2 * DAY,
  4 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
];
/** Monday, 5 January 1970, from which buckets are counted: weeks begin on a Monday, and all others at midnight. */
const ORIGIN_MS = 4 * DAY * MINUTE_MS;

/**
 * Buckets from the first watched or matching moment to the last, empty ones too; none where nothing was watched. `span`
 * is that of the matches.
 */
export function timelineOf(
  counts: Iterable<HostSlots>,
  span: Interval | null,
  watched: Interval | null,
  boots: readonly number[],
  question: QuestionFacts,
): Answer['timeline'] {
  let first = Math.min(watched?.[0] ?? Number.POSITIVE_INFINITY, span?.[0] ?? Number.POSITIVE_INFINITY);
  let last = Math.max(watched?.[1] ?? Number.NEGATIVE_INFINITY, span?.[1] ?? Number.NEGATIVE_INFINITY);
  // A boot may begin before Sysmon does.
  for (const time of boots) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  if (!Number.isFinite(first) || !Number.isFinite(last)) return [];
  const step = stepFor(first, last);
  const start = bucketOf(first, step);
  const buckets = Array.from({ length: bucketOf(last, step) - start + 1 }, () => ({ events: 0, boots: 0 }));
  const at = (time: number): { events: number; boots: number } | undefined =>
    buckets[bucketOf(time, step) - start];
  for (const [, slots] of counts) {
    slots.forEach((count, slot) => {
      const bucket = slot === NO_SLOT || !isAsked(slot, question) ? undefined : at(slot * SLOT_MS);
      if (bucket) bucket.events += count;
    });
  }
  for (const time of boots) {
    const bucket = at(time);
    if (bucket) bucket.boots += 1;
  }
  return buckets.map((bucket, index) => ({
    time: formatTime(ORIGIN_MS + (start + index) * step),
    ...bucket,
  }));
}

function bucketOf(time: number, step: number): number {
  return Math.floor((time - ORIGIN_MS) / step);
}

/** The shortest bucket that fits the span; past the ladder, lengths double. */
function stepFor(first: number, last: number): number {
  const fits = (step: number): boolean => bucketOf(last, step) - bucketOf(first, step) < MOST_BUCKETS;
  const minutes = LADDER.find((length) => fits(length * MINUTE_MS));
  let step = (minutes ?? (LADDER.at(-1) as number)) * MINUTE_MS;
  while (!fits(step)) step *= 2;
  return step;
}
