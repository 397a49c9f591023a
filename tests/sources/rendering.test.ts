import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEvent, renderField, renderText } from '../../src/sources/rendering.ts';

const GUID = '{57BE2C82-94C1-64DF-3409-000000000600}';
const SYSMON = 'Microsoft-Windows-Sysmon';

function event(facts: Partial<Parameters<typeof makeEvent>[0]>): NonNullable<ReturnType<typeof makeEvent>> {
  const made = makeEvent({
    record: 1,
    time: 0,
    host: 'A',
    provider: SYSMON,
    channel: 'Microsoft-Windows-Sysmon/Operational',
    eventId: 8,
    version: 2,
    fields: [],
    ...facts,
  });
  assert.ok(made);
  return made;
}

test('fields of Sysmon are written as Sysmon compares them', () => {
  const cases: readonly [id: number, name: string, value: unknown, text: string][] = [
    [8, 'SourceProcessGuid', '57be2c82-94c1-64df-3409-000000000600', GUID],
    [8, 'SourceProcessGuid', GUID.toLowerCase(), GUID],
    [8, 'SourceProcessGuid', '-', '-'],
    [8, 'SourceProcessId', 4711, '4711'],
    [8, 'SourceProcessId', '0x1267', '4711'],
    [10, 'GrantedAccess', '0x1FFFFF', '0x1fffff'],
    [10, 'GrantedAccess', 5136, '0x1410'],
    [10, 'GrantedAccess', '5136', '5136'],
    [1, 'LogonId', '0x00000000000003E7', '0x3e7'],
    [1, 'LogonId', '9223372036854775807', '0x7fffffffffffffff'],
    [3, 'Initiated', true, 'true'],
    [3, 'Initiated', 'False', 'false'],
    [3, 'Initiated', 1, 'true'],
    [8, 'UtcTime', '2022-05-13T08:54:05.1230000Z', '2022-05-13 08:54:05.123'],
    [8, 'UtcTime', '2022-05-13 08:54:05.123', '2022-05-13 08:54:05.123'],
    [8, 'UtcTime', 'yesterday', 'yesterday'],
    [2, 'PreviousCreationUtcTime', '2022-05-13T08:54:05Z', '2022-05-13 08:54:05.000'],
    [8, 'StartAddress', '0x00007FFEA99B61E0', '0x00007FFEA99B61E0'],
    [8, 'StartModule', '', ''],
    [8, 'Unheard', '0xAB', '0xAB'],
  ];
  for (const [id, name, value, text] of cases)
    assert.equal(renderField(id, name, value), text, `${name} ${String(value)}`);
});

test('values of JSON become text', () => {
  assert.equal(renderText(null), '');
  assert.equal(renderText(1e21), '1000000000000000000000');
  assert.equal(renderText(1e-7), '0.0000001');
  assert.equal(renderText(false), 'false');
  assert.equal(renderText(['a', 1, null]), 'a, 1, ');
  assert.equal(renderText({ a: [1] }), '{"a":[1]}');
});

test('long names are cut to a digest, too many fields are no event, deep lists do not exhaust the stack', () => {
  const facts = { record: 1, time: 0, host: '', provider: 'P', channel: '', eventId: 1, version: 0 };
  const long = 'n'.repeat(5000);
  const read = makeEvent({ ...facts, fields: [[`${long}a`, 1] as const, [`${long}b`, 2] as const] });
  const names = [...read!.fields.keys()];
  assert.equal(new Set(names).size, 2);
  assert.ok(names.every((name) => name.length <= 1024 && name.startsWith('nnnn')));
  assert.equal(
    makeEvent({ ...facts, fields: Array.from({ length: 65_537 }, () => ['a', 1] as const) }),
    null,
  );
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.equal(renderText(deep), '…');
});

test('an event of Sysmon has its own time, any other its container’s', () => {
  const fields: [string, unknown][] = [['UtcTime', '2021-03-14 06:39:30.227']];
  assert.equal(event({ fields, time: 5 }).time, Date.UTC(2021, 2, 14, 6, 39, 30, 227));
  assert.equal(event({ fields: [['UtcTime', '-']], time: 5 }).time, 5);
  assert.equal(event({ fields, time: 5, provider: 'Other' }).time, 5);
  assert.equal(event({ fields: [['Flag', '0xAB']], provider: 'Other' }).fields.get('Flag'), '0xAB');
});

test('event ids lose their qualifiers, record ids past 2^53 are none', () => {
  assert.equal(event({ eventId: 1073748860 }).eventId, 7036);
  assert.equal(event({ eventId: -2147476632 }).eventId, 7016);
  assert.equal(event({ eventId: ' 8 ' }).eventId, 8);
  for (const eventId of [null, undefined, '', 'x', 1.5, 2 ** 32, {}, '99999999999']) {
    assert.equal(makeEvent({ ...event({}), eventId }), null, String(eventId));
  }
  assert.equal(event({ record: '9007199254740993' }).record, null);
  assert.equal(event({ record: '222721' }).record, 222721);
  assert.equal(event({ record: null }).record, null);
  assert.equal(event({ version: '5' }).version, 5);
  assert.equal(event({ version: 'x' }).version, null);
});

test('unnamed data are numbered, repeated names too, and names of Sysmon keep their spelling', () => {
  const data: [string, unknown][] = [
    ['', 'a'],
    ['X', 'b'],
    ['', 'c'],
    ['X', 'd'],
    ['X', 'e'],
  ];
  assert.deepEqual(
    [...event({ provider: 'Other', fields: data }).fields],
    [
      ['param1', 'a'],
      ['X', 'b'],
      ['param2', 'c'],
      ['X#2', 'd'],
      ['X#3', 'e'],
    ],
  );
  const fields: [string, unknown][] = [
    ['TargetProcessGUID', GUID.toLowerCase()],
    ['__proto__', 'x'],
  ];
  assert.deepEqual(
    [...event({ fields }).fields],
    [
      ['TargetProcessGuid', GUID],
      ['__proto__', 'x'],
    ],
  );
});
