import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse, type Answer } from '../../src/analysis/index.ts';
import { type HostTally, type Mark, type Run, runsOf } from '../../src/tally/index.ts';
import {
  at,
  channelOf,
  groupOf,
  hostOf,
  mark,
  questionOf,
  slotsOf,
  SYSMON,
  tallyOf,
} from '../builders/tally.ts';

const BUSY = { 1: 500, 5: 500, 8: 20 };
const POST = { 4: 3, 8: 90, 16: 1 };

function exposure(host: HostTally, more: Parameters<typeof questionOf>[0] = {}): Answer['exposure'] {
  return analyse(tallyOf({ pc: host }), questionOf(more)).exposure;
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

/** A week in which 08:00 to 12:00 is busy and silent but for one record at 17:30, three days running. */
const WEEK = channelOf(
  ['04', '05', '06'].flatMap((day): [string, string][] => [
    [`2024-03-${day} 08:00`, `2024-03-${day} 12:00`],
    [`2024-03-${day} 17:30`, `2024-03-${day} 17:30`],
  ]),
  BUSY,
);
const WEEK_STARTS: readonly Mark[] = ['04', '05', '06'].map((day) =>
  mark('sysmon-started', `2024-03-${day} 08:00`),
);

test('without marks of its own channel, activity alone counts', () => {
  const answer = exposure(hostOf({ [SYSMON]: WEEK }));
  near(answer.hours, 12);
  assert.equal(answer.method, 'activity');
  // 08, 09, 10, 11, 12 o'clock (the last record falls on 12:00) and 17 o'clock, on each of three days.
  assert.equal(answer.cells, 18);
  assert.equal(answer.perHost[0]?.first, '2024-03-04T08:00:00.000Z');
  assert.equal(answer.perHost[0]?.last, '2024-03-06T17:30:00.000Z');
});

test('a log that spans 50 days with 6 active hours reports about 6 hours', () => {
  const days = channelOf(
    [
      ['2024-01-01 10:00', '2024-01-01 12:00'],
      ['2024-01-20 10:00', '2024-01-20 12:00'],
      ['2024-02-20 10:00', '2024-02-20 12:00'],
    ],
    BUSY,
  );
  near(exposure(hostOf({ [SYSMON]: days })).hours, 6);
  const starts = ['2024-01-01', '2024-01-20', '2024-02-20'].map((day) =>
    mark('sysmon-started', `${day} 10:00`),
  );
  near(exposure(hostOf({ [SYSMON]: days }, starts)).hours, 6);
});

test('a session runs from its start to its last record, without cutting gaps', () => {
  const answer = exposure(hostOf({ [SYSMON]: WEEK }, WEEK_STARTS));
  near(answer.hours, 3 * 9.5);
  near(answer.hoursAtMost, 3 * 9.5);
  assert.equal(answer.method, 'marks');
  assert.equal(answer.cells, 30);
  assert.equal(answer.boots, 3);
});

test('before the first start of its own channel, activity counts', () => {
  near(exposure(hostOf({ [SYSMON]: WEEK }, WEEK_STARTS.slice(2))).hours, 4 + 4 + 9.5);
});

test('a longer System log beside a Sysmon log changes no hours', () => {
  const system = channelOf([['2023-12-01 00:00', '2024-06-01 00:00']], {}, 5000);
  const marks = [
    mark('start', '2023-12-01 00:00'),
    mark('stop', '2024-02-28 17:00'),
    ...['04', '05', '06'].flatMap((day) => [
      mark('start', `2024-03-${day} 07:59`),
      mark('announce', `2024-03-${day} 17:30:10`),
      mark('stop', `2024-03-${day} 17:31`),
    ]),
    mark('start', '2024-05-01 00:00'),
  ];
  for (const own of [[], WEEK_STARTS]) {
    const alone = exposure(hostOf({ [SYSMON]: WEEK }, own));
    const beside = exposure(hostOf({ [SYSMON]: WEEK, System: system }, [...own, ...marks]));
    assert.deepEqual(
      [beside.hours, beside.hoursAtMost, beside.cells, beside.method],
      [alone.hours, alone.hoursAtMost, alone.cells, alone.method],
    );
    // Boots that the Sysmon log did not watch are not counted either.
    assert.equal(beside.boots, 3);
  }
});

test('sleep that another channel shows is cut from a session, but for what records prove', () => {
  const asleep = [mark('sleep', '2024-03-04 12:30'), mark('resume', '2024-03-04 17:00')];
  near(exposure(hostOf({ [SYSMON]: WEEK }, [...WEEK_STARTS, ...asleep])).hours, 3 * 9.5 - 4.5);
  // Claimed from 11:00 on, but records go on until 12:00.
  const wrong = [mark('sleep', '2024-03-04 11:00'), mark('resume', '2024-03-04 17:00')];
  near(exposure(hostOf({ [SYSMON]: WEEK }, [...WEEK_STARTS, ...wrong])).hours, 3 * 9.5 - 5);
  // A stop without a start after it claims nothing.
  const open = [mark('stop', '2024-03-06 12:30')];
  near(exposure(hostOf({ [SYSMON]: WEEK }, [...WEEK_STARTS, ...open])).hours, 3 * 9.5);
});

test("from Sysmon's stop to its start nothing is watched", () => {
  const marks = [...WEEK_STARTS, mark('sysmon-stopped', '2024-03-04 12:00')];
  // The record at 17:30 proves no more than its own moment.
  near(exposure(hostOf({ [SYSMON]: WEEK }, marks)).hours, 4 + 2 * 9.5);
});

test("the post's case: nothing but events 8, 4 and 16 is a range, and a rate per boot", () => {
  const channel = channelOf(
    [
      ['2024-03-04 08:00', '2024-03-04 08:01'],
      ['2024-03-04 10:00', '2024-03-04 10:01'],
      ['2024-03-04 15:00', '2024-03-04 15:10'],
    ],
    POST,
  );
  const starts = ['08:00', '10:00', '15:00'].map((time) => mark('sysmon-started', `2024-03-04 ${time}`));
  const events = groupOf(['csrss.exe', 'x.exe'], {
    pc: { '2024-03-04 08:00:05': 60, '2024-03-04 10:00:05': 30 },
  });
  const answer = analyse(tallyOf({ pc: hostOf({ [SYSMON]: channel }, starts) }, [events]), questionOf());
  assert.equal(answer.exposure.method, 'bounded');
  near(answer.exposure.hours, 12 / 60);
  near(answer.exposure.hoursAtMost, 7 + 10 / 60);
  assert.equal(answer.exposure.cells, 3);
  assert.equal(answer.exposure.cellsAtMost, 8);
  const rate = answer.rate.occasionsPerHostHour;
  assert.equal(rate?.estimate, 2 / 8);
  assert.match(rate?.method ?? '', /bounded/);
  // Low from 2 of 8, high from 2 of 3, as R's binom.test has them.
  assert.ok(Math.abs((rate?.low ?? 0) - 0.03185403) < 1e-8);
  assert.ok(Math.abs((rate?.high ?? 0) - 0.9915962) < 1e-7);
  assert.equal(answer.exposure.boots, 3);
  assert.equal(answer.rate.occasionsPerBoot?.estimate, 2 / 3);
  assert.ok(answer.diagnostics.some(({ code }) => code === 'exposure-bounded'));
});

test('stop marks narrow a range at its upper end alone', () => {
  const channel = channelOf(
    [
      ['2024-03-04 08:00', '2024-03-04 08:01'],
      ['2024-03-04 15:00', '2024-03-04 15:10'],
    ],
    POST,
  );
  const starts = ['08:00', '15:00'].map((time) => mark('sysmon-started', `2024-03-04 ${time}`));
  const stops = [mark('stop', '2024-03-04 09:00'), mark('start', '2024-03-04 14:59')];
  const answer = exposure(hostOf({ [SYSMON]: channel }, [...starts, ...stops]));
  near(answer.hours, 11 / 60);
  near(answer.hoursAtMost, 1 + 10 / 60);
  assert.equal(answer.boots, 2);
});

test('a range that may be nothing has no upper bound', () => {
  const channel = channelOf(
    [
      ['2024-03-04 08:00', '2024-03-04 08:00'],
      ['2024-03-04 15:00', '2024-03-04 15:00'],
    ],
    { 8: 2 },
  );
  const events = groupOf(['a', 'b'], { pc: { '2024-03-04 08:00': 1, '2024-03-04 15:00': 1 } });
  const { exposure: range, rate } = analyse(
    tallyOf({ pc: hostOf({ [SYSMON]: channel }) }, [events]),
    questionOf(),
  );
  assert.deepEqual([range.hours, range.hoursAtMost], [0, 7]);
  assert.equal(rate.eventsPerHostHour?.estimate, 2 / 7);
  assert.equal(rate.eventsPerHostHour?.high, null);
});

test('a host without a Sysmon channel is not exposed; none at all is no exposure, and no rate', () => {
  const security = hostOf({ Security: channelOf([['2024-03-04 08:00', '2024-03-04 12:00']], {}, 100) });
  const both = analyse(tallyOf({ dc: security, pc: hostOf({ [SYSMON]: WEEK }) }), questionOf());
  assert.deepEqual([both.exposure.hosts, both.exposure.perHost.length], [1, 1]);
  const none = analyse(tallyOf({ dc: security }), questionOf());
  assert.equal(none.exposure.hoursAtMost, 0);
  assert.deepEqual(none.exposure.perHost, []);
  assert.deepEqual(none.rate, {
    occasionsPerHostHour: null,
    steadyOccasionsPerHostHour: null,
    eventsPerHostHour: null,
    occasionsPerBoot: null,
    alertsPer1000HostsPerDay: null,
    meanOfHosts: null,
    clustering: null,
    forecast: null,
  });
  assert.deepEqual(
    none.diagnostics.map(({ code }) => code),
    ['exposure-zero'],
  );
  assert.equal(none.timeline.length, 0);
});

test('one record is no exposure either', () => {
  const one = channelOf([['2024-03-04 08:00', '2024-03-04 08:00']], { 8: 1 });
  const events = groupOf(['a', 'b'], { pc: { '2024-03-04 08:00': 1 } });
  const answer = analyse(tallyOf({ pc: hostOf({ [SYSMON]: one }) }, [events]), questionOf());
  assert.deepEqual([answer.exposure.hoursAtMost, answer.exposure.cells, answer.matches.occasions], [0, 1, 1]);
  assert.equal(answer.rate.occasionsPerHostHour, null);
});

test('--from and --to clip exposure, events and boots', () => {
  const events = groupOf(['a', 'b'], {
    pc: { '2024-03-04 09:00': 5, '2024-03-05 09:00': 7, '2024-03-06 09:00': 9 },
  });
  const excluded = slotsOf({ '2024-03-04 10:30': 1, '2024-03-05 10:30': 2 });
  const tally = tallyOf({ pc: hostOf({ [SYSMON]: WEEK }, WEEK_STARTS, { excluded }) }, [events]);
  const answer = analyse(
    tally,
    questionOf({ from: at('2024-03-05 00:00'), to: at('2024-03-05 10:59:59'), hides: true }),
  );
  near(answer.exposure.hours, 3 - 1 / 3600);
  assert.deepEqual([answer.exposure.cells, answer.exposure.boots], [3, 1]);
  assert.deepEqual([answer.matches.events, answer.groups[0]?.events, answer.excluded?.events], [7, 7, 2]);
});

test('--exposure replaces the hours, of one host or of all', () => {
  const tally = tallyOf({ a: hostOf({ [SYSMON]: WEEK }), b: hostOf({ [SYSMON]: WEEK }) });
  const all = analyse(tally, questionOf({ exposure: { all: 120, perHost: new Map() } })).exposure;
  assert.deepEqual([all.hours, all.hoursAtMost, all.cells, all.method], [240, 240, 240, 'given']);
  const one = analyse(
    tally,
    questionOf({ exposure: { all: null, perHost: new Map([['b', 2.4]]) } }),
  ).exposure;
  assert.deepEqual(
    one.perHost.map(({ hours, cells, method }) => [hours, cells, method]),
    [
      [12, 18, 'activity'],
      [2.4, 3, 'given'],
    ],
  );
  assert.equal(one.method, 'mixed');
});

test('--exposure never watches less than the cells that events fell in', () => {
  const events = groupOf(['a', 'b'], {
    pc: { '2024-03-04 08:00': 1, '2024-03-04 09:00': 1, '2024-03-04 10:00': 1 },
  });
  const tally = tallyOf({ pc: hostOf({ [SYSMON]: WEEK }) }, [events]);
  const { exposure: given, rate } = analyse(tally, questionOf({ exposure: { all: 1, perHost: new Map() } }));
  assert.equal(given.cells, 3);
  assert.equal(rate.occasionsPerHostHour?.estimate, 1);
});

test('records that are missing between two stretches of a session cut it', () => {
  // An archived log of 1 March and the current one of 31 March: what came between is not in either.
  const channel = channelOf(
    [
      ['2024-03-01 08:00', '2024-03-01 12:00'],
      ['2024-03-31 08:00', '2024-03-31 12:00'],
    ],
    { 1: 900, 8: 10 },
  );
  const run = (first: number, from: string, to: string): Run => ({
    first,
    last: first + 400,
    records: 401,
    from: at(from),
    to: at(to),
  });
  const runs = [
    run(1, '2024-03-01 08:00', '2024-03-01 12:00'),
    run(9000, '2024-03-31 08:00', '2024-03-31 12:00'),
  ];
  const host = hostOf({ [SYSMON]: { ...channel, runs: runsOf(runs), withoutId: 0 } }, [
    mark('sysmon-started', '2024-03-01 08:00'),
  ]);
  assert.equal(analyse(tallyOf({ pc: host }), questionOf()).exposure.hours, 8);
  // Where a log holds all between the two, the machine was quiet; where ids began again in it, that is not known.
  const one = { ...run(1, '2024-03-01 08:00', '2024-03-31 12:00'), last: 30, records: 30 };
  const held = (whole: Run): number => {
    const own = { ...channel, records: 30, runs: runsOf([whole]), withoutId: 0 };
    const pc = hostOf({ [SYSMON]: own }, [mark('sysmon-started', '2024-03-01 08:00')]);
    return analyse(tallyOf({ pc }), questionOf()).exposure.hours;
  };
  assert.equal(held(one), 30 * 24 + 4);
  assert.equal(held({ ...one, records: 31 }), 8);
  assert.equal(held({ ...one, from: Infinity, to: -Infinity }), 8);
  // Without ids nothing tells that records are missing, and the session of a quiet log runs on; a machine that writes a
  // hundred records an hour, and then none for a month, was not on.
  const without = (records: number): number => {
    const blind = hostOf({ [SYSMON]: { ...channel, records } }, [mark('sysmon-started', '2024-03-01 08:00')]);
    return analyse(tallyOf({ pc: blind }), questionOf()).exposure.hours;
  };
  assert.equal(without(30), 30 * 24 + 4);
  assert.equal(without(1000), 8);
});

test('of fewer records a silence has to lack more of them', () => {
  const jump = (records: number, resumed: string): HostTally =>
    hostOf(
      {
        [SYSMON]: channelOf(
          [
            ['2024-03-04 08:00', '2024-03-04 11:59'],
            [resumed, resumed],
          ],
          { 1: records - 1, 8: 1 },
        ),
      },
      [mark('sysmon-started', '2024-03-04 08:00')],
    );
  const silent = (records: number, resumed: string): boolean => exposure(jump(records, resumed)).hours < 5;
  // Five hours with a record: 40 records an hour, of which it lacks 1000 * (500/200)^2 = 6250 after 157 hours.
  assert.equal(silent(200, '2024-03-10 20:00'), false);
  assert.equal(silent(200, '2024-03-11 08:00'), true);
  // Twelve records are ten thousand hours of silence short of telling.
  assert.equal(silent(12, '2024-12-01 08:00'), false);
  assert.equal(silent(2000, '2024-03-05 11:00'), false);
  assert.equal(silent(2000, '2024-03-05 13:00'), true);
});

test('a record with a wrong clock is no decades of watching, however few the records are', () => {
  const hours = (last: string, ids: Readonly<Record<number, number>> = { 1: 300, 8: 2 }): number => {
    const channel = channelOf(
      [
        ['2024-03-04 08:00', '2024-03-04 12:00'],
        [last, last],
      ],
      ids,
    );
    const host = hostOf({ [SYSMON]: channel }, [mark('sysmon-started', '2024-03-04 08:00')]);
    return analyse(tallyOf({ pc: host }), questionOf()).exposure.hoursAtMost;
  };
  assert.equal(hours('2099-01-01 00:00'), 4);
  assert.equal(hours('2025-03-06 12:00'), 4);
  // A quiet machine may show nothing for months, and where silence says nothing, for years.
  assert.equal(hours('2024-09-04 12:00', { 1: 20, 8: 2 }), 4 + 184 * 24);
  assert.equal(hours('2026-03-04 12:00', { 1: 1, 8: 300 }), 4 + 730 * 24);
});

test('Sysmon of another system is no exposure of a rule for one', () => {
  const channel = channelOf([['2024-03-04 08:00', '2024-03-04 12:00']], { 1: 300 });
  const hosts = {
    windows: hostOf({ [SYSMON]: channel }),
    linux: hostOf({ 'Linux-Sysmon/Operational': channel }),
    both: hostOf({ [SYSMON]: channel, 'Linux-Sysmon/Operational': channel }),
  };
  const watched = (system?: 'windows' | 'linux'): readonly string[] => {
    const source = { channel: null, eventIds: [1], ...(system && { system }) };
    const answer = analyse(tallyOf(hosts), questionOf({ eventIds: [1], sources: [source] }));
    return answer.exposure.perHost.filter(({ hours }) => hours > 0).map(({ host }) => host);
  };
  assert.deepEqual(watched(), ['both', 'linux', 'windows']);
  assert.deepEqual(watched('windows'), ['both', 'windows']);
  assert.deepEqual(watched('linux'), ['both', 'linux']);
});

test('what the driver saw before the service started begins the next session, and ends none', () => {
  // A log that tells when events happened: a night between, then events half a minute before the start.
  const hours = (second: string, start: string): number => {
    const channel = channelOf(
      [
        ['2024-03-04 08:00', '2024-03-04 12:00'],
        [second, '2024-03-05 12:00'],
      ],
      { 1: 300, 8: 10 },
    );
    const host = hostOf({ [SYSMON]: channel }, [
      mark('sysmon-started', '2024-03-04 08:00'),
      mark('sysmon-started', start),
    ]);
    return analyse(tallyOf({ pc: host }), questionOf()).exposure.hours;
  };
  assert.equal(hours('2024-03-05 08:00', '2024-03-05 08:00'), 8);
  assert.equal(hours('2024-03-05 08:00', '2024-03-05 08:00:30'), 8);
  assert.equal(hours('2024-03-05 08:00', '2024-03-05 08:05'), 8);
  // A machine that was on: its log shows more than a service that starts late.
  assert.equal(hours('2024-03-05 08:00', '2024-03-05 08:06'), 28);
});

test('a start that no stop announced cuts from the last record before it', () => {
  const channel = channelOf(
    [
      ['2024-03-04 08:00', '2024-03-04 10:00'],
      ['2024-03-05 08:00', '2024-03-05 10:00'],
    ],
    { 1: 900, 8: 10 },
  );
  const started = mark('sysmon-started', '2024-03-04 08:00');
  const crash = mark('start', '2024-03-05 07:59');
  const hours = (...marks: Mark[]): number =>
    analyse(tallyOf({ pc: hostOf({ [SYSMON]: channel }, marks) }), questionOf()).exposure.hours;
  assert.equal(hours(started), 26);
  assert.ok(Math.abs(hours(started, crash) - (4 + 1 / 60)) < 1e-9);
});

test('a sleep that is shorter than the gap over which activity is joined is taken out, and adds nothing', () => {
  const channel = channelOf([['2024-03-04 08:00', '2024-03-04 10:00']], { 1: 300, 8: 1 });
  const hours = (...marks: Mark[]): number =>
    analyse(tallyOf({ pc: hostOf({ [SYSMON]: channel }, marks) }), questionOf()).exposure.hours;
  assert.equal(hours(), 2);
  const sleep = mark('sleep', '2024-03-04 08:30');
  const resume = mark('resume', '2024-03-04 08:45');
  assert.equal(hours(sleep, resume), 1.75);
  // Power-Troubleshooter tells both ends itself.
  assert.equal(hours(mark('resume', '2024-03-04 08:45', 'System', { since: at('2024-03-04 08:30') })), 1.75);
  // A sleep of an hour can't lie in activity: there is a record at least every 30 minutes.
  assert.equal(hours(sleep, mark('resume', '2024-03-04 09:30')), 2);
  // A clock that was set by seconds is no sleep; by twenty minutes ahead it skips them.
  const set = (since: string): Mark => mark('clock-set', '2024-03-04 09:00', 'System', { since: at(since) });
  assert.equal(hours(set('2024-03-04 08:59:30')), 2);
  assert.equal(hours(set('2024-03-04 08:40')), 2 - 1 / 3);
  assert.equal(hours(set('2024-03-04 09:40')), 2);
});

test('a type that the configuration did not log has no exposure', () => {
  const channel = channelOf([['2024-03-04 08:00', '2024-03-04 10:00']], { 1: 300 });
  const tally = tallyOf({ pc: hostOf({ [SYSMON]: channel }) });
  const asked = (verdict: 'all' | 'part' | 'none'): ReturnType<typeof analyse> =>
    analyse(tally, questionOf({ logged: new Map([[8, verdict]]) }));
  assert.equal(asked('all').exposure.hours, 2);
  assert.deepEqual(asked('all').blind, []);
  assert.ok(asked('part').diagnostics.some(({ code }) => code === 'log-config-part'));
  assert.equal(asked('none').exposure.hoursAtMost, 0);
  assert.equal(asked('none').rate.occasionsPerHostHour, null);
  assert.match(asked('none').blind[0]!.reason, /--log-config/);
});

test('a channel that is no Sysmon’s counts where it holds an event of the kind that is asked for', () => {
  const security = (ids: Readonly<Record<number, number>>): ReturnType<typeof channelOf> => ({
    ...channelOf([['2024-03-04 08:00', '2024-03-04 10:00']], {}, 300),
    otherEventIds: new Map(Object.entries(ids).map(([id, count]) => [Number(id), count])),
  });
  const asked = (
    ids: Readonly<Record<number, number>>,
    eventIds: number[] | null,
  ): ReturnType<typeof analyse> =>
    analyse(
      tallyOf({ pc: hostOf({ Security: security(ids) }) }),
      questionOf({
        kind: 'sigma-rule',
        eventIds: eventIds ?? [],
        sources: [{ channel: 'security', eventIds }],
      }),
    );
  assert.equal(asked({ 4688: 5, 4624: 295 }, [4688]).exposure.hours, 2);
  // Without any 4688 nothing says that Windows audits process creation.
  assert.equal(asked({ 4624: 300 }, [4688]).exposure.hoursAtMost, 0);
  assert.match(asked({ 4624: 300 }, [4688]).blind[0]!.reason, /4688/);
  assert.equal(asked({ 4624: 300 }, null).exposure.hours, 2);
});

test('one machine under two names, and two machines under one', () => {
  const channel = channelOf([['2024-03-04 08:00', '2024-03-04 10:00']], { 1: 300 });
  const machines = (...spans: [string, string, string][]): Map<string, [number, number]> =>
    new Map(spans.map(([id, first, last]) => [id, [at(first), at(last)]]));
  const codes = (hosts: Readonly<Record<string, Map<string, [number, number]>>>): string[] => {
    const tallies = Object.entries(hosts).map(([name, ids]) => [
      name,
      hostOf({ [SYSMON]: channel }, [], { machines: ids }),
    ]);
    const { diagnostics } = analyse(tallyOf(Object.fromEntries(tallies)), questionOf());
    return diagnostics.map(({ code }) => code).filter((code) => /^host-(renamed|cloned|shared)$/.test(code));
  };
  const early = machines(['aa', '2024-03-04 08:00', '2024-03-04 09:00']);
  const late = machines(['aa', '2024-03-04 09:00', '2024-03-04 10:00']);
  assert.deepEqual(codes({ old: early, young: late }), ['host-renamed']);
  assert.deepEqual(codes({ a: early, b: machines(['aa', '2024-03-04 08:30', '2024-03-04 10:00']) }), [
    'host-cloned',
  ]);
  assert.deepEqual(
    codes({
      a: machines(
        ['aa', '2024-03-04 08:00', '2024-03-04 10:00'],
        ['bb', '2024-03-04 09:00', '2024-03-04 09:10'],
      ),
    }),
    ['host-shared'],
  );
  assert.deepEqual(codes({ a: early, b: machines(['bb', '2024-03-04 08:00', '2024-03-04 10:00']) }), []);
});

test('hours that are stated, and are fewer than those with events, are told', () => {
  const host = hostOf({ [SYSMON]: channelOf([['2024-03-04 08:00', '2024-03-04 12:00']], { 1: 300, 8: 5 }) });
  const slots = Object.fromEntries(
    ['08', '09', '10', '11', '12'].map((hour) => [`2024-03-04 ${hour}:30`, 1]),
  );
  const short = (hours: number): boolean =>
    analyse(
      tallyOf({ pc: host }, [groupOf(['a', 'b'], { pc: slots })]),
      questionOf({ exposure: { all: hours, perHost: new Map() } }),
    ).diagnostics.some(({ code }) => code === 'exposure-short');
  // Five hours may be touched by little more than three.
  assert.deepEqual([1, 3, 4, 5].map(short), [true, true, false, false]);
});
