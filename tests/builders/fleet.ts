/**
 * A simulated fleet: hosts whose true rates are known, so that an interval can be held against them. Seeded: the same
 * specification and random numbers give the same fleet.
 */
import { type HostTally, type Interval, SLOT_MS, type Slots, type Tally } from '../../src/tally/index.ts';
import { channelOf, groupOf, hostOf, mark, SYSMON, tallyOf } from './tally.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Monday, 4 March 2024. */
const START = Date.UTC(2024, 2, 4);

export interface FleetSpec {
  readonly hosts: number;
  /** Days that a host is watched; a list is handed round the hosts. */
  readonly days: number | readonly number[];
  /** Hours of the day in which a host is on, UTC: `[8, 18]` is ten cells. */
  readonly active: readonly [from: number, to: number];
  /** Chance that a cell holds an event, the mean over hosts, days and hours; boots and groups add to it. */
  readonly rate: number;
  /** Coefficient of variation of the hosts' own rates (beta-distributed about `rate`); 0 where all are alike. */
  readonly hostCv?: number;
  /** The same of the rates of one host's days about the host's rate. */
  readonly dayCv?: number;
  /** The same of dates that all hosts share, as on a day of updates. */
  readonly dateCv?: number;
  /** How far the rate falls in the quietest hour of the day: 0 not at all, 1 to nothing. */
  readonly diurnal?: number;
  /** A boot at the first cell of each day, which is hit with this chance in its boot phase, by itself. */
  readonly bootHit?: number;
  /** Coefficient of variation of the hosts' chances of `bootHit`. */
  readonly bootCv?: number;
  /** Mean events of an occasion (geometric); 1 where nothing is given. */
  readonly burst?: number;
  /** A host with more than the mean rate keeps less time, in proportion, as a log that is capped by size does. */
  readonly noisyKeepLess?: boolean;
  /** Off on Saturdays and Sundays: such days are left out, and count in `days` all the same. */
  readonly weekendsOff?: boolean;
  /** Groups: the chance of each to occur in a cell of a host that has it, and the share of hosts that have it. */
  readonly groups?: readonly { readonly perCell: number; readonly onHosts: number }[];
}

/** Events of one group in one hour of a day. */
export interface Occurrence {
  readonly hour: number;
  /** Index into `groups`; -1 for events of the base rate and boots. */
  readonly group: number;
  readonly events: number;
  /** Whether in the five minutes after the boot. */
  readonly atBoot: boolean;
}

export interface FleetDay {
  readonly host: number;
  /** Days since 1970. */
  readonly day: number;
  readonly cells: number;
  /** Cells with an occurrence. */
  readonly hits: number;
  readonly events: number;
  readonly boots: number;
  readonly bootsHit: number;
  readonly occurrences: readonly Occurrence[];
}

export interface FleetHost {
  readonly cells: number;
  /** True chance that a cell of this host holds an event, over its days and hours; without groups. */
  readonly rate: number;
  /** True chance that a boot of this host is hit in its boot phase. */
  readonly bootRate: number;
  /** Which groups it has. */
  readonly groups: readonly boolean[];
}

export interface Fleet {
  readonly days: readonly FleetDay[];
  readonly hosts: readonly FleetHost[];
}

export type Random = () => number;

/** sfc32 (Chris Doty-Humphrey, PractRand): uniform in [0, 1), of 32 bits. */
export function randomOf(seed: number): Random {
  let [a, b, c, counter] = [0x9e3779b9, seed | 0, 0x243f6a88, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 16; i += 1) next();
  return next;
}

/** Standard normal, by Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Gamma with this shape and scale 1: Marsaglia and Tsang 2000, with their step for shapes under 1. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A chance about `mean`: beta-distributed with this coefficient of variation, so that its mean is exact. */
function chance(random: Random, mean: number, cv: number): number {
  if (cv === 0 || mean === 0 || mean === 1) return mean;
  const precision = (1 - mean) / (mean * cv ** 2) - 1;
  if (precision <= 0) throw new Error(`no chances about ${mean} vary by ${cv}`);
  const [a, b] = [gamma(random, mean * precision), gamma(random, (1 - mean) * precision)];
  return a + b > 0 ? a / (a + b) : mean;
}

/** A count of at least 1 with this mean, geometric. */
function burstOf(random: Random, mean: number): number {
  return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean));
}

/** The share of the peak that each active hour has: 1 at the peak. */
function profileOf({ active: [from, to], diurnal = 0 }: FleetSpec): number[] {
  const hours = to - from;
  return Array.from(
    { length: hours },
    (_, index) => 1 - diurnal * (0.5 - 0.5 * Math.cos((2 * Math.PI * (index + 0.5)) / hours)),
  );
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Chance of a cell with a base rate of `rate`, boots counted in, over the hours of a day. */
function withBoots(rate: number, spec: FleetSpec, bootRate: number): number {
  const profile = profileOf(spec);
  const first = (rate * profile[0]!) / average(profile);
  return rate + ((1 - first) * bootRate) / profile.length;
}

/**
 * The population's rates: of a cell (without groups), of a boot, and events per cell. Pooled and mean of hosts are the
 * same, unless `noisyKeepLess`, where this is the mean of hosts.
 */
export function truthOf(spec: FleetSpec): { readonly cell: number; readonly boot: number } {
  const boot = spec.bootHit ?? 0;
  return { cell: withBoots(spec.rate, spec, boot), boot };
}

export function fleetOf(spec: FleetSpec, random: Random): Fleet {
  const { hosts: count, rate, hostCv = 0, dayCv = 0, dateCv = 0, bootHit, bootCv = 0, burst = 1 } = spec;
  const [from, to] = spec.active;
  const cells = to - from;
  const profile = profileOf(spec);
  const share = average(profile);
  const dates = new Map<number, number>();
  const dateFactor = (date: number): number => {
    // Uniform about 1, so that its mean is exact: a coefficient of variation of at most 0.57.
    let factor = dates.get(date);
    if (factor === undefined) dates.set(date, (factor = 1 + dateCv * Math.sqrt(3) * (2 * random() - 1)));
    return factor;
  };
  const days: FleetDay[] = [];
  const hosts: FleetHost[] = [];
  for (let host = 0; host < count; host += 1) {
    const own = chance(random, rate, hostCv);
    const ownBoot = chance(random, bootHit ?? 0, bootCv);
    const has = (spec.groups ?? []).map(({ onHosts }) => random() < onHosts);
    const listed = typeof spec.days === 'number' ? spec.days : spec.days[host % spec.days.length]!;
    const kept = spec.noisyKeepLess ? Math.max(1, Math.round(listed * Math.min(1, rate / own))) : listed;
    for (let date = 0; date < kept; date += 1) {
      // The first day is a Monday.
      if (spec.weekendsOff && date % 7 > 4) continue;
      const peak = (chance(random, own, dayCv) * dateFactor(date)) / share;
      const occurrences: Occurrence[] = [];
      let hits = 0;
      let events = 0;
      const add = (hour: number, group: number, atBoot: boolean): void => {
        const found = burstOf(random, burst);
        if (occurrences.at(-1)?.hour !== hour) hits += 1;
        events += found;
        occurrences.push({ hour, group, events: found, atBoot });
      };
      const bootsHit = bootHit !== undefined && random() < ownBoot ? 1 : 0;
      for (let hour = from; hour < to; hour += 1) {
        if (hour === from && bootsHit > 0) add(hour, -1, true);
        if (random() < peak * profile[hour - from]!) add(hour, -1, false);
        for (const [group, { perCell }] of (spec.groups ?? []).entries())
          if (has[group] && random() < perCell) add(hour, group, false);
      }
      const boots = bootHit === undefined ? 0 : 1;
      days.push({ host, day: START / DAY_MS + date, cells, hits, events, boots, bootsHit, occurrences });
    }
    const ownRate = withBoots(own, spec, ownBoot);
    hosts.push({ cells: cells * kept, rate: ownRate, bootRate: ownBoot, groups: has });
  }
  return { days, hosts };
}

/** The tally that reading the logs of this fleet would give: events 8, one group for each and one for the base rate. */
export function fleetTally({ days, hosts }: Fleet, { active: [from, to] }: FleetSpec): Tally {
  const activity = hosts.map((): Interval[] => []);
  const marks = hosts.map((): ReturnType<typeof mark>[] => []);
  const groups = new Map<number, Map<string, Slots>>();
  const events = hosts.map(() => 0);
  for (const { host, day, boots, events: found, occurrences } of days) {
    const begin = day * DAY_MS + from * HOUR_MS;
    const end = day * DAY_MS + to * HOUR_MS - 1000;
    activity[host]!.push([begin, end]);
    events[host]! += found;
    if (boots > 0) marks[host]!.push(markAt('start', begin), markAt('stop', end));
    for (const { hour, group, events: some, atBoot } of occurrences) {
      const time = day * DAY_MS + hour * HOUR_MS + (atBoot ? 1 : 30) * 60_000;
      const ofGroup = groups.get(group) ?? new Map<string, Slots>();
      const slots = ofGroup.get(nameOf(host)) ?? new Map<number, number>();
      slots.set(time / SLOT_MS, (slots.get(time / SLOT_MS) ?? 0) + some);
      groups.set(group, ofGroup.set(nameOf(host), slots));
    }
  }
  const tallies = hosts.map((_, host): [string, HostTally] => {
    const channel = channelOf([], { 1: 1_000_000, 8: events[host]! });
    channel.activity = activity[host]!;
    return [nameOf(host), hostOf({ [SYSMON]: channel }, marks[host]!)];
  });
  return tallyOf(
    Object.fromEntries(tallies),
    [...groups].map(([group, slots]) => groupOf(['s', `t${group}`], Object.fromEntries(slots))),
  );
}

function nameOf(host: number): string {
  return `h${String(host).padStart(5, '0')}`;
}

function markAt(kind: 'start' | 'stop', time: number): ReturnType<typeof mark> {
  return mark(kind, new Date(time).toISOString());
}
