/** Which of the question's groups were seen in how many cells and on how many hosts: all that unseen.ts needs of a tally. */
import { type Group, NO_SLOT } from '../tally/index.ts';
import { cellOfSlot, dayOfCell } from './cells.ts';
import { isAsked } from './hits.ts';
import type { QuestionFacts } from './question-facts.ts';

/** Groups by the units (cells, host-days or hosts) that they were seen in. */
export interface SeenBy {
  /** By number of units, from one on: how many groups were seen in so many. */
  readonly seenIn: ReadonlyMap<number, number>;
  /** Cells (hosts) that show at least one group that no other unit shows. */
  readonly alone: number;
}

export interface Incidences {
  /** Groups seen at a known time. */
  readonly groups: number;
  readonly byCell: SeenBy;
  /** The units are days (UTC) of a host; `alone` counts the first cell of a group's only day. */
  readonly byDay: SeenBy;
  readonly byHost: SeenBy;
}

/** Takes one pass over the slots, and memory for the cells of one group at a time. */
export function incidencesOf(shown: readonly (readonly Group[])[], question: QuestionFacts): Incidences {
  const [inCells, inDays, onHosts] = [new Map<number, number>(), new Map<number, number>(), new Map()];
  const [cellsAlone, daysAlone] = [new Map<string, Set<number>>(), new Map<string, Set<number>>()];
  const hostsAlone = new Set<string>();
  let groups = 0;
  for (const members of shown) {
    const cells = cellsOf(members, question);
    const [only] = cells;
    if (!only) continue;
    groups += 1;
    let [cellCount, dayCount] = [0, 0];
    for (const own of cells.values()) {
      cellCount += own.size;
      dayCount += daysOf(own);
    }
    count(inCells, cellCount);
    count(inDays, dayCount);
    count(onHosts, cells.size);
    const [host, own] = only;
    if (cells.size === 1) hostsAlone.add(host);
    if (dayCount === 1) add(daysAlone, host, own);
    if (cellCount === 1) add(cellsAlone, host, own);
  }
  return {
    groups,
    byCell: { seenIn: ascending(inCells), alone: size(cellsAlone) },
    byDay: { seenIn: ascending(inDays), alone: size(daysAlone) },
    byHost: { seenIn: ascending(onHosts), alone: hostsAlone.size },
  };
}

/** Sums of fractions depend on their order, and a tally has none. */
function ascending(counts: ReadonlyMap<number, number>): Map<number, number> {
  return new Map([...counts].sort(([a], [b]) => a - b));
}

/** The cells with an event of one of these groups, by host. */
function cellsOf(members: readonly Group[], question: QuestionFacts): ReadonlyMap<string, Set<number>> {
  const cells = new Map<string, Set<number>>();
  for (const { hosts } of members) {
    for (const [host, slots] of hosts) {
      for (const slot of slots.keys()) {
        if (slot === NO_SLOT || !isAsked(slot, question)) continue;
        const own = cells.get(host);
        if (own) own.add(cellOfSlot(slot));
        else cells.set(host, new Set([cellOfSlot(slot)]));
      }
    }
  }
  return cells;
}

function daysOf(cells: ReadonlySet<number>): number {
  if (cells.size === 1) return 1;
  const days = new Set<number>();
  for (const cell of cells) days.add(dayOfCell(cell));
  return days.size;
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Remembers the first of a host's cells. */
function add(alone: Map<string, Set<number>>, host: string, cells: ReadonlySet<number>): void {
  let first = Number.POSITIVE_INFINITY;
  for (const cell of cells) first = Math.min(first, cell);
  const own = alone.get(host);
  if (own) own.add(first);
  else alone.set(host, new Set([first]));
}

function size(alone: ReadonlyMap<string, ReadonlySet<number>>): number {
  let total = 0;
  for (const cells of alone.values()) total += cells.size;
  return total;
}
