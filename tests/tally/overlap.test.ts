/** Ids that two tallies share: those that may be the same records, and no others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overlapsOf, type Run, rowsOf, runsOf, type Tally } from '../../src/tally/index.ts';
import { channelOf, hostOf, SYSMON, tallyOf } from '../builders/tally.ts';

const HOUR = 3_600_000;

function tallyWith(...rows: readonly Run[]): Tally {
  return tallyOf({ pc: hostOf({ [SYSMON]: { ...channelOf([], { 8: 1 }), runs: runsOf(rows) } }) });
}

/** Ids, and the hours of their records. */
function run(first: number, last: number, from: number, to: number): Run {
  return { first, last, from: from * HOUR, to: to * HOUR, records: last - first + 1 };
}

function shared(a: readonly Run[], b: readonly Run[]): (readonly [number, number])[] {
  const found = [overlapsOf(tallyWith(...a), tallyWith(...b)), overlapsOf(tallyWith(...b), tallyWith(...a))];
  assert.deepEqual(found[1], found[0]);
  return found[0]!.flatMap(({ runs }) => rowsOf(runs).map(({ first, last }) => [first, last] as const));
}

test('ids that stand in both are shared, each stretch of them', () => {
  const a = [run(1, 10, 0, 1), run(20, 30, 2, 3), run(40, 40, 4, 4)];
  assert.deepEqual(shared(a, [run(5, 25, 0, 3)]), [
    [5, 10],
    [20, 25],
  ]);
  assert.deepEqual(shared(a, [run(10, 10, 1, 1), run(40, 50, 4, 5)]), [
    [10, 10],
    [40, 40],
  ]);
  assert.deepEqual(shared(a, [run(11, 19, 1, 2)]), []);
});

test('ids that were given again at another time are others; to an hour they are the same', () => {
  const first = run(1, 10, 100, 101);
  for (const [from, to, isShared] of [
    [102, 103, true],
    [102.1, 103, false],
    [97, 99, true],
    [97, 98.9, false],
  ] as const)
    assert.equal(shared([first], [run(1, 10, from, to)]).length > 0, isShared, `${from} to ${to}`);
  const untimed = { ...run(1, 10, 0, 0), from: Infinity, to: -Infinity };
  assert.equal(shared([first], [untimed]).length, 1);
});
