/**
 * Lists of closed intervals of time, ascending and disjoint. Everything is done on the ends, never by counting through
 * an interval: a log may claim to reach from 1601 to 9999.
 */
import { type Interval, joinIntervals } from '../tally/index.ts';

/** All times that are in one of the lists (in any order, overlapping or not), as one list; touching ones are joined. */
export function union(lists: readonly (readonly Interval[])[]): Interval[] {
  return joinIntervals(lists.flat(), 0);
}

/** The part from `from` to `to`. */
export function clip(intervals: readonly Interval[], from: number, to: number): Interval[] {
  return intervals
    .map(([first, last]): Interval => [Math.max(first, from), Math.min(last, to)])
    .filter(([first, last]) => first <= last);
}

/** What is left without `holes`. An interval without length is left where no hole holds it. */
export function subtract(intervals: readonly Interval[], holes: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let next = 0;
  for (const [first, last] of intervals) {
    // Holes are ascending: those that end before this interval touch no later one.
    while (next < holes.length && (holes[next] as Interval)[1] < first) next += 1;
    let start = first;
    let touched = false;
    for (let i = next; i < holes.length; i += 1) {
      const [holeFirst, holeLast] = holes[i] as Interval;
      if (holeFirst > last) break;
      touched = true;
      if (holeFirst > start) left.push([start, holeFirst]);
      start = Math.max(start, holeLast);
    }
    if (start < last || !touched) left.push([start, last]);
  }
  return left;
}

/** The times that are in both lists. */
export function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const both: Interval[] = [];
  let next = 0;
  for (const [first, last] of a) {
    while (next < b.length && (b[next] as Interval)[1] < first) next += 1;
    for (let i = next; i < b.length && (b[i] as Interval)[0] <= last; i += 1) {
      const [from, to] = b[i] as Interval;
      both.push([Math.max(first, from), Math.min(last, to)]);
    }
  }
  return both;
}

/** Length of all together, milliseconds. */
export function duration(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, [first, last]) => sum + (last - first), 0);
}

/** Index of the first interval that ends at or after `time`; the length of the list if none does. */
export function firstEndingFrom(intervals: readonly Interval[], time: number): number {
  return lowerBound(intervals.length, (index) => (intervals[index] as Interval)[1] < time);
}

/** The first of `length` indices that is not `before`, where all that are come first; `length` if all are. */
export function lowerBound(length: number, before: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether any of the intervals meets the closed interval from `first` to `last`. */
export function meets(intervals: readonly Interval[], first: number, last: number): boolean {
  const found = intervals[firstEndingFrom(intervals, first)];
  return found !== undefined && found[0] <= last;
}
