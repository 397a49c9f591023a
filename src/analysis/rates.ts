/** Rates with their intervals. Counts and exposure in, nothing else. */
import type { Clustering, Rate } from './answer.ts';
import type { HostDay, WatchedCells } from './clustering-days.ts';
import { clusteringOf, type Estimated, eventFactors, hitShare } from './clustering.ts';
import { CONFIDENCE } from './confidence.ts';
import { meanOfHosts } from './mean-of-hosts.ts';

/** What was seen, and out of how much. Where the exposure is a range, `least` is sure and `most` possible. */
export interface Sample {
  readonly events: number;
  /** Events of each hit cell; those whose time is not known come as if in one cell of their host. */
  readonly eventCounts: readonly number[];
  readonly least: Counted;
  readonly most: Counted;
  /** Whether the exposure is a range. */
  readonly bounded: boolean;
  /** Boots by host: `cells` of them, `hits` with at least one event in their boot phase. */
  readonly boots: readonly HostDay[];
}

export interface Exposed {
  readonly hours: number;
  readonly cells: number;
  /** Cells that hold some steady time. */
  readonly steadyCells: number;
  /** Which cells, by host. */
  readonly watched: readonly {
    readonly host: string;
    readonly hours: number;
    readonly cells: WatchedCells;
    readonly steadyCells: WatchedCells;
  }[];
}

/** Exposure by host-day, with what was seen in it. */
export interface Counted {
  readonly hours: number;
  readonly days: readonly HostDay[];
  /** Hosts that were seen, and not watched for any time: they have no rate of their own. */
  readonly moments: ReadonlySet<string>;
  /** The cells that hold some steady time, hit by events in the steady phase. */
  readonly steadyDays: readonly HostDay[];
}

export interface Rates {
  /** Share of watched host-hours (cells) with at least one event. */
  readonly occasionsPerHostHour: Rate | null;
  /** Share of the cells that hold some steady time with at least one event in the steady phase. */
  readonly steadyOccasionsPerHostHour: Rate | null;
  /** Events per real hour of exposure. */
  readonly eventsPerHostHour: Rate | null;
  /** Share of boots with at least one event in their boot phase. */
  readonly occasionsPerBoot: Rate | null;
  /**
   * Alerts of a rule throttled to one an hour and host: `occasionsPerHostHour` times 24 times 1000, so per 1000 hosts
   * and 24 watched hours each. A machine that is on for 8 hours a day has a third of it.
   */
  readonly alertsPer1000HostsPerDay: Rate | null;
  readonly meanOfHosts: Rate | null;
  readonly clustering: Clustering | null;
}

const NONE: Rates = {
  occasionsPerHostHour: null,
  steadyOccasionsPerHostHour: null,
  eventsPerHostHour: null,
  occasionsPerBoot: null,
  alertsPer1000HostsPerDay: null,
  meanOfHosts: null,
  clustering: null,
};

/** All null where there was no exposure: that is never a rate of zero. */
export function ratesOf(sample: Sample): Rates {
  const { least, most, bounded, boots } = sample;
  if (most.hours === 0) return NONE;
  const clustering = most.days.length > 0 ? clusteringOf(most.days) : null;
  const occasions = shareRate(least.days, most.days, clustering, bounded);
  const steady = most.steadyDays.length > 0 ? clusteringOf(most.steadyDays) : null;
  return {
    occasionsPerHostHour: occasions,
    steadyOccasionsPerHostHour: shareRate(least.steadyDays, most.steadyDays, steady, bounded),
    eventsPerHostHour: eventRate(sample),
    occasionsPerBoot: boots.length > 0 ? shareRate(boots, boots, clusteringOf(boots), false) : null,
    alertsPer1000HostsPerDay: occasions && scale(occasions, 24 * 1000),
    meanOfHosts: meanRate(sample),
    clustering,
  };
}

function shareRate(
  least: readonly HostDay[],
  most: readonly HostDay[],
  clustering: Clustering | null,
  bounded: boolean,
): Rate | null {
  if (!clustering) return null;
  const sure = least.length > 0 ? hitShare(least, clustering.by) : null;
  return rate(sharesOf(most), hitShare(most, clustering.by), sure, bounded);
}

function sharesOf(days: readonly HostDay[]): number {
  const sum = (of: 'hits' | 'cells'): number => days.reduce((total, day) => total + day[of] * day.times, 0);
  return sum('hits') / sum('cells');
}

function eventRate({ events, eventCounts, least, most, bounded }: Sample): Rate {
  // The factors are of the count, whatever the hours: zero events are no count to be a factor of.
  const { bounds, method } = eventFactors(most.days, eventCounts);
  const unit = Math.max(1, events);
  const { low, high, oneSided } = bounds;
  const per = (hours: number): Estimated => ({
    bounds: { low: (low * unit) / hours, high: (high * unit) / hours, oneSided },
    method,
  });
  return rate(events / most.hours, per(most.hours), least.hours > 0 ? per(least.hours) : null, bounded);
}

function meanRate({ least, most, bounded }: Sample): Rate | null {
  const own = ({ days }: Counted): ReturnType<typeof meanOfHosts> =>
    meanOfHosts(days.filter(({ host }) => !most.moments.has(host)));
  const possible = own(most);
  return possible && rate(possible.estimate, possible, own(least), bounded);
}

/** Low end and estimate stand on the most that may have been watched, the high end on the least that surely was. */
function rate(estimate: number, most: Estimated, least: Estimated | null, bounded: boolean): Rate {
  return {
    estimate,
    low: most.bounds.low,
    high: least && Number.isFinite(least.bounds.high) ? least.bounds.high : null,
    confidence: CONFIDENCE,
    method: [
      most.method,
      ...(most.bounds.oneSided ? ['one-sided'] : []),
      ...(bounded ? ['bounded'] : []),
    ].join(', '),
  };
}

/** The same rate in another unit. */
export function scale(of: Rate, factor: number): Rate {
  const high = of.high === null ? null : of.high * factor;
  return { ...of, estimate: of.estimate * factor, low: of.low * factor, high };
}
