/** The search for the fewest entries, against all subsets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bits, bitsOf, countOf, membersOf } from '../../../src/analysis/tuning/bits.ts';
import { smallestCover } from '../../../src/analysis/tuning/cover.ts';

const SIZE = 40;
const sets = fc.array(fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1, maxLength: 12 }), { maxLength: 11 });

function unionOf(all: readonly (readonly number[])[], chosen: readonly number[]): Set<number> {
  return new Set(chosen.flatMap((index) => all[index]!));
}

/** The fewest sets with all members, by looking at every choice of them. */
function fewest(all: readonly (readonly number[])[]): number {
  const whole = unionOf(all, [...all.keys()]).size;
  let best = all.length;
  for (let mask = 0; mask < 2 ** all.length; mask += 1) {
    const chosen = [...all.keys()].filter((index) => (mask >> index) & 1);
    if (chosen.length < best && unionOf(all, chosen).size === whole) best = chosen.length;
  }
  return best;
}

test('the smallest cover has as many sets as the best of all choices, and covers what can be covered', () => {
  fc.assert(
    fc.property(sets, (all) => {
      const bits = all.map((members): Bits => bitsOf(SIZE, members));
      const { chosen, lowerBound } = smallestCover(bits, SIZE);
      assert.equal(unionOf(all, chosen).size, unionOf(all, [...all.keys()]).size);
      assert.equal(chosen.length, fewest(all));
      assert.equal(lowerBound, chosen.length);
    }),
    { numRuns: 300 },
  );
});

test('where the search is cut short the bound stays below every cover', () => {
  // Lines of a projective plane: hard to cover, with a known answer. Each of 31 lines has 6 of 31 points.
  const order = 5;
  const points = order * order + order + 1;
  const difference = [1, 5, 11, 24, 25, 27];
  const lines = Array.from({ length: points }, (_, at) => difference.map((d) => (d + at) % points));
  const { chosen, lowerBound } = smallestCover(
    lines.map((line) => bitsOf(points, line)),
    points,
  );
  assert.equal(unionOf(lines, chosen).size, points);
  // A cover of the points by lines is dual to a blocking set by points: at least as many as one more than a line has.
  assert.ok(lowerBound <= chosen.length);
  assert.ok(lowerBound >= 6);
});

test('bits are the sets that they stand for', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(99)), (members) => {
      const bits = bitsOf(100, members);
      assert.deepEqual(
        [...membersOf(bits)],
        members.toSorted((a, b) => a - b),
      );
      assert.equal(countOf(bits), members.length);
    }),
  );
});
