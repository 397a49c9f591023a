/**
 * The compiled, indexed evaluator, and the kernel of the scan, against a naive one: over real configurations and events made
 * of their own texts, and over random ones.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Config, decideFor, decideNamelessFor, parseConfig } from '../../src/config/index.ts';
import { CONDITIONS } from '../../src/config/grammar-table.ts';
import { type Fields, naiveEvaluate } from '../builders/naive-evaluate.ts';
import { decidedByKernel } from '../builders/filtered-scan.ts';
import { SHARED } from '../builders/shared.ts';

/** How many events the kernel decided, how many it left to others, and those for which there is no filter. */
const kernel = { decided: 0, left: 0, none: 0 };

/** Holds the decisions for events to the naive ones. */
function allSame(config: Config, events: readonly (readonly [eventId: number, fields: Fields])[]): void {
  for (const [eventId, fields] of events) same(config, eventId, fields);
  if (events.length === 0) return;
  for (const [i, found] of decidedByKernel(config, events).entries()) {
    const [eventId, fields] = events[i]!;
    kernel[found === undefined ? 'none' : found === 'undecided' ? 'left' : 'decided'] += 1;
    if (found === 'undecided' || found === undefined) continue;
    const expected = naiveEvaluate(config, eventId, fields);
    const about = JSON.stringify({ eventId, fields });
    assert.equal(found?.logged ?? false, expected.logged, about);
    if (found !== null) assert.ok(found.filter === expected.filter, about);
  }
}

function same(config: Config, eventId: number, fields: Fields): void {
  const expected = naiveEvaluate(config, eventId, fields);
  const about = JSON.stringify({ eventId, fields });
  const read = (field: string): string | undefined => fields[field];
  const { logged, ruleName, filter, block } = decideFor(config, eventId)(read);
  assert.deepEqual({ logged, ruleName }, { logged: expected.logged, ruleName: expected.ruleName }, about);
  // Which of two that are alike decided tells alone who they are.
  assert.ok(filter === expected.filter, about);
  assert.ok(!filter || block!.filters.includes(filter), about);
  const nameless = decideNamelessFor(config, eventId)(read);
  assert.ok(nameless.logged === logged && nameless.filter === filter && nameless.block === block, about);
}

/** A small deterministic generator: tests repeat. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test(
  'real configurations: indexed and naive agree on events made of their texts',
  { skip: SHARED ? false : 'no ../shared' },
  () => {
    const folder = join(SHARED!, 'data/config');
    let events = 0;
    for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
      if (!name.endsWith('.xml')) continue;
      const { accepted, config } = parseConfig(readFileSync(join(folder, name)));
      if (!accepted || !config) continue;
      const random = randomOf(name.length + config.filterCount);
      for (const { id, tag } of config.events) {
        const filters = config.active.filter((block) => block.tag === tag).flatMap((block) => block.filters);
        const made: [number, Fields][] = [];
        for (let n = 0; n < Math.min(90, 4 * filters.length); n++) {
          const fields: Record<string, string> = {};
          for (let k = 0; k <= n % 4; k++) {
            const { field, text } = filters[random(filters.length)]!;
            const item = text.split(';')[0]!;
            const shapes = [
              text,
              item,
              `C:\\Windows\\${item}`,
              `${item} -x`,
              `a${item}b`,
              item.toUpperCase(),
              '',
            ];
            fields[field] = shapes[random(shapes.length)]!;
          }
          made.push([id, fields]);
        }
        allSame(config, made);
        events += made.length;
      }
    }
    assert.ok(events > 5000, `only ${events} events`);
  },
);

test('random configurations: indexed and naive agree, names that stayed behind included', () => {
  const text = fc.constantFrom('a', 'b', 'ab', '\\a', 'x\\ab', '', 'a;b', 'b;', 'A', 'é');
  const name = fc.constantFrom('', ' name="n1"', ' name="n2"', ' name=""');
  const filter = fc
    .record({
      field: fc.constantFrom('Image', 'CommandLine', 'User'),
      condition: fc.constantFrom(...CONDITIONS),
      text,
      name,
    })
    .map((one) => `<${one.field} condition="${one.condition}"${one.name}>${one.text}</${one.field}>`);
  const rule = fc
    .record({
      filters: fc.array(filter, { minLength: 1, maxLength: 3 }),
      relation: fc.constantFrom('and', 'or'),
      name,
    })
    .map((one) => `<Rule groupRelation="${one.relation}"${one.name}>${one.filters.join('')}</Rule>`);
  const section = fc
    .record({
      onmatch: fc.constantFrom('include', 'exclude'),
      parts: fc.array(fc.oneof(filter, rule), { maxLength: 8 }),
      group: fc.constantFrom('and', 'or'),
    })
    .map(
      (one) =>
        `<RuleGroup groupRelation="${one.group}"><ProcessCreate onmatch="${one.onmatch}">${one.parts.join('')}</ProcessCreate></RuleGroup>`,
    );
  const value = fc.constantFrom('a', 'ab', 'x\\ab', 'x\\a', 'b', 'é', 'B', '', 'aXb');
  fc.assert(
    fc.property(
      fc.array(section, { maxLength: 3 }),
      fc.record({ Image: value, CommandLine: value, User: value }),
      (sections, fields) => {
        const { config, accepted } = parseConfig(
          `<Sysmon schemaversion="4.90"><EventFiltering>${sections.join('')}</EventFiltering></Sysmon>`,
        );
        assert.ok(accepted);
        allSame(config!, [[1, fields]]);
      },
    ),
    { numRuns: 2000 },
  );
});

test('random configurations: events that share a tag, many filters, values in any case', () => {
  const words = [
    'a',
    'B',
    'ab',
    '\\',
    '\\A',
    'x\\aB',
    'HKLM\\Sys',
    'System\\a',
    '.exe',
    'é',
    'É',
    '\u212A',
    '-',
    '0x1',
  ];
  const words2 = fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(''));
  const list = fc.array(words2, { minLength: 1, maxLength: 3 }).map((items) => items.join(';'));
  const fields = ['EventType', 'Image', 'TargetObject', 'User', 'RuleName'];
  const name = fc.constantFrom('', '', ' name="n1"', ' name="n2"');
  const filter = fc
    .record({
      field: fc.constantFrom(...fields),
      condition: fc.constantFrom(...CONDITIONS),
      text: list,
      name,
    })
    .map((one) => `<${one.field} condition="${one.condition}"${one.name}>${one.text}</${one.field}>`);
  const rule = fc
    .record({
      filters: fc.array(filter, { minLength: 1, maxLength: 4 }),
      relation: fc.constantFrom('and', 'or'),
      name,
    })
    .map((one) => `<Rule groupRelation="${one.relation}"${one.name}>${one.filters.join('')}</Rule>`);
  const details = fc.constantFrom(
    '',
    '',
    '<Details condition="contains">a</Details>',
    '<NewName>a</NewName>',
  );
  const section = fc
    .record({
      onmatch: fc.constantFrom('include', 'exclude'),
      parts: fc.array(fc.oneof(filter, filter, rule), { maxLength: 25 }),
      details,
      group: fc.constantFrom('and', 'or', 'or', 'or'),
    })
    .map(
      (one) =>
        `<RuleGroup groupRelation="${one.group}"><RegistryEvent onmatch="${one.onmatch}">${one.parts.join('')}${one.details}</RegistryEvent></RuleGroup>`,
    );
  const value = fc.oneof(words2, fc.constantFrom('', '-'));
  const event = fc.record(
    Object.fromEntries([...fields, 'Details', 'NewName'].map((field) => [field, value])),
  );
  fc.assert(
    fc.property(
      fc.array(section, { maxLength: 3 }),
      fc.array(fc.tuple(fc.constantFrom(12, 13, 14), event), { maxLength: 12 }),
      (sections, events) => {
        const { config, accepted } = parseConfig(
          `<Sysmon schemaversion="4.90"><EventFiltering>${sections.join('')}</EventFiltering></Sysmon>`,
        );
        assert.ok(accepted);
        allSame(config!, events);
      },
    ),
    { numRuns: 1500 },
  );
});

test('the kernel decided most of them', () => {
  assert.ok(kernel.decided > 50 * kernel.left && kernel.decided > kernel.none, JSON.stringify(kernel));
});
