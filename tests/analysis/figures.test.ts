import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { significant, wholeNumber } from '../../src/analysis/index.ts';

test('figures are those of an English locale', () => {
  assert.equal(wholeNumber(1_234_567), '1,234,567');
  assert.equal(significant(1.005, 3), '1.01');
  assert.equal(significant(99.96, 3), '100');
  const number = fc.oneof(
    fc.double({ min: 1e-6, max: 1e15, noNaN: true }),
    fc.integer({ min: 1, max: 1e9 }),
    // Ties.
    fc
      .tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 0, max: 9 }))
      .map(([a, b]) => a / 10 ** b),
  );
  fc.assert(
    fc.property(number, fc.boolean(), fc.constantFrom(2, 3), (size, negative, digits) => {
      const value = negative ? -size : size;
      if (size < 1e-6) return;
      assert.equal(
        significant(value, digits),
        value.toLocaleString('en-US', { maximumSignificantDigits: digits }),
      );
      assert.equal(wholeNumber(Math.round(value) || 0), (Math.round(value) || 0).toLocaleString('en-US'));
    }),
    { numRuns: 2000 },
  );
});
