/** Budgets: their arithmetic against a slow computation of the binomial, and what they say in words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, budgetOf, parseBudget, type Rate } from '../../src/analysis/index.ts';
import { clopperPearson } from '../../src/analysis/confidence.ts';
import { budgetSentence } from '../../src/report/index.ts';
import { BUSY } from '../builders/answers.ts';

/** P(at most `hits` of `trials`) at a share: the sum, term by term. */
function atMost(hits: number, trials: number, share: number): number {
  let term = (1 - share) ** trials;
  let sum = term;
  for (let k = 1; k <= hits; k++) {
    term *= ((trials - k + 1) / k) * (share / (1 - share));
    sum += term;
  }
  return sum;
}

function answerOf(occasions: number, cells: number, more: Partial<Rate> = {}): Answer {
  const { low, high } = clopperPearson(occasions, cells);
  return {
    ...BUSY,
    exposure: { ...BUSY.exposure, cells, cellsAtMost: cells, hours: cells, hoursAtMost: cells },
    matches: { ...BUSY.matches, occasions },
    rate: {
      ...BUSY.rate,
      occasionsPerHostHour: {
        estimate: occasions / cells,
        low,
        high,
        confidence: 0.95,
        method: 'clopper-pearson',
        ...more,
      },
    },
  };
}

test('a budget is occasions over watched time', () => {
  const cases: [string, number, number, string][] = [
    ['1/host-day', 1, 24, '1/host-day'],
    ['5/1000 host-day', 5, 24_000, '5/1000 host-day'],
    ['5/1,000 host-days', 5, 24_000, '5/1000 host-day'],
    ['0.1/host-week', 0.1, 168, '0.1/host-week'],
    [' 2 / Host-Hour ', 2, 1, '2/host-hour'],
    ['3/10host-hours', 3, 10, '3/10 host-hour'],
  ];
  for (const [text, limit, hours, plain] of cases)
    assert.deepEqual(parseBudget(text), { text: plain, limit, hours });
  for (const text of [
    '',
    '1',
    '1/day',
    '1/host',
    '-1/host-day',
    '0/host-day',
    '1/0 host-day',
    '1e3/host-day',
    '1//host-day',
    '1/1,00 host-day',
    'x/host-day',
    '1/host-day x',
  ])
    assert.throws(() => parseBudget(text), { code: 'budget-syntax' }, text);
});

test('the upper bound decides, and with its equal the budget is met', () => {
  const answer = answerOf(2, 500);
  const high = answer.rate.occasionsPerHostHour!.high!;
  const of = (limit: number, hours: number): boolean => budgetOf({ text: '', limit, hours }, answer, []).met;
  assert.ok(of(high, 1) && !of(high * 0.999, 1) && of(high * 24.001, 24) && !of(high * 23.99, 24));
  assert.equal(budgetOf({ text: '', limit: 1, hours: 168 }, answer, []).upper, high * 168);
});

test('no bound and no rate promise nothing', () => {
  const unbounded = answerOf(0, 10, { high: null });
  const none: Answer = { ...unbounded, rate: { ...unbounded.rate, occasionsPerHostHour: null } };
  for (const answer of [unbounded, none]) {
    const { met, upper } = budgetOf(parseBudget('1000/host-hour'), answer, []);
    assert.deepEqual([met, upper], [false, null]);
  }
});

test('further clean hours: so many do, one fewer does not (binomial, term by term)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 5, max: 400 }),
      (occasions, extra, per) => {
        const cells = occasions + extra;
        const share = 1 / per;
        const { met, moreHostHours } = budgetOf(
          { text: '', limit: 1, hours: per },
          answerOf(occasions, cells),
          [],
        );
        // The bound is within the share where so few hits would be rarer than the tail at that share.
        const tail = occasions === 0 ? 0.05 : 0.025;
        const enough = (trials: number): boolean => atMost(occasions, trials, share) <= tail * (1 + 1e-9);
        assert.equal(met, enough(cells));
        if (met || occasions / cells > share) assert.equal(moreHostHours, null);
        else {
          assert.ok(enough(cells + moreHostHours!), `${moreHostHours}`);
          assert.ok(!enough(cells + moreHostHours! - 1), `${moreHostHours}`);
        }
      },
    ),
  );
});

test('what is said: within, over for want of time, over for good, not bounded, nothing watched', () => {
  const say = (text: string, answer: Answer): string =>
    budgetSentence({ ...answer, budget: budgetOf(parseBudget(text), answer, []) });
  assert.match(
    say('1/host-hour', answerOf(0, 100)),
    /^Within budget \(1\/host-hour\): more than 0\.0295 occasions per host-hour are ruled out \(95 %\)\.$/,
  );
  // 1 - 0.05^(1/100) = 0.02951 without an occasion.
  // Rule of three: without an occasion, 3 trials a share of one (2.996: -ln 0.05).
  const clean = answerOf(0, 58);
  assert.equal(budgetOf(parseBudget('1/host-day'), clean, []).moreHostHours, 71 - 58);
  assert.match(
    say('1/host-day', clean),
    /^Over budget \(1\/host-day\): .* 13 more watched host-hours without an occasion would do\.$/,
  );
  assert.match(say('1/1000 host-day', answerOf(5, 58)), /per 1,000 host-days .*2,070 were seen\.$/);
  assert.match(say('1/host-day', answerOf(0, 58, { high: null })), /nothing bounds the occasions/);
  assert.match(
    say('1/host-day', {
      ...clean,
      exposure: { ...clean.exposure, hoursAtMost: 0 },
      rate: { ...clean.rate, occasionsPerHostHour: null },
    }),
    /can't be promised, because nothing was watched/,
  );
});
