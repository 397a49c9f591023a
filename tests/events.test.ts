import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  EVENT_TYPES,
  eventType,
  eventTypesNamed,
  fieldsOf,
  formatTime,
  hostKey,
  parseTime,
} from '../src/events/index.ts';
import { ROOT } from './builders/shared.ts';

interface Facts {
  readonly schemas: Record<
    string,
    { events: Record<string, { tag: string | null; default: string | null; fields: [string, string][] }> }
  >;
}
const { schemas } = JSON.parse(readFileSync(join(ROOT, 'spec/schemas.json'), 'utf8')) as Facts;

test('the event table says of every schema version what the facts say', () => {
  const versions = Object.keys(schemas);
  for (const type of EVENT_TYPES) {
    for (const [at, version] of versions.entries()) {
      const fact = schemas[version]!.events[type.id];
      const layout = type.layouts.findLast(({ since }) => versions.indexOf(since) <= at);
      assert.deepEqual(layout?.fields, fact?.fields, `event ${type.id} in schema ${version}`);
      if (fact)
        assert.deepEqual(
          [layout!.tag, layout!.default],
          [fact.tag, fact.default],
          `event ${type.id} in ${version}`,
        );
    }
  }
});

test('the table holds 1 to 29 and 255, and groups by fields that exist', () => {
  assert.deepEqual(
    EVENT_TYPES.map(({ id }) => id),
    [...Array.from({ length: 29 }, (_, i) => i + 1), 255],
  );
  for (const type of EVENT_TYPES) {
    for (const name of [...type.groupBy, ...type.tuneBy])
      assert.ok(fieldsOf(type.id)!.has(name), `${type.id} ${name}`);
    assert.ok(type.groupBy.every((name) => type.tuneBy.includes(name)));
  }
});

test('types are found by name and by id', () => {
  const ids = (text: string): number[] => eventTypesNamed(text).map(({ id }) => id);
  assert.deepEqual(ids('8'), [8]);
  assert.deepEqual(ids('createremotethread'), [8]);
  assert.deepEqual(ids('RegistryEvent'), [12, 13, 14]);
  assert.deepEqual(ids('PipeEvent'), [17, 18]);
  assert.deepEqual(ids('WmiEvent'), [19, 20, 21]);
  assert.deepEqual([ids('SysmonState'), ids('SysmonConfig'), ids('SysmonError')], [[4], [16], [255]]);
  assert.deepEqual([ids('30'), ids('nothing'), ids('')], [[], [], []]);
  assert.equal(eventType(8)!.default, 'exclude');
});

test('times are read as logs write them', () => {
  assert.equal(parseTime('2021-03-14 06:39:30.227'), Date.UTC(2021, 2, 14, 6, 39, 30, 227));
  assert.equal(parseTime('2022-05-13T08:54:05.1230000Z'), Date.UTC(2022, 4, 13, 8, 54, 5, 123));
  assert.equal(parseTime('2022-05-13T10:54:05+02:00'), Date.UTC(2022, 4, 13, 8, 54, 5));
  for (const wrong of ['', 'yesterday', '2022-13-01 00:00:00', '2022-01-01 25:00:00', '-']) {
    assert.ok(Number.isNaN(parseTime(wrong)), wrong);
  }
  assert.equal(formatTime(Number.NaN), '');
});

test('a host is its folded name', () => {
  assert.equal(hostKey('DESKTOP-1.Example.COM.'), 'desktop-1.example.com');
  assert.equal(hostKey('  '), '(unknown)');
  assert.equal(hostKey('İSTANBUL'), 'İstanbul');
});

test('a day that its month has not is no time', () => {
  for (const day of ['2026-02-29', '2026-02-30', '2026-04-31', '1900-02-29'])
    for (const rest of [' 10:11:12', 'T10:11:12.5Z', 'T10:11+02:00', ''])
      assert.ok(Number.isNaN(parseTime(day + rest)), day + rest);
  assert.equal(parseTime('2024-02-29 10:11:12'), Date.UTC(2024, 1, 29, 10, 11, 12));
  assert.equal(parseTime('2026-12-31T00:00:00Z'), Date.UTC(2026, 11, 31));
});
