import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import { repairClocks } from '../../src/sources/clock-repair.ts';
import { findLogs, readLog } from '../../src/sources/index.ts';
import { readJson } from '../../src/sources/json.ts';

const SYSMON = 'Microsoft-Windows-Sysmon';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

type Json = Record<string, unknown>;
type Clock = 'false Z' | 'no zone' | '12 hours' | 'AM/PM' | 'US' | 'day first';

const two = (value: number): string => String(value).padStart(2, '0');

/** A time of a zone `ahead` of UTC, as an exporter with such a clock writes it. */
function write(utc: number, ahead: number, clock: Clock): string {
  const local = new Date(utc + ahead);
  const [date, rest] = local.toISOString().split('T') as [string, string];
  const hour = local.getUTCHours();
  const half = hour % 12 === 0 ? 12 : hour % 12;
  const noon = hour < 12 ? 'AM' : 'PM';
  const minutes = `${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  switch (clock) {
    case 'false Z':
      return `${date}T${rest}`;
    case 'no zone':
      return `${date} ${rest.slice(0, -1)}`;
    case '12 hours':
      return `${date}T${two(half)}${rest.slice(2)}`;
    case 'AM/PM':
      return `${date} ${two(half)}:${minutes} ${noon}`;
    case 'day first':
      return `${two(local.getUTCDate())}/${two(local.getUTCMonth() + 1)}/${local.getUTCFullYear()} ${two(hour)}:${minutes}`;
    case 'US':
      return `${local.getUTCMonth() + 1}/${local.getUTCDate()}/${local.getUTCFullYear()} ${half}:${minutes} ${noon}`;
  }
}

function sysmon(utc: number, written: string, more: Json = {}): Json {
  const UtcTime = new Date(utc).toISOString().replace('T', ' ').replace('Z', '');
  return {
    SourceName: SYSMON,
    Channel: `${SYSMON}/Operational`,
    Hostname: 'H1',
    TimeCreated: written,
    EventID: 8,
    UtcTime,
    SourceImage: 'C:\\Windows\\System32\\csrss.exe',
    ...more,
  };
}

/** A record of another provider; Truth is its time in UTC. */
function other(utc: number, written: string, more: Json = {}): Json {
  return {
    SourceName: 'EventLog',
    Channel: 'System',
    Hostname: 'H1',
    TimeCreated: written,
    EventID: 6006,
    Truth: String(utc),
    ...more,
  };
}

interface Read {
  readonly events: Event[];
  readonly diagnostics: Diagnostic[];
}

async function readFiles(files: Readonly<Record<string, string | Buffer>>): Promise<Read> {
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-clock-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const all: Read = { events: [], diagnostics: [] };
    for (const log of findLogs([folder]).logs) {
      for await (const batch of readLog(log, { verify: false })) {
        all.events.push(...batch.events);
        all.diagnostics.push(...batch.diagnostics);
      }
    }
    return all;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lines = (objects: readonly Json[]): string => objects.map((each) => JSON.stringify(each)).join('\n');

function assertTrue({ events }: Read, count: number): void {
  const others = events.filter((event) => event.provider !== SYSMON);
  assert.equal(others.length, count);
  for (const event of others) {
    assert.equal(
      new Date(event.time).toISOString(),
      new Date(Number(event.fields.get('Truth'))).toISOString(),
    );
  }
}

test('marks of a shutdown in 12-hour local time land within seconds after the burst of event 8', async () => {
  // 9:40 PM, four hours behind UTC; written as 09:40 with a false Z, block by block.
  const start = Date.UTC(2020, 9, 22, 1, 40, 30);
  const at = (seconds: number): [number, string] => [
    start + seconds * SECOND,
    write(start + seconds * SECOND, -4 * HOUR, '12 hours'),
  ];
  const burst = Array.from({ length: 82 }, (_, index) => sysmon(...at(index / 20)));
  const marks = [
    other(...at(5), { EventID: 1074, SourceName: 'User32' }),
    other(...at(6), { EventID: 13, SourceName: 'Microsoft-Windows-Kernel-General' }),
    other(...at(7)),
  ];
  for (const objects of [
    [...burst, ...marks],
    [...marks, ...burst],
  ]) {
    const read = await readFiles({ 'a.json': lines(objects) });
    assertTrue(read, 3);
    const last = Math.max(...read.events.filter((each) => each.eventId === 8).map((each) => each.time));
    for (const mark of read.events.filter((each) => each.eventId !== 8)) {
      assert.ok(mark.time > last && mark.time < last + 10 * SECOND);
    }
    assert.deepEqual(
      read.diagnostics.map(({ code, severity, lost }) => [code, severity, lost]),
      [['clock-repaired', 'info', 0]],
    );
    assert.match(read.diagnostics[0]!.message, /times of 3 records .*3 by \+16:00 hours/);
  }
});

test('any zone, any clock, any order of the channels, cut anywhere', async () => {
  const start = Date.UTC(2024, 5, 10, 3, 0, 0);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -48, max: 56 }),
      fc.constantFrom<Clock>('false Z', 'no zone', '12 hours', 'AM/PM', 'US', 'day first'),
      fc.constantFrom('sysmon first', 'sysmon last', 'by time', 'newest first'),
      fc.array(fc.integer({ min: 0, max: 5 * 3600 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: 9 }),
      async (quarters, clock, order, seconds, step, day) => {
        const ahead = quarters * 15 * MINUTE;
        const base = start + day * 5 * HOUR;
        const own: [number, Json][] = [];
        // A Sysmon event every ten minutes, written up to two seconds late.
        for (let at = 0; at <= 5 * 3600; at += 600) {
          const utc = base + at * SECOND;
          own.push([utc, sysmon(utc, write(utc + (at % 3) * SECOND, ahead, clock))]);
        }
        const others = seconds
          .sort((a, b) => a - b)
          .map((at): [number, Json] => {
            const utc = base + at * SECOND;
            return [utc, other(utc, write(utc, ahead, clock))];
          });
        const all = order === 'sysmon last' ? [...others, ...own] : [...own, ...others];
        if (order === 'by time') all.sort((a, b) => a[0] - b[0]);
        if (order === 'newest first') all.sort((a, b) => b[0] - a[0]);
        const text = lines(all.map((each) => each[1]));
        async function* pieces(): AsyncGenerator<{ text: string; bytes: number }> {
          for (let at = 0; at < text.length; at += step)
            yield { text: text.slice(at, at + step), bytes: step };
        }
        const read: Read = { events: [], diagnostics: [] };
        for await (const batch of repairClocks('a', readJson('a', pieces()), null)) {
          read.events.push(...batch.events);
          read.diagnostics.push(...batch.diagnostics);
        }
        assert.equal(read.events.length, all.length);
        assertTrue(read, others.length);
        assert.ok(read.diagnostics.every((each) => each.code === 'clock-repaired'));
      },
    ),
    { numRuns: 300 },
  );
});

test('a change of the clock within the file: the nearest Sysmon event tells', async () => {
  // Central Europe, 2024-10-27: at 01:00 UTC the clock goes back from 03:00 to 02:00.
  const change = Date.UTC(2024, 9, 27, 1);
  const ahead = (utc: number): number => (utc < change ? 2 * HOUR : HOUR);
  const own: Json[] = [];
  const others: Json[] = [];
  for (let utc = change - 6 * HOUR; utc < change + 6 * HOUR; utc += 5 * MINUTE) {
    own.push(sysmon(utc, write(utc, ahead(utc), 'false Z')));
    others.push(other(utc + 61 * SECOND, write(utc + 61 * SECOND, ahead(utc), 'false Z')));
  }
  for (const objects of [
    [...others, ...own],
    [...own, ...others],
  ]) {
    const read = await readFiles({ 'a.json': lines(objects) });
    assertTrue(read, others.length);
    assert.match(read.diagnostics[0]!.message, /72 by -01:00, 72 by -02:00|72 by -02:00, 72 by -01:00/);
  }
});

test('a day and a half of 12-hour time, channel by channel, through two midnights', async () => {
  const start = Date.UTC(2024, 2, 4, 14, 7);
  for (const ahead of [-7 * HOUR, 5.5 * HOUR]) {
    const own: Json[] = [];
    const others: Json[] = [];
    for (let utc = start; utc < start + 36 * HOUR; utc += 20 * MINUTE) {
      own.push(sysmon(utc, write(utc, ahead, '12 hours')));
      others.push(other(utc + MINUTE, write(utc + MINUTE, ahead, '12 hours')));
    }
    for (const objects of [
      [...others, ...own],
      [...own, ...others],
    ])
      assertTrue(await readFiles({ 'a.json': lines(objects) }), others.length);
  }
});

test('12-hour time through the spring: a record right behind the change is not half a day off', async () => {
  // New York, 8 March 2026, 07:00 UTC: from five hours behind to four.
  const change = Date.UTC(2026, 2, 8, 7);
  const start = change - 30 * HOUR;
  for (const [own, others] of [
    [1, 5],
    [13, 65],
    [60, 170],
  ] as const) {
    const all: [number, Json][] = [];
    const ahead = (utc: number): number => (utc < change ? -5 : -4) * HOUR;
    for (let at = 0.5; at <= 60 * 60; at += own) {
      const utc = start + at * MINUTE;
      all.push([utc, sysmon(utc, write(utc, ahead(utc), '12 hours'))]);
    }
    let count = 0;
    for (let at = 0; at <= 60 * 60; at += others, count += 1) {
      const utc = start + at * MINUTE;
      all.push([utc, other(utc, write(utc, ahead(utc), '12 hours'))]);
    }
    all.sort((a, b) => a[0] - b[0]);
    assertTrue(await readFiles({ 'a.json': lines(all.map((each) => each[1])) }), count);
  }
});

test('12-hour time where Sysmon writes by day alone: the record before tells the half of the day', async () => {
  const start = Date.UTC(2026, 2, 2, 14);
  const all: [number, Json][] = [];
  for (let at = 0; at < 72 * 60; at += 30) {
    const utc = start + at * MINUTE;
    all.push([utc, other(utc, write(utc, -5 * HOUR, '12 hours'))]);
    if (at % (24 * 60) < 8 * 60) all.push([utc, sysmon(utc, write(utc, -5 * HOUR, '12 hours'))]);
  }
  assertTrue(await readFiles({ 'a.json': lines(all.map((each) => each[1])) }), 144);
});

test('each host and each file has its own clock', async () => {
  const utc = Date.UTC(2024, 0, 5, 20);
  const host = (Hostname: string, ahead: number): Json[] => [
    sysmon(utc, write(utc, ahead, 'false Z'), { Hostname }),
    other(utc + SECOND, write(utc + SECOND, ahead, 'false Z'), { Hostname }),
  ];
  const read = await readFiles({
    'a.json': lines([...host('H1', -8 * HOUR), ...host('H2', 9 * HOUR), ...host('H3', 0)]),
    'b.json': lines(host('h1', 2 * HOUR)),
  });
  assertTrue(read, 4);
  assert.deepEqual(
    read.diagnostics.map((each) => each.message.match(/\d+ by .* hours/)?.[0]),
    ['1 by -09:00, 1 by +08:00 hours', '1 by -02:00 hours'],
  );
});

test('records without a time are told, and what stands in its place', async () => {
  const utc = Date.UTC(2024, 0, 5, 20);
  const told = async (...times: readonly string[]): Promise<readonly string[]> => {
    const read = await readFiles({
      'a.json': lines([
        sysmon(utc, write(utc, 0, 'false Z')),
        other(utc, write(utc, 0, 'false Z')),
        ...times.map((time) => other(utc, time)),
      ]),
    });
    assert.equal(read.events.length, 2 + times.length);
    return read.diagnostics.filter(({ code }) => code === 'time-unknown').map(({ message }) => message);
  };
  assert.deepEqual(await told(), []);
  const [dotted, ...more] = await told('', '03.06.2024 08:02:11', 'nonsense');
  assert.deepEqual(more, []);
  assert.match(dotted!, /^3 records have no time that can be read, but such as "03\.06\.2024 08:02:11":/);
  assert.match((await told(''))[0]!, /^1 record has no time that can be read: counted/);
});

test('a delay is no zone, and late events among others tell nothing', async () => {
  const utc = Date.UTC(2024, 0, 5, 20);
  const late = await readFiles({
    'a.json': lines([
      sysmon(utc, write(utc + 7 * MINUTE, 0, 'false Z')),
      sysmon(utc, write(utc + 26 * 24 * HOUR, 0, 'false Z')),
      other(utc, write(utc, 0, 'false Z')),
    ]),
  });
  assertTrue(late, 1);
  assert.deepEqual(
    late.diagnostics.map(({ code, severity }) => [code, severity]),
    [['clock-unknown', 'warning']],
  );
  // Hours late, by chance close to a quarter of an hour, and the first in the file.
  const mixed = await readFiles({
    'a.json': lines([
      sysmon(utc - 5 * HOUR, write(utc, -7 * HOUR, 'false Z')),
      ...[1, 2, 3].map((at) => sysmon(utc + at * SECOND, write(utc + at * SECOND, -7 * HOUR, 'false Z'))),
      other(utc + 4 * SECOND, write(utc + 4 * SECOND, -7 * HOUR, 'false Z')),
    ]),
  });
  assertTrue(mixed, 1);
});

test('whether the day or the month comes first, another record tells; else it is said', async () => {
  const dates = (days: readonly number[], clock: 'US' | 'day first'): Json[] =>
    days.map((day, i) => {
      const utc = Date.UTC(2026, 2, day, 9, 0, i);
      return other(utc, write(utc, 0, clock));
    });
  const orders = ({ diagnostics }: Read): string[] =>
    diagnostics.flatMap(({ code, message }) =>
      code === 'date-order' ? [message.split(' records')[0]!] : [],
    );
  const read = (objects: readonly Json[]): Promise<Read> => readFiles({ 'a.json': lines(objects) });
  // A day past the twelfth comes last.
  for (const clock of ['US', 'day first'] as const) {
    const told = await read(dates([4, 5, 3, 13], clock));
    assertTrue(told, 4);
    assert.deepEqual(orders(told), []);
  }
  const untold = await read(dates([4, 5, 3], 'day first'));
  assert.deepEqual(
    untold.events.map(({ time }) => new Date(time).toISOString().slice(0, 10)),
    ['2026-04-03', '2026-05-03', '2026-03-03'],
  );
  // The third of the third is the same either way.
  assert.deepEqual(orders(untold), ['the dates of 2']);
  // More wait than can, before the day that tells.
  const many = Array.from({ length: 17_000 }, () => 4);
  assert.deepEqual(orders(await read([...dates(many, 'US'), ...dates([13], 'US')])), []);
  const torn = await read([...dates(many, 'day first'), ...dates([5, 13, 4], 'day first')]);
  const [wrong, right] = [3, 2].map(
    (month) => torn.events.filter(({ time }) => new Date(time).getUTCMonth() === month).length,
  );
  assert.ok(wrong! >= 16_384 && 17_003 === wrong! + right!);
  assert.deepEqual(orders(torn), [`the dates of ${wrong}`]);
  // Times that are UTC do not wait for it.
  const zoned = dates([4, 13, 5], 'day first').map((each) => ({
    ...each,
    TimeCreated: `${String(each['TimeCreated'])} +00:00`,
  }));
  const utcRead = await read(zoned);
  assert.deepEqual(
    utcRead.events.map(({ time }) => new Date(time).toISOString().slice(0, 10)),
    ['2026-04-03', '2026-03-13', '2026-03-05'],
  );
  assert.deepEqual(orders(utcRead), ['the dates of 1']);
  // Sysmon's own time tells, though nobody's date does, and though it comes behind more than can wait.
  const utc = Date.UTC(2026, 2, 4, 9);
  const own = sysmon(utc, write(utc, 0, 'day first'));
  const surveyed = await read([...dates(many, 'day first'), own]);
  assertTrue(surveyed, 17_000);
  assert.deepEqual(orders(surveyed), []);
});

test('more records in front of Sysmon than can wait: the file is read again, archives too', async () => {
  const utc = Date.UTC(2024, 0, 5, 20);
  const others = Array.from({ length: 20_000 }, (_, index) => {
    const time = utc + index * 10;
    return other(time, write(time, -8 * HOUR, '12 hours'), { EventID: 4624, Channel: 'Security' });
  });
  const own = [0, 100, 200].map((at) =>
    sysmon(utc + at * SECOND, write(utc + at * SECOND, -8 * HOUR, '12 hours')),
  );
  const unseen = other(utc, '2024-01-05T12:00:00Z', { Hostname: 'H2' });
  const text = lines([...others, ...own, unseen]);
  for (const files of [{ 'a.json': text }, { 'a.json.gz': gzipSync(text) }]) {
    const read = await readFiles(files);
    assertTrue({ ...read, events: read.events.filter((each) => each.host === 'H1') }, 20_000);
    assert.equal(read.events.length, 20_004);
    assert.match(read.diagnostics[0]!.message, /^the times of 20000 records .* 20000 by \+08:00 hours$/);
    assert.match(read.diagnostics[1]!.message, /^the times of 1 records may be local/);
  }
});

test('times that are UTC, or name their zone, stay', async () => {
  const utc = Date.UTC(2024, 0, 5, 20);
  const zoned = '2024-01-05T15:00:00-05:00';
  const xml = `<Event><System><Provider Name="EventLog"/><EventID>6006</EventID><TimeCreated SystemTime="2024-01-05T20:00:00Z"/><Computer>H1</Computer></System></Event>`;
  const beat = {
    '@timestamp': '2024-01-05T20:00:00Z',
    winlog: { event_id: 1, provider_name: 'EventLog', channel: 'System', computer_name: 'H1' },
  };
  const read = await readFiles({
    'a.json': lines([
      sysmon(utc, write(utc, -8 * HOUR, 'false Z')),
      beat,
      other(utc, zoned),
      // A forwarder received it a second later, and tells so in UTC.
      other(utc, '2024-01-05T12:00:00', { '@timestamp': '2024-01-05T20:00:01.000Z', Hostname: 'H2' }),
    ]).concat('\n', xml, '\n'),
  });
  assert.deepEqual(
    read.events.map((event) => event.time),
    [utc, utc, utc, utc, utc],
  );
  assert.deepEqual(read.diagnostics, []);
});

test('Get-WinEvent: dates of PowerShell are taken at their word until Sysmon contradicts', async () => {
  const utc = Date.UTC(2024, 0, 5, 20);
  const record = (ProviderName: string, time: number, Properties: unknown[]): Json => ({
    Id: ProviderName === SYSMON ? 5 : 6006,
    ProviderName,
    LogName: 'x',
    MachineName: 'H1',
    TimeCreated: `/Date(${time})/`,
    Version: 3,
    Properties: Properties.map((Value) => ({ Value })),
  });
  const ended = ['-', '2024-01-05 20:00:00.000', '{a}', 4, 'C:\\a.exe', 'u'];
  const alone = await readFiles({ 'a.json': lines([record('EventLog', utc, [])]) });
  assert.deepEqual([alone.events[0]?.time, alone.diagnostics], [utc, []]);
  const both = await readFiles({
    'a.json': lines([record(SYSMON, utc - 3 * HOUR, ended), record('EventLog', utc - 3 * HOUR + 1, [])]),
  });
  assert.equal(both.events.find((event) => event.provider !== SYSMON)?.time, utc + 1);
});
