/** A comparison says "no change" only where no event tells the configurations apart, and its witnesses do tell. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareConfigs } from '../../src/config/compare.ts';
import { decideFor, evaluate, parseConfig, type ParsedConfig } from '../../src/config/index.ts';
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
  assert.ok(compareConfigs(hashes('All'), hashes('md5,sha1,sha256,imphash,md5')).same);
  assert.equal(compareConfigs(hashes('All'), hashes('md5,sha1,sha256')).options.length, 1);
  const lookup = (option: string): ParsedConfig =>
    parseConfig(`<Sysmon schemaversion="4.90">${option}</Sysmon>`);
  const on = lookup('<DnsLookup>True</DnsLookup>');
  assert.ok(compareConfigs(lookup(''), on).same);
  assert.equal(compareConfigs(on, lookup('<DnsLookup>False</DnsLookup>')).options.length, 1);
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

/** Whether some event type is said to log otherwise; each that is has an event that shows it. */
function saidToDiffer(old: ParsedConfig, now: ParsedConfig): boolean {
  const changes = compareConfigs(old, now).eventTypes.filter(
    ({ filters, rest, combine }) => filters.length + combine.length > 0 || rest.old !== rest.new,
  );
  for (const { witnesses } of changes) {
    assert.ok(witnesses.length > 0, 'an event shows the difference');
    for (const { eventId, fields } of witnesses) {
      const event = { EventID: eventId, ...fields };
      assert.notEqual(evaluate(old.config!, event).logged, evaluate(now.config!, event).logged);
    }
  }
  return changes.length > 0;
}

test('where no change is found no event tells them apart, and each change has an event that does', () => {
  let same = 0;
  fc.assert(
    fc.property(filtering, filtering, (a, b) => {
      const [old, now] = [config(a), config(b)];
      if (saidToDiffer(old, now)) return;
      same += 1;
      const [before, after] = [decideFor(old.config!, 1), decideFor(now.config!, 1)];
      for (const Image of VALUES) {
        for (const CommandLine of VALUES) {
          const read = (field: string): string | undefined =>
            field === 'Image' ? Image : field === 'CommandLine' ? CommandLine : undefined;
          assert.equal(before(read).logged, after(read).logged, JSON.stringify({ Image, CommandLine }));
        }
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(same > 100, String(same));
});

/** All texts of up to five characters over those that the texts of `piece` tell apart. */
const TEXTS: string[] = [''];
for (let from = 0; TEXTS.length < 300;) {
  const to = TEXTS.length;
  for (; from < to; from += 1) for (const character of ['a', 'b', '\\']) TEXTS.push(TEXTS[from]! + character);
}
TEXTS[0] = '-';

test('of one field: the same is said exactly where no text there is logged by one alone', () => {
  const one = fc
    .tuple(
      condition.filter((name) => name !== 'is any'),
      fc.constantFrom('a', 'b', 'ab', '\\a', 'b\\'),
    )
    .map(([name, text]) => image(name, text));
  const rules = fc
    .array(one, { minLength: 1, maxLength: 3 })
    .map((filters) => `<Rule groupRelation="and">${filters.join('')}</Rule>`);
  const list = fc.array(fc.oneof(one, rules), { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
  const sections = fc
    .tuple(list, fc.option(list, { nil: '' }))
    .map(([logged, hidden]) =>
      or(create('include', logged) + (hidden === '' ? '' : create('exclude', hidden))),
    );
  const seen = { same: 0, differ: 0 };
  fc.assert(
    fc.property(sections, sections, (a, b) => {
      const [old, now] = [config(a), config(b)];
      const [before, after] = [decideFor(old.config!, 1), decideFor(now.config!, 1)];
      const apart = TEXTS.some((text) => {
        const read = (field: string): string | undefined => (field === 'Image' ? text : undefined);
        return before(read).logged !== after(read).logged;
      });
      const differ = saidToDiffer(old, now);
      // A witness that is longer than all texts here is checked by itself.
      if (apart) assert.ok(differ, 'a difference is told');
      seen[differ ? 'differ' : 'same'] += 1;
    }),
    { numRuns: 1500 },
  );
  assert.ok(seen.same > 30 && seen.differ > 300, JSON.stringify(seen));
});

const line = (name: string, text: string): string => `<CommandLine condition="${name}">${text}</CommandLine>`;
const both = (...filters: string[]): string => `<Rule groupRelation="and">${filters.join('')}</Rule>`;

test('equal only by several filters together is no change', () => {
  const whole = image('is', 'b');
  const halves = both(whole, line('contains', 'x')) + both(whole, line('excludes', 'x'));
  for (const onmatch of ['include', 'exclude']) {
    const [one, two] = [config(or(create(onmatch, whole))), config(or(create(onmatch, halves)))];
    assert.ok(compareConfigs(one, two).same && compareConfigs(two, one).same, onmatch);
  }
  const excluded = create('exclude', image('begin with', 'C:\\'));
  const narrowed = or(
    excluded + create('include', both(image('excludes', '\\a'), image('not begin with', 'C:\\'))),
  );
  assert.ok(
    compareConfigs(config(or(excluded + create('include', image('excludes', '\\a')))), config(narrowed)).same,
  );
  // Everything by name, and everything by its opposite parts.
  const all = create('include', image('contains', 'a') + image('excludes', 'a'));
  assert.ok(compareConfigs(config(or(all)), config('<ProcessCreate onmatch="exclude"/>')).same);
});

test('a difference in one corner is told with the event that lies in it', () => {
  const whole = image('is', 'b');
  const [old, now] = [
    config(or(create('include', whole))),
    config(
      or(create('include', both(whole, line('contains', 'x')) + both(whole, line('not end with', 'x')))),
    ),
  ];
  assert.ok(compareConfigs(old, now).same, 'what does not end with x, or holds it');
  const corner = config(
    or(create('include', both(whole, line('begin with', 'x')) + both(whole, line('excludes', 'xy')))),
  );
  const [type] = compareConfigs(old, corner).eventTypes;
  assert.ok(type!.witnesses.length > 0);
  for (const { fields, old: before, new: after } of type!.witnesses) {
    assert.deepEqual([before.logged, after.logged, fields.Image], [true, false, 'b']);
    assert.match(fields.CommandLine!, /^(?!x).*xy/);
  }
});

test('a hostile pair ends, and nothing is claimed of it that is not so', () => {
  const filters = (word: string): string =>
    Array.from({ length: 300 }, (_, i) =>
      both(image('contains all', `${word}${i};y${i * 7};z`), line('excludes all', `${i};${word}`)),
    ).join('');
  const [old, now] = [
    config(or(create('include', filters('a')) + create('exclude', filters('b')))),
    config(or(create('include', filters('b')) + create('exclude', filters('a')))),
  ];
  const started = performance.now();
  assert.ok(saidToDiffer(old, now));
  assert.ok(performance.now() - started < 20_000);
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
