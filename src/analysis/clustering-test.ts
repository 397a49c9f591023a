/** Whether clusters scatter more than independent cells would. */
import betainc from '@stdlib/math-base-special-betainc';
import gammainc from '@stdlib/math-base-special-gammainc';
import {
  type CellTotals,
  cellVariance,
  type Cluster,
  clusterCount,
  dispersionOf,
} from './clustering-variance.ts';

/** Shuffles at most, so that no p-value is under one in a thousand. */
const SHUFFLES = 999;
/** Shuffles that scatter as much, after which it is clear enough that the data are nothing special. */
const ENOUGH = 20;
/** Counted cells up to which they are shuffled; past it their number makes the gamma distribution good. */
const MAX_SHUFFLED = 500;
/** Cells up to which they are shuffled: one takes 4 bytes. */
const MAX_CELLS = 500_000;
/** Counted cells per cluster from which the gamma distribution is good. */
const MANY = 5;

/**
 * The p-value of `dispersionOf`: how likely independent cells are to scatter over these clusters at least as much.
 * `counts` are those of single cells that are not zero. Many are compared with a gamma distribution of the mean and
 * variance that X^2 has for independent cells; few are shuffled over the cells, with a fixed seed (Monte Carlo, stopped
 * as soon as it is clear: Besag and Clifford 1991).
 */
export function pValueOf(
  clusters: readonly Cluster[],
  totals: CellTotals,
  counts: readonly number[],
): number {
  const groups = clusterCount(clusters);
  const most = Math.max(...clusters.map(({ cells }) => cells), 0);
  // Clusters of one cell each cannot scatter more or less than cells do.
  if (groups < 2 || most < 2 || cellVariance(totals) === 0) return 1;
  const rare = Math.min(counts.length, totals.cells - counts.length);
  const sparse = rare < MANY * groups;
  return sparse && counts.length <= MAX_SHUFFLED && totals.cells <= MAX_CELLS
    ? shuffled(clusters, totals.cells, counts)
    : matched(clusters, totals, groups);
}

/**
 * How likely hosts that are alike are to scatter at least as much as these, when their days scatter as they do: the F
 * test of nested analysis of variance (Searle, Casella and McCulloch 1992, 3.6), on X^2 between hosts and within.
 */
export function nestedPValue(
  days: readonly Cluster[],
  hosts: readonly Cluster[],
  totals: CellTotals,
): number {
  const between = clusterCount(hosts) - 1;
  const within = clusterCount(days) - clusterCount(hosts);
  const ofHosts = dispersionOf(hosts, totals) * between;
  const left = dispersionOf(days, totals) * (between + within) - ofHosts;
  if (!(between > 0) || !(within > 0) || !(ofHosts > 0)) return 1;
  // F of (ofHosts / between) / (left / within): its tail is I_x(within / 2, between / 2) at x = left / (left + ofHosts).
  return betainc(Math.max(0, left / (left + ofHosts)), within / 2, between / 2);
}

/**
 * Gamma distribution with the first two moments of X^2. With k the excess kurtosis of single cells, N cells and G
 * clusters, its mean is G - 1, its variance 2 (G - 1) (1 - (G - 1) / N) + k (sum of 1/n_g - G^2 / N): to first order, by
 * the moments of sums of independent cells (for hits as in Haldane 1940; in general as in Box and Andersen 1955).
 */
function matched(clusters: readonly Cluster[], totals: CellTotals, groups: number): number {
  const { cells } = totals;
  const mean = groups - 1;
  const inverse = clusters.reduce((sum, { cells: size, times }) => sum + times / size, 0);
  const variance = 2 * mean * (1 - mean / cells) + excessKurtosis(totals) * (inverse - groups ** 2 / cells);
  if (!(variance > 0)) return 1;
  const statistic = dispersionOf(clusters, totals) * mean;
  return gammainc((statistic * mean) / variance, mean ** 2 / variance, true, true);
}

/** Of single cells; for hits (1 - 6 p q) / p q. */
function excessKurtosis({ cells, sum, squares, cubes, fourths }: CellTotals): number {
  const mean = sum / cells;
  const variance = squares / cells - mean ** 2;
  const fourth =
    fourths / cells - (4 * mean * cubes) / cells + (6 * mean ** 2 * squares) / cells - 3 * mean ** 4;
  return fourth / variance ** 2 - 3;
}

function shuffled(clusters: readonly Cluster[], cells: number, counts: readonly number[]): number {
  const sizes: number[] = [];
  const owner = new Int32Array(cells);
  let next = 0;
  let seen = 0;
  for (const { cells: size, count, times } of clusters) {
    seen += (times * count ** 2) / size;
    for (let i = 0; i < times; i += 1) {
      owner.fill(sizes.length, next, next + size);
      sizes.push(size);
      next += size;
    }
  }
  const random = randomOf(0x6e6f6973);
  const sums = new Float64Array(sizes.length);
  // Equal up to rounding counts as equal.
  const bar = seen * (1 - 1e-12);
  let as = 0;
  for (let shuffle = 1; shuffle <= SHUFFLES; shuffle += 1) {
    let statistic = 0;
    for (let index = 0; index < counts.length; index += 1) {
      const count = counts[index]!;
      // The first steps of Fisher and Yates: any order is as good a start for the next shuffle.
      const other = index + Math.floor(random() * (cells - index));
      const cluster = owner[other]!;
      owner[other] = owner[index]!;
      owner[index] = cluster;
      const sum = sums[cluster]!;
      statistic += ((2 * sum + count) * count) / sizes[cluster]!;
      sums[cluster] = sum + count;
    }
    for (let index = 0; index < counts.length; index += 1) sums[owner[index]!] = 0;
    if (statistic >= bar) as += 1;
    if (as === ENOUGH) return ENOUGH / shuffle;
  }
  return (as + 1) / (SHUFFLES + 1);
}

/** mulberry32 (Tommy Ettinger): uniform in [0, 1). Its period of 2^32 is far more than is drawn. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
