import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Identities } from '../../src/tally/identities.ts';
import { joinRuns, runsOf } from '../../src/tally/runs.ts';
import { event } from '../builders/events.ts';

const run = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5 }));
const met = fc.tuple(fc.integer({ min: -1, max: 25 }), fc.constantFrom(0, 1000, 2000, Number.NaN));

test('a record of a suspected id is known where one with its time was met, and no other is', () => {
  let known = 0;
  fc.assert(
    fc.property(
      fc.array(run, { minLength: 1, maxLength: 6 }),
      fc.array(met, { minLength: 20, maxLength: 80 }),
      (ranges, records) => {
        const suspects = joinRuns(
          runsOf(ranges.map(([first, more]) => ({ first, last: first + more, from: 0, to: 0, records: 0 }))),
        );
        const identities = new Identities(suspects);
        const seen = new Set<string>();
        for (const [id, time] of records) {
          const isSuspect = ranges.some(([first, more]) => id >= first && id <= first + more);
          const one = `${id} ${time}`;
          // A provider whose own time is not in its fields: the record's stands.
          const found = identities.isKnown(event({ provider: 'p', record: id < 0 ? null : id, time }));
          assert.equal(found, isSuspect && seen.has(one), one);
          if (found) known += 1;
          seen.add(one);
        }
      },
    ),
    { numRuns: 300, seed: 5 },
  );
  assert.ok(known > 100);
});

test('a time that was cut to its second is that of the whole one', () => {
  const known = (...times: readonly number[]): boolean[] => {
    const identities = new Identities(runsOf([{ first: 7, last: 7, from: 0, to: 0, records: 0 }]));
    return times.map((time) => identities.isKnown(event({ provider: 'p', record: 7, time })));
  };
  assert.deepEqual(known(5417, 5000), [false, true]);
  assert.deepEqual(known(5000, 5417, 5417), [false, true, true]);
  assert.deepEqual(known(5417, 5900, 6000, 6001, 4000), [false, false, false, true, false]);
  assert.deepEqual(known(0, 5417, 5000), [false, false, true]);
  assert.deepEqual(known(-583, -1000), [false, true]);
  assert.deepEqual(known(Number.NaN, 5000, Number.NaN), [false, false, true]);
});
