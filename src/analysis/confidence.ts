/** Intervals for shares (binomial) and for counts over time (Poisson). Counts may be effective ones: real numbers. */
import betainc from '@stdlib/math-base-special-betainc';
import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import gammaQuantile from '@stdlib/stats-base-dists-gamma-quantile';

/** Confidence of every interval in an answer. */
export const CONFIDENCE = 0.95;
const TAIL = (1 - CONFIDENCE) / 2;
/** Square of the 97.5 % quantile of the normal distribution. */
const Z_SQUARED = 1.959963984540054 ** 2;

/** From so many hits and misses on, mid-P keeps its level; below, Clopper-Pearson does. */
const MID_P_FROM = 20;

export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** True where nothing was seen: then all of the doubt lies above. */
  readonly oneSided: boolean;
}

/** The probability that each side of the interval may miss. */
function tail(count: number): number {
  return count === 0 ? 1 - CONFIDENCE : TAIL;
}

/**
 * Clopper and Pearson 1934: the share behind `hits` of `trials`. `hits` is 0 to `trials`, `trials` more than 0. Misses
 * at most as often as it says, whatever the share.
 */
export function clopperPearson(hits: number, trials: number): Bounds {
  const low = hits === 0 ? 0 : betaQuantile(tail(hits), hits, trials - hits + 1);
  const high = hits === trials ? 1 : betaQuantile(1 - tail(hits), hits + 1, trials - hits);
  return { low, high, oneSided: hits === 0 };
}

/**
 * The same with half the probability of what was seen left out of each tail (Lancaster 1961; Agresti and Gottard 2007):
 * narrower, and misses as often as it says on average over shares. `hits` is more than 0 and less than `trials`.
 */
function midP(hits: number, trials: number): Bounds {
  // P(X > hits) + P(X = hits) / 2 grows with the share, and Clopper and Pearson's interval is wider.
  const above = (chance: number): number =>
    (betainc(chance, hits, trials - hits + 1) + betainc(chance, hits + 1, trials - hits)) / 2;
  const wide = clopperPearson(hits, trials);
  const seen = hits / trials;
  return {
    low: rootOf((chance) => above(chance) - TAIL, wide.low, seen),
    high: rootOf((chance) => above(chance) - (1 - TAIL), seen, wide.high),
    oneSided: false,
  };
}

/**
 * Where a function is 0 that grows, from below 0 at `from` to above it at `to`. Dowell and Jarratt 1971 (Illinois): the
 * chord's zero, and the value at an end that stays is halved.
 */
function rootOf(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [below, above] = [f(low), f(high)];
  let before = Number.NaN;
  for (let i = 0; i < 100; i += 1) {
    const x = (low * above - high * below) / (above - below);
    const value = f(x);
    if (Math.abs(x - before) <= 1e-14 * x || value === 0) return x;
    if (value < 0) {
      // The end that moved last moves again.
      if (before === low) above /= 2;
      [low, below] = [x, value];
    } else {
      if (before === high) below /= 2;
      [high, above] = [x, value];
    }
    before = x;
  }
  return before;
}

/** The interval of a share of independent trials, and its name. */
export function share(hits: number, trials: number): { readonly bounds: Bounds; readonly method: string } {
  return Math.min(hits, trials - hits) < MID_P_FROM
    ? { bounds: clopperPearson(hits, trials), method: 'clopper-pearson' }
    : { bounds: midP(hits, trials), method: 'mid-p' };
}

/** Garwood 1936: the expected count behind `events` seen. */
export function garwood(events: number): Bounds {
  const low = events === 0 ? 0 : gammaQuantile(tail(events), events, 1);
  return { low, high: gammaQuantile(1 - tail(events), events + 1, 1), oneSided: events === 0 };
}

/**
 * How much less a variance that was estimated with `freedom` degrees of freedom is worth than a known one: the squared
 * quotient of normal and Student quantiles. Student's comes from the beta distribution: f / (f + t^2) ~ Beta(f/2, 1/2).
 */
export function worthOf(freedom: number): number {
  if (freedom >= 1e6) return 1;
  const tail2 = betaQuantile(2 * TAIL, freedom / 2, 0.5);
  return Z_SQUARED / (freedom * (1 / tail2 - 1));
}
