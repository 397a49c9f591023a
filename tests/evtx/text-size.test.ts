/** The size of a record's texts, told without making them, is that of the texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EVERY_RECORD, Scanner } from '../../src/evtx/index.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import { scannedLog } from '../builders/scanned-log.ts';

test('characters, and bytes as JSON', () => {
  const scanner = new Scanner(() => EVERY_RECORD);
  let measured = 0;
  fc.assert(
    fc.property(anyLog, (events) => {
      const scan = scannedLog(scanner, events);
      for (const { fields } of scan.events) {
        if (!('textSize' in fields)) continue;
        measured += 1;
        const texts = [...fields.values()];
        assert.deepEqual((fields as { textSize(): unknown }).textSize(), {
          characters: texts.reduce((sum, text) => sum + text.length, 0),
          names: [...fields.keys()].reduce((sum, name) => sum + name.length, 0),
          jsonBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)), 0),
        });
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(measured > 100, `${measured} records were read by a plan`);
});
