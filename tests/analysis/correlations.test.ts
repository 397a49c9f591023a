import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyse } from '../../src/analysis/index.ts';
import type { Correlation } from '../../src/predicate/index.ts';
import { addCounted, mergeInto, type Tally } from '../../src/tally/index.ts';
import { at, channelOf, hostOf, questionOf, SYSMON, tallyOf } from './../builders/tally.ts';

const BASE = at('2024-03-04 08:00');
const RULE = { name: 'Many', id: '', file: '', line: 0, level: '', tags: [], sources: [] };

interface Counted {
  readonly seconds: number;
  readonly key: string;
  readonly value: string;
}

function tallyWith(counted: readonly Counted[]): Tally {
  const tally = tallyOf({
    pc: hostOf({ [SYSMON]: channelOf([['2024-03-04 08:00', '2024-03-04 12:00']], { 1: 900 }) }),
  });
  for (const { seconds, key, value } of counted) {
    addCounted(tally, { rule: 0, key: [key], value }, BASE + seconds * 1000, 'pc');
  }
  return tally;
}

function fired(tally: Tally, correlation: Partial<Correlation>): number {
  const whole: Correlation = {
    rule: 0,
    type: 'event_count',
    timespan: 60_000,
    bounds: [],
    by: ['User'],
    ...correlation,
  };
  const question = questionOf({ kind: 'sigma-rules', rules: [RULE], correlations: [whole] });
  return analyse(tally, question).rules[0]!.events;
}

/** By the definition: go through the events of a key in time; look back from each over those since it last fired. */
function naive(counted: readonly Counted[], timespan: number, least: number, distinct: boolean): number {
  let fires = 0;
  for (const key of new Set(counted.map((one) => one.key))) {
    const own = counted
      .filter((one) => one.key === key)
      .sort((a, b) => a.seconds - b.seconds || (a.value < b.value ? -1 : 1));
    let since = 0;
    for (let i = 0; i < own.length; i += 1) {
      const window = own.slice(since, i + 1).filter((one) => one.seconds > own[i]!.seconds - timespan);
      const count = distinct ? new Set(window.map((one) => one.value)).size : window.length;
      if (count < least) continue;
      fires += 1;
      since = i + 1;
    }
  }
  return fires;
}

const anyCounted = fc.array(
  fc.record({ seconds: fc.nat(300), key: fc.constantFrom('a', 'b'), value: fc.constantFrom('x', 'y', 'z') }),
  { maxLength: 40 },
);

test('a correlation fires as its definition says, whatever the order and however the events were split', () => {
  fc.assert(
    fc.property(
      anyCounted,
      fc.nat(40),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      (counted, cut, least, distinct) => {
        const correlation = {
          type: distinct ? ('value_count' as const) : ('event_count' as const),
          bounds: [{ op: 'gte' as const, count: least }],
        };
        const expected = naive(counted, 60, least, distinct);
        assert.equal(fired(tallyWith(counted), correlation), expected);
        const second = tallyWith(counted.slice(cut));
        mergeInto(second, tallyWith(counted.slice(0, cut)));
        assert.equal(fired(second, correlation), expected);
      },
    ),
  );
});

test('by hand: five in a minute, the sixth begins anew; a key of its own does not count', () => {
  const counted = [0, 10, 20, 30, 40, 50].map((seconds) => ({ seconds, key: 'a', value: '' }));
  const bounds = [{ op: 'gte' as const, count: 5 }];
  assert.equal(fired(tallyWith(counted), { bounds }), 1);
  assert.equal(fired(tallyWith(counted), { bounds, timespan: 40_000 }), 0);
  const apart = counted.map((one, index) => ({ ...one, key: index % 2 ? 'a' : 'b' }));
  assert.equal(fired(tallyWith(apart), { bounds }), 0);
  assert.equal(fired(tallyWith(counted), { bounds: [{ op: 'gt', count: 2 }] }), 2);
});
