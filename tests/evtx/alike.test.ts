/** Records with one number are of one kind and the same in all that is read of them; what stands there twice has one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  EACH,
  EVERY_RECORD,
  type Origin,
  READ_ALL,
  READ_NOTHING,
  READ_START,
  READ_WORDS,
  Scanner,
  type Wanted,
} from '../../src/evtx/index.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import type { EvtxValue, WriterEvent } from '../builders/evtx-writer.ts';
import { modelledWeek } from '../builders/modelled-week.ts';
import { scannedLog } from '../builders/scanned-log.ts';

/** Another choice for each field, event id and provider, all of them often. */
function readsOf(provider: string, eventId: number, field: string): number {
  const choices = [READ_NOTHING, READ_START, READ_WORDS, READ_ALL, READ_WORDS | READ_START];
  return choices[(provider.length + eventId + field.length + field.charCodeAt(0)) % choices.length]!;
}

function select({ provider }: Origin): Wanted {
  const { eventIds } = EVERY_RECORD;
  return { eventIds, oneIn: 0, reads: (eventId, field) => readsOf(provider, eventId, field) };
}

/** What must be the same of a field for two records to be alike; null for nothing. */
function readPart(how: number, text: string | undefined): string | null | undefined {
  if ((how & READ_ALL) !== 0) return text;
  // A text with such a letter is no number, time or id.
  if ((how & READ_WORDS) !== 0 && /[ghjkmopqvw]/i.test(text ?? '')) return text;
  if ((how & READ_START) !== 0) return text?.slice(0, 9);
  return null;
}

class Numbers {
  readonly seen = new Map<number, string>();
  again = 0;

  check(scan: ReturnType<Scanner['scan']>): number[] {
    const { wanted } = scan;
    return Array.from({ length: wanted.count }, (_, i) => {
      const number = wanted.alike(i);
      if (number < 0) return number;
      const { provider, channel, host, eventId, fields } = wanted.record(i);
      const read = [...fields].map(([name, text]) => [
        name,
        readPart(readsOf(provider, eventId, name), text) ?? null,
      ]);
      const own = JSON.stringify([provider, channel, host, eventId, read]);
      const known = this.seen.get(number);
      if (known !== undefined) {
        this.again += 1;
        assert.equal(own, known);
      }
      this.seen.set(number, own);
      return number;
    });
  }
}

test('any logs, twice', () => {
  const scanner = new Scanner(select);
  const numbers = new Numbers();
  let [same, all] = [0, 0];
  fc.assert(
    fc.property(anyLog, (log) => {
      const first = numbers.check(scannedLog(scanner, log));
      const second = numbers.check(scannedLog(scanner, log));
      all += first.length;
      same += first.filter((number, i) => number >= 0 && number === second[i]).length;
    }),
    { numRuns: 300 },
  );
  // Some are read the plain way, and of two with one hash the later one is known.
  assert.ok(same > 0.25 * all && all > 300, `${same} of ${all}`);
});

test('a week of Sysmon: few are like no other', () => {
  const scanner = new Scanner(() => ({
    ...EVERY_RECORD,
    reads: (_, field) => (field.endsWith('Image') ? READ_ALL : READ_NOTHING),
  }));
  const { sysmon } = modelledWeek();
  const images = new Map<number, string>();
  let again = 0;
  for (let at = 0; at < 3000; at += 60) {
    const { wanted } = scannedLog(scanner, sysmon.slice(at, at + 60));
    for (let i = 0; i < wanted.count; i++) {
      const { eventId, fields } = wanted.record(i);
      const own = JSON.stringify([eventId, ...[...fields].filter(([name]) => name.endsWith('Image'))]);
      const number = wanted.alike(i);
      assert.equal(images.get(number) ?? own, own);
      if (images.has(number)) again += 1;
      images.set(number, own);
    }
  }
  assert.ok(again > 5 * images.size, `${again} again, ${images.size} others`);
});

const value = (text: string): EvtxValue => ({ type: 'string', value: text });

function event(id: number, provider: string, eventId: number, one: EvtxValue): WriterEvent {
  return {
    recordId: id,
    time: Date.UTC(2020, 0) + id,
    version: 5,
    provider,
    channel: 'Sysmon',
    eventId,
    computer: 'PC',
    data: { kind: 'EventData', fields: [['Value', one]] },
  };
}

/** Which of the values of one field are alike, letters for numbers, where so much of it is read. */
function alikeAs(reads: Wanted['reads'], ...events: readonly WriterEvent[]): string {
  const scanner = new Scanner(() => ({ ...EVERY_RECORD, reads }));
  const { wanted } = scannedLog(scanner, events);
  const numbers = events.map((_, i) => wanted.alike(i));
  const different = [...new Set(numbers)];
  return numbers.map((number) => (number < 0 ? '-' : 'abcdefgh'[different.indexOf(number)])).join('');
}

test('how much of a value is read', () => {
  const values: readonly EvtxValue[] = [
    value('{11111111-0000-0000-0000-000000000001}'),
    value('{11111111-0000-0000-0000-000000000002}'),
    { type: 'guid', value: '{11111111-0000-0000-0000-000000000001}' },
    { type: 'guid', value: '{11111111-0000-0000-0000-000000000002}' },
    { type: 'guid', value: '{11111112-0000-0000-0000-000000000001}' },
    value('12:30'),
    value('12:31'),
  ];
  const events = values.map((one, i) => event(i + 1, 'A', 1, one));
  const as = (how: number): string => alikeAs(() => how, ...events);
  // A GUID and a text are told apart by their types alone.
  assert.equal(as(READ_NOTHING), 'aabbbaa');
  assert.equal(as(READ_START), 'abccdef');
  assert.equal(as(READ_WORDS), 'abcccdd');
  assert.equal(as(READ_WORDS | READ_START), 'abccdef');
  assert.equal(as(READ_ALL), 'abcdefg');
  assert.equal(alikeAs(undefined, ...events), '-------');
});

test('other ids and providers are asked anew', () => {
  const [x, y] = [value('x'), value('y')];
  const log = [event(1, 'A', 1, x), event(2, 'A', 2, x), event(3, 'A', 1, y), event(4, 'A', 2, y)];
  assert.equal(
    alikeAs((eventId) => (eventId === 1 ? READ_NOTHING : READ_ALL), ...log),
    'abac',
  );
  const wanted = new Map(
    ['A', 'B'].map((name) => [
      name,
      { ...EVERY_RECORD, reads: () => (name === 'A' ? READ_NOTHING : READ_ALL) },
    ]),
  );
  const scanner = new Scanner(({ provider }) => wanted.get(provider)!);
  const mixed = [event(1, 'A', 1, x), event(2, 'B', 1, x), event(3, 'A', 1, y), event(4, 'B', 1, y)];
  const scan = scannedLog(scanner, [...mixed, ...mixed]);
  const [a, b, c, d, ...again] = mixed.concat(mixed).map((_, i) => scan.wanted.alike(i));
  assert.ok(a === c && a! >= 0 && new Set([a, b, d]).size === 3);
  assert.deepEqual(again, [a, b, c, d]);
});

/** How many records are told as one each, of events of one id with these record ids, values and milliseconds. */
function toldAsOne(
  wanted: Wanted,
  ...events: readonly (readonly [id: number, value: string, ms: number])[]
): string {
  const log = events.map(([id, text, ms]) => ({
    ...event(id, 'A', 1, value(text)),
    time: Date.UTC(2020, 0) + ms,
  }));
  const { wanted: told } = scannedLog(new Scanner(() => wanted), log);
  let next = 0;
  return Array.from({ length: told.count }, (_, i) => {
    const records = told.recordsOf(i);
    const [first, last] = [log[next]!, log[(next += records) - 1]!];
    assert.equal(told.record(i).record, first.recordId);
    assert.equal(told.record(i).time, first.time);
    if (records > 1) assert.deepEqual([told.timeOf(i), told.lastTimeOf(i)], [first.time, last.time]);
    return records;
  }).join(' ');
}

test('records that are alike and follow each other are told as one', () => {
  const wanted: Wanted = { ...EVERY_RECORD, oneIn: 4, reads: () => READ_ALL, within: 10 };
  const [a, b, c] = [[1, 'x', 0] as const, [2, 'x', 0] as const, [3, 'x', 9] as const];
  assert.equal(toldAsOne(wanted, a, b, c), '3');
  assert.equal(toldAsOne({ ...wanted, within: 0 }, a, b, c), '1 1 1');
  assert.equal(toldAsOne({ ...wanted, reads: undefined }, a, b, c), '1 1 1');
  // Another value, stretch of the clock or order, and a record that is asked for by its id.
  assert.equal(toldAsOne(wanted, a, [2, 'y', 0], c), '1 1 1');
  assert.equal(toldAsOne(wanted, a, b, [3, 'x', 10]), '2 1');
  assert.equal(toldAsOne(wanted, [1, 'x', 5], [2, 'x', 4], c), '1 2');
  assert.equal(toldAsOne(wanted, a, b, c, [4, 'x', 9], [5, 'x', 9], [6, 'x', 9]), '3 1 2');
  assert.equal(toldAsOne({ ...wanted, oneIn: 0 }, a, b, c, [4, 'x', 9], [5, 'x', 9]), '5');
});

test('records like one that was dismissed are not told again, but where their id asks for it', () => {
  const wanted: Wanted = { ...EVERY_RECORD, oneIn: 4, reads: () => READ_ALL };
  const scanner = new Scanner(() => wanted);
  const log = [1, 2, 3, 4, 5].map((id) => event(id, 'A', 1, value(id === 2 ? 'y' : 'x')));
  const told = (): string => {
    const scan = scannedLog(scanner, log);
    assert.equal(scan.totals.records, 5);
    return scan.events.map(({ record }) => record).join(' ');
  };
  assert.equal(told(), '1 2 3 4 5');
  const { wanted: found } = scannedLog(scanner, log);
  const number = found.alike(0);
  found.dismiss(0);
  assert.equal(told(), '2 4');
  assert.equal(scannedLog(scanner, log).wanted.alike(1), number);
  // So many others take its place, one after another: it is told as one that was never met.
  for (let id = 0; id < 60_000; id += 1000)
    scannedLog(
      scanner,
      Array.from({ length: 1000 }, (_, i) => event(id + i + 1, 'A', 1, value(`z${id + i}`))),
    );
  const { wanted: again } = scannedLog(scanner, log);
  assert.equal(again.count, 5);
  assert.notEqual(again.alike(0), number);
  again.dismiss(1);
  assert.equal(told(), '1 3 4 5');
});

test('of many records, some of which take the place of others, those are told that were not dismissed', () => {
  const scanner = new Scanner(() => ({ ...EVERY_RECORD, reads: () => READ_ALL }));
  const log = (numbers: readonly number[]): WriterEvent[] =>
    numbers.map((number, i) => event(i + 1, 'A', 1, value(`value ${number}`)));
  const numbers = Array.from({ length: 2000 }, (_, i) => i);
  const { wanted } = scannedLog(scanner, log(numbers));
  for (let i = 0; i < wanted.count; i += 2) wanted.dismiss(i);
  const told = (rest: number): number =>
    scannedLog(scanner, log(numbers.filter((number) => number % 2 === rest))).wanted.count;
  assert.equal(told(1), 1000);
  const again = told(0);
  assert.ok(again < 200, `${again} of 1000 are told`);
});

test('of event ids each of whose records is asked for none is like another', () => {
  const eventIds = new Uint8Array(65_536).fill(EACH);
  const wanted: Wanted = { eventIds, oneIn: 0, reads: () => READ_NOTHING, within: 10 };
  assert.equal(toldAsOne(wanted, [1, 'x', 0], [2, 'x', 0]), '1 1');
  eventIds[1] = 1;
  assert.equal(toldAsOne(wanted, [1, 'x', 0], [2, 'x', 0]), '2');
});
