/** Sorted sets of closed intervals: stretches of activity. */
import { ACTIVITY_GAP_MS, type Interval } from './tally.ts';

/** Joins intervals that overlap or lie within a gap of each other. Ascending, disjoint. */
export function joinIntervals(intervals: readonly Interval[], gap: number = ACTIVITY_GAP_MS): Interval[] {
  // Logs are read in their order: mostly there is nothing to be joined.
  if (intervals.every(([first], i) => i === 0 || first - intervals[i - 1]![1] > gap)) return [...intervals];
  const joined: [number, number][] = [];
  for (const [first, last] of intervals.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const open = joined.at(-1);
    if (open && first - open[1] <= gap) open[1] = Math.max(open[1], last);
    else joined.push([first, last]);
  }
  return joined;
}
