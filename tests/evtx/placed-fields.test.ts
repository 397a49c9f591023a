/** The text of a field where it stands is the text that is made of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  EVERY_RECORD,
  FILE_HEADER_SIZE,
  type PlacedFields,
  type PlacedText,
  readFileHeader,
  Scanner,
} from '../../src/evtx/index.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import { writeEvtx } from '../builders/evtx-writer.ts';
import { modelledWeek } from '../builders/modelled-week.ts';

const scanner = new Scanner(() => EVERY_RECORD);

/** How many texts of a log stand where they are told to. */
function placedTexts(bytes: Buffer): number {
  let placed = 0;
  const { events } = scanner.scan(bytes.subarray(FILE_HEADER_SIZE), {
    verify: false,
    recover: false,
    file: readFileHeader(bytes.subarray(0, FILE_HEADER_SIZE)),
    offset: FILE_HEADER_SIZE,
    report: (diagnostic) => assert.fail(diagnostic.message),
  });
  for (const { fields } of events) {
    if (!('place' in fields)) continue;
    for (const name of [...fields.keys(), 'no such field']) {
      const into: PlacedText = { bytes: bytes.subarray(0, 0), at: 0, length: 0 };
      if (!(fields as PlacedFields).place(name, into)) continue;
      placed += 1;
      const text = Buffer.from(into.bytes).toString('utf16le', into.at, into.at + 2 * into.length);
      assert.equal(text, fields.get(name));
      assert.notEqual(text, '');
    }
  }
  return placed;
}

test('any logs', () => {
  fc.assert(
    fc.property(anyLog, (events) => void placedTexts(Buffer.from(writeEvtx(events)))),
    { numRuns: 200 },
  );
});

test('a log of Sysmon: nearly all that is compared', () => {
  const sysmon = modelledWeek().sysmon.slice(0, 300);
  assert.ok(placedTexts(Buffer.from(writeEvtx(sysmon))) > 4 * sysmon.length);
});
