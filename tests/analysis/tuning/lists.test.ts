/** Lists of each length, against all lists of that length. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bitsOf, hasBit } from '../../../src/analysis/tuning/bits.ts';
import type { Candidate, Problem } from '../../../src/analysis/tuning/candidates.ts';
import { listsOf } from '../../../src/analysis/tuning/lists.ts';
import type { NoiseGroup } from '../../../src/analysis/tuning/noise.ts';

const GROUPS = 6;
const SLOTS_PER_HOUR = 360;

/** Groups with events in these hours, and entries that cover these groups at this rank. */
const problems = fc.record({
  hours: fc.array(fc.uniqueArray(fc.nat(5), { minLength: 1 }), { minLength: GROUPS, maxLength: GROUPS }),
  entries: fc.array(
    fc.record({
      covers: fc.uniqueArray(fc.nat(GROUPS - 1), { minLength: 1 }),
      rank: fc.integer({ min: 1, max: 4 }),
      breadth: fc.nat(3),
    }),
    { minLength: 1, maxLength: 7 },
  ),
});

function problemOf({ hours, entries }: typeof problems extends fc.Arbitrary<infer T> ? T : never): Problem {
  const groups = hours.map((own, index): NoiseGroup => ({
    eventId: 8,
    channel: '',
    fields: ['SourceImage'],
    values: [`g${index}`],
    spelling: [`g${index}`],
    hosts: new Map([['a', new Map(own.map((hour) => [hour * SLOTS_PER_HOUR, 1]))]]),
  }));
  const candidates = entries.map(({ covers, rank, breadth }, index): Candidate => ({
    eventId: 8,
    channel: '',
    conditions: [{ field: 'SourceImage', condition: 'is', value: `entry ${index}` }],
    room: 'start',
    rank,
    breadth,
    covers: bitsOf(GROUPS, covers),
  }));
  return { groups, rest: [], candidates, refused: [], attacked: bitsOf(GROUPS, []) };
}

/** Hours and events that a list leaves. */
function leftBy({ groups }: Problem, list: readonly Candidate[]): [number, number] {
  const left = groups.filter((_, index) => !list.some(({ covers }) => hasBit(covers, index)));
  const slots = left.flatMap(({ hosts }) => [...hosts.values()].flatMap((own) => [...own.keys()]));
  return [new Set(slots.map((slot) => Math.floor(slot / SLOTS_PER_HOUR))).size, slots.length];
}

function* subsets<T>(items: readonly T[], length: number): Generator<T[]> {
  if (length === 0) yield [];
  else
    for (const [at, item] of items.entries())
      for (const rest of subsets(items.slice(at + 1), length - 1)) yield [item, ...rest];
}

function least(problem: Problem, usable: readonly Candidate[], length: number): [number, number] {
  return [...subsets(usable, length)]
    .map((list) => leftBy(problem, list))
    .sort(([a, b], [c, d]) => a - c || b - d)[0]!;
}

test('a list of each length leaves as little as the best of all lists of that length', () => {
  fc.assert(
    fc.property(
      problems,
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom('narrow', 'plain'),
      (given, rank, preference) => {
        const problem = problemOf(given);
        const usable = problem.candidates.filter((candidate) => candidate.rank >= rank);
        const { byLength, lowerBound, proved } = listsOf(problem, rank, preference);
        const everything = leftBy(problem, usable);
        for (const [length, list] of byLength.entries()) {
          assert.ok(list.length === length && list.every((candidate) => candidate.rank >= rank));
          assert.deepEqual(leftBy(problem, list), least(problem, usable, length));
          if (proved[length] && length > 0)
            assert.notDeepEqual(least(problem, usable, length - 1), leftBy(problem, list));
        }
        assert.deepEqual(leftBy(problem, byLength.at(-1)!), everything);
        const shortest = [...usable.keys(), usable.length].find((length) => {
          const [hours, events] = least(problem, usable, length);
          return hours === everything[0] && events === everything[1];
        });
        assert.equal(byLength.length - 1, shortest);
        assert.equal(lowerBound, shortest);
      },
    ),
    { numRuns: 300 },
  );
});
