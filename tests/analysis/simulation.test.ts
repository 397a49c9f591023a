/**
 * Coverage of the intervals, on simulated fleets whose true rates are known. Each regime has its seed, so that a run is
 * repeatable; NOISEFLOOR_REPLICATES=5000 makes the table of docs/base-rates.md. Limits allow for two standard errors of
 * the number of replicates: at 1,000, 94 % becomes 92.5 % and 97.5 % becomes 98.5 %.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rate } from '../../src/analysis/answer.ts';
import type { HostDay } from '../../src/analysis/clustering-days.ts';
import { clusteringOf, eventFactors, hitShare } from '../../src/analysis/clustering.ts';
import { clopperPearson } from '../../src/analysis/confidence.ts';
import { analyse } from '../../src/analysis/index.ts';
import { meanOfHosts } from '../../src/analysis/mean-of-hosts.ts';
import { type Fleet, fleetOf, type FleetSpec, fleetTally, randomOf, truthOf } from '../builders/fleet.ts';
import { questionOf } from '../builders/tally.ts';

const REPLICATES = Number(process.env.NOISEFLOOR_REPLICATES ?? 1000);

interface Estimate {
  readonly low: number;
  readonly high: number;
  /** An interval that takes every unit as independent. */
  readonly naive: readonly [low: number, high: number];
  readonly truth: number;
}

interface Coverage {
  readonly covered: number;
  readonly naive: number;
  /** Mean width over that of the naive interval. */
  readonly width: number;
}

function coverageOf(spec: FleetSpec, seed: number, estimate: (fleet: Fleet) => Estimate): Coverage {
  const random = randomOf(seed);
  let [covered, naive, width, naiveWidth] = [0, 0, 0, 0];
  for (let i = 0; i < REPLICATES; i += 1) {
    const { low, high, naive: plain, truth } = estimate(fleetOf(spec, random));
    if (low <= truth && truth <= high) covered += 1;
    if (plain[0] <= truth && truth <= plain[1]) naive += 1;
    // An interval without an upper end is as wide as a thousand times the truth.
    width += Math.min(high, 1000 * truth) - low;
    naiveWidth += plain[1] - plain[0];
  }
  return { covered: covered / REPLICATES, naive: naive / REPLICATES, width: width / naiveWidth };
}

function atLeast(share: number, limit: number): void {
  const error = Math.sqrt((limit * (1 - limit)) / REPLICATES);
  assert.ok(share >= limit - 2 * error, `covers ${share}, expected ${limit}`);
}

function atMost(share: number, limit: number): void {
  const error = Math.sqrt((limit * (1 - limit)) / REPLICATES);
  assert.ok(share <= limit + 2 * error, `covers ${share}, expected at most ${limit}`);
}

function rowsOf(fleet: Fleet): HostDay[] {
  return fleet.days.map(({ host, cells, hits, events }) => ({
    host: String(host),
    cells,
    hits,
    events,
    times: 1,
  }));
}

function total(rows: readonly HostDay[], of: 'cells' | 'hits' | 'events'): number {
  return rows.reduce((sum, row) => sum + row[of], 0);
}

/**
 * Mid-P by its score: within a thousandth of the exact one for 20 hits and more, and enough to compare widths. Below,
 * the exact Clopper-Pearson.
 */
function independent(hits: number, cells: number): [number, number] {
  if (hits < 20) {
    const { low, high } = clopperPearson(hits, cells);
    return [low, high];
  }
  const z = 1.959964;
  const [share, z2] = [hits / cells, z ** 2 / cells];
  const half = z * Math.sqrt((share * (1 - share)) / cells + z2 / (4 * cells));
  return [(share + z2 / 2 - half) / (1 + z2), (share + z2 / 2 + half) / (1 + z2)];
}

/** The rate of the population that the hosts are drawn from, or of the process of these hosts alone. */
type Of = 'population' | 'these hosts';

function occasions(spec: FleetSpec, of: Of): (fleet: Fleet) => Estimate {
  const population = truthOf(spec).cell;
  return (fleet) => {
    const rows = rowsOf(fleet);
    const [hits, cells] = [total(rows, 'hits'), total(rows, 'cells')];
    const { low, high } = hitShare(rows, clusteringOf(rows).by).bounds;
    const own = fleet.hosts.reduce((sum, host) => sum + host.cells * host.rate, 0) / cells;
    return { low, high, naive: independent(hits, cells), truth: of === 'population' ? population : own };
  };
}

const TEN: FleetSpec = { hosts: 10, days: 10, active: [8, 18], rate: 0.02 };

interface Regime {
  readonly name: string;
  readonly spec: FleetSpec;
  readonly of?: Of;
  /** Cells are independent and alike: no more coverage than 97.5 %, and at most 1.25 times as wide as mid-P. */
  readonly alike?: true;
  /** The interval of independent cells covers less than this, and ours is at most so many times as wide. */
  readonly clumped?: readonly [naive: number, width: number];
}

const OCCASIONS: readonly Regime[] = [
  { name: 'rare: 2 hits expected', spec: { ...TEN, rate: 0.002 } },
  { name: 'rare: 8 hits expected', spec: { ...TEN, rate: 0.008 } },
  { name: 'independent: 20 hits', spec: TEN, alike: true },
  { name: 'independent: 50 hits', spec: { ...TEN, rate: 0.05 }, alike: true },
  { name: 'independent: 300 hits of 1000', spec: { ...TEN, rate: 0.3 }, alike: true },
  { name: 'independent, one host', spec: { ...TEN, hosts: 1, active: [0, 24], rate: 0.1 }, alike: true },
  { name: 'independent, three hosts', spec: { ...TEN, hosts: 3, rate: 0.07 }, alike: true },
  {
    name: 'independent, unequal exposure',
    spec: { ...TEN, hosts: 12, days: [1, 2, 30] },
    alike: true,
  },
  { name: 'diurnal', spec: { ...TEN, active: [0, 24], rate: 0.03, diurnal: 0.95 }, alike: true },
  { name: 'clumped by host-day', spec: { ...TEN, rate: 0.03, dayCv: 2 }, clumped: [0.9, 2.5] },
  {
    name: 'clumped by host-day, hard',
    spec: { ...TEN, days: 20, rate: 0.03, dayCv: 3 },
    clumped: [0.8, 3],
  },
  {
    name: 'clumped by host-day, one host',
    spec: { ...TEN, hosts: 1, days: 20, rate: 0.15, dayCv: 1.5 },
    clumped: [0.75, 3.5],
  },
  {
    name: 'clumped by host: rates vary by 1',
    spec: { ...TEN, hosts: 20, rate: 0.03, hostCv: 1 },
    clumped: [0.8, 3],
  },
  {
    name: 'clumped by host: rates vary by 0.5',
    spec: { ...TEN, hosts: 20, rate: 0.03, hostCv: 0.5 },
    clumped: [0.92, 2],
  },
  {
    name: 'clumped by host, 50 hosts',
    spec: { ...TEN, hosts: 50, days: 5, rate: 0.03, hostCv: 1.5 },
    clumped: [0.8, 3],
  },
  {
    name: 'clumped by host and day',
    spec: { ...TEN, hosts: 20, rate: 0.03, hostCv: 0.7, dayCv: 1.5 },
    clumped: [0.8, 3],
  },
  {
    name: 'unequal hosts and exposure',
    spec: { ...TEN, hosts: 24, days: [1, 2, 30], rate: 0.03, hostCv: 1 },
    clumped: [0.65, 5],
  },
  {
    name: 'boot-heavy',
    spec: { ...TEN, hosts: 20, rate: 0.01, bootHit: 0.5, bootCv: 0.6 },
    clumped: [0.92, 2],
  },
  {
    name: 'three unequal hosts, of these',
    spec: { ...TEN, hosts: 3, days: 20, rate: 0.05, hostCv: 1 },
    of: 'these hosts',
  },
];

for (const [index, { name, spec, of = 'population', alike, clumped }] of OCCASIONS.entries()) {
  test(`occasions, ${name}`, (context) => {
    const { covered, naive, width } = coverageOf(spec, 1000 + index, occasions(spec, of));
    context.diagnostic(`covers ${covered}, ${width.toFixed(2)} times as wide; independent cells ${naive}`);
    atLeast(covered, 0.94);
    if (alike) {
      atMost(covered, 0.975);
      assert.ok(width <= 1.25, `${width} times as wide`);
    }
    if (clumped) {
      assert.ok(naive < clumped[0], `independent cells cover ${naive}: this regime shows nothing`);
      assert.ok(width <= clumped[1], `${width} times as wide`);
    }
  });
}

const EVENTS: readonly Regime[] = [
  { name: 'bursts of ten', spec: { ...TEN, burst: 10 } },
  { name: 'bursts of ten, clumped by host-day', spec: { ...TEN, rate: 0.03, dayCv: 2, burst: 10 } },
  {
    name: 'bursts of ten, clumped by host',
    spec: { ...TEN, hosts: 20, rate: 0.03, hostCv: 1, burst: 10 },
  },
];

for (const [index, { name, spec }] of EVENTS.entries()) {
  test(`events, ${name}`, (context) => {
    const truth = spec.rate * spec.burst!;
    const { covered, naive, width } = coverageOf(spec, 2000 + index, (fleet) => {
      const rows = rowsOf(fleet);
      const [events, cells] = [total(rows, 'events'), total(rows, 'cells')];
      const counts = fleet.days.flatMap(({ occurrences }) => occurrences.map((one) => one.events));
      const { low, high } = eventFactors(rows, counts).bounds;
      const per = Math.max(1, events) / cells;
      const half = 1.96 * Math.sqrt(events);
      return {
        low: low * per,
        high: high * per,
        naive: [(events - half) / cells, (events + half) / cells],
        truth,
      };
    });
    context.diagnostic(`covers ${covered}, ${width.toFixed(2)} times as wide; Poisson ${naive}`);
    atLeast(covered, 0.94);
    assert.ok(naive < 0.5, `Poisson on raw counts covers ${naive}: this regime shows nothing`);
    assert.ok(width < 10);
  });
}

test('boots of unequal hosts: the share of boots with an event', (context) => {
  const spec: FleetSpec = { ...TEN, hosts: 20, rate: 0.01, bootHit: 0.4, bootCv: 0.8 };
  const { covered, naive, width } = coverageOf(spec, 3000, (fleet) => {
    const boots = new Map<number, HostDay>();
    for (const { host, boots: some, bootsHit } of fleet.days) {
      const { cells = 0, hits = 0 } = boots.get(host) ?? {};
      const sum = { cells: cells + some, hits: hits + bootsHit };
      boots.set(host, { host: String(host), ...sum, events: sum.hits, times: 1 });
    }
    const rows = [...boots.values()];
    const { low, high } = hitShare(rows, clusteringOf(rows).by).bounds;
    const plain = independent(total(rows, 'hits'), total(rows, 'cells'));
    return { low, high, naive: plain, truth: 0.4 };
  });
  context.diagnostic(`covers ${covered}, ${width.toFixed(2)} times as wide; independent boots ${naive}`);
  atLeast(covered, 0.94);
  assert.ok(naive < 0.85 && width < 3);
});

const MEANS: readonly Regime[] = [
  { name: 'hosts differ', spec: { ...TEN, hosts: 20, rate: 0.03, hostCv: 1 } },
  {
    name: 'hosts and exposure differ',
    spec: { ...TEN, hosts: 24, days: [1, 2, 30], rate: 0.03, hostCv: 1 },
  },
  {
    name: 'noisy hosts keep less time',
    spec: { ...TEN, hosts: 20, days: 30, rate: 0.03, hostCv: 1, noisyKeepLess: true },
  },
  { name: 'three hosts', spec: { ...TEN, hosts: 3, days: 20, rate: 0.05, hostCv: 0.5 } },
];

for (const [index, { name, spec }] of MEANS.entries()) {
  test(`mean of hosts, ${name}: the mean of the population`, (context) => {
    const truth = truthOf(spec).cell;
    const { covered, naive, width } = coverageOf(spec, 4000 + index, (fleet) => {
      const rows = rowsOf(fleet);
      const { low, high } = meanOfHosts(rows)!.bounds;
      return { low, high, naive: independent(total(rows, 'hits'), total(rows, 'cells')), truth };
    });
    context.diagnostic(`covers ${covered}, ${width.toFixed(2)} times as wide; pooled cells ${naive}`);
    atLeast(covered, 0.94);
    assert.ok(naive < 0.85, `the pooled rate of independent cells covers ${naive}`);
  });
}

test('where noisy hosts keep less time, the pooled rate understates, and the mean of hosts does not', () => {
  const spec: FleetSpec = { ...TEN, hosts: 50, days: 30, rate: 0.03, hostCv: 1, noisyKeepLess: true };
  const random = randomOf(5000);
  let [pooled, mean] = [0, 0];
  for (let i = 0; i < 200; i += 1) {
    const rows = rowsOf(fleetOf(spec, random));
    pooled += total(rows, 'hits') / total(rows, 'cells') / 200;
    mean += meanOfHosts(rows)!.estimate / 200;
  }
  assert.ok(pooled < 0.8 * spec.rate, `${pooled}`);
  assert.ok(Math.abs(mean / spec.rate - 1) < 0.05, `${mean}`);
});

test('the whole answer has the same intervals as its parts', () => {
  const spec: FleetSpec = { ...TEN, rate: 0.04, hostCv: 1, dayCv: 1, burst: 4, bootHit: 0.3 };
  for (const seed of [1, 2, 3]) {
    const fleet = fleetOf(spec, randomOf(seed));
    const { rate } = analyse(fleetTally(fleet, spec), questionOf());
    const rows = rowsOf(fleet).map((row) => ({ ...row, host: `h${row.host.padStart(5, '0')}` }));
    const clustering = clusteringOf(rows);
    assert.deepEqual(rate.clustering, clustering);
    const same = (found: Rate | null, { low, high }: { low: number; high: number }): void => {
      assert.ok(found && Math.abs(found.low - low) < 1e-12 && Math.abs(found.high! - high) < 1e-12);
    };
    same(rate.occasionsPerHostHour, hitShare(rows, clustering.by).bounds);
    same(rate.meanOfHosts, meanOfHosts(rows)!.bounds);
  }
});
