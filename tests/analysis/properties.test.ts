import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { analyse, type Answer, type Rate } from '../../src/analysis/index.ts';
import { cellsTouched, countCells, withHits } from '../../src/analysis/cells.ts';
import { duration, subtract, union } from '../../src/analysis/intervals.ts';
import {
  ACTIVITY_GAP_MS,
  type HostTally,
  type Interval,
  joinIntervals,
  type MarkKind,
  type Run,
  runsOf,
} from '../../src/tally/index.ts';
import { at, channelOf, groupOf, hostOf, questionOf, SYSMON, tallyOf } from '../builders/tally.ts';

const START = at('2024-03-04 00:00');
const time = fc.integer({ min: 0, max: 14 * 24 * 360 }).map((slot) => START + slot * 10_000);
const kinds: readonly MarkKind[] = [
  'start',
  'announce',
  'stop',
  'sleep',
  'resume',
  'logon',
  'log-cleared',
  'sysmon-started',
  'sysmon-stopped',
  'sysmon-configured',
  'unwatched',
];
const marks = fc.array(
  fc
    .record({ time, kind: fc.constantFrom(...kinds), before: time, boot: fc.constantFrom('', 'b1', 'b2') })
    .map(({ time: when, kind, before, boot }) => ({
      time: when,
      kind,
      channel: (kind.startsWith('sysmon-') ? SYSMON : 'System').toLowerCase(),
      eventId: 1,
      since: kind === 'unwatched' ? Math.min(before, when) : null,
      cleared: '',
      boot: kind === 'start' || kind === 'sysmon-started' ? boot : '',
    })),
  { maxLength: 12 },
);

/** A host with records at these times, of which the second list are events 8. */
const host = fc
  .record({ records: fc.array(time, { maxLength: 20 }), events: fc.array(time, { maxLength: 20 }), marks })
  .map(({ records, events, marks: all }): { tally: HostTally; events: number[] } => {
    const own = all.filter(({ kind }) => kind.startsWith('sysmon-')).map((found) => found.time);
    const times = [...records, ...events, ...own];
    const channel = channelOf([], { 1: records.length, 8: events.length, 4: own.length });
    channel.activity = joinIntervals(
      times.map((when): Interval => [when, when]),
      ACTIVITY_GAP_MS,
    );
    return { tally: hostOf({ [SYSMON]: channel }, all), events };
  });

function slots(times: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const when of times) counts.set(when / 10_000, (counts.get(when / 10_000) ?? 0) + 1);
  return counts;
}

function inOrder(rate: Rate | null, most: number): void {
  if (!rate) return;
  assert.ok(rate.low >= 0 && rate.low <= rate.estimate, JSON.stringify(rate));
  assert.ok(rate.high === null || (rate.estimate <= rate.high && rate.high <= most), JSON.stringify(rate));
}

test('whatever the marks claim, the answer adds up', () => {
  const range = fc.record({
    from: fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), time),
    to: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), time),
  });
  fc.assert(
    fc.property(fc.array(host, { minLength: 1, maxLength: 3 }), range, (hosts, { from, to }) => {
      const named = hosts.map(({ tally, events }, index) => ({ key: `h${index}`, tally, events }));
      const group = groupOf(
        ['a', 'b'],
        Object.fromEntries(named.map(({ key, events }) => [key, slots(events)])),
      );
      const tally = tallyOf(Object.fromEntries(named.map(({ key, tally: one }) => [key, one])), [group]);
      const answer = analyse(tally, questionOf({ from, to }));
      const { exposure, matches, rate, timeline } = answer;
      for (const row of [exposure, ...exposure.perHost]) {
        assert.ok(row.hours >= 0 && row.hours <= row.hoursAtMost);
        assert.ok(row.cells >= 0 && row.cells <= row.cellsAtMost);
        assert.ok(row.hours <= row.cells && row.hoursAtMost <= row.cellsAtMost);
      }
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      assert.equal(sum(Object.values(matches.byPhase)), matches.events);
      assert.equal(sum(timeline.map(({ events }) => events)), matches.events);
      assert.equal(sum(timeline.map(({ boots }) => boots)), exposure.boots);
      assert.equal(sum(answer.groups.map(({ events }) => events)), matches.events);
      assert.ok(matches.occasions <= exposure.cells);
      inOrder(rate.occasionsPerHostHour, 1);
      inOrder(rate.steadyOccasionsPerHostHour, 1);
      inOrder(rate.occasionsPerBoot, 1);
      inOrder(rate.eventsPerHostHour, Number.POSITIVE_INFINITY);
      assert.equal(rate.occasionsPerHostHour === null, exposure.hoursAtMost === 0);
    }),
  );
});

test('marks of other channels never add hours', () => {
  fc.assert(
    fc.property(host, ({ tally }) => {
      const own = tally.marks.filter(({ kind }) => kind.startsWith('sysmon-'));
      const exposed = (one: HostTally): Answer['exposure'] =>
        analyse(tallyOf({ pc: one }), questionOf()).exposure;
      const [beside, alone] = [exposed(tally), exposed({ ...tally, marks: own })];
      assert.ok(beside.hours <= alone.hours && beside.hoursAtMost <= alone.hoursAtMost);
      assert.ok(beside.cells <= alone.cells && beside.cellsAtMost <= alone.cellsAtMost);
    }),
  );
});

test('of the times that a channel holds every record of only those beyond its activity matter', () => {
  const held = fc.array(fc.tuple(time, time), { minLength: 1, maxLength: 8 });
  let [some, more] = [0, 0];
  fc.assert(
    fc.property(host, held, ({ tally }, ranges) => {
      const channel = tally.channels.get(SYSMON.toLowerCase())!;
      const watched = (...intervals: readonly (readonly Interval[])[]): readonly number[] => {
        const runs = intervals.flat().map(([from, to], i): Run => {
          return { first: 3 * i + 1, last: 3 * i + 2, from, to, records: 2 };
        });
        const own = { ...channel, withoutId: 0, runs: runsOf(runs) };
        const pc = { ...tally, channels: new Map([[SYSMON.toLowerCase(), own]]) };
        const { hours, hoursAtMost, cells, cellsAtMost } = analyse(tallyOf({ pc }), questionOf()).exposure;
        return [hours, hoursAtMost, cells, cellsAtMost];
      };
      const all = ranges.map(([a, b]): Interval => [Math.min(a, b), Math.max(a, b)]);
      const beyond = subtract(union([all]), channel.activity);
      // One run at least: without any nothing tells, and all of a session is watched.
      const none: Interval = [START - 1, START - 1];
      const found = watched([none], all);
      assert.deepEqual(found, watched([none], beyond));
      if (found[1]! > 0) some += 1;
      if (found[1]! > watched([none])[1]!) more += 1;
    }),
    { numRuns: 500 },
  );
  assert.ok(some > 100 && more > 50, `${some}, ${more}`);
});

test('intervals: subtract and union agree with counting, minute by minute', () => {
  const interval = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }))
    .map(([a, b]): Interval => [Math.min(a, b), Math.max(a, b)]);
  const list = fc.array(interval, { maxLength: 6 });
  const minutes = (intervals: readonly Interval[]): Set<number> => {
    const found = new Set<number>();
    for (const [first, last] of intervals)
      for (let minute = first; minute < last; minute += 1) found.add(minute);
    return found;
  };
  fc.assert(
    fc.property(list, list, (a, b) => {
      const [left, holes] = [union([a]), union([b])];
      assert.equal(duration(union([a, b])), minutes([...a, ...b]).size);
      const rest = subtract(left, holes);
      const expected = [...minutes(left)].filter((minute) => !minutes(holes).has(minute));
      assert.deepEqual([...minutes(rest)], expected);
      assert.equal(duration(rest), expected.length);
    }),
  );
});

test('cells: ranges count as the hours they touch, and each hit outside them once', () => {
  assert.equal(countCells(cellsTouched([[0, 0]])), 1);
  assert.equal(countCells(cellsTouched([[0, 3_600_000]])), 2);
  assert.equal(
    countCells(
      cellsTouched([
        [0, 1],
        [10, 3_599_999],
        [7_200_000, 7_200_001],
      ]),
    ),
    2,
  );
  const hits = new Map([0, 5, -3].map((cell) => [cell, 1]));
  assert.deepEqual(withHits(cellsTouched([[0, 1]]), hits), [
    [-3, -3],
    [0, 0],
    [5, 5],
  ]);
});
