/** A comparison says "no change" only where no event tells the configurations apart, and its witnesses do tell. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareConfigs } from '../../src/config/compare.ts';
import { evaluate, parseConfig, type ParsedConfig } from '../../src/config/index.ts';
import { SHARED } from '../builders/shared.ts';

function config(filtering: string, schema = '4.90'): ParsedConfig {
  const parsed = parseConfig(
    `<Sysmon schemaversion="${schema}"><EventFiltering>${filtering}</EventFiltering></Sysmon>`,
  );
  assert.ok(parsed.accepted, parsed.messages.join('\n'));
  return parsed;
}

const or = (sections: string): string => `<RuleGroup groupRelation="or">${sections}</RuleGroup>`;
const create = (onmatch: string, filters: string): string =>
  `<ProcessCreate onmatch="${onmatch}">${filters}</ProcessCreate>`;
const image = (condition: string, text: string, name = ''): string =>
  `<Image condition="${condition}"${name === '' ? '' : ` name="${name}"`}>${text}</Image>`;

const equal: readonly (readonly [string, string, string])[] = [
  ['order', image('is', 'a') + image('end with', 'b'), image('end with', 'b') + image('is', 'a')],
  ['a list and its items', image('is any', 'a;B'), image('is', 'b') + image('is', 'A')],
  ['contains any', image('contains any', 'a;b'), image('contains', 'b') + image('contains', 'a')],
  ['a comment', image('is', 'a'), `<!-- why -->${image('is', 'a')}`],
  ['the default condition', image('is', 'a'), '<Image>a</Image>'],
  ['image with a path', image('is', 'C:\\a'), image('image', 'c:\\A')],
  [
    'a Rule around',
    image('is', 'a') + image('is', 'b'),
    `<Rule>${image('is', 'a')}</Rule>${image('is', 'b')}`,
  ],
  [
    'contains all as an AND Rule',
    image('contains all', 'a;b'),
    `<Rule groupRelation="and">${image('contains', 'b')}${image('contains', 'a')}</Rule>`,
  ],
  ['a filter within another', image('contains', 'a'), image('contains', 'a') + image('is', 'xax')],
  ['a filter that never matches', image('is', 'a'), image('is', 'a') + image('is', '')],
];

test('what is written otherwise and means the same is no change', () => {
  for (const [what, a, b] of equal) {
    for (const onmatch of ['include', 'exclude']) {
      const comparison = compareConfigs(config(or(create(onmatch, a))), config(or(create(onmatch, b))));
      assert.ok(comparison.same, `${what}: ${JSON.stringify(comparison.eventTypes)}`);
    }
  }
  const bare = config(create('exclude', image('is', 'a')));
  assert.ok(
    compareConfigs(bare, config('<ProcessCreate default="include"><Image>a</Image></ProcessCreate>')).same,
  );
  assert.ok(compareConfigs(bare, config(create('exclude', image('is', 'a')), '4.00')).same);
  assert.ok(compareConfigs(config(''), config(create('exclude', ''))).same, 'logged by default');
  assert.ok(
    compareConfigs(
      config(or(create('include', '') + create('exclude', image('is', 'a')))),
      config(create('include', '')),
    ).same,
    'nothing is logged either way',
  );
});

test('a change of one filter is told with its places, its direction and an event', () => {
  const old = config(`\n${or(create('exclude', image('end with', '\\a.exe')))}`);
  const now = config(`\n\n${or(create('exclude', image('end with', 'a.exe')))}`);
  const { same, eventTypes } = compareConfigs(old, now);
  assert.equal(same, false);
  const [type] = eventTypes;
  assert.equal(type!.tag, 'ProcessCreate');
  const [change] = type!.filters;
  assert.equal(type!.filters.length, 1);
  assert.deepEqual([change!.effect, change!.old!.line, change!.new!.line], ['wider', 2, 3]);
  assert.ok(type!.witnesses.length > 0);
  assert.ok(type!.witnesses.every(({ new: { logged } }) => !logged));
});

test('AND for OR is one change, and a section that appears changes the rest', () => {
  const filters = `${image('is', 'a')}<CommandLine>b</CommandLine>`;
  const [type] = compareConfigs(
    config(or(create('include', filters))),
    config(create('include', filters)),
  ).eventTypes;
  assert.deepEqual([type!.combine.length, type!.filters.length], [1, 0]);
  assert.deepEqual([type!.combine[0]!.old.combine, type!.combine[0]!.new.combine], ['or', 'and']);
  const [rest] = compareConfigs(config(''), config('<ImageLoad onmatch="exclude"/>')).eventTypes;
  assert.deepEqual([rest!.tag, rest!.rest.old, rest!.rest.new], ['ImageLoad', false, true]);
  assert.deepEqual(rest!.witnesses[0]!.fields, {});
});

test('the events of a tag are compared one by one', () => {
  const key = '<TargetObject condition="contains">Run</TargetObject>';
  const { eventTypes } = compareConfigs(
    config(or(`<RegistryEvent onmatch="include">${key}</RegistryEvent>`)),
    config(or(`<RegistryEvent onmatch="include">${key}<Details>1</Details></RegistryEvent>`)),
  );
  assert.deepEqual(
    eventTypes.map(({ eventIds }) => eventIds),
    [[13]],
  );
});

test('names and options are compared for themselves', () => {
  const named = compareConfigs(
    config(or(create('include', image('is', 'a', 'x')))),
    config(or(create('include', image('is', 'a', 'y')))),
  );
  assert.equal(named.same, false);
  assert.deepEqual(
    named.eventTypes[0]!.names.map(({ old, new: now }) => [old.name, now.name]),
    [['x', 'y']],
  );
  assert.deepEqual([named.eventTypes[0]!.filters, named.eventTypes[0]!.witnesses], [[], []]);
  const hashes = (text: string): ParsedConfig =>
    parseConfig(`<Sysmon schemaversion="4.90"><HashAlgorithms>${text}</HashAlgorithms></Sysmon>`);
  assert.ok(compareConfigs(hashes('md5,SHA256'), hashes('sha-256,MD5')).same);
  assert.equal(compareConfigs(hashes('md5'), hashes('*')).options.length, 1);
});

/** Sections over few texts, so that two configurations often mean the same, or nearly. */
const piece = fc.constantFrom('a', 'b', 'ab', '\\a', 'a;b', 'b;', '', 'B');
const condition = fc.constantFrom(
  'is',
  'is any',
  'contains',
  'contains any',
  'contains all',
  'begin with',
  'end with',
  'image',
  'is not',
  'excludes any',
  'excludes all',
);
const filter = fc
  .tuple(fc.constantFrom('Image', 'CommandLine'), condition, piece)
  .map(([field, name, text]) => `<${field} condition="${name}">${text}</${field}>`);
const rule = fc
  .tuple(fc.constantFrom('and', 'or'), fc.array(filter, { minLength: 1, maxLength: 3 }))
  .map(([relation, filters]) => `<Rule groupRelation="${relation}">${filters.join('')}</Rule>`);
const section = fc
  .tuple(
    fc.constantFrom('and', 'or'),
    fc.constantFrom('include', 'exclude'),
    fc.array(fc.oneof({ weight: 3, arbitrary: filter }, rule), { maxLength: 3 }),
  )
  .map(
    ([relation, onmatch, filters]) =>
      `<RuleGroup groupRelation="${relation}">${create(onmatch, filters.join(''))}</RuleGroup>`,
  );
const filtering = fc.array(section, { maxLength: 3 }).map((sections) => sections.join(''));

const VALUES = [
  '-',
  'a',
  'b',
  'ab',
  'ba',
  'x',
  '\\a',
  'x\\a',
  'a\\b',
  'b\\a',
  'axb',
  'a;b',
  ';',
  'bb',
  'x\\',
];

test('where no change is found no event tells them apart, and each witness does', () => {
  let same = 0;
  fc.assert(
    fc.property(filtering, filtering, (a, b) => {
      const [old, now] = [config(a), config(b)];
      const comparison = compareConfigs(old, now);
      for (const { witnesses } of comparison.eventTypes) {
        for (const { eventId, fields } of witnesses) {
          const event = { EventID: eventId, ...fields };
          assert.notEqual(evaluate(old.config!, event).logged, evaluate(now.config!, event).logged);
        }
      }
      if (comparison.eventTypes.some(({ filters, rest }) => filters.length > 0 || rest.old !== rest.new))
        return;
      if (comparison.eventTypes.some(({ combine }) => combine.length > 0)) return;
      same += 1;
      for (const Image of VALUES) {
        for (const CommandLine of VALUES) {
          const event = { EventID: 1, Image, CommandLine };
          assert.equal(
            evaluate(old.config!, event).logged,
            evaluate(now.config!, event).logged,
            JSON.stringify(event),
          );
        }
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(same > 100, String(same));
});

test(
  'a real configuration is the same as itself, and as its copy without comments',
  { skip: SHARED === null && 'no ../shared' },
  () => {
    const root = join(SHARED!, 'data/config');
    const files = readdirSync(root, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.xml'));
    let compared = 0;
    for (const file of files) {
      const own = parseConfig(readFileSync(join(root, file)));
      if (!own.accepted) continue;
      const bare = own.config!.source.text.replace(/<!--[^]*?-->/g, '').replace(/>\s+</g, '>\n\t<');
      for (const other of [own, parseConfig(bare)]) {
        assert.ok(other.accepted, file);
        assert.ok(compareConfigs(own, other).same, file);
        compared += 1;
      }
    }
    assert.ok(compared > 500);
  },
);
