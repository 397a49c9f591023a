import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, analyse } from '../../src/analysis/index.ts';
import { type Mark, type Run, runsOf } from '../../src/tally/index.ts';
import { at, channelOf, hostOf, mark, questionOf, SYSMON, tallyOf } from '../builders/tally.ts';

/** Runs of ids, one hour each, one after the other. */
function answerTo(
  ids: readonly (readonly [first: number, last: number])[],
  marks: readonly Mark[] = [],
): Answer {
  const hour = (index: number): number => at('2024-03-04 08:00') + index * 3_600_000;
  const runs = ids.map(([first, last], index): Run => {
    return { first, last, records: last - first + 1, from: hour(index), to: hour(index + 1) - 1000 };
  });
  return answerToRuns(runs, marks);
}

function answerToRuns(runs: readonly Run[], marks: readonly Mark[] = []): Answer {
  const records = runs.reduce((sum, run) => sum + run.records, 0);
  const channel = channelOf([['2024-03-04 08:00', '2024-03-04 20:00']], { 1: records - 1, 8: 1 });
  const host = hostOf({ [SYSMON]: { ...channel, runs: runsOf(runs), withoutId: 0 } }, marks);
  const forecast = { days: 1, hosts: 1 };
  return analyse(tallyOf({ pc: host }), questionOf({ forecast }));
}

const classes = ({ read }: Answer): (string | number)[][] =>
  read.gaps.map(({ class: kind, gaps, records }) => [kind, gaps, records]);

test('a log that begins past record 1 was overwritten, and is a sample all the same', () => {
  const answer = answerTo([[501, 900]]);
  assert.deepEqual(classes(answer), [['wrapped', 1, 500]]);
  assert.equal(answer.read.recordIdGaps, 0);
  assert.equal(answer.exposure.sample, true);
});

test('a gap between long runs is a loss; a log-cleared mark in it says that it is none', () => {
  const ids = [
    [1, 400],
    [1001, 1400],
  ] as const;
  assert.deepEqual(classes(answerTo(ids)), [['loss', 1, 600]]);
  assert.equal(answerTo(ids).exposure.sample, true);
  const cleared = mark('log-cleared', '2024-03-04 08:59:59.500', 'System', { cleared: SYSMON.toLowerCase() });
  assert.deepEqual(classes(answerTo(ids, [cleared])), [['cleared', 1, 600]]);
  const another = mark('log-cleared', '2024-03-04 08:59:59.500', 'System', { cleared: 'security' });
  assert.deepEqual(classes(answerTo(ids, [another])), [['loss', 1, 600]]);
});

test('lower ids of a later time: the log was cleared, and how far it went is not known', () => {
  const run = (first: number, last: number, hour: string): Run => {
    const from = at(`2024-03-04 ${hour}`);
    return { first, last, records: last - first + 1, from, to: from + 3_500_000 };
  };
  const untimed = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  const answer = (...runs: readonly Run[]): Answer => answerToRuns(runs);
  const again = answer(run(1, 100, '10:00'), run(5000, 5099, '09:00'));
  assert.deepEqual(classes(again), [['cleared', 1, 0]]);
  assert.equal(again.read.recordIdGaps, 0);
  assert.equal(again.exposure.sample, true);
  const lost = answer(run(1, 100, '09:00'), run(5000, 5099, '10:00'));
  assert.deepEqual(classes(lost), [['loss', 1, 4899]]);
  assert.equal(lost.read.recordIdGaps, 4899);
  for (const one of [
    answer({ ...run(1, 100, '10:00'), ...untimed }, run(5000, 5099, '09:00')),
    answer(run(1, 100, '10:00'), { ...run(5000, 5099, '09:00'), ...untimed }),
  ])
    assert.deepEqual(classes(one), [['loss', 1, 4899]]);
});

test('records that were picked are no exposure sample: no forecast, nothing of what is unseen', () => {
  const ids = Array.from({ length: 8 }, (_, index) => [100 * index + 1, 100 * index + 30] as const);
  const answer = answerTo(ids);
  assert.deepEqual(classes(answer), [['filtered', 7, 7 * 70]]);
  assert.equal(answer.exposure.sample, false);
  assert.equal(answer.unseen, null);
  assert.equal(answer.rate.forecast!.alerts, null);
  assert.match(answer.rate.forecast!.cannotSay!, /picked/);
  assert.ok(answer.diagnostics.some(({ code }) => code === 'not-an-exposure-sample'));
  assert.equal(
    answerTo([
      [12, 14],
      [900, 902],
    ]).exposure.sample,
    false,
  );
  // Three records out of hundreds are a sample of attacks, and no log.
  assert.equal(
    answerTo([
      [12, 12],
      [90, 90],
      [400, 400],
    ]).exposure.sample,
    false,
  );
});
