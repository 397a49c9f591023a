/** Keywords are looked for where an event's texts stand in its log, and found as in the same texts made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EVERY_RECORD, Scanner } from '../../src/evtx/index.ts';
import { parseRule, resolveLogsource, ruleSet, type RuleSet } from '../../src/sigma/index.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import { scannedLog } from '../builders/scanned-log.ts';

function ruleOf(keywords: readonly string[]): RuleSet {
  const text = `title: t\nlogsource:\n  product: windows\ndetection:\n  keywords:\n${keywords
    .map((one) => `    - ${JSON.stringify(one)}\n`)
    .join('')}  condition: keywords\n`;
  const [rule] = parseRule(text, { file: 'rule.yml' }).rules;
  assert.ok(rule, text);
  const logsource = resolveLogsource(rule.logsource);
  assert.ok(!('unsupported' in logsource));
  return ruleSet([{ detection: rule.detection, filters: [], logsource }]);
}

test('events read by plan, and copies of them with their texts', () => {
  const scanner = new Scanner(() => EVERY_RECORD);
  let [met, missed, placed] = [0, 0, 0];
  fc.assert(
    fc.property(anyLog, fc.nat(), fc.boolean(), (events, seed, known) => {
      // Rules of Windows ask for events of its channels, and for no others.
      const scan = scannedLog(
        scanner,
        events.map((event, i) => (i % 3 === 0 ? event : { ...event, channel: 'System' })),
      );
      // Letters that are in numbers alone are looked for in every value; others where texts stand.
      const words = scan.events
        .filter(({ channel }) => channel === 'System')
        .flatMap(({ fields, host, channel }) => [...fields.values(), host, channel])
        .flatMap((text) => text.match(/[A-Za-z0-9]{1,8}/g) ?? []);
      const word = words[seed % Math.max(1, words.length)] ?? 'mimikatz';
      const matches = ruleOf(known ? [word] : [word.toUpperCase(), 'mimikatz']);
      for (const event of scan.events) {
        const { record, time, host, provider, channel, eventId, version, fields } = event;
        const copy = { record, time, host, provider, channel, eventId, version, fields: new Map(fields) };
        placed += 'eachText' in fields ? 1 : 0;
        const expected = matches(copy).length;
        assert.equal(matches(event).length, expected, word);
        if (expected > 0) met += 1;
        else missed += 1;
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(met > 100 && missed > 100 && placed > 100, `${met} met, ${missed} missed, ${placed} placed`);
});
