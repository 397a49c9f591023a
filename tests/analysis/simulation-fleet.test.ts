/** The simulated fleet is what it says it is, and the pipeline counts it as it was made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/index.ts';
import { type Fleet, fleetOf, type FleetSpec, fleetTally, randomOf, truthOf } from '../builders/fleet.ts';
import { questionOf } from '../builders/tally.ts';

const BUSY: FleetSpec = {
  hosts: 6,
  days: [3, 5, 9],
  active: [8, 18],
  rate: 0.05,
  hostCv: 0.7,
  dayCv: 1.2,
  dateCv: 0.4,
  diurnal: 0.8,
  bootHit: 0.3,
  bootCv: 0.5,
  burst: 6,
};

function sum(fleet: Fleet, of: 'cells' | 'hits' | 'events' | 'boots' | 'bootsHit'): number {
  return fleet.days.reduce((total, day) => total + day[of], 0);
}

test('the same seed gives the same fleet, another seed another', () => {
  assert.deepEqual(fleetOf(BUSY, randomOf(1)), fleetOf(BUSY, randomOf(1)));
  assert.notDeepEqual(fleetOf(BUSY, randomOf(1)), fleetOf(BUSY, randomOf(2)));
});

test('over many fleets, cells and boots are hit as often as the truth says', () => {
  const random = randomOf(3);
  let [cells, hits, boots, bootsHit, events] = [0, 0, 0, 0, 0];
  for (let i = 0; i < 2000; i += 1) {
    const fleet = fleetOf(BUSY, random);
    cells += sum(fleet, 'cells');
    hits += sum(fleet, 'hits');
    boots += sum(fleet, 'boots');
    bootsHit += sum(fleet, 'bootsHit');
    events += sum(fleet, 'events');
  }
  const truth = truthOf(BUSY);
  // 12,000 hosts: four standard errors of the mean of hosts and days are within 3 %.
  assert.ok(Math.abs(hits / cells / truth.cell - 1) < 0.03, `${hits / cells} ${truth.cell}`);
  assert.ok(Math.abs(bootsHit / boots / truth.boot - 1) < 0.03);
  assert.ok(events / hits > 6 && events / hits < 6.5);
});

test('analyse counts a fleet as it was made', () => {
  for (const seed of [1, 2, 3, 4]) {
    const fleet = fleetOf(BUSY, randomOf(seed));
    const { exposure, matches, rate } = analyse(fleetTally(fleet, BUSY), questionOf());
    assert.deepEqual(
      [exposure.hosts, exposure.cells, exposure.boots, matches.occasions, matches.events],
      [6, sum(fleet, 'cells'), sum(fleet, 'boots'), sum(fleet, 'hits'), sum(fleet, 'events')],
    );
    assert.equal(rate.occasionsPerBoot?.estimate, sum(fleet, 'bootsHit') / sum(fleet, 'boots'));
  }
});
