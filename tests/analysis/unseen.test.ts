import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse, type Answer } from '../../src/analysis/index.ts';
import { lnChoose, lnGamma } from '../../src/analysis/ln-gamma.ts';
import { curveOf, type Incidence } from '../../src/analysis/unseen-curve.ts';
import { fleetOf, type FleetSpec, fleetTally, type Random, randomOf } from '../builders/fleet.ts';
import { groupOf, questionOf, tallyOf } from '../builders/tally.ts';

type Unseen = NonNullable<Answer['unseen']>;

/** Cells as lists of the groups that each shows; one host after the other, `perHost` cells each. */
type Cells = readonly (readonly number[])[];

const HOUR_SLOTS = 360;

/** The answer for these cells: hosts watched around the clock, from the first hour of 2024 on. */
function unseenOf(cells: Cells, perHost = cells.length): Unseen {
  const start = Date.UTC(2024, 0, 1) / 10_000;
  const groups = new Map<number, Record<string, Map<number, number>>>();
  for (const [index, shown] of cells.entries()) {
    const host = `h${Math.floor(index / perHost)}`;
    for (const group of shown) {
      const hosts = groups.get(group) ?? {};
      groups.set(group, hosts);
      (hosts[host] ??= new Map()).set(start + (index % perHost) * HOUR_SLOTS + 5, 1);
    }
  }
  const tally = tallyOf(
    {},
    [...groups].map(([group, hosts]) => groupOf(['s', String(group)], hosts)),
  );
  const hosts = Array.from({ length: Math.ceil(cells.length / perHost) }, (_, index) => `h${index}`);
  const given = new Map(hosts.map((host) => [host, perHost]));
  return analyse(tally, questionOf({ exposure: { all: null, perHost: given } })).unseen!;
}

function incidenceOf(cells: Cells): Incidence {
  const counts = new Map<number, number>();
  for (const shown of cells) for (const group of shown) counts.set(group, (counts.get(group) ?? 0) + 1);
  const seenIn = new Map<number, number>();
  for (const count of counts.values()) seenIn.set(count, (seenIn.get(count) ?? 0) + 1);
  return { cells: cells.length, groups: counts.size, seenIn };
}

function draw(chances: readonly number[], cells: number, random: Random): number[][] {
  return Array.from({ length: cells }, () =>
    chances.flatMap((chance, group) => (random() < chance ? [group] : [])),
  );
}

const uniform = (groups: number, chance: number): number[] => Array.from({ length: groups }, () => chance);
const zipf = (groups: number, most: number, power = 1): number[] =>
  Array.from({ length: groups }, (_, index) => most / (index + 1) ** power);

test('ln-gamma: factorials, and the half', () => {
  let factorial = 0;
  for (let n = 1; n < 200; n += 1) {
    assert.ok(Math.abs(lnGamma(n) - factorial) <= 1e-13 * Math.max(1, factorial), `${n}`);
    factorial += Math.log(n);
  }
  assert.ok(Math.abs(lnGamma(0.5) - Math.log(Math.sqrt(Math.PI))) < 1e-13);
  assert.ok(Math.abs(lnChoose(52, 5) - Math.log(2_598_960)) < 1e-11);
});

test('a case by hand: five cells, of which one is empty', () => {
  // Group 1 in three cells, 2 in two, 3, 4 and 5 in one each, 4 and 5 in the same.
  const unseen = unseenOf([[1, 2], [1, 3], [], [1, 4, 5], [2]]);
  assert.equal(unseen.groups, 5);
  // Cells 1 and 3 show what no other does: 2 of 5, and not Q1/T = 3/5.
  assert.equal(unseen.nextCell!.estimate, 2 / 5);
  // (T - 1)/T Q1 (Q1 - 1) / (2 (Q2 + 1)) = 4/5 * 3 * 2 / 4.
  assert.ok(Math.abs(unseen.groupsAtLeast - 1.2) < 1e-12);
  assert.equal(unseen.nextHost, null);
  assert.deepEqual(
    unseen.curve.map(({ cells, extrapolated }) => [cells, extrapolated]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((cells) => [cells, cells > 5]),
  );
  assert.match(
    unseen.sentence,
    /^5 pairs seen in 5 watched host-hours; .* at least 1 pair is still unseen\.$/,
  );
});

test('hosts: what only one of them shows', () => {
  // Host h0 shows 1, 2; h1 shows 1; h2 shows 1, 3; h3 nothing.
  const unseen = unseenOf([[1, 2], [2], [1], [], [1], [3], [], []], 2);
  assert.equal(unseen.nextHost!.estimate, 2 / 4);
});

test('nothing seen in n cells: the next brings something with at most 1 - 0.05^(1/n)', () => {
  const unseen = unseenOf(Array.from({ length: 47 }, () => []));
  assert.deepEqual([unseen.groups, unseen.groupsAtLeast, unseen.nextCell!.estimate], [0, 0, 0]);
  assert.ok(Math.abs(unseen.nextCell!.high! - (1 - 0.05 ** (1 / 47))) < 1e-9);
  assert.match(unseen.sentence, /^No pair seen in 47 .* with at most 6\.2 %\.$/);
});

test('null where groups were capped, or nothing was watched', () => {
  assert.equal(analyse(tallyOf({}), questionOf()).unseen, null);
  const group = groupOf(['a', 'b'], { pc: { '2024-03-04 08:00': 1 } });
  const exposure = { all: null, perHost: new Map([['pc', 5]]) };
  assert.equal(analyse(tallyOf({}, [group]), questionOf({ exposure })).unseen!.groups, 1);
  assert.equal(analyse(tallyOf({}, [group], { halvings: 1 }), questionOf({ exposure })).unseen, null);
});

test('rarefaction is the mean over all choices of cells', () => {
  const random = randomOf(1);
  for (let round = 0; round < 20; round += 1) {
    const cells = draw(zipf(8, 0.7), 9, random);
    const curve = curveOf(incidenceOf(cells));
    for (const point of curve.filter(({ extrapolated }) => !extrapolated)) {
      let [sum, choices] = [0, 0];
      for (let choice = 0; choice < 2 ** cells.length; choice += 1) {
        const chosen = cells.filter((_, index) => (choice >> index) & 1);
        if (chosen.length !== point.cells) continue;
        choices += 1;
        sum += new Set(chosen.flat()).size;
      }
      assert.ok(Math.abs(point.groups - sum / choices) < 1e-9);
      assert.ok(point.low <= point.groups && point.groups <= point.high);
    }
  }
});

test('the curve rises, has at most 60 points, goes to twice the exposure and no further', () => {
  const random = randomOf(2);
  for (const size of [1, 2, 24, 25, 26, 300]) {
    const curve = curveOf(incidenceOf(draw(zipf(50, 0.5), size, random)));
    assert.ok(curve.length <= 60);
    assert.equal(curve.at(-1)!.cells, 2 * size);
    for (const [index, point] of curve.entries()) {
      const before = curve[index - 1];
      assert.ok(!before || (point.cells > before.cells && point.groups >= before.groups - 1e-9));
      assert.equal(point.extrapolated, point.cells > size);
    }
  }
});

interface Community {
  readonly chances: readonly number[];
  readonly cells: number;
}

const COMMUNITIES: Readonly<Record<string, Community>> = {
  'uniform, nearly all seen': { chances: uniform(20, 0.05), cells: 47 },
  'uniform, two thirds seen': { chances: uniform(100, 0.005), cells: 200 },
  'Zipf, long tail': { chances: zipf(1000, 0.5), cells: 200 },
  'Zipf, rare': { chances: zipf(1000, 0.02), cells: 200 },
  'Zipf, few cells': { chances: zipf(50, 0.5), cells: 5 },
  'steep Zipf': { chances: zipf(300, 0.9, 2), cells: 200 },
  'steep Zipf, rare': { chances: zipf(300, 0.2, 2), cells: 40 },
};

test('known communities: the chance of something new, the groups unseen, the groups at twice the exposure', (t) => {
  const random = randomOf(3);
  for (const [name, { chances, cells: size }] of Object.entries(COMMUNITIES)) {
    const repeats = Math.min(500, Math.round(2e7 / (chances.length * size)));
    // Of a nominal 5 %: at most 8 % where few groups were seen once, and twice the error of counting these.
    const missed = 0.08 * repeats + 2 * Math.sqrt(0.08 * 0.92 * repeats);
    const sums = { estimate: 0, truth: 0, above: 0, below: 0, unseen: 0, atLeast: 0, curve: 0, shown: 0 };
    let [low, high] = [0, 0];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const cells = draw(chances, size, random);
      const { nextCell, groupsAtLeast, curve } = unseenOf(cells);
      const seen = new Set(cells.flat());
      const truth =
        1 - chances.reduce((none, chance, group) => (seen.has(group) ? none : none * (1 - chance)), 1);
      sums.estimate += nextCell!.estimate;
      sums.truth += truth;
      sums.below += truth < nextCell!.low ? 1 : 0;
      sums.above += truth > nextCell!.high! ? 1 : 0;
      sums.unseen += chances.length - seen.size;
      sums.atLeast += groupsAtLeast;
      const on = new Set([...seen, ...draw(chances, size, random).flat()]).size;
      const last = curve.at(-1)!;
      sums.curve += last.groups;
      sums.shown += on;
      low += on < Math.floor(last.low) ? 1 : 0;
      high += on > Math.ceil(last.high) ? 1 : 0;
    }
    const mean = (sum: number): string => (sum / repeats).toPrecision(3);
    t.diagnostic(
      `${name}: next cell ${mean(sums.estimate)}, true ${mean(sums.truth)}, interval missed ${sums.below} below, ${sums.above} above; ` +
        `unseen ${mean(sums.unseen)}, at least ${mean(sums.atLeast)}; at twice ${mean(sums.curve)}, true ${mean(sums.shown)}, missed ${low} below, ${high} above; of ${repeats}`,
    );
    // Unbiased at one cell fewer.
    assert.ok(Math.abs(sums.estimate - sums.truth) <= (0.05 + 1 / size) * sums.truth + 0.01 * repeats, name);
    assert.ok(sums.below + sums.above <= missed, name);
    assert.ok(sums.atLeast <= 1.05 * sums.unseen + 0.5 * repeats, name);
    assert.ok(low + high <= missed, name);
  }
});

test('clumped hosts: the chance that a new host brings something new', (t) => {
  const random = randomOf(6);
  const repeats = 100;
  for (const hosts of [3, 6, 15]) {
    // Every host has its share of 60 groups, some common, most rare; what it has it shows often.
    const groups = Array.from({ length: 60 }, (_, index) => ({ perCell: 0.08, onHosts: 0.9 / (index + 1) }));
    const spec: FleetSpec = { hosts: hosts + 40, days: 2, active: [8, 18], rate: 0, groups };
    const sums = { estimate: 0, truth: 0, below: 0, above: 0 };
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const fleet = fleetOf(spec, random);
      const first = {
        hosts: fleet.hosts.slice(0, hosts),
        days: fleet.days.filter(({ host }) => host < hosts),
      };
      const { nextHost } = analyse(fleetTally(first, spec), questionOf()).unseen!;
      const seen = new Set(first.days.flatMap(({ occurrences }) => occurrences.map(({ group }) => group)));
      // A new host has the group, and shows it in 20 cells.
      const shows = groups.map(({ perCell, onHosts }) => onHosts * (1 - (1 - perCell) ** 20));
      const truth =
        1 - shows.reduce((none, chance, group) => (seen.has(group) ? none : none * (1 - chance)), 1);
      sums.estimate += nextHost!.estimate;
      sums.truth += truth;
      sums.below += truth < nextHost!.low ? 1 : 0;
      sums.above += truth > nextHost!.high! ? 1 : 0;
    }
    t.diagnostic(
      `${hosts} hosts: next host ${(sums.estimate / repeats).toFixed(3)}, true ${(sums.truth / repeats).toFixed(3)}, ` +
        `missed ${sums.below} below, ${sums.above} above of ${repeats}`,
    );
    assert.ok(Math.abs(sums.estimate - sums.truth) <= (0.05 + 1 / hosts / 2) * sums.truth + 0.02 * repeats);
    assert.ok(sums.below + sums.above <= 0.07 * repeats);
  }
});
