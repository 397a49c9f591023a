/** Runs of record ids, held to sets of the ids themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  concatRuns,
  joinRuns,
  NO_RUNS,
  type Run,
  rowsOf,
  RunList,
  runsOf,
  runWith,
} from '../../src/tally/runs.ts';

const run = fc
  .record({
    first: fc.integer({ min: 0, max: 60 }),
    more: fc.integer({ min: 0, max: 6 }),
    from: fc.integer({ min: 0, max: 1000 }),
    to: fc.integer({ min: 0, max: 1000 }),
    again: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ first, more, from, to, again }): Run => {
    return { first, last: first + more, from, to, records: more + 1 + again };
  });
const some = fc.array(run, { maxLength: 12 });

function idsOf({ first, last }: Run): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function sum(runs: readonly Run[]): number {
  return runs.reduce((records, one) => records + one.records, 0);
}

test('joined runs hold the ids of all, once, and what they say of these', () => {
  let joined = 0;
  fc.assert(
    fc.property(some, (rows) => {
      const overlaps = new RunList();
      const found = rowsOf(joinRuns(runsOf(rows), overlaps));
      const ids = rows.flatMap(idsOf);
      assert.deepEqual(
        found.flatMap(idsOf),
        [...new Set(ids)].sort((a, b) => a - b),
      );
      for (const [i, { first }] of found.entries()) assert.ok(i === 0 || first > found[i - 1]!.last + 1);
      assert.equal(sum(found), sum(rows));
      for (const one of found) {
        const parts = rows.filter(({ first }) => first >= one.first && first <= one.last);
        assert.equal(one.from, Math.min(...parts.map(({ from }) => from)));
        assert.equal(one.to, Math.max(...parts.map(({ to }) => to)));
      }
      const twice = new Set(ids.filter((id, i) => ids.indexOf(id) < i));
      assert.deepEqual(new Set(rowsOf(overlaps.all()).flatMap(idsOf)), twice);
      if (found.length < rows.length) joined += 1;
    }),
    { numRuns: 500, seed: 3 },
  );
  assert.ok(joined > 100);
});

test('two lists one behind the other are the rows of both, and neither changes', () => {
  fc.assert(
    fc.property(some, some, (a, b) => {
      const [left, right] = [runsOf(a), runsOf(b)];
      assert.deepEqual(rowsOf(concatRuns(left, right)), [...a, ...b]);
      joinRuns(concatRuns(left, right));
      assert.deepEqual([rowsOf(left), rowsOf(right)], [a, b]);
    }),
    { numRuns: 200, seed: 3 },
  );
});

test('an id stands in the run that holds it, or in none', () => {
  fc.assert(
    fc.property(some, (rows) => {
      const joined = joinRuns(runsOf(rows));
      for (let id = -1; id < 70; id++) {
        const index = rowsOf(joined).findIndex(({ first, last }) => id >= first && id <= last);
        assert.equal(runWith(joined, id), index);
      }
    }),
    { numRuns: 200, seed: 3 },
  );
  assert.equal(runWith(NO_RUNS, 1), -1);
});

test('what a list held when it was asked stays, however it grows or is replaced', () => {
  const list = new RunList();
  const rows = Array.from({ length: 100 }, (_, i): Run => {
    return { first: 10 * i, last: 10 * i + 3, from: i, to: i + 1, records: 4 };
  });
  for (const { first, last, from, to, records } of rows.slice(0, 60))
    list.add(first, last, from, to, records);
  const before = list.all();
  list.replace(joinRuns(list.all()));
  for (const { first, last, from, to, records } of rows.slice(60)) list.add(first, last, from, to, records);
  assert.deepEqual(rowsOf(before), rows.slice(0, 60));
  assert.deepEqual(rowsOf(list.all()), rows);
  list.replace(NO_RUNS);
  assert.equal(list.length, 0);
  list.add(1, 2, 3, 4, 2);
  assert.deepEqual(rowsOf(list.all()), [{ first: 1, last: 2, from: 3, to: 4, records: 2 }]);
});
