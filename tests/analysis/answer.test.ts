import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/index.ts';
import { runsOf, type Tally } from '../../src/tally/index.ts';
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

const DAY = channelOf([['2024-03-04 00:00', '2024-03-04 23:59']], { 1: 5000, 8: 100 });

test('groups are projected on the fields shown, over rules, and sorted by events, then key', () => {
  const by = new Map([['8', ['SourceImage', 'TargetImage', 'StartModule']]]);
  const hosts = { a: hostOf({ [SYSMON]: DAY }), b: hostOf({ [SYSMON]: DAY }) };
  const spelled = (text: readonly string[], count: number): Map<string, number> =>
    new Map([[JSON.stringify(text), count]]);
  const groups = [
    groupOf(
      ['s.exe', 't.exe', 'm1'],
      { a: { '2024-03-04 08:00': 2 } },
      { spellings: spelled(['S.exe', 't.exe', 'm1'], 2) },
    ),
    groupOf(
      ['s.exe', 't.exe', 'm2'],
      { a: { '2024-03-04 08:59': 1 }, b: { '2024-03-04 09:00': 3 } },
      {
        rules: [1],
        spellings: spelled(['s.EXE', 't.exe', 'M2'], 4),
      },
    ),
    groupOf(['b.exe', null, 'm'], { a: { '2024-03-04 10:00': 1 } }),
    groupOf(['a.exe', 'x.exe', null], { a: { '2024-03-04 11:00': 1 } }),
  ];
  const rules = ['one', 'two', 'three'].map((name, line) => ({
    name,
    id: '',
    file: 'c.xml',
    line,
    level: '',
    tags: [],
    sources: [],
  }));
  const answer = analyse(tallyOf(hosts, groups, { by }), questionOf({ rules }));
  assert.deepEqual(
    answer.groups.map(({ key, events, occasions, hosts: on }) => [key, events, occasions, on]),
    [
      [{ SourceImage: 's.EXE', TargetImage: 't.exe' }, 6, 2, 2],
      [{ SourceImage: 'a.exe', TargetImage: 'x.exe' }, 1, 1, 1],
      [{ SourceImage: 'b.exe', TargetImage: '-' }, 1, 1, 1],
    ],
  );
  assert.equal(answer.groups[0]?.first, '2024-03-04T08:00:00.000Z');
  assert.equal(answer.groups[0]?.last, '2024-03-04T09:00:00.000Z');
  assert.deepEqual(
    answer.rules.map(({ name, events, occasions, hosts: on }) => [name, events, occasions, on]),
    [
      ['one', 4, 3, 1],
      ['two', 4, 2, 2],
      ['three', 0, 0, 0],
    ],
  );
  assert.deepEqual(answer.perType, [{ eventId: 8, events: 8, occasions: 4 }]);
});

test('what was counted past the limit of groups is one more group', () => {
  const others = new Map([['pc', slotsOf({ '2024-03-04 09:00': 7 })]]);
  const tally = tallyOf(
    { pc: hostOf({ [SYSMON]: DAY }) },
    [groupOf(['a', 'b'], { pc: { '2024-03-04 08:00': 1 } })],
    {
      others,
      halvings: 3,
    },
  );
  const answer = analyse(tally, questionOf());
  assert.deepEqual(answer.groups[0]?.key, { SourceImage: '(others)', TargetImage: '(others)' });
  assert.deepEqual([answer.matches.events, answer.matches.occasions, answer.rules[0]?.events], [8, 2, 8]);
  assert.ok(answer.diagnostics.some(({ code }) => code === 'groups-capped'));
});

test('a spelling that is no list of texts falls back to the key', () => {
  for (const text of ['{', '{"0":"x"}', '[1]', 'null']) {
    const group = groupOf(['a', 'b'], { pc: { '2024-03-04 08:00': 1 } }, { spellings: new Map([[text, 1]]) });
    const { groups } = analyse(tallyOf({ pc: hostOf({ [SYSMON]: DAY }) }, [group]), questionOf());
    assert.deepEqual(groups[0]?.key, { SourceImage: 'a', TargetImage: 'b' });
  }
});

test('with --not, what it hid and the answer before it stand beside the rest', () => {
  const excluded = slotsOf({ '2024-03-04 08:00:30': 50, '2024-03-04 15:00': 4 });
  const host = hostOf({ [SYSMON]: DAY }, [mark('start', '2024-03-04 08:00')], { excluded });
  const kept = groupOf(['a', 'b'], { pc: { '2024-03-04 15:30': 1, '2024-03-04 16:00': 1 } });
  const answer = analyse(tallyOf({ pc: host }, [kept]), questionOf({ hides: true }));
  assert.equal(answer.rate.occasionsPerHostHour?.estimate, 2 / 24);
  assert.equal(answer.rate.occasionsPerBoot?.estimate, 0);
  assert.deepEqual([answer.excluded?.events, answer.excluded?.occasions], [54, 2]);
  assert.deepEqual([answer.excluded?.byPhase.boot, answer.excluded?.byPhase.steady], [50, 4]);
  const before = answer.excluded?.before;
  assert.deepEqual([before?.events, before?.occasions], [56, 3]);
  assert.equal(before?.occasionsPerHostHour?.estimate, 3 / 24);
  assert.equal(before?.steadyOccasionsPerHostHour?.estimate, 2 / 24);
  assert.equal(before?.occasionsPerBoot?.estimate, 1);
  assert.equal(analyse(tallyOf({ pc: host }, [kept]), questionOf()).excluded, null);
});

test('no match: an estimate of zero, bounded from above on one side', () => {
  const answer = analyse(tallyOf({ pc: hostOf({ [SYSMON]: DAY }) }), questionOf());
  const cells = answer.rate.occasionsPerHostHour;
  assert.deepEqual([cells?.estimate, cells?.low, cells?.confidence], [0, 0, 0.95]);
  assert.match(cells?.method ?? '', /one-sided/);
  assert.ok(Math.abs((cells?.high ?? 0) - (1 - 0.05 ** (1 / 24))) < 1e-12);
  assert.ok(Math.abs((answer.rate.eventsPerHostHour?.high ?? 0) * answer.exposure.hours - 2.99573) < 1e-5);
  assert.equal(answer.rate.alertsPer1000HostsPerDay?.high, (cells?.high ?? 0) * 24_000);
  assert.deepEqual(
    answer.diagnostics.map(({ code }) => code),
    ['no-such-event', 'one-host'],
  );
  assert.deepEqual(answer.blind, []);
});

test('a type of which Sysmon wrote none is blind, unless nothing can switch it off', () => {
  const host = hostOf({ [SYSMON]: channelOf([['2024-03-04 00:00', '2024-03-04 23:59']], { 1: 9 }) }, [
    mark('sysmon-configured', '2024-03-04 01:00'),
  ]);
  const { blind } = analyse(tallyOf({ pc: host }), questionOf({ eventIds: [1, 8, 255] }));
  assert.deepEqual(
    blind.map(({ eventId }) => eventId),
    [8],
  );
  assert.match(blind[0]?.reason ?? '', /9 records .* 1 host.*2024-03-04T01:00:00.000Z/);
});

test('a host of which one moment was seen is no part of the mean of hosts', () => {
  const day = channelOf([['2024-03-04 00:00', '2024-03-04 19:59']], { 1: 5000, 8: 1 });
  const other = channelOf([['2024-03-04 00:00', '2024-03-04 09:59']], { 1: 5000, 8: 1 });
  const moment = channelOf([['2024-03-04 08:00', '2024-03-04 08:00']], { 8: 1 });
  const hits = { a: { '2024-03-04 08:00': 1 }, b: { '2024-03-04 08:00': 1 }, c: { '2024-03-04 08:00': 1 } };
  const meanOf = (...channels: readonly (typeof day)[]): number | undefined => {
    const hosts = channels.map((channel, i) => ['abc'[i]!, hostOf({ [SYSMON]: channel })] as const);
    const group = groupOf(
      ['x', 'y'],
      Object.fromEntries(hosts.map(([host]) => [host, hits[host as keyof typeof hits]])),
    );
    return analyse(tallyOf(Object.fromEntries(hosts), [group]), questionOf()).rate.meanOfHosts?.estimate;
  };
  assert.equal(meanOf(day, other), (1 / 20 + 1 / 10) / 2);
  assert.equal(meanOf(day, other, moment), (1 / 20 + 1 / 10) / 2);
  assert.equal(meanOf(day, moment), undefined);
});

test('missing record ids are counted between the runs of each channel', () => {
  const runs = runsOf([
    { first: 10, last: 20, from: 0, to: 0, records: 1 },
    { first: 25, last: 30, from: 0, to: 0, records: 1 },
    { first: 32, last: 40, from: 0, to: 0, records: 1 },
  ]);
  const host = hostOf({
    [SYSMON]: { ...DAY, runs },
    System: { ...DAY, sysmon: 0, byEventId: new Map(), runs },
  });
  assert.equal(analyse(tallyOf({ pc: host }), questionOf()).read.recordIdGaps, 10);
});

test('what reading found comes sorted, one for each source, with its true count', () => {
  const at1 = (source: string, line: number) =>
    ({
      code: 'json-syntax',
      severity: 'error',
      message: `line ${line}`,
      where: { source, line },
      lost: 1,
    }) as const;
  const diagnostics: Tally['diagnostics'] = new Map([
    ['json-syntax', { count: 10, lost: 10, first: [at1('b.json', 9), at1('a.json', 7), at1('b.json', 3)] }],
  ]);
  const answer = analyse(tallyOf({ pc: hostOf({ [SYSMON]: DAY }) }, [], { diagnostics }), questionOf());
  const found = answer.diagnostics.filter(({ code }) => code === 'json-syntax');
  assert.deepEqual(
    found.map(({ where, count }) => [where.source, where.line, count]),
    [
      ['a.json', 7, 1],
      ['b.json', 3, 2],
      [undefined, undefined, 7],
    ],
  );
});

test('a short and a full name of one machine are told, an address is no name', () => {
  const host = hostOf({ [SYSMON]: DAY });
  const codes = (keys: readonly string[]): readonly string[] =>
    analyse(tallyOf(Object.fromEntries(keys.map((key) => [key, host]))), questionOf()).diagnostics.map(
      ({ code }) => code,
    );
  assert.ok(codes(['pc1', 'pc1.corp.local']).includes('host-short-and-full-name'));
  assert.ok(!codes(['pc1', 'pc2.corp.local', '10', '10.1.2.3']).includes('host-short-and-full-name'));
});

test('a fleet is not told that it is one host', () => {
  const fleet = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((key) => [key, hostOf({ [SYSMON]: DAY })]));
  assert.ok(!analyse(tallyOf(fleet), questionOf()).diagnostics.some(({ code }) => code === 'one-host'));
});

test('hosts are sorted by key and shown as most often written', () => {
  const spellings = new Map([
    ['PC.corp', 2],
    ['pc.corp', 2],
    ['Pc.Corp', 1],
  ]);
  const hosts = { z: hostOf({ [SYSMON]: DAY }), 'pc.corp': hostOf({ [SYSMON]: DAY }, [], { spellings }) };
  assert.deepEqual(
    analyse(tallyOf(hosts), questionOf()).exposure.perHost.map(({ host }) => host),
    ['PC.corp', 'z'],
  );
});

test('the timeline has 24 to 60 buckets of round length', () => {
  const host = hostOf({ [SYSMON]: channelOf([['2024-03-04 09:10', '2024-03-06 20:00']], { 1: 900, 8: 9 }) }, [
    mark('sysmon-started', '2024-03-04 09:10'),
  ]);
  const events = groupOf(['a', 'b'], { pc: { '2024-03-04 09:30': 3, '2024-03-06 20:00': 2 } });
  const { timeline } = analyse(tallyOf({ pc: host }, [events]), questionOf());
  assert.equal(timeline.length, 60);
  assert.deepEqual(timeline[0], { time: '2024-03-04T09:00:00.000Z', events: 3, boots: 1 });
  assert.deepEqual(timeline[1], { time: '2024-03-04T10:00:00.000Z', events: 0, boots: 0 });
  assert.equal(timeline.at(-1)?.events, 2);
});

test('times from 1601 to 9999 cost no more than others', () => {
  const wild = channelOf([['2024-03-04 08:00', '2024-03-04 09:00']], { 1: 400, 8: 9 });
  wild.activity = [[at('1601-01-01 00:00'), at('9999-12-31 23:59')]];
  const host = hostOf({ [SYSMON]: wild }, [mark('sysmon-started', '1601-01-01 00:00')]);
  const events = groupOf(['a', 'b'], { pc: { '1601-01-01 00:00': 1, '9999-12-31 23:59': 1 } });
  const answer = analyse(tallyOf({ pc: host }, [events]), questionOf());
  assert.ok(answer.timeline.length <= 60);
  assert.equal(answer.exposure.cells, (at('9999-12-31 00:00') - at('1601-01-01 00:00')) / 3_600_000 + 24);
  assert.deepEqual(answer.timeline.map(({ events: count }) => count).filter(Boolean), [1, 1]);
});

test('fields that events of a type lack are told, though the type is one of a later release', () => {
  const tally = tallyOf({ pc: hostOf({ [SYSMON]: DAY }) });
  tally.fieldsMet.set('10', new Map([['SourceUser', 'none']]));
  tally.fieldsMet.set('77', new Map([['Image', 'none']]));
  const told = analyse(tally, questionOf()).diagnostics.filter(({ code }) => code === 'fields-missing');
  assert.deepEqual(
    told.map(({ message }) => message.split(':')[0]),
    [
      'no event 10 (ProcessAccess) that was read has SourceUser (schema 4.80)',
      'no event 77 that was read has Image',
    ],
  );
});
