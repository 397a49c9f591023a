/**
 * The model behind a forecast. A host has a rate of occasions per day of its own; rates differ between hosts as a gamma
 * distribution, of mean m and coefficient of variation c. Given its rate, a host's days scatter with variance `dispersion`
 * times their mean; days may also be good or bad for all hosts at once. Mean, c and dispersion are not known, least of all
 * with few hosts: each forecast is drawn from what the data leave of them.
 */
import gammaQuantile from '@stdlib/stats-base-dists-gamma-quantile';
import type { HostCount, WatchedDays } from './forecast-days.ts';
import { dispersed, gamma, uniforms } from './forecast-random.ts';
import { lnGamma } from './ln-gamma.ts';

/** Draws of a forecast. */
const DRAWS = 6000;
/** Weight of the prior that days scatter like independent cells, in degrees of freedom. */
const PRIOR_DAYS = 3;
/** The prior of c is half-normal with this scale: rates of hosts within a factor of a few, unless they show otherwise. */
const PRIOR_SPREAD = 1;
const SPREADS: readonly number[] = [
  0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.1, 1.3, 1.5, 1.75, 2, 2.5, 3, 3.5,
];
/** The prior of the logarithm of m rises with this power of m: between flat and the square root of Jeffreys. */
const PRIOR_MEAN = 0.35;
/** Nodes of the mean per value of c, over this many standard errors of its logarithm on each side. */
const MEANS = 41;
const REACH = 5;

export interface Scatter {
  /** Variance of a host's day over its mean: quantiles of what the data leave, equally likely. */
  readonly dispersions: readonly number[];
  /** Variance of what a calendar day multiplies the rates of all hosts by. */
  readonly shared: number;
  /** Calendar days that tell. */
  readonly days: number;
}

/** How days scatter around each host's own rate. */
export function scatterOf({ hosts, days }: Pick<WatchedDays, 'hosts' | 'days'>): Scatter {
  const totals = hosts.map(() => ({ hits: 0, expected: 0 }));
  for (const { host, hits, expected } of days) {
    const total = totals[host] as { hits: number; expected: number };
    total.hits += hits;
    total.expected += expected;
  }
  let [squares, reciprocals, count] = [0, 0, 0];
  const hit = new Set<number>();
  const fleet = new Map<number, { hits: number; mean: number }>();
  for (const { host, day, hits, expected } of days) {
    const own = totals[host] as { hits: number; expected: number };
    const mean = (own.hits / own.expected) * expected;
    if (mean === 0) continue;
    squares += (hits - mean) ** 2 / mean;
    reciprocals += 1 / mean;
    count += 1;
    hit.add(host);
    const all = fleet.get(day) ?? { hits: 0, mean: 0 };
    fleet.set(day, { hits: all.hits + hits, mean: all.mean + mean });
  }
  const free = count - hit.size;
  // The variance of X² is that of chi-square, plus that of counts of small mean, whose squares jump.
  const worth = free > 0 ? (free * 2) / (2 + reciprocals / count) : 0;
  const weight = worth + PRIOR_DAYS;
  const mean = ((free > 0 ? squares / free : 1) * worth + PRIOR_DAYS) / weight;
  const dispersions = [1 / 6, 1 / 2, 5 / 6].map((part) =>
    Math.max(0.05, (mean * weight) / 2 / gammaQuantile(1 - part, weight / 2, 1)),
  );
  return { dispersions, shared: sharedOf([...fleet.values()], mean, hit.size), days: fleet.size };
}

/** By moments; 0 unless the days of the fleet scatter clearly more than its hosts alone would. */
function sharedOf(
  fleet: readonly { readonly hits: number; readonly mean: number }[],
  dispersion: number,
  hosts: number,
): number {
  const free = fleet.length - 1;
  if (hosts < 3 || free < 3) return 0;
  let [squares, excess, weight] = [0, 0, 0];
  for (const { hits, mean } of fleet) {
    squares += (hits - mean) ** 2 / (dispersion * mean);
    excess += (hits - mean) ** 2 - dispersion * mean;
    weight += mean ** 2;
  }
  return squares / free > 1 + 2 * Math.sqrt(2 / free) ? Math.max(0, excess / weight) : 0;
}

/** A point of the grid over which the mean and c are integrated. */
interface Node {
  readonly mean: number;
  /** 1/c². */
  readonly shape: number;
  readonly weight: number;
}

/** What the hosts leave of m and c, for one dispersion. Counts enter divided by it (quasi-likelihood). */
function posterior(hosts: readonly HostCount[], dispersion: number): Node[] {
  const merged = merge(hosts, dispersion);
  const hits = hosts.reduce((sum, host) => sum + host.hits, 0);
  const days = hosts.reduce((sum, host) => sum + host.days, 0);
  const square = hosts.reduce((sum, host) => sum + host.days ** 2, 0);
  const effective = days ** 2 / square;
  const centre = Math.log((hits + dispersion / 2) / days);
  const nodes: { mean: number; shape: number; ln: number }[] = [];
  for (const [index, spread] of SPREADS.entries()) {
    const width = ((SPREADS[index + 1] ?? spread) - (SPREADS[index - 1] ?? 0)) / 2;
    const shape = 1 / spread ** 2;
    const error = Math.sqrt(dispersion / (hits + dispersion / 2) + spread ** 2 / effective);
    const step = (2 * REACH * error) / (MEANS - 1);
    const constant = merged.reduce(
      (sum, { y, number }) => sum + number * (lnGamma(y + shape) - lnGamma(shape)),
      0,
    );
    for (let k = 0; k < MEANS; k += 1) {
      const lnMean = centre + (k - (MEANS - 1) / 2) * step;
      const mean = Math.exp(lnMean);
      let ln = constant + lnPrior(spread) + Math.log(width * step) + PRIOR_MEAN * lnMean;
      for (const { y, d, number } of merged) {
        const m = mean * d;
        ln += number * (y * Math.log(m / (m + shape)) - shape * Math.log1p(m / shape));
      }
      nodes.push({ mean, shape, ln });
    }
  }
  const most = nodes.reduce((best, { ln }) => Math.max(best, ln), -Infinity);
  return nodes.map(({ mean, shape, ln }) => ({ mean, shape, weight: Math.exp(ln - most) }));
}

function lnPrior(spread: number): number {
  return -0.5 * (spread / PRIOR_SPREAD) ** 2;
}

/** Hosts that are the same to the likelihood, together; many hosts have watched the same and seen nothing. */
function merge(
  hosts: readonly HostCount[],
  dispersion: number,
): { readonly y: number; readonly d: number; readonly number: number }[] {
  const merged = new Map<string, { y: number; d: number; number: number }>();
  for (const { hits, days } of hosts) {
    // Three digits are plenty for time, and leave few kinds of hosts.
    const d = Number(days.toPrecision(hosts.length > 200 ? 2 : 4));
    const key = `${hits} ${d}`;
    const same = merged.get(key);
    if (same) same.number += 1;
    else merged.set(key, { y: hits / dispersion, d: d / dispersion, number: 1 });
  }
  return [...merged.values()];
}

/** `count` draws of nodes, by weight and evenly spread: the same as random ones, with less noise. */
function pick(nodes: readonly Node[], count: number): Node[] {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  const picked: Node[] = [];
  let passed = 0;
  for (const node of nodes) {
    passed += node.weight;
    while (picked.length < count && (picked.length + 0.5) * total <= passed * count) picked.push(node);
  }
  return picked;
}

export interface Draws {
  /** Ascending. */
  readonly alerts: readonly number[];
  readonly mean: number;
}

/** Occasions of `hosts` other hosts in `days` days, as often as not drawn anew. */
export function drawOthers(watched: WatchedDays, days: number, hosts: number): Draws {
  const scatter = scatterOf(watched);
  const next = uniforms(1);
  const each = Math.ceil(DRAWS / scatter.dispersions.length);
  const alerts = scatter.dispersions.flatMap((dispersion) =>
    pick(posterior(watched.hosts, dispersion), each).map(({ mean, shape }) => {
      const rates = (mean * gamma(hosts * shape, next)) / shape;
      return drawn(rates * days, { scatter, dispersion, days, most: hosts * days * 24 }, next);
    }),
  );
  return sorted(alerts);
}

/** Occasions of the one host that was watched, in `days` more days. */
export function drawItself(watched: WatchedDays, days: number): Draws {
  const [{ hits, days: seen }] = watched.hosts as readonly [HostCount];
  const scatter = scatterOf(watched);
  const next = uniforms(1);
  const alerts = Array.from({ length: DRAWS }, (_, index) => {
    const dispersion = scatter.dispersions[index % scatter.dispersions.length] as number;
    const rate = (gamma(hits / dispersion + 0.5, next) * dispersion) / seen;
    return drawn(rate * days, { scatter, dispersion, days, most: days * 24 }, next);
  });
  return sorted(alerts);
}

function drawn(
  mean: number,
  of: {
    readonly scatter: Scatter;
    readonly dispersion: number;
    readonly days: number;
    readonly most: number;
  },
  next: () => number,
): number {
  const { shared, days: seen } = of.scatter;
  // The days seen were good or bad, too.
  const variance = shared * (1 / of.days + 1 / seen);
  const factor = variance > 0 ? gamma(1 / variance, next) * variance : 1;
  return Math.min(Math.floor(of.most), dispersed(mean * factor, of.dispersion, next));
}

function sorted(alerts: number[]): Draws {
  const mean = alerts.reduce((sum, count) => sum + count, 0) / alerts.length;
  return { alerts: alerts.sort((a, b) => a - b), mean };
}
