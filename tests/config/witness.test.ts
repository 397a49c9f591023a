/** Witness events do what is said of them, and are found for nearly all filters of real configurations. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileCondition, type Condition } from '../../src/config/condition.ts';
import { CONDITIONS } from '../../src/config/grammar-table.ts';
import { decideFor, evaluate, parseConfig } from '../../src/config/index.ts';
import { valueFor, valuesMeeting } from '../../src/config/values.ts';
import { witnessFor } from '../../src/config/witness.ts';
import { foldAscii } from '../../src/events/index.ts';
import { SHARED } from '../builders/shared.ts';

const text = fc
  .array(fc.constantFrom('a', 'B', '\\', ';', 'x.exe', 'C:\\', '-', ' '), { maxLength: 4 })
  .map((parts) => parts.join(''));

test('a value meets its filter, or misses it, as asked', () => {
  let [asked, found] = [0, 0];
  fc.assert(
    fc.property(fc.constantFrom<Condition>(...CONDITIONS), text, fc.boolean(), (condition, wanted, meets) => {
      const value = valueFor({ field: 'Image', condition, text: wanted }, meets);
      asked += 1;
      if (value === null) return;
      found += 1;
      assert.notEqual(value, '');
      assert.equal(compileCondition(condition, wanted)(foldAscii(value)), meets, JSON.stringify(value));
    }),
    { numRuns: 3000, seed: 5 },
  );
  // What can't be met at all, such as is "", is in the rest.
  assert.ok(found > 0.85 * asked, `${found} of ${asked}`);
});

test('a value meets all filters that it is made for', () => {
  const filters = [
    { field: 'Image', condition: 'begin with' as Condition, text: 'C:\\Users\\' },
    { field: 'Image', condition: 'contains' as Condition, text: '\\AppData\\' },
    { field: 'Image', condition: 'image' as Condition, text: 'x.exe' },
    { field: 'Image', condition: 'is not' as Condition, text: 'C:\\Users\\AppData\\x.exe' },
  ];
  const values = valuesMeeting(filters);
  assert.ok(values.length > 0);
  for (const value of values) {
    assert.ok(
      filters.every(({ condition, text: wanted }) => compileCondition(condition, wanted)(foldAscii(value))),
    );
  }
});

const AND = parseConfig(`<Sysmon schemaversion="4.90"><EventFiltering>
<RuleGroup groupRelation="or"><ProcessCreate onmatch="exclude"><Image condition="end with">\\a.exe</Image></ProcessCreate></RuleGroup>
<RuleGroup groupRelation="or"><ProcessCreate onmatch="include">
<Image condition="contains">a</Image>
<Rule groupRelation="and"><Image condition="begin with">C:\\a</Image><CommandLine condition="contains all">x;y</CommandLine></Rule>
<Rule groupRelation="and"><Image condition="image">b.exe</Image><CommandLine condition="contains all">x;y</CommandLine></Rule>
</ProcessCreate></RuleGroup></EventFiltering></Sysmon>`);

test('an event is found that a filter decides, past those that would hide it; none where there is none', () => {
  const config = AND.config!;
  const [, include] = config.active;
  const [first, dead, , alive] = include!.filters;
  const one = witnessFor(config, 1, first!)!;
  assert.ok(evaluate(config, { EventID: 1, ...one }).logged);
  assert.equal(witnessFor(config, 1, dead!), null, 'the filter before it takes all its events');
  const other = witnessFor(config, 1, alive!)!;
  assert.equal(decideFor(config, 1)((field) => other[field]).filter?.rule, alive!.rule);
});

test('witnesses for the filters of real configurations', { skip: SHARED === null && 'no ../shared' }, () => {
  const root = join(SHARED!, 'data/config');
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.xml'));
  let [asked, found] = [0, 0];
  for (const file of files) {
    const { accepted, config } = parseConfig(readFileSync(join(root, file)));
    if (!accepted || !config) continue;
    for (const block of config.active) {
      for (const [index, filter] of block.filters.entries()) {
        // Every one of small sections, and some of large ones.
        if (block.filters.length > 40 && index % 17 !== 0) continue;
        asked += 1;
        const fields = witnessFor(config, block.eventId, filter);
        if (!fields) continue;
        found += 1;
        const decision = decideFor(config, block.eventId)((field) => fields[field]);
        assert.equal(decision.block, block);
        assert.equal(decision.logged, block.onmatch === 'include');
      }
    }
  }
  assert.ok(found > 0.95 * asked, `${found} of ${asked}`);
});
