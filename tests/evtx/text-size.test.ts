/** The size of a record's texts, told without making them, is that of the texts: by the record, and by the scan's kernel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EVERY_RECORD, placedFields, READ_NOTHING, Scanner } from '../../src/evtx/index.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import type { EvtxValue, WriterEvent } from '../builders/evtx-writer.ts';
import { scannedLog } from '../builders/scanned-log.ts';

const scanner = new Scanner(() => ({ ...EVERY_RECORD, reads: () => READ_NOTHING, measures: true }));

/** Holds sizes to the texts of a log; how many records were measured, and how many of them by the kernel. */
function measured(log: readonly WriterEvent[]): readonly [records: number, byKernel: number] {
  let [records, byKernel] = [0, 0];
  const { wanted, events } = scannedLog(scanner, log);
  for (const [i, { fields }] of events.entries()) {
    const placed = placedFields(fields);
    if (placed === null) continue;
    records += 1;
    const texts = [...fields.values()];
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    const jsonBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)), 0);
    const names = [...fields.keys()].reduce((sum, name) => sum + name.length, 0);
    assert.deepEqual(placed.textSize(), { characters, names, jsonBytes });
    if (wanted.alike(i) < 0) continue;
    byKernel += 1;
    assert.deepEqual([wanted.charactersOf(i), wanted.jsonBytesOf(i)], [characters, jsonBytes]);
  }
  return [records, byKernel];
}

test('characters, and bytes as JSON', () => {
  let [records, byKernel] = [0, 0];
  fc.assert(
    fc.property(anyLog, (log) => {
      const [all, some] = measured(log);
      records += all;
      byKernel += some;
    }),
    { numRuns: 200 },
  );
  assert.ok(records > 100 && byKernel > 20, `${records} records by a plan, ${byKernel} by the kernel`);
});

/** Mostly what needs one byte, and now and then what does not. */
const units = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...'ab01 ~\x7f'.split('')) },
  fc.constantFrom(
    '"',
    '\\',
    '\n',
    '\u0001',
    '\u0080',
    '\u07ff',
    '\u0800',
    '\ud800',
    '\udc00',
    '\ud83d\ude00',
  ),
);
const values = fc.oneof(
  fc
    .string({ unit: units, minLength: 0, maxLength: 60 })
    .map((value): EvtxValue => ({ type: 'string', value })),
  fc.nat().map((value): EvtxValue => ({ type: 'uint32', value })),
  fc.nat().map((value): EvtxValue => ({ type: 'hex32', value })),
  fc.boolean().map((value): EvtxValue => ({ type: 'bool', value })),
);

test('long texts, and numbers', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 8 }), (all) => {
      const fields = all.map((value, i): [string, EvtxValue] => [`F${i}`, value]);
      const log = [1, 2].map((recordId): WriterEvent => ({
        recordId,
        time: Date.UTC(2020, 0),
        version: 5,
        provider: 'P',
        channel: 'C',
        eventId: 1,
        computer: 'PC',
        data: { kind: 'EventData', fields },
      }));
      assert.deepEqual(measured(log), [2, 2]);
    }),
    { numRuns: 500 },
  );
});
