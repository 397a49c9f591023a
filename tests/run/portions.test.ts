/** Threads that share work take each portion once, and each is told that it may have taken one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hasBegun, PORTION_BYTES, shareWork, takePortions, unitsOf } from '../../src/run/portions.ts';
import type { Unit } from '../../src/run/unit.ts';

const unitOf = (size: number, index: number): Unit => ({
  log: { path: String(index), size, explicit: true, kind: 'evtx' },
  range: null,
});

test('portions are of all units, in their order, and none is small but the last', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 * PORTION_BYTES }), { maxLength: 50 }), (sizes) => {
      const units = sizes.map(unitOf);
      const { portions } = shareWork(units, 2);
      assert.deepEqual(portions.flat(), units);
      const bytes = portions.map((portion) => portion.reduce((sum, { log }) => sum + log.size, 0));
      assert.ok(bytes.slice(0, -1).every((sum) => sum >= PORTION_BYTES));
    }),
  );
});

test('ranges of logs are long at first and short at the end, and leave nothing out', () => {
  const chunk = 65_536;
  let long = 0;
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 400 * PORTION_BYTES }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 2, max: 8 }),
      fc.constantFrom(PORTION_BYTES, 16 * PORTION_BYTES),
      (sizes, threads, longest) => {
        const logs = sizes.map((size, i) => unitOf(size, i).log);
        const units = unitsOf(logs, threads, longest);
        assert.deepEqual([...new Set(units.map(({ log }) => log))], logs);
        for (const log of logs) {
          const ranges = units.flatMap((unit) => (unit.log === log && unit.range ? [unit.range] : []));
          if (ranges.length === 0) {
            assert.ok(log.size < 2 * longest);
            continue;
          }
          assert.deepEqual([ranges[0]!.start, ranges.at(-1)!.end], [4096, log.size]);
          assert.ok(ranges.every(({ start }, i) => i === 0 || start === ranges[i - 1]!.end));
        }
        const lengths = units.flatMap(({ range }) => (range ? [range.end - range.start] : []));
        const isLast = (i: number): boolean => units[i]!.range?.end === units[i]!.log.size;
        for (const [i, { range, log }] of units.entries()) {
          if (!range) continue;
          const length = range.end - range.start;
          assert.ok(length < longest + chunk && (length >= PORTION_BYTES || isLast(i)));
          if (range.start > 4096)
            assert.ok(length <= units[i - 1]!.range!.end - units[i - 1]!.range!.start, log.path);
        }
        if (lengths.some((length) => length > 4 * PORTION_BYTES)) long += 1;
        // Each is of a quarter of a thread's share of what is left, from the shortest to the longest.
        let left = sizes.reduce((sum, size) => sum + size, 0);
        for (const [i, { range, log }] of units.entries()) {
          const length = range ? range.end - range.start : log.size;
          const share = Math.max(
            PORTION_BYTES,
            Math.min(longest, (left - (range?.start === 4096 ? 4096 : 0)) / (4 * threads)),
          );
          if (range && !isLast(i)) assert.ok(length >= share && length < share + chunk, log.path);
          left -= range?.start === 4096 ? range.end : length;
        }
        // The last thread to end is not far behind: what it took last is a small part of all, or a short range.
        const all = sizes.reduce((sum, size) => sum + size, 0);
        const last = lengths.at(-1);
        if (last !== undefined && units.at(-1)!.range)
          assert.ok(last <= Math.max(PORTION_BYTES + chunk, all / 8));
      },
    ),
    { numRuns: 200, seed: 11 },
  );
  assert.ok(long > 20, String(long));
});

test('threads that take in any order take all, each once', () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.array(fc.nat({ max: 2 }), { maxLength: 60 }), (count, turns) => {
      const work = shareWork(
        Array.from({ length: count }, (_, i) => unitOf(PORTION_BYTES, i)),
        3,
      );
      const threads = [0, 1, 2].map((thread) => takePortions(work, thread));
      const taken: Unit[] = [];
      const begun = new Set<number>();
      for (const thread of turns) {
        begun.add(thread);
        taken.push(...(threads[thread]!.next().value ?? []));
        for (const other of [0, 1, 2]) assert.equal(hasBegun(work, other), begun.has(other));
      }
      for (const thread of threads) for (const portion of thread) taken.push(...portion);
      assert.deepEqual(
        taken.map(({ log }) => Number(log.path)).sort((a, b) => a - b),
        Array.from({ length: count }, (_, i) => i),
      );
    }),
  );
});
