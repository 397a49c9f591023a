import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clopperPearson, garwood } from '../../src/analysis/confidence.ts';

/** Agreement to the digits that the source prints. */
function near(actual: number, expected: number, digits: number): void {
  assert.ok(Math.abs(actual - expected) <= 0.51 * 10 ** -digits, `${actual} is not ${expected}`);
}

test('Clopper-Pearson, as R prints it: binom.test(x, n)$conf.int', () => {
  for (const [hits, trials, low, high] of [
    [1, 10, 0.002528579, 0.4450161],
    [5, 10, 0.187086, 0.812914],
    [10, 10, 0.6915029, 1],
    [1, 1, 0.025, 1],
  ] as const) {
    const bounds = clopperPearson(hits, trials);
    near(bounds.low, low, 7);
    near(bounds.high, high, 7);
    assert.equal(bounds.oneSided, false);
  }
});

test('nothing seen in n trials: one-sided, 1 - 0.05^(1/n)', () => {
  for (const trials of [1, 10, 59, 1000]) {
    const { low, high, oneSided } = clopperPearson(0, trials);
    assert.equal(low, 0);
    assert.ok(Math.abs(high - (1 - 0.05 ** (1 / trials))) < 1e-12);
    assert.equal(oneSided, true);
  }
  // 59 clean trials bound the share by 5 %: the sample size that every quality handbook gives.
  assert.ok(clopperPearson(0, 59).high < 0.05 && clopperPearson(0, 58).high > 0.05);
});

test('Garwood, as the tables of exact Poisson limits have it', () => {
  for (const [events, low, high] of [
    [1, 0.0253, 5.5716],
    [2, 0.2422, 7.2247],
    [3, 0.6187, 8.7673],
    [5, 1.6235, 11.6683],
    [10, 4.7954, 18.3904],
    [100, 81.364, 121.627],
  ] as const) {
    const bounds = garwood(events);
    near(bounds.low, low, 3);
    near(bounds.high, high, 3);
    assert.equal(bounds.oneSided, false);
  }
});

test('no event at all: one-sided, the rule of three', () => {
  const { low, high, oneSided } = garwood(0);
  assert.equal(low, 0);
  near(high, 2.9957, 4);
  assert.equal(oneSided, true);
});

test('counts as large as logs hold stay finite and in order', () => {
  for (const events of [1e5, 1e7, 1e9]) {
    const { low, high } = garwood(events);
    assert.ok(low < events && events < high && high < events * 1.01);
  }
  const { low, high } = clopperPearson(3, 1e9);
  assert.ok(low > 0 && low < 3e-9 && high > 3e-9 && high < 1e-8);
});
