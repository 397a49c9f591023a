/**
 * Whether what was counted clumps, and what an interval may then stand on: single cells, host-days or hosts. The choice
 * is one of caution: where clumping is likely enough the wider interval is given, not only where it is proved.
 */
import type { Clustering } from './answer.ts';
import { byHost, cellsOf, type HostDay } from './clustering-days.ts';
import { nestedPValue, pValueOf } from './clustering-test.ts';
import {
  type CellTotals,
  cellTotals,
  cellVariance,
  type Cluster,
  clusterCount,
  designEffect,
  dispersionOf,
  effectiveClusters,
} from './clustering-variance.ts';
import { type Bounds, clopperPearson, garwood, share, worthOf } from './confidence.ts';

type Level = 'host-day' | 'host';

/**
 * The p-value under which clusters count, by their (effective) number. So lenient, because a real clumping that is missed
 * costs coverage, and one that is not there costs little width. Two to four clusters have a Student's quantile of 12.7 to
 * 3.2, so only clear ones count; of many, a clumping that matters has a small p-value anyway. Chosen by simulation.
 */
function barOf(clusters: number): number {
  if (clusters >= 30) return 0.1;
  return FEW[Math.floor(clusters)] ?? 0.25;
}

const FEW: readonly number[] = [0, 0, 0.001, 0.01, 0.04, 0.1, 0.15, 0.2];
/** The p-value under which the answer says so without a may. */
const CLUMPS = 0.05;
/** So many host-days more than hosts, and hit cells a host, tell how much a host's own days scatter. */
const MANY_DAYS = 10;
const MANY_HITS = 5;

export interface Estimated {
  readonly bounds: Bounds;
  readonly method: string;
}

interface LevelFacts {
  readonly by: Level;
  readonly clusters: number;
  readonly dispersion: number;
  readonly pValue: number;
  readonly counts: boolean;
}

interface Counted {
  readonly totals: CellTotals;
  readonly levels: ReadonlyMap<Level, readonly Cluster[]>;
}

/** What the intervals of hit cells stand on. */
export function clusteringOf(days: readonly HostDay[]): Clustering {
  const counted = countedOf(days, 'hits', null);
  const facts = levelFacts(counted, null);
  const by = widest(counted, facts);
  const named = facts.find((level) => level.by === by) ?? facts[0];
  const finite = (value: number | undefined): number | null =>
    value !== undefined && Number.isFinite(value) ? value : null;
  const dispersion = finite(named?.dispersion);
  return {
    by,
    dispersion,
    pValue: dispersion === null ? null : (named?.pValue ?? null),
    reason: reasonOf(by, named, counted),
  };
}

/** The interval of the share of hit cells. */
export function hitShare(days: readonly HostDay[], by: Clustering['by']): Estimated {
  const counted = countedOf(days, 'hits', null);
  const { cells, sum } = counted.totals;
  const plain = share(sum, cells);
  const size = by === 'none' ? cells : effectiveCells(counted, by);
  if (sum === 0 || sum === cells || size >= cells) return plain;
  // Korn and Graubard 1998: Clopper-Pearson at the number of independent cells that would tell as much.
  const wide = clopperPearson((sum / cells) * size, size);
  return { bounds: widened(wide, plain.bounds), method: `korn-graubard by ${by}` };
}

/**
 * The interval of the mean number of events over the events seen, as factors of what was seen; `counts` are the events of
 * each hit cell. Events come in bursts, so that the unit is at least the cell, never the event.
 */
export function eventFactors(days: readonly HostDay[], counts: readonly number[]): Estimated {
  const counted = countedOf(days, 'events', counts);
  const { cells, sum } = counted.totals;
  if (sum === 0) return { bounds: garwood(0), method: 'garwood' };
  const by = widest(counted, levelFacts(counted, counts));
  const single = Math.max(sum, cellVariance(counted.totals) * cells);
  const largest = counts.reduce((most, count) => Math.max(most, count), 0) / sum;
  const plain = weighted(single / sum ** 2, largest);
  if (by === 'none') return { bounds: plain, method: single > sum ? 'fay-feuer by cell' : 'garwood' };
  const variance = (single / sum ** 2) * (cells / effectiveCells(counted, by));
  return { bounds: widened(weighted(variance, largest), plain), method: `fay-feuer by ${by}` };
}

/**
 * Fay and Feuer 1997, equation 3.2: the gamma interval of a sum of Poisson counts with weights, here of bursts with their
 * sizes. `variance` and the `largest` weight are relative to the sum. With equal weights it is Garwood's.
 */
function weighted(variance: number, largest: number): Bounds {
  // Less than half a burst bounds nothing from above: the interval would reach over any number of powers of ten.
  if (variance > 2) return { low: 0, high: Number.POSITIVE_INFINITY, oneSided: false };
  const next = Math.max(variance, largest);
  const scale = (variance + next ** 2) / (1 + next);
  return {
    low: variance * garwood(1 / variance).low,
    // Garwood's high end is the quantile of a gamma distribution whose shape is one more.
    high: scale * garwood((1 + next) / scale - 1).high,
    oneSided: false,
  };
}

/** Never inside the interval of independent cells. */
function widened(wide: Bounds, plain: Bounds): Bounds {
  return { ...plain, low: Math.min(wide.low, plain.low), high: Math.max(wide.high, plain.high) };
}

function countedOf(
  days: readonly HostDay[],
  what: 'hits' | 'events',
  counts: readonly number[] | null,
): Counted {
  const clusters = (rows: readonly HostDay[]): Cluster[] =>
    rows.map(({ cells, times, ...row }) => ({ cells, count: row[what], times }));
  const cells = cellsOf(days);
  const sum = days.reduce((total, day) => total + day.hits * day.times, 0);
  return {
    totals: counts ? cellTotals(cells, counts) : { cells, sum, squares: sum, cubes: sum, fourths: sum },
    levels: new Map<Level, Cluster[]>([
      ['host-day', clusters(days)],
      ['host', clusters(byHost(days))],
    ]),
  };
}

function levelFacts({ totals, levels }: Counted, counts: readonly number[] | null): LevelFacts[] {
  const single = counts ?? Array.from<number>({ length: totals.sum }).fill(1);
  const [days, hosts] = [levels.get('host-day')!, levels.get('host')!];
  const facts = (by: Level, clusters: readonly Cluster[], pValue: number): LevelFacts => {
    const dispersion = dispersionOf(clusters, totals);
    const effect = designEffect(clusters, totals);
    const bar = barOf(effectiveClusters(clusters, totals, effect));
    const number = clusterCount(clusters);
    return { by, clusters: number, dispersion, pValue, counts: pValue <= bar && dispersion > 1 };
  };
  const byDay = facts('host-day', days, pValueOf(days, totals, single));
  // Days that clump make hosts scatter as well. Hosts differ where they scatter more than their own days do.
  const enough = clusterCount(days) - clusterCount(hosts) >= MANY_DAYS;
  const dense = Math.min(single.length, totals.cells - single.length) >= MANY_HITS * clusterCount(hosts);
  const withinDays = enough && (byDay.counts || dense);
  const ofHosts = withinDays ? nestedPValue(days, hosts, totals) : pValueOf(hosts, totals, single);
  return [byDay, facts('host', hosts, ofHosts)];
}

/** The level that counts and tells least; none where no level counts. */
function widest(counted: Counted, facts: readonly LevelFacts[]): Clustering['by'] {
  let by: Clustering['by'] = 'none';
  let least = Number.POSITIVE_INFINITY;
  for (const level of facts) {
    if (!level.counts) continue;
    const size = effectiveCells(counted, level.by);
    if (size < least) [by, least] = [level.by, size];
  }
  return by;
}

/**
 * Rates of hosts are skewed, so that a few clusters tend to miss the ones with the high rates, and their variance with
 * them: so many degrees of freedom are taken as lost to that. Chosen by simulation (unequal hosts and exposure).
 */
const SKEW = 2;

/** The number of independent cells that would tell as much, at most those there are. */
function effectiveCells({ totals, levels }: Counted, by: Level): number {
  const clusters = levels.get(by)!;
  const effect = designEffect(clusters, totals);
  const freedom = Math.max(1, effectiveClusters(clusters, totals, effect) - 1);
  return (totals.cells / effect) * worthOf(freedom) * (freedom / (freedom + SKEW));
}

const NAMES: Readonly<Record<Level, string>> = { 'host-day': 'host-days', host: 'hosts' };

function reasonOf(by: Clustering['by'], named: LevelFacts | undefined, { totals }: Counted): string {
  if (totals.sum === 0) return 'no event matched, so nothing tells whether they clump';
  if (totals.sum === totals.cells) return 'every watched cell was hit, so nothing tells whether they clump';
  if (!named || !Number.isFinite(named.dispersion))
    return 'one host-day alone cannot tell whether occasions clump';
  const { clusters, dispersion, pValue } = named;
  const names = NAMES[named.by];
  const scatter = `${clusters} ${names} scatter ${dispersion >= 10 ? Math.round(dispersion) : dispersion.toPrecision(2)} times as much as independent cells would`;
  const p = `p ${pValue <= 0.001 ? '< 0.001' : `= ${pValue.toPrecision(2)}`}`;
  if (by === 'none')
    return clusters < 10
      ? `${scatter} (${p}): no sign of clumping, though so few would show only a strong one`
      : `${scatter} (${p}): no sign of clumping`;
  const unsure = pValue > CLUMPS ? 'that may be chance, and the wider interval is the safer one' : '';
  const why =
    by === 'host' ? 'hosts differ, so a host is the unit' : 'occasions clump, so a host-day is the unit';
  return `${scatter} (${p}): ${unsure === '' ? why : unsure}`;
}
