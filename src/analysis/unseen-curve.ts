/**
 * How the number of groups grows with watching: rarefaction of what was watched, and extrapolation to twice of it
 * (Colwell et al. 2012, "Models and estimators linking individual-based and sample-based rarefaction, extrapolation and
 * comparison of assemblages", J. Plant Ecol. 5: 3-21, the Bernoulli product model). The sampling units are cells.
 */
import type { Unseen } from './answer.ts';
import { garwood } from './confidence.ts';
import { lnChoose } from './ln-gamma.ts';

/** In how many watched cells groups were seen. */
export interface Incidence {
  /** Watched cells, those without any event among them. */
  readonly cells: number;
  /** Groups seen. */
  readonly groups: number;
  /** By number of cells, from one on: how many groups were seen in so many. */
  readonly seenIn: ReadonlyMap<number, number>;
}

type Point = Unseen['curve'][number];

/** Points up to what was watched, and as many past it. */
const POINTS = 25;
/** Of the normal distribution, for intervals of 95 %. */
const Z = 1.959964;

/**
 * Groups still unseen, at least: Chao2 in its bias-corrected form (Chao 2005; Colwell et al. 2012, eq. 6), which needs
 * no group that was seen in two cells. It is a lower bound in expectation, not an estimate of how many there are.
 */
export function chao2({ cells, seenIn }: Incidence): number {
  return cells === 0 ? 0 : unseenFrom(seenIn.get(1) ?? 0, seenIn.get(2) ?? 0, cells);
}

function unseenFrom(once: number, twice: number, cells: number): number {
  return (((cells - 1) / cells) * once * Math.max(0, once - 1)) / (2 * (twice + 1));
}

/** Ascending by cells; at most 50 points. `low` and `high` are of a 95 % interval. */
export function curveOf(incidence: Incidence): Point[] {
  const { cells } = incidence;
  const steps = Math.min(cells, POINTS);
  const at = Array.from({ length: 2 * steps }, (_, index) => Math.round((cells * (index + 1)) / steps));
  return at.map((t) => (t <= cells ? interpolated(incidence, t) : extrapolated(incidence, t - cells)));
}

/**
 * Colwell et al. 2012, eq. 17 and 18: the groups that `t` of the cells show, on average over all choices of cells. The
 * interval is of what other cells, as many and of the same hosts, would have shown.
 */
function interpolated(incidence: Incidence, t: number): Point {
  const { cells, groups, seenIn } = incidence;
  const choices = lnChoose(cells, t);
  let missing = 0;
  let spread = 0;
  for (const [count, number] of seenIn) {
    const missed = count > cells - t ? 0 : Math.exp(lnChoose(cells - count, t) - choices);
    missing += number * missed;
    spread += number * (1 - missed) ** 2;
  }
  const shown = groups - missing;
  const error = spreadOf(spread, shown, groups + chao2(incidence));
  return {
    cells: t,
    groups: shown,
    low: Math.max(0, shown - Z * error),
    high: shown + Z * error,
    extrapolated: false,
  };
}

function spreadOf(squares: number, shown: number, all: number): number {
  return all > 0 ? Math.sqrt(Math.max(0, squares - shown ** 2 / all)) : 0;
}

/**
 * Colwell et al. 2012, eq. 9: the groups seen once `more` cells of the same hosts have been watched as well. The interval
 * is of what that would show: it holds the doubt of the estimate and the chance of the new cells (with the ends of a
 * Poisson mean as far apart as both), and is at least as wide as the one of Colwell et al.
 */
function extrapolated(incidence: Incidence, more: number): Point {
  const { cells, groups, seenIn } = incidence;
  const [once, twice] = [seenIn.get(1) ?? 0, seenIn.get(2) ?? 0];
  const gain = (a: number, b: number): number => {
    const unseen = unseenFrom(a, b, cells);
    return unseen === 0 ? 0 : unseen * (1 - (1 - a / (cells * unseen + a)) ** more);
  };
  const found = gain(once, twice);
  const point = { cells: cells + more, groups: groups + found, extrapolated: true };
  if (found === 0) {
    // One group seen once, or none: Chao2 says nothing, but each new cell may bring one with the chance of Good-Turing.
    return { ...point, low: groups, high: groups + (garwood(once).high * more) / cells };
  }
  const step = 1e-4;
  const perOnce = (gain(once + step, twice) - found) / step;
  const perTwice = (gain(once, twice + step) - found) / step;
  const variance = perOnce ** 2 * once + perTwice ** 2 * twice + found;
  const like = found ** 2 / variance;
  const bounds = garwood(like);
  const squares = groups - once - twice + (1 + perOnce) ** 2 * once + (1 + perTwice) ** 2 * twice;
  const shown = groups + perOnce * once + perTwice * twice;
  const error = spreadOf(squares, shown, groups + chao2(incidence));
  return {
    ...point,
    low: groups + (found * bounds.low) / like,
    high: groups + Math.max((found * bounds.high) / like, found + Z * error),
  };
}
