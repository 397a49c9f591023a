/** Threads that share work take each portion once, and each is told that it may have taken one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hasBegun, PORTION_BYTES, shareWork, takePortions } from '../../src/run/portions.ts';
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
