/** The size of a record's texts, told without making them, is that of the texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EVERY_RECORD, placedFields, Scanner } from '../../src/evtx/index.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import type { EvtxValue, WriterEvent } from '../builders/evtx-writer.ts';
import { scannedLog } from '../builders/scanned-log.ts';

const scanner = new Scanner(() => EVERY_RECORD);

/** Holds sizes to the texts of a log; how many records were measured. */
function measured(log: readonly WriterEvent[]): number {
  let records = 0;
  for (const { fields } of scannedLog(scanner, log).events) {
    const placed = placedFields(fields);
    if (placed === null) continue;
    records += 1;
    const texts = [...fields.values()];
    assert.deepEqual(placed.textSize(), {
      characters: texts.reduce((sum, text) => sum + text.length, 0),
      names: [...fields.keys()].reduce((sum, name) => sum + name.length, 0),
      jsonBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)), 0),
    });
  }
  return records;
}

test('characters, and bytes as JSON', () => {
  let records = 0;
  fc.assert(
    fc.property(anyLog, (log) => void (records += measured(log))),
    { numRuns: 200 },
  );
  assert.ok(records > 100, `${records} records were read by a plan`);
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
      assert.equal(measured(log), 2);
    }),
    { numRuns: 500 },
  );
});
