/** Rates with their intervals. Counts and exposure in, nothing else. */
import type { Rate } from './answer.ts';
import { type Bounds, clopperPearson, CONFIDENCE, garwood } from './confidence.ts';

/** What was seen, and out of how much. Where the exposure is a range, `least` is sure and `most` possible. */
export interface Sample {
  readonly events: number;
  /** Hit cells; at most `least.cells`. */
  readonly occasions: number;
  /** Cells with an event in the steady phase; at most `least.steadyCells`. */
  readonly steadyOccasions: number;
  readonly bootsHit: number;
  readonly boots: number;
  readonly least: Exposed;
  readonly most: Exposed;
  /** Whether the exposure is a range. */
  readonly bounded: boolean;
}

export interface Exposed {
  readonly hours: number;
  readonly cells: number;
  /** Cells that hold some steady time. */
  readonly steadyCells: number;
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
}

/** All null where there was no exposure: that is never a rate of zero. */
export function ratesOf(sample: Sample): Rates {
  const { least, most, bounded } = sample;
  const exposed = most.hours > 0;
  const share = (hits: number, sure: number, possible: number, ranged: boolean): Rate | null =>
    exposed && possible > 0
      ? rate(hits, possible, clopperPearson(hits, possible), sure > 0 ? clopperPearson(hits, sure) : null, {
          name: 'clopper-pearson',
          bounded: ranged,
        })
      : null;
  const occasions = share(sample.occasions, least.cells, most.cells, bounded);
  return {
    occasionsPerHostHour: occasions,
    steadyOccasionsPerHostHour: share(sample.steadyOccasions, least.steadyCells, most.steadyCells, bounded),
    eventsPerHostHour: exposed ? eventRate(sample.events, least.hours, most.hours, bounded) : null,
    occasionsPerBoot: share(sample.bootsHit, sample.boots, sample.boots, false),
    alertsPer1000HostsPerDay: occasions && scale(occasions, 24 * 1000),
  };
}

/** Events per unit of time that was surely (`least`) and possibly (`most`, not zero) watched. */
export function eventRate(events: number, least: number, most: number, bounded: boolean): Rate {
  const counted = garwood(events);
  const per = (time: number): Bounds => ({
    low: counted.low / time,
    high: counted.high / time,
    oneSided: counted.oneSided,
  });
  return rate(events, most, per(most), least > 0 ? per(least) : null, { name: 'garwood', bounded });
}

/** Low end and estimate stand on the most that may have been watched, the high end on the least that surely was. */
function rate(
  count: number,
  possible: number,
  most: Bounds,
  least: Bounds | null,
  method: { readonly name: string; readonly bounded: boolean },
): Rate {
  return {
    estimate: count / possible,
    low: most.low,
    high: least ? least.high : null,
    confidence: CONFIDENCE,
    method: [
      method.name,
      ...(most.oneSided ? ['one-sided'] : []),
      ...(method.bounded ? ['bounded'] : []),
    ].join(', '),
  };
}

function scale(of: Rate, factor: number): Rate {
  const high = of.high === null ? null : of.high * factor;
  return { ...of, estimate: of.estimate * factor, low: of.low * factor, high };
}
