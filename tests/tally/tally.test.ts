/** The laws of a tally, over random events: it does not matter how they were split, or in which order parts add up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/events/index.ts';
import { channelKey, Counter, mergeInto, rowsOf, runsOf, type Tally } from '../../src/tally/index.ts';
import { event, question, SYSMON_CHANNEL } from '../builders/events.ts';

const BASE = Date.UTC(2026, 0, 5, 9);
const LIMIT = 6;
const FOLDED = SYSMON_CHANNEL.toLowerCase();

const anyEvent = fc
  .record({
    record: fc.option(fc.integer({ min: 1, max: 40 })),
    minutes: fc.integer({ min: 0, max: 300 }),
    host: fc.constantFrom('A', 'a', 'B.example', ''),
    channel: fc.constantFrom(SYSMON_CHANNEL, 'System'),
    eventId: fc.constantFrom(1, 4, 8, 8, 8, 6005, 1074),
    source: fc.integer({ min: 0, max: 12 }),
    state: fc.constantFrom('Started', 'Stopped'),
    delay: fc.constantFrom(0, 0, 61_000, 3e9),
  })
  .map(({ record, minutes, host, channel, eventId, source, state, delay }): Event =>
    event({
      record,
      time: minutes === 0 ? Number.NaN : BASE + minutes * 60_000,
      delay,
      host,
      channel,
      eventId,
      provider:
        channel === SYSMON_CHANNEL ? 'Microsoft-Windows-Sysmon' : eventId === 1074 ? 'User32' : 'EventLog',
      fields: {
        SourceImage: source % 2 ? `C:\\${source}.EXE` : `c:\\${source}.exe`,
        ...(source > 10 ? {} : { TargetImage: 'T' }),
        State: state,
      },
    }),
  );

const asked = question({ hides: ({ fields }) => fields.get('SourceImage') === 'c:\\2.exe' });

function count(events: readonly Event[]): Tally {
  const counter = new Counter(asked, new Map(), LIMIT);
  for (const one of events) counter.addEvent(one);
  return counter.finish().tally;
}

/** Plain text of a tally in which nothing depends on the order of maps. */
function canonical(value: unknown): unknown {
  if (value instanceof Map) {
    return [...value]
      .map(([key, held]) => [key, canonical(held)])
      .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  }
  if (Array.isArray(value)) return value.map(canonical);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .sort()
        .map(([key, held]) => [key, canonical(held)]),
    );
  }
  return value;
}

function sum(...parts: Tally[]): Tally {
  const [first, ...rest] = parts.map((part) => structuredClone(part));
  for (const part of rest) mergeInto(first!, part, LIMIT);
  return first!;
}

test('a tally does not depend on how the events were split', () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 60 }),
      fc.array(fc.nat(60), { maxLength: 4 }),
      (events, cuts) => {
        const edges = [0, ...cuts.filter((cut) => cut <= events.length).sort((a, b) => a - b), events.length];
        const parts = edges.slice(1).map((edge, i) => count(events.slice(edges[i], edge)));
        assert.deepEqual(canonical(sum(...parts)), canonical(count(events)));
      },
    ),
  );
});

test('adding tallies is commutative and associative', () => {
  const events = fc.array(anyEvent, { maxLength: 30 });
  fc.assert(
    fc.property(events, events, events, (x, y, z) => {
      const [a, b, c] = [count(x), count(y), count(z)];
      assert.deepEqual(canonical(sum(a, b)), canonical(sum(b, a)));
      assert.deepEqual(canonical(sum(sum(a, b), c)), canonical(sum(a, sum(b, c))));
    }),
  );
});

test('a tally does not depend on the order of events', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      assert.deepEqual(canonical(count(events.toReversed())), canonical(count(events)));
    }),
  );
});

test('every matching event is in a group, in others, or hidden', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      const tally = count(events);
      const total = (slots: Iterable<Map<number, number>>): number =>
        [...slots].flatMap((map) => [...map.values()]).reduce((a, b) => a + b, 0);
      const grouped = [...tally.groups.values()].reduce((n, group) => n + total(group.hosts.values()), 0);
      const hidden = total([...tally.hosts.values()].map(({ excluded }) => excluded));
      const matching = events.filter((one) => asked.decide(one).length > 0).length;
      assert.equal(grouped + total(tally.others.values()) + hidden, matching);
      assert.ok(tally.groups.size <= LIMIT);
    }),
  );
});

test('activity is joined over gaps of 30 minutes and no longer', () => {
  const at = (minutes: number): Event => event({ time: BASE + minutes * 60_000 });
  const tally = count([at(0), at(30), at(61), at(59)]);
  const { activity } = tally.hosts.get('host')!.channels.get(FOLDED)!;
  assert.deepEqual(activity, [[BASE, BASE + 61 * 60_000]]);
  assert.deepEqual(
    count([at(0), at(31)])
      .hosts.get('host')!
      .channels.get(FOLDED)!.activity.length,
    2,
  );
});

test('a record that was read twice is counted once, one with the same id at another time is not dropped', () => {
  const events = [1, 2, 3, 2, 3, 4].map((record) => event({ record, time: BASE + record * 1000 }));
  const other = event({ record: 3, time: BASE + 999_000 });
  const first = new Counter(question());
  for (const one of [...events, other]) first.addEvent(one);
  const { overlaps } = first.finish();
  assert.deepEqual(overlaps, [
    {
      host: 'host',
      channel: FOLDED,
      runs: runsOf([{ first: 2, last: 3, from: BASE + 2000, to: BASE + 999_000, records: 0 }]),
    },
  ]);
  const again = new Counter(question(), new Map([[channelKey('host', FOLDED), overlaps[0]!.runs]]));
  for (const one of [...events, other]) again.addEvent(one);
  const { tally } = again.finish();
  assert.equal(tally.duplicates, 2);
  assert.equal(tally.hosts.get('host')!.channels.get(FOLDED)!.records, 5);
  const group = [...tally.groups.values()][0]!;
  assert.equal(
    [...group.hosts.get('host')!.values()].reduce((a, b) => a + b),
    5,
  );
});

test('thousands of records out of their order, some of them twice, come to the same runs', () => {
  // Every other id, backwards: no two follow each other, and lists of that many are joined on the way.
  const ids = Array.from({ length: 5000 }, (_, i) => 2 * (5000 - i) - 2);
  const counter = new Counter(question());
  for (const record of [...ids.slice(0, 100), ...ids])
    counter.addEvent(event({ record, time: BASE + record }));
  for (let turn = 0; turn < 2; turn += 1) {
    const { tally, overlaps } = counter.finish();
    const runs = rowsOf(tally.hosts.get('host')!.channels.get(FOLDED)!.runs);
    assert.deepEqual(
      runs.map(({ first, last, from, records }) => [first, last, from, records]),
      ids.toReversed().map((id) => [id, id, BASE + id, ids.indexOf(id) < 100 ? 2 : 1]),
    );
    assert.deepEqual(
      overlaps.flatMap((overlap) => rowsOf(overlap.runs)).map(({ first, last }) => [first, last]),
      ids
        .slice(0, 100)
        .toReversed()
        .map((id) => [id, id]),
    );
  }
});

test('records without an id are never dropped', () => {
  const twins = [event(), event(), event()];
  const counter = new Counter(
    question(),
    new Map([
      [channelKey('host', FOLDED), runsOf([{ first: 0, last: 9, from: BASE, to: BASE, records: 0 }])],
    ]),
  );
  for (const one of twins) counter.addEvent(one);
  assert.equal(counter.finish().tally.duplicates, 0);
});

test('marks come from their own providers alone', () => {
  const mark = (provider: string, eventId: number, fields: Record<string, string> = {}): string | undefined =>
    count([event({ provider, eventId, channel: 'System', fields })]).hosts.get('host')!.marks[0]?.kind;
  assert.equal(mark('EventLog', 6005), 'start');
  assert.equal(mark('Other', 6005), undefined);
  assert.equal(mark('Microsoft-Windows-Kernel-General', 13), 'stop');
  assert.equal(mark('Microsoft-Windows-Security-Auditing', 4624, { LogonType: '3' }), undefined);
  assert.equal(mark('Microsoft-Windows-Security-Auditing', 4624, { LogonType: '10' }), 'logon');
  assert.equal(mark('Microsoft-Windows-Sysmon', 4, { State: 'Started' }), 'sysmon-started');
});

test('a start is the kernel’s own start', () => {
  const kernel = new Date(BASE - 20_000).toISOString();
  const tally = count([
    event({
      provider: 'Microsoft-Windows-Kernel-General',
      eventId: 12,
      channel: 'System',
      fields: { StartTime: kernel },
    }),
  ]);
  assert.deepEqual(tally.hosts.get('host')!.marks, [
    {
      time: BASE - 20_000,
      kind: 'start',
      channel: 'system',
      eventId: 12,
      since: null,
      cleared: '',
      boot: '',
    },
  ]);
});

const total = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0);

test('hosts and channels past their bounds are counted together, and no event is lost by it', () => {
  const bounds = { hosts: 3, channels: 2 };
  const part = (from: number): Tally => {
    const counter = new Counter(question(), new Map(), LIMIT, bounds);
    for (let i = from; i < from + 5; i++) {
      counter.addEvent(event({ host: `h${i}`, record: 7, time: BASE }));
      counter.addEvent(event({ host: 'h0', channel: `c${i}`, record: 7, time: BASE, eventId: 1 }));
    }
    return counter.finish().tally;
  };
  const tally = part(0);
  assert.deepEqual(mergeInto(tally, part(5), LIMIT, bounds), []);
  assert.deepEqual([...tally.hosts.keys()].sort(), ['(others)', 'h0', 'h1', 'h2']);
  assert.ok(tally.hosts.get('h0')!.channels.has('(others)'));
  const channels = [...tally.hosts.values()].flatMap((host) => [...host.channels.values()]);
  assert.equal(total(channels.map(({ records }) => records)), 20);
  assert.deepEqual(tally.hosts.get('(others)')!.channels.get('(others)')!.runs, runsOf([]));
  const slots = [...tally.groups.values(), { hosts: tally.others }].flatMap(({ hosts }) => [...hosts]);
  assert.equal(total(slots.flatMap(([, counts]) => [...counts.values()])), 10);
  assert.ok(slots.every(([host]) => tally.hosts.has(host)));
});

test('long values that differ are different groups, the same in any case are one, and their keys are short', () => {
  const long = 'C:\\'.padEnd(20_000, 'x');
  const counter = new Counter(question());
  for (const end of ['1a', '2', '1A'])
    counter.addEvent(event({ host: long + end, channel: long, fields: { SourceImage: long + end } }));
  const { tally } = counter.finish();
  assert.equal(tally.groups.size, 2);
  assert.equal(tally.hosts.size, 2);
  const keys = [
    ...tally.groups.keys(),
    ...tally.hosts.keys(),
    ...tally.hosts.get([...tally.hosts.keys()][0]!)!.channels.keys(),
  ];
  for (const { key, spellings } of tally.groups.values())
    keys.push(...key.filter((value) => value !== null), ...spellings.keys());
  assert.ok(keys.every((key) => key.length < 8200));
});

test('skipped files are kept up to a bound, then counted', () => {
  const counter = new Counter(question());
  for (let i = 0; i < 5000; i++) counter.addSkipped(`${i}`.padStart(5000, '0'), 'no log');
  const { tally } = counter.finish();
  assert.ok(tally.skipped.length <= 2000 && tally.skipped.every(({ path }) => path.length <= 4096));
  assert.equal(tally.skipped.length + tally.skippedMore, 5000);
});
