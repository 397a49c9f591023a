/** Exact intervals for shares (binomial) and for counts over time (Poisson). */
import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import gammaQuantile from '@stdlib/stats-base-dists-gamma-quantile';

/** Confidence of every interval in an answer. */
export const CONFIDENCE = 0.95;

export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** True where nothing was seen: then all of the doubt lies above. */
  readonly oneSided: boolean;
}

/** The probability that each side of the interval may miss. */
function tail(count: number): number {
  return count === 0 ? 1 - CONFIDENCE : (1 - CONFIDENCE) / 2;
}

/** Clopper-Pearson: the share behind `hits` of `trials`. `hits` is 0 to `trials`, `trials` at least 1. */
export function clopperPearson(hits: number, trials: number): Bounds {
  const low = hits === 0 ? 0 : betaQuantile(tail(hits), hits, trials - hits + 1);
  const high = hits === trials ? 1 : betaQuantile(1 - tail(hits), hits + 1, trials - hits);
  return { low, high, oneSided: hits === 0 };
}

/** Garwood: the expected count behind `events` seen. */
export function garwood(events: number): Bounds {
  const low = events === 0 ? 0 : gammaQuantile(tail(events), events, 1);
  return { low, high: gammaQuantile(1 - tail(events), events + 1, 1), oneSided: events === 0 };
}
