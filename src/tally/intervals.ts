/** Sorted sets of closed intervals: stretches of activity, and runs of record ids. */
import { ACTIVITY_GAP_MS, type Interval, type Run } from './tally.ts';

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

/** Joins runs that overlap or are adjacent. `overlaps` gets the ids that stood in more than one. */
export function joinRuns(runs: readonly Run[], overlaps?: Run[]): Run[] {
  if (runs.every(({ first }, i) => i === 0 || first > runs[i - 1]!.last + 1)) return [...runs];
  const joined: { -readonly [K in keyof Run]: Run[K] }[] = [];
  for (const { first, last, from, to, records } of runs.toSorted(
    (a, b) => a.first - b.first || a.last - b.last,
  )) {
    const open = joined.at(-1);
    if (!open || first > open.last + 1) {
      joined.push({ first, last, from, to, records });
      continue;
    }
    if (first <= open.last) overlaps?.push({ first, last: Math.min(last, open.last), from, to, records: 0 });
    open.last = Math.max(open.last, last);
    open.from = Math.min(open.from, from);
    open.to = Math.max(open.to, to);
    open.records += records;
  }
  return joined;
}
