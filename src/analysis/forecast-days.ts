/** What was watched and hit on each calendar day (UTC) of each host, and how many of its own days a host was watched. */
import { type Interval } from '../tally/index.ts';
import { CELLS_A_DAY, cellsTouched, dayOfCell } from './cells.ts';
import type { Hits } from './hits.ts';
import type { QuestionFacts } from './question-facts.ts';
import type { WatchedHost } from './watched-host.ts';

/** A calendar day of one host. */
interface HostDay {
  /** Numbered from 1970. */
  readonly day: number;
  /** Watched cells, 0 to 24. */
  cells: number;
  /** Hit cells. */
  hits: number;
}

/** One host: from its first watched day to its last, days that were not watched between them as well. */
export interface HostDays {
  readonly host: string;
  readonly days: readonly HostDay[];
}

/** Host-days past which nothing is said: a log may claim to reach from 1601 to 9999. */
const MOST_DAYS = 1_000_000;

/** Hosts with at least one watched cell, ascending by key; null where they have more than a million days. */
export function calendarDays(
  hosts: ReadonlyMap<string, WatchedHost>,
  hits: Hits,
  question: QuestionFacts,
): readonly HostDays[] | null {
  let room = MOST_DAYS;
  const all: HostDays[] = [];
  for (const key of [...new Set([...hosts.keys(), ...hits.hosts.keys()])].sort()) {
    const ranges = cellsTouched(hosts.get(key)?.watch?.least ?? [], question.to);
    const hit = [...(hits.hosts.get(key)?.cells.keys() ?? [])].sort((a, b) => a - b);
    const [first, last] = [Math.min(ranges[0]?.[0] ?? Infinity, hit[0] ?? Infinity), lastOf(ranges, hit)];
    if (first > last) continue;
    const start = dayOfCell(first);
    const length = dayOfCell(last) - start + 1;
    room -= length;
    if (room < 0) return null;
    all.push({ host: key, days: daysFrom(start, length, ranges, hit) });
  }
  return all;
}

function lastOf(ranges: readonly Interval[], hit: readonly number[]): number {
  return Math.max(ranges.at(-1)?.[1] ?? -Infinity, hit.at(-1) ?? -Infinity);
}

function daysFrom(
  start: number,
  length: number,
  ranges: readonly Interval[],
  hit: readonly number[],
): HostDay[] {
  const days = Array.from({ length }, (_, index): HostDay => ({ day: start + index, cells: 0, hits: 0 }));
  const on = (cell: number): HostDay => days[dayOfCell(cell) - start] as HostDay;
  for (const [first, last] of ranges) {
    for (let cell = first; cell <= last; cell = (dayOfCell(cell) + 1) * CELLS_A_DAY)
      on(cell).cells += Math.min(last + 1, (dayOfCell(cell) + 1) * CELLS_A_DAY) - cell;
  }
  let range = 0;
  for (const cell of hit) {
    while (range < ranges.length && (ranges[range] as Interval)[1] < cell) range += 1;
    const watched = range < ranges.length && (ranges[range] as Interval)[0] <= cell;
    const day = on(cell);
    day.hits += 1;
    // An event's own cell is watched, whatever marks claim.
    if (!watched) day.cells += 1;
  }
  return days;
}

/** A host as the model of forecast-model.ts takes it. */
export interface HostCount {
  readonly hits: number;
  /** Watched cells over those of a usual day of this host: how many of its own days were watched. */
  readonly days: number;
}

/** A day of a host, with what a usual day of that weekday would have watched. */
export interface DayCount {
  readonly host: number;
  readonly day: number;
  readonly hits: number;
  /** In days of the host: 1 is a usual day. */
  readonly expected: number;
}

export interface WatchedDays {
  readonly hosts: readonly HostCount[];
  readonly days: readonly DayCount[];
  /** Watched cells of a usual day, on average over hosts. */
  readonly cellsPerDay: number;
  /** Hosts of which at least one whole day is known: watched on three calendar days or more. */
  readonly wholeHosts: number;
  /** Calendar days from the first watched of any host to the last. */
  readonly span: number;
}

/**
 * How long a usual day of each host is. Days at which a host's log begins or ends are cut, so they don't tell; the others
 * give the fleet's profile over the week (days off between them count), a host's own days the host's share of it. The
 * profile is the mean over those weekdays that were seen.
 */
export function watchedDays(all: readonly HostDays[]): WatchedDays {
  const whole = all.map(({ days }) => (days.length >= 3 ? days.slice(1, -1) : []));
  const known = whole.some((days) => days.some(({ cells }) => cells > 0));
  const used = known ? whole : all.map(({ days }) => days);
  const sums = Array.from({ length: 7 }, () => ({ cells: 0, days: 0 }));
  for (const { day, cells } of used.flat()) {
    const weekday = sums[weekdayOf(day)] as { cells: number; days: number };
    weekday.cells += cells;
    weekday.days += 1;
  }
  const profile = sums.map(({ cells, days }) => (days === 0 ? 0 : cells / days));
  const usual = profile.reduce((sum, cells) => sum + cells, 0) / sums.filter(({ days }) => days > 0).length;
  const hosts: HostCount[] = [];
  const days: DayCount[] = [];
  let perDay = 0;
  for (const [host, own] of all.entries()) {
    const cells = total(own.days, (day) => day.cells);
    const hits = total(own.days, (day) => day.hits);
    const mine = used[host] ?? [];
    const asProfile = total(mine, ({ day }) => profile[weekdayOf(day)] as number);
    const watched = total(mine, (day) => day.cells);
    const scale = watched > 0 && asProfile > 0 ? watched / asProfile : 1;
    perDay += usual * scale;
    hosts.push({ hits, days: cells / (usual * scale) });
    for (const { day, hits: hit } of mine) {
      const expected = (profile[weekdayOf(day)] as number) / usual;
      if (expected > 0) days.push({ host, day, hits: hit, expected });
    }
  }
  const first = all.reduce((least, { days: [day] }) => Math.min(least, day?.day ?? least), Infinity);
  const last = all.reduce((most, { days: own }) => Math.max(most, own.at(-1)?.day ?? most), -Infinity);
  return {
    hosts,
    days,
    cellsPerDay: all.length > 0 ? perDay / all.length : 0,
    wholeHosts: whole.filter((own) => own.some(({ cells }) => cells > 0)).length,
    span: all.length > 0 ? last - first + 1 : 0,
  };
}

function total<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((all, item) => all + of(item), 0);
}

/** Days before 1970 have negative numbers. */
function weekdayOf(day: number): number {
  return ((day % 7) + 7) % 7;
}
