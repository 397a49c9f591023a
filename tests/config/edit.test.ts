/** A splice makes the change that was meant, and no other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addFilter,
  addRule,
  addSection,
  applySplices,
  changeCondition,
  type Config,
  decodeConfig,
  edit,
  EditError,
  encodeConfig,
  evaluate,
  parseConfig,
  removeElement,
  removeFilter,
  sectionsOf,
  type Splice,
} from '../../src/config/index.ts';
import type { ConfigElement } from '../../src/config/document.ts';
import { engineCases } from '../builders/engine-cases.ts';
import { realConfigs } from '../builders/real-configs.ts';
import { SHARED } from '../builders/shared.ts';

function configOf(text: string | Uint8Array): Config {
  const { config } = parseConfig(text);
  assert.ok(config);
  return config;
}

function textAfter(config: Config, splices: readonly Splice[]): string {
  const { config: edited } = edit(config, splices);
  assert.ok(edited);
  return edited.source.text;
}

/** A section of a text in which lines are joined by `\n`. */
const section = (...lines: string[]): string =>
  [
    '<Sysmon schemaversion="4.90">',
    '  <EventFiltering>',
    ...lines,
    '  </EventFiltering>',
    '</Sysmon>',
    '',
  ].join('\n');

const first = (config: Config): ConfigElement => sectionsOf(config.document.root)[0]!;

test('a filter is added with the indentation and line ends around it', () => {
  const filter = { field: 'Image', condition: 'contains', text: 'a&b<c>"d"', name: 'x "y" & z' };
  const line = '<Image name="x &quot;y&quot; &amp; z" condition="contains">a&amp;b&lt;c&gt;"d"</Image>';
  const cases: [before: string[], after: string[]][] = [
    [
      ['    <ProcessCreate onmatch="include"/>'],
      ['    <ProcessCreate onmatch="include">', `      ${line}`, '    </ProcessCreate>'],
    ],
    [
      ['    <ProcessCreate onmatch="include"></ProcessCreate>'],
      ['    <ProcessCreate onmatch="include">', `      ${line}`, '    </ProcessCreate>'],
    ],
    [
      ['    <ProcessCreate onmatch="include">', '    </ProcessCreate>'],
      ['    <ProcessCreate onmatch="include">', `      ${line}`, '    </ProcessCreate>'],
    ],
    [
      ['    <ProcessCreate onmatch="include">', '\t\t<Image>a</Image> <!-- why -->', '    </ProcessCreate>'],
      [
        '    <ProcessCreate onmatch="include">',
        '\t\t<Image>a</Image> <!-- why -->',
        `\t\t${line}`,
        '    </ProcessCreate>',
      ],
    ],
    [
      ['    <ProcessCreate onmatch="include"><Image>a</Image></ProcessCreate>'],
      [`    <ProcessCreate onmatch="include"><Image>a</Image>${line}</ProcessCreate>`],
    ],
  ];
  for (const [before, after] of cases) {
    for (const lineEnd of ['\n', '\r\n']) {
      const config = configOf(section(...before).replaceAll('\n', lineEnd));
      const text = textAfter(config, addFilter(config, first(config), filter));
      assert.equal(text, section(...after).replaceAll('\n', lineEnd));
      const added = sectionsOf(configOf(text).document.root)[0]!.children.at(-1)!;
      assert.equal(added.text, filter.text);
      assert.equal(added.attributes.get('name'), filter.name);
    }
  }
});

test('a configuration on one line stays on one line', () => {
  const config = configOf('<Sysmon schemaversion="4.90"><EventFiltering/></Sysmon>');
  const filters = [{ field: 'Image', condition: 'is', text: 'a' }];
  const grown = edit(config, addSection(config, { tag: 'ProcessCreate', onmatch: 'include', filters }));
  assert.equal(
    grown.config!.source.text,
    '<Sysmon schemaversion="4.90"><EventFiltering><ProcessCreate onmatch="include"><Image condition="is">a</Image></ProcessCreate></EventFiltering></Sysmon>',
  );
});

test('a Rule is added, and goes with its last filter', () => {
  const config = configOf(section('    <ProcessCreate onmatch="include">', '    </ProcessCreate>'));
  const filters = [
    { field: 'Image', condition: 'image', text: 'a.exe' },
    { field: 'CommandLine', condition: 'contains', text: '-x' },
  ];
  const { config: grown } = edit(
    config,
    addRule(config, first(config), { groupRelation: 'and', name: 'n', filters }),
  );
  assert.equal(
    grown!.source.text,
    section(
      '    <ProcessCreate onmatch="include">',
      '      <Rule name="n" groupRelation="and">',
      '        <Image condition="image">a.exe</Image>',
      '        <CommandLine condition="contains">-x</CommandLine>',
      '      </Rule>',
      '    </ProcessCreate>',
    ),
  );
  const { config: less } = edit(grown!, removeFilter(grown!, grown!.active[0]!.filters[0]!));
  assert.equal(less!.filterCount, 1);
  const { config: none, accepted } = edit(less!, removeFilter(less!, less!.active[0]!.filters[0]!));
  assert.ok(accepted, 'no empty Rule is left, which would crash Sysmon');
  assert.equal(none!.source.text, config.source.text);
});

test('a condition is changed in place: quotes, spacing and everything else stay', () => {
  const written = `    <ProcessCreate onmatch="include">\n      <Image  name = 'it"s'\n condition='is'>a<!-- c -->b</Image>\n      <User/>\n    </ProcessCreate>`;
  const config = configOf(section(written));
  const [image, user] = first(config).children;
  assert.equal(
    textAfter(config, changeCondition(config, image!, { condition: 'end with', text: '\\x', name: `o'n"e` })),
    section(written)
      .replace(`'it"s'`, `'o&#39;n&quot;e'`)
      .replace(`'is'`, `'end with'`)
      .replace('a<!-- c -->b', '\\x'),
  );
  assert.equal(
    textAfter(config, changeCondition(config, user!, { condition: 'is not', text: 'me' })),
    section(written).replace('<User/>', '<User condition="is not">me</User>'),
  );
  assert.equal(
    textAfter(config, changeCondition(config, image!, { name: null })),
    section(written).replace(`  name = 'it"s'`, ''),
  );
});

test('never a second section of a tag and polarity', () => {
  const filter = { field: 'Image', condition: 'is', text: 'a' };
  const other = { field: 'User', condition: 'is', text: 'u' };
  const config = configOf(section('    <ProcessCreate default="include"/>'));
  const { blocks, config: grown } = edit(
    config,
    addSection(config, { tag: 'ProcessCreate', onmatch: 'exclude', filters: [filter] }),
  );
  assert.deepEqual(
    blocks.map(({ onmatch, filters }) => [onmatch, filters]),
    [['exclude', 1]],
  );
  assert.deepEqual(addSection(grown!, { tag: 'ProcessCreate', onmatch: 'exclude' }), []);

  // An empty `and` section takes alternatives in a Rule; one that has filters can't.
  const alternatives = {
    tag: 'ProcessCreate',
    onmatch: 'exclude',
    groupRelation: 'or',
    filters: [filter, other],
  } as const;
  const widened = edit(config, addSection(config, alternatives));
  assert.equal(evaluate(widened.config!, { EventID: 1, User: 'u' }).logged, false);
  assert.equal(evaluate(widened.config!, { EventID: 1, User: 'v' }).logged, true);
  assert.throws(() => addSection(grown!, alternatives), EditError);

  const made = edit(
    config,
    addSection(config, {
      tag: 'CreateRemoteThread',
      onmatch: 'include',
      groupRelation: 'or',
      filters: [
        { field: 'SourceImage', condition: 'is', text: 'a' },
        { field: 'TargetImage', condition: 'is', text: 'a' },
      ],
    }),
  );
  assert.deepEqual(
    made.blocks.map(({ tag, combine, filters }) => [tag, combine, filters]),
    [
      ['ProcessCreate', 'and', 0],
      ['CreateRemoteThread', 'or', 2],
    ],
  );
  assert.match(
    made.config!.source.text,
    /^ {4}<RuleGroup groupRelation="or">\n {6}<CreateRemoteThread onmatch="include">\n {8}<SourceImage/m,
  );

  const bare = configOf('<Sysmon schemaversion="4.90">\r\n</Sysmon>');
  assert.equal(
    textAfter(bare, addSection(bare, { tag: 'DnsQuery', onmatch: 'exclude' })),
    '<Sysmon schemaversion="4.90">\r\n  <EventFiltering>\r\n    <DnsQuery onmatch="exclude"/>\r\n  </EventFiltering>\r\n</Sysmon>',
  );
});

test('what can not be is refused', () => {
  const config = configOf(section('    <ProcessCreate onmatch="include"/>'));
  const target = first(config);
  const add = (field: string, condition: string, text: string) => () =>
    addFilter(config, target, { field, condition, text });
  const refuses = (make: () => unknown, code: string): void =>
    assert.throws(make, (error) => error instanceof EditError && error.code === code && error.offset >= 0);
  refuses(add('Imag', 'is', 'a'), 'config-edit-target');
  refuses(add('Image', 'equals', 'a'), 'config-edit-target');
  refuses(add('Image', 'is', 'a\0b'), 'config-edit-text');
  refuses(add('Image', 'is', '\uD800'), 'config-edit-text');
  refuses(() => addRule(config, target, { groupRelation: 'or', filters: [] }), 'config-edit-target');
  refuses(() => addSection(config, { tag: 'Nothing', onmatch: 'include' }), 'config-edit-target');
  const at = (start: number, end: number): Splice => ({ start, end, text: 'x' });
  refuses(() => applySplices('abcdef', [at(3, 5), at(1, 4)]), 'config-edit-overlap');
  refuses(() => applySplices('abc', [at(2, 4)]), 'config-edit-overlap');
  assert.equal(
    applySplices('abcdef', [at(4, 5), at(1, 3), { start: 1, end: 1, text: 'y' }, at(6, 6)]),
    'ayxdxfx',
  );
});

test('the encoding stays, and what it can not hold becomes a reference', () => {
  const latin = `<?xml version="1.0" encoding="ISO-8859-1"?>\r\n${section('    <ProcessCreate onmatch="include">', '      <Image>\xe9</Image>', '    </ProcessCreate>')}`;
  for (const [bytes, kept] of [
    [Buffer.from(latin, 'latin1'), 'é &#8364;'],
    [Buffer.from(`\uFEFF${section('    <ProcessCreate onmatch="include"/>')}`, 'utf16le'), 'é €'],
    [Buffer.from(latin.replace('ISO-8859-1', 'windows-1251').replace('\xe9', '\xcf'), 'latin1'), '&#233; €'],
    [Buffer.from(`\uFEFF${section('    <ProcessCreate onmatch="include"/>')}`), 'é €'],
  ] as const) {
    const config = configOf(bytes);
    const edited = edit(
      config,
      addFilter(config, first(config), { field: 'Image', condition: 'is', text: 'é €' }),
    );
    const again = parseConfig(encodeConfig(edited.config!.source));
    assert.equal(again.config!.source.text, edited.config!.source.text);
    assert.ok(edited.config!.source.text.includes(kept));
    assert.equal(evaluate(again.config!, { EventID: 1, Image: 'é €' }).logged, true);
    const head = Buffer.from(encodeConfig(edited.config!.source)).subarray(0, 40);
    assert.deepEqual(head, bytes.subarray(0, 40));
  }
});

/** All filters of a document, as text: what an edit must not touch. */
function filtersOf(config: Config): string[] {
  return sectionsOf(config.document.root).flatMap((parent, i) =>
    parent.children.flatMap((child) => {
      const own = child.name === 'Rule' ? child.children : [child];
      return own.map(({ name, text, attributes }) =>
        JSON.stringify([i, child.name === 'Rule' ? [...child.attributes] : 0, name, text, [...attributes]]),
      );
    }),
  );
}

function unchangedOutside(before: string, after: string, splices: readonly Splice[]): void {
  const [low, high] = [
    Math.min(...splices.map(({ start }) => start)),
    Math.max(...splices.map(({ end }) => end)),
  ];
  assert.equal(after.slice(0, low), before.slice(0, low));
  assert.equal(after.slice(after.length - (before.length - high)), before.slice(high));
}

/** Makes a change and says how the list of filters should be then. */
type Change = (config: Config, pick: number) => { splices: Splice[]; filters: string[] } | null;

const TEXT = `C:\\é&<"'>\r\n]]>😀`;

const CHANGES: Readonly<Record<string, Change>> = {
  addFilter: (config, pick) => {
    const sections = sectionsOf(config.document.root);
    const into = sections[pick % sections.length];
    const field = into && config.grammar?.tags.get(into.name)?.at(-1);
    if (!into || field === undefined) return null;
    const splices = addFilter(config, into, { field, condition: 'contains', text: TEXT, name: TEXT });
    const at = sections
      .slice(0, sections.indexOf(into) + 1)
      .reduce(
        (sum, { children }) =>
          sum + children.reduce((n, child) => n + (child.name === 'Rule' ? child.children.length : 1), 0),
        0,
      );
    const added = JSON.stringify([
      sections.indexOf(into),
      0,
      field,
      TEXT,
      [
        ['name', TEXT],
        ['condition', 'contains'],
      ],
    ]);
    return { splices, filters: filtersOf(config).toSpliced(at, 0, added) };
  },
  removeFilter: (config, pick) => {
    const all = elementsOf(config);
    if (all.length === 0) return null;
    const at = pick % all.length;
    return { splices: removeFilter(config, all[at]!), filters: filtersOf(config).toSpliced(at, 1) };
  },
  changeCondition: (config, pick) => {
    const all = elementsOf(config);
    if (all.length === 0) return null;
    const at = pick % all.length;
    const splices = changeCondition(config, all[at]!, { condition: 'is not', text: TEXT, name: TEXT });
    const filters = filtersOf(config);
    const [place, rule, name, , attributes] = JSON.parse(filters[at]!) as [
      number,
      unknown,
      string,
      string,
      [string, string][],
    ];
    const had = new Map(attributes);
    const missing = [...(had.has('condition') ? [] : ['condition']), ...(had.has('name') ? [] : ['name'])];
    const changed = new Map<string, string>([...missing.map((key): [string, string] => [key, '']), ...had]);
    changed.set('condition', 'is not').set('name', TEXT);
    return { splices, filters: filters.with(at, JSON.stringify([place, rule, name, TEXT, [...changed]])) };
  },
  'removeElement of a section': (config, pick) => {
    const sections = sectionsOf(config.document.root);
    const gone = sections[pick % sections.length];
    if (!gone) return null;
    const index = sections.indexOf(gone);
    const filters = filtersOf(config).flatMap((text) => {
      const [place, ...rest] = JSON.parse(text) as [number, ...unknown[]];
      return place === index ? [] : [JSON.stringify([place > index ? place - 1 : place, ...rest])];
    });
    return { splices: removeElement(config, gone), filters };
  },
};

function elementsOf(config: Config): ConfigElement[] {
  return sectionsOf(config.document.root)
    .flatMap(({ children }) => children)
    .flatMap((child) => (child.name === 'Rule' ? child.children : [child]));
}

function holds(config: Config, change: Change, pick: number, accepted: boolean): void {
  const made = change(config, pick);
  if (made === null) return;
  const edited = edit(config, made.splices);
  assert.ok(edited.config);
  // One that is rejected may be so for just what goes.
  if (accepted) assert.ok(edited.accepted);
  assert.deepEqual(filtersOf(edited.config), made.filters);
  unchangedOutside(config.source.text, edited.config.source.text, made.splices);
  if (config.source.text.includes('\r\n') && !/[^\r]\n/.test(config.source.text)) {
    assert.doesNotMatch(edited.config.source.text, /[^\r]\n/, 'CR LF is kept');
  }
}

for (const [name, change] of Object.entries(CHANGES)) {
  test(`${name} changes what was meant and nothing else: the engine's cases`, () => {
    for (const cases of engineCases().values()) {
      for (const [i, { config: text, expected }] of cases.entries()) {
        if (expected.ok) holds(configOf(text), change, i, true);
      }
    }
  });

  test(
    `${name} changes what was meant and nothing else: all real configurations`,
    { skip: SHARED === null && 'no ../shared' },
    () => {
      for (const { path, bytes } of realConfigs()) {
        const { config, accepted } = parseConfig(bytes);
        assert.ok(config, path);
        const times = Math.min(10, config.filterCount + 1);
        fc.assert(
          fc.property(fc.nat(), (pick) => holds(config, change, pick, accepted)),
          { numRuns: times },
        );
      }
    },
  );
}

test(
  'every real configuration is encoded again to its own bytes',
  { skip: SHARED === null && 'no ../shared' },
  () => {
    for (const { path, bytes } of realConfigs()) {
      assert.ok(Buffer.from(encodeConfig(decodeConfig(bytes))).equals(bytes), path);
    }
  },
);

test('every text is encoded again to its own bytes, unless some were none of its encoding', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(
        '',
        '\xff\xfe',
        '\xfe\xff',
        '\xef\xbb\xbf',
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        '<?xml version="1.0" encoding="windows-1252"?>',
        '<?xml version="1.0" encoding="iso-8859-15"?>',
      ),
      (rest, start) => {
        const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
        const decoded = decodeConfig(bytes);
        if (!decoded.broken) assert.deepEqual(Buffer.from(encodeConfig(decoded)), bytes);
      },
    ),
  );
});
