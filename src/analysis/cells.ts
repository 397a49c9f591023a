/** Cells: the UTC clock hours of one host, numbered from 1970. Watched ones are kept as ranges of numbers. */
import { type Interval, SLOT_MS } from '../tally/index.ts';
import { firstEndingFrom, union } from './intervals.ts';

/** Length of a cell, milliseconds. */
export const HOUR_MS = 3_600_000;
const SLOTS_PER_CELL = HOUR_MS / SLOT_MS;

/** Cells of a day. */
export const CELLS_A_DAY = 24;

/** The day (UTC, numbered from 1970) of a cell. */
export function dayOfCell(cell: number): number {
  return Math.floor(cell / CELLS_A_DAY);
}

/** The cell of a 10-second slot. */
export function cellOfSlot(slot: number): number {
  return Math.floor(slot / SLOTS_PER_CELL);
}

/**
 * The cells that closed intervals of time touch, as ascending, disjoint, closed ranges of cell numbers. Time that is cut
 * at `to` does not touch the cell that begins there.
 */
export function cellsTouched(
  intervals: readonly Interval[],
  to: number = Number.POSITIVE_INFINITY,
): Interval[] {
  return union([
    intervals.map(([first, last]): Interval => {
      const end = last === to && last > first ? last - 1 : last;
      return [Math.floor(first / HOUR_MS), Math.floor(end / HOUR_MS)];
    }),
  ]);
}

/** The ranges with the cells of events added: an event's own cell is always watched. */
export function withHits(ranges: readonly Interval[], hits: ReadonlyMap<number, number>): Interval[] {
  const outside: Interval[] = [];
  for (const cell of hits.keys()) {
    const range = ranges[firstEndingFrom(ranges, cell)];
    if (range === undefined || range[0] > cell) outside.push([cell, cell]);
  }
  return outside.length === 0 ? [...ranges] : union([ranges, outside]);
}

/** How many cells are in the ranges. */
export function countCells(ranges: readonly Interval[]): number {
  return ranges.reduce((sum, [first, last]) => sum + (last - first + 1), 0);
}
