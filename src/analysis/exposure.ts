/** Exposure: out of how many hours, cells and boots the events came. */
import { formatTime } from '../events/index.ts';
import type { Interval } from '../tally/index.ts';
import type { Answer, ExposureMethod, HostExposure } from './answer.ts';
import { cellsTouched, countCells, HOUR_MS, withHits } from './cells.ts';
import type { HostHits, Hits } from './hits.ts';
import { duration, meets, subtract } from './intervals.ts';
import { BOOT_MS, unsteady } from './phases.ts';
import type { QuestionFacts } from './question-facts.ts';
import type { Exposed } from './rates.ts';
import type { WatchedHost } from './watched-host.ts';

export interface Exposure {
  readonly summary: Answer['exposure'];
  readonly least: Exposed;
  readonly most: Exposed;
  /** Whether some host's exposure is a range. */
  readonly bounded: boolean;
  /** The boots that count, because they were watched: by host key, index into the host's boots, and time. */
  readonly boots: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** From the first watched moment of any host to the last; null where there was none. */
  readonly span: Interval | null;
}

interface Row {
  readonly host: HostExposure;
  readonly least: Exposed;
  readonly most: Exposed;
  readonly boots: ReadonlyMap<number, number>;
  readonly span: Interval | null;
  /** Whether what was read is all that was written while the host was watched. */
  readonly sample: boolean;
}

const NO_CELLS: ReadonlyMap<number, number> = new Map();

/** The exposure to the question; `hits` are all events that match it, those that `--not` hid too. */
export function exposureOf(
  hosts: ReadonlyMap<string, WatchedHost>,
  hits: Hits,
  question: QuestionFacts,
): Exposure {
  const stated = statedHours(hosts, question);
  const keys = new Set([...hosts.keys(), ...hits.hosts.keys(), ...question.exposure.perHost.keys()]);
  const rows = new Map<string, Row>();
  for (const key of [...keys].sort()) {
    const row = rowOf(key, hosts.get(key), hits, stated(key), question);
    if (row) rows.set(key, row);
  }
  return totalOf(rows);
}

/** The hours that `--exposure` says of a host, by its key; null where it says none. */
export function statedHours(
  hosts: ReadonlyMap<string, WatchedHost>,
  { exposure }: QuestionFacts,
): (key: string) => number | null {
  const watching = [...hosts.values()].some(({ watch }) => watch !== null);
  // `--exposure 120h` is said of hosts that Sysmon watched; of every host where no log shows Sysmon at all.
  return (key) => exposure.perHost.get(key) ?? (hosts.get(key)?.watch || !watching ? exposure.all : null);
}

function rowOf(
  key: string,
  host: WatchedHost | undefined,
  hits: Hits,
  given: number | null,
  question: QuestionFacts,
): Row | null {
  const hit = hits.hosts.get(key);
  const least = host?.watch?.least ?? [];
  const most = host?.watch?.most ?? [];
  if (given === null && most.length === 0 && !hit) return null;
  const [first, last] = [most[0], most.at(-1)];
  const span: Interval | null = first && last ? [first[0], last[1]] : null;
  const boots = watchedBoots(host, hit, question);
  const sides =
    given === null
      ? {
          least: exposed(key, least, host, hit, question.to),
          most: exposed(key, most, host, hit, question.to),
        }
      : { least: exposedFor(key, given, host, hit), most: exposedFor(key, given, host, hit) };
  return {
    ...sides,
    boots,
    span,
    // Hours that the user vouches for need no log to tell them.
    sample: given !== null || !host?.watch?.picked,
    host: {
      host: host?.name ?? key,
      hours: sides.least.hours,
      hoursAtMost: sides.most.hours,
      cells: sides.least.cells,
      cellsAtMost: sides.most.cells,
      boots: boots.size,
      method: given === null ? methodOf(host, sides) : 'given',
      first: span ? formatTime(span[0]) : '',
      last: span ? formatTime(span[1]) : '',
    },
  };
}

/** A watch that could have been a range, and is none, stands on activity. */
function methodOf(
  host: WatchedHost | undefined,
  { least, most }: { readonly least: Exposed; readonly most: Exposed },
): ExposureMethod {
  const method = host?.watch?.method ?? 'activity';
  return method === 'bounded' && least.hours === most.hours ? 'activity' : method;
}

function exposed(
  key: string,
  watched: readonly Interval[],
  host: WatchedHost | undefined,
  hit: HostHits | undefined,
  to: number,
): Exposed {
  const steady = host?.phases.known ? subtract(watched, unsteady(host.phases)) : [];
  const cells = withHits(cellsTouched(watched, to), hit?.cells ?? NO_CELLS);
  const steadyCells = withHits(cellsTouched(steady, to), hit?.steadyCells ?? NO_CELLS);
  const hours = duration(watched) / HOUR_MS;
  return {
    hours,
    cells: countCells(cells),
    steadyCells: countCells(steadyCells),
    watched: [{ host: key, hours, cells, steadyCells }],
  };
}

/** Hours that the user vouches for: which cells they were is not known, but a boot does not fill a cell. */
function exposedFor(
  key: string,
  hours: number,
  host: WatchedHost | undefined,
  hit: HostHits | undefined,
): Exposed {
  const cells = Math.max(hit?.cells.size ?? 0, Math.ceil(hours));
  const known = host?.phases.known ?? false;
  return {
    hours,
    cells,
    steadyCells: known ? cells : 0,
    watched: [{ host: key, hours, cells, steadyCells: known ? cells : 0 }],
  };
}

/**
 * Boots that the question's channel watched: a System log that reaches further back tells of more, in which no event
 * could have been seen.
 */
function watchedBoots(
  host: WatchedHost | undefined,
  hit: HostHits | undefined,
  question: QuestionFacts,
): ReadonlyMap<number, number> {
  const boots = new Map<number, number>();
  for (const [index, { time, sysmon }] of (host?.boots ?? []).entries()) {
    if (time < question.from || time > question.to) continue;
    const watched = meets(host?.watch?.most ?? [], time, Math.max(time + BOOT_MS, sysmon));
    if (watched || hit?.boots.has(index)) boots.set(index, time);
  }
  return boots;
}

function totalOf(rows: ReadonlyMap<string, Row>): Exposure {
  const list = [...rows.values()];
  const sum = (of: (row: Row) => number): number => list.reduce((total, row) => total + of(row), 0);
  const side = (of: (row: Row) => Exposed): Exposed => ({
    hours: sum((row) => of(row).hours),
    cells: sum((row) => of(row).cells),
    steadyCells: sum((row) => of(row).steadyCells),
    watched: list.flatMap((row) => of(row).watched),
  });
  const [least, most] = [side((row) => row.least), side((row) => row.most)];
  const spans = list.flatMap((row) => (row.span ? [row.span] : []));
  const methods = new Set<ExposureMethod>(list.map((row) => row.host.method));
  const [method = 'activity', another] = methods;
  return {
    summary: {
      hosts: list.length,
      hours: least.hours,
      hoursAtMost: most.hours,
      cells: least.cells,
      cellsAtMost: most.cells,
      boots: sum((row) => row.boots.size),
      method: another ? 'mixed' : method,
      sample: list.every((row) => row.sample),
      perHost: list.map((row) => row.host),
    },
    least,
    most,
    bounded: methods.has('bounded') || least.hours < most.hours,
    boots: new Map([...rows].map(([key, row]) => [key, row.boots])),
    span: spans.reduce<Interval | null>(
      (all, [first, last]) => (all ? [Math.min(all[0], first), Math.max(all[1], last)] : [first, last]),
      null,
    ),
  };
}
