/** How much less sure clumped cells make a rate than independent ones: design effects of clusters of unequal size. */

/** Clusters alike: `times` of them, each of so many cells, in which so much was counted (hit cells, or events). */
export interface Cluster {
  readonly cells: number;
  readonly count: number;
  readonly times: number;
}

/** What was counted in single cells: how many they are, and the sums of the powers of their counts. */
export interface CellTotals {
  readonly cells: number;
  readonly sum: number;
  readonly squares: number;
  readonly cubes: number;
  readonly fourths: number;
}

/** The counts of single cells out of those that are not zero. */
export function cellTotals(cells: number, counts: readonly number[]): CellTotals {
  const sumOf = (power: number): number => counts.reduce((sum, count) => sum + count ** power, 0);
  return { cells, sum: sumOf(1), squares: sumOf(2), cubes: sumOf(3), fourths: sumOf(4) };
}

/** Variance of the counts of single cells, over `cells - 1`. For hits it is n p (1 - p) / (n - 1). */
export function cellVariance({ cells, sum, squares }: CellTotals): number {
  return cells > 1 ? Math.max(0, squares - sum ** 2 / cells) / (cells - 1) : 0;
}

export function clusterCount(clusters: readonly Cluster[]): number {
  return clusters.reduce((sum, { times }) => sum + times, 0);
}

/**
 * Variance between clusters over variance of independent cells: Pearson's X^2 over its degrees of freedom,
 * sum of n_g (mean_g - mean)^2 / s^2 / (G - 1), where s^2 is the variance of single cells. About 1 where cells are
 * independent. NaN for fewer than two clusters, or where all cells are the same.
 */
export function dispersionOf(clusters: readonly Cluster[], totals: CellTotals): number {
  const mean = totals.sum / totals.cells;
  const between = clusters.reduce(
    (sum, { cells, count, times }) => sum + (times * (count - mean * cells) ** 2) / cells,
    0,
  );
  const groups = clusterCount(clusters);
  const within = cellVariance(totals);
  return groups < 2 || within === 0 ? Number.NaN : between / within / (groups - 1);
}

/**
 * Variance of the pooled mean per cell by the jackknife over clusters, (G - 1) / G times the sum of
 * (mean without g - mean)^2. It is about the pooled mean, not the mean of the jackknife's, and so errs to the wide side
 * where clusters have unequal size (CR3 of MacKinnon and White 1985; Bell and McCaffrey 2002).
 */
function jackknife(clusters: readonly Cluster[], { cells: all, sum }: CellTotals): number {
  const mean = sum / all;
  const squares = clusters.reduce(
    (total, { cells, count, times }) => total + times * ((count - mean * cells) / (all - cells)) ** 2,
    0,
  );
  const groups = clusterCount(clusters);
  return ((groups - 1) / groups) * squares;
}

/** Variance of the pooled mean over that of independent cells (Kish 1965), at least 1. */
export function designEffect(clusters: readonly Cluster[], totals: CellTotals): number {
  const independent = cellVariance(totals) / totals.cells;
  if (independent === 0 || clusterCount(clusters) < 2) return 1;
  return Math.max(1, jackknife(clusters, totals) / independent);
}

/**
 * How many clusters of equal size carry as much about the variance: (sum w)^2 / sum w^2, where w is the variance that a
 * cluster adds, n (1 + (n - 1) rho) (Satterthwaite 1946; Carter, Schnepel and Steigerwald 2017). `effect` is the design
 * effect, from which rho comes (Kish 1965: 1 + (n - 1) rho, n weighted by size).
 */
export function effectiveClusters(
  clusters: readonly Cluster[],
  { cells: all }: CellTotals,
  effect: number,
): number {
  const size = clusters.reduce((sum, { cells, times }) => sum + times * cells ** 2, 0) / all;
  const rho = size > 1 ? Math.min(1, Math.max(0, (effect - 1) / (size - 1))) : 0;
  let [sum, squares] = [0, 0];
  for (const { cells, times } of clusters) {
    const weight = cells * (1 + (cells - 1) * rho);
    sum += times * weight;
    squares += times * weight ** 2;
  }
  return sum ** 2 / squares;
}
