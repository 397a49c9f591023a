/** Host-days: the watched cells of one host on one UTC day, and what was seen in them. */
import type { Interval } from '../tally/index.ts';
import { CELLS_A_DAY, dayOfCell } from './cells.ts';
import { lowerBound } from './intervals.ts';

export interface HostDay {
  readonly host: string;
  /** Watched cells, those with hits among them. */
  readonly cells: number;
  /** Hit cells. */
  readonly hits: number;
  readonly events: number;
  /** How many host-days are like this one: quiet days come together, as a log may claim to reach over millennia. */
  readonly times: number;
}

/** The watched cells of a host: ascending, disjoint, closed ranges, or their number where it was only stated. */
export type WatchedCells = readonly Interval[] | number;

/** The host-days of one host; `hits` are its hit cells, each watched, with their events. */
export function hostDays(host: string, cells: WatchedCells, hits: ReadonlyMap<number, number>): HostDay[] {
  return typeof cells === 'number' ? statedHostDays(host, cells, hits) : seenHostDays(host, cells, hits);
}

function seenHostDays(
  host: string,
  ranges: readonly Interval[],
  hits: ReadonlyMap<number, number>,
): HostDay[] {
  const days = new Map<number, { cells: number; hits: number; events: number }>();
  const add = (day: number, cells: number, hit: number, events: number): void => {
    const known = days.get(day);
    if (!known) days.set(day, { cells, hits: hit, events });
    else {
      known.cells += cells;
      known.hits += hit;
      known.events += events;
    }
  };
  for (const [cell, events] of hits) add(dayOfCell(cell), 0, 1, events);
  const hitDays = [...days.keys()].sort((a, b) => a - b);
  let whole = 0;
  for (const [first, last] of ranges) {
    const [from, to] = [dayOfCell(first), dayOfCell(last)];
    if (from === to) {
      add(from, last - first + 1, 0, 0);
      continue;
    }
    add(from, (from + 1) * CELLS_A_DAY - first, 0, 0);
    add(to, last - to * CELLS_A_DAY + 1, 0, 0);
    whole += to - from - 1;
    for (
      let i = lowerBound(hitDays.length, (at) => hitDays[at]! <= from);
      i < hitDays.length && hitDays[i]! < to;
      i += 1
    ) {
      add(hitDays[i]!, CELLS_A_DAY, 0, 0);
      whole -= 1;
    }
  }
  // In their order: sums of fractions, and shuffles, depend on it, and a tally has none.
  const list = [...days].sort(([a], [b]) => a - b).map(([, day]): HostDay => ({ host, ...day, times: 1 }));
  return whole > 0 ? [...list, { host, cells: CELLS_A_DAY, hits: 0, events: 0, times: whole }] : list;
}

/**
 * The host-days of a host whose `cells` were only stated, not seen: as many days as its hits need, or as days of 24
 * hours make of its cells; the cells are shared out evenly.
 */
function statedHostDays(host: string, cells: number, hits: ReadonlyMap<number, number>): HostDay[] {
  const days = seenHostDays(host, [], hits);
  const count = Math.max(days.length, Math.ceil(cells / CELLS_A_DAY));
  let left = cells;
  let open = count;
  const list: HostDay[] = [];
  // Days with most hits first: what they need beyond an even share is taken from the others.
  for (const day of days.toSorted((a, b) => b.hits - a.hits)) {
    const own = Math.max(day.hits, Math.ceil(left / open));
    list.push({ ...day, cells: own });
    left -= own;
    open -= 1;
  }
  const many = open > 0 ? left % open : 0;
  const few = Math.floor(left / Math.max(1, open));
  const quiet = (size: number, times: number): void => {
    if (times > 0 && size > 0) list.push({ host, cells: size, hits: 0, events: 0, times });
  };
  quiet(few + 1, many);
  quiet(few, open - many);
  return list;
}

/** Their cells together. */
export function cellsOf(days: readonly HostDay[]): number {
  return days.reduce((sum, { cells, times }) => sum + cells * times, 0);
}

/** The same by host: each host is one row. */
export function byHost(days: readonly HostDay[]): HostDay[] {
  const hosts = new Map<string, { host: string; cells: number; hits: number; events: number; times: 1 }>();
  for (const { host, cells, hits, events, times } of days) {
    const known = hosts.get(host);
    if (!known)
      hosts.set(host, { host, cells: cells * times, hits: hits * times, events: events * times, times: 1 });
    else {
      known.cells += cells * times;
      known.hits += hits * times;
      known.events += events * times;
    }
  }
  return [...hosts.values()];
}
