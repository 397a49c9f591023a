/** The text of a field where it stands is the text that is made of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EVERY_RECORD, placedFields, type PlacedText, Scanner } from '../../src/evtx/index.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import type { WriterEvent } from '../builders/evtx-writer.ts';
import { modelledWeek } from '../builders/modelled-week.ts';
import { scannedLog } from '../builders/scanned-log.ts';

const scanner = new Scanner(() => EVERY_RECORD);

/** How many texts of a log stand where they are told to. */
function placedTexts(log: readonly WriterEvent[]): number {
  let placed = 0;
  for (const { fields } of scannedLog(scanner, log).events) {
    const there = placedFields(fields);
    if (there === null) continue;
    for (const name of [...fields.keys(), 'no such field']) {
      const into: PlacedText = { bytes: Buffer.alloc(0), at: 0, length: 0 };
      if (!there.place(name, into)) continue;
      placed += 1;
      const text = Buffer.from(into.bytes).toString('utf16le', into.at, into.at + 2 * into.length);
      assert.equal(text, fields.get(name));
      assert.notEqual(text, '');
    }
  }
  return placed;
}

/** Holds what GUIDs begin with to the fields themselves; how many there were. */
function begun(log: readonly WriterEvent[]): number {
  let guids = 0;
  for (const { fields } of scannedLog(scanner, log).events) {
    const placed = placedFields(fields);
    if (placed === null) continue;
    for (const [name, text] of fields) {
      const start = placed.guidStart(name);
      if (start < 0) continue;
      guids += 1;
      const digits = /^\{([\dA-F]{8})-[-\dA-F]{27}\}$/.exec(text)?.[1];
      assert.equal(start.toString(16).toUpperCase().padStart(8, '0'), digits);
    }
    assert.equal(placed.guidStart('no such field'), -1);
  }
  return guids;
}

test('what GUIDs begin with', () => {
  let guids = 0;
  fc.assert(
    fc.property(anyLog, (events) => {
      guids += begun(events);
    }),
    { numRuns: 400 },
  );
  assert.ok(guids > 0);
  const sysmon = modelledWeek().sysmon.slice(0, 300);
  assert.ok(begun(sysmon) > sysmon.length / 2);
});

test('any logs', () => {
  fc.assert(
    fc.property(anyLog, (events) => void placedTexts(events)),
    { numRuns: 200 },
  );
});

test('a log of Sysmon: nearly all that is compared', () => {
  const sysmon = modelledWeek().sysmon.slice(0, 300);
  assert.ok(placedTexts(sysmon) > 4 * sysmon.length);
});
