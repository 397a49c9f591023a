/** Conformance: what the published engine did, what other readers counted, and what nobody should do to a reader. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideFor, evaluate, parseConfig } from '../../src/config/index.ts';
import { type ConfigElement, readDocument } from '../../src/config/document.ts';
import { engineCases } from '../builders/engine-cases.ts';
import { decidedByKernel } from '../builders/filtered-scan.ts';
import { realConfigs } from '../builders/real-configs.ts';
import { SHARED } from '../builders/shared.ts';
import { arbitraryXml, type Node } from '../builders/xml-arbitrary.ts';

/** Events that the scan's kernel decided. */
let byKernel = 0;

for (const [file, cases] of engineCases()) {
  test(`the engine's verdicts: ${file}`, () => {
    for (const { id, config, expected, events } of cases) {
      const parsed = parseConfig(config);
      assert.equal(parsed.accepted, expected.ok, `${id}: accepted`);
      if (!expected.ok) {
        assert.ok(
          parsed.diagnostics.some(
            ({ severity, line, column }) => severity === 'error' && line > 0 && column > 0,
          ),
          `${id}: an error with a place`,
        );
        continue;
      }
      assert.deepEqual(parsed.blocks, expected.blocks, `${id}: blocks`);
      assert.deepEqual(parsed.options, expected.options, `${id}: options`);
      for (const { event, expected: verdict } of events) {
        const { logged, ruleName } = evaluate(parsed.config!, event);
        assert.equal(logged, verdict.logged, `${id}: ${JSON.stringify(event)}`);
        if (verdict.logged) assert.equal(ruleName, verdict.ruleName, `${id}: ${JSON.stringify(event)}`);
      }
      if (events.length === 0) continue;
      const texts = events.map(({ event: { EventID, ...fields } }) => [EventID, textsOf(fields)] as const);
      for (const [i, found] of decidedByKernel(parsed.config!, texts).entries()) {
        if (found === undefined || found === 'undecided') continue;
        const { event, expected: verdict } = events[i]!;
        byKernel += 1;
        assert.equal(found?.logged ?? false, verdict.logged, `${id}, kernel: ${JSON.stringify(event)}`);
      }
    }
  });
}

function textsOf(fields: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

test('most of them are asked of the kernel, too', () => {
  assert.ok(byKernel > 3000, `${byKernel} events`);
});

const noShared = { skip: SHARED === null && 'no ../shared' };

test('real configurations: filters as two XML readers count them', noShared, () => {
  interface Entry {
    readonly path: string;
    readonly schemaversion: string;
    readonly expected: { readonly filters: number };
    readonly events: Readonly<Record<string, number>>;
  }
  const text = readFileSync(join(SHARED!, 'data/expected-config-dev.json'), 'utf8');
  const { entries } = JSON.parse(text) as { entries: Entry[] };
  const files = new Map(realConfigs().map(({ path, bytes }) => [path, bytes]));
  assert.equal(files.size, entries.length);
  for (const { path, expected, schemaversion, events } of entries) {
    const parsed = parseConfig(files.get(path)!);
    assert.ok(parsed.config, path);
    assert.equal(parsed.config.filterCount, expected.filters, path);
    assert.equal(parsed.config.document.root.attributes.get('schemaversion'), schemaversion, path);
    if (!parsed.accepted) {
      assert.ok(
        parsed.diagnostics.some(({ severity }) => severity === 'error'),
        `${path}: why`,
      );
      continue;
    }
    if (parsed.diagnostics.length > 0) continue;
    const sections: Record<string, number> = {};
    for (const { tag, onmatch } of parsed.blocks) {
      sections[`${tag}:${onmatch}`] = (sections[`${tag}:${onmatch}`] ?? 0) + 1;
    }
    assert.deepEqual(sections, events, `${path}: sections`);
  }
});

test('real configurations: sections and filters as their compiled forms hold them', noShared, () => {
  interface Compiled {
    readonly bin: {
      readonly schema: string;
      readonly events: readonly {
        readonly eventId: number;
        readonly ruleDefault: number;
        readonly combine: number;
        readonly filterCount: number;
      }[];
      readonly totalFilters: number;
    };
  }
  const text = readFileSync(join(SHARED!, 'data/expected-config-bin-dev.json'), 'utf8');
  const { entries } = JSON.parse(text) as { entries: Record<string, Compiled> };
  const files = realConfigs().filter(({ path }) => path.includes('SysmonCommon/'));
  for (const [name, { bin }] of Object.entries(entries)) {
    const file = files.find(({ path }) => path.endsWith(`/${name}`));
    assert.ok(file, name);
    // Compiled by a Sysmon of about that schema; what it holds by event is what we evaluate.
    const { blocks, config, accepted } = parseConfig(file.bytes);
    assert.ok(accepted, name);
    const ours = blocks.map(({ eventId, onmatch, combine, filters }) => ({
      eventId,
      ruleDefault: onmatch === 'include' ? 1 : 0,
      combine: combine === 'or' ? 0 : 1,
      filterCount: filters,
    }));
    const theirs = bin.events.map(({ eventId, ruleDefault, combine, filterCount }) => ({
      eventId,
      ruleDefault,
      combine,
      filterCount,
    }));
    assert.deepEqual(ours, theirs, name);
    assert.equal(config!.filterCount, bin.totalFilters, name);
  }
});

test('a schema below 4.00 is rejected, by every Sysmon from 4.00 on', () => {
  for (const schemaversion of ['1.0', '2.00', '3', '3.40', '3.99', '0', '-4.90']) {
    for (const binarySchema of ['4.00', '4.22', '4.91']) {
      const { accepted, diagnostics } = parseConfig(`<Sysmon schemaversion="${schemaversion}"/>`, {
        binarySchema,
      });
      assert.equal(accepted, false, schemaversion);
      assert.deepEqual(
        diagnostics.map(({ code, line, column }) => [code, line, column]),
        [['config-schemaversion', 1, 1]],
      );
    }
  }
});

const OPEN = '<Sysmon schemaversion="4.90">';
const bomb = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};&e${i};">`).join(
  '',
);

const HOSTILE: readonly (readonly [name: string, input: string | Uint8Array, code: string])[] = [
  ['nothing', '', 'config-not-xml'],
  ['one byte', '<', 'config-not-xml'],
  ['no XML', 'CreateRemoteThread', 'config-not-xml'],
  ['JSON', '{"schemaversion": 4.9}', 'config-not-xml'],
  ['an executable', Buffer.from('MZ\x90\0\x03\0\0\0\x04\0', 'latin1'), 'config-not-xml'],
  ['a batch of zeros', new Uint8Array(1 << 20), 'config-not-xml'],
  ['two roots', `${OPEN}</Sysmon>${OPEN}</Sysmon>`, 'config-not-xml'],
  ['another root', '<Configuration/>', 'config-root'],
  ['a root in a namespace', '<s:Sysmon schemaversion="4.90"/>', 'config-root'],
  ['cut off', `${OPEN}<EventFiltering><ProcessCreate onmatch="inc`, 'config-not-xml'],
  ['an attribute twice', '<Sysmon schemaversion="4.90" schemaversion="4.90"/>', 'config-not-xml'],
  [
    'UTF-16 read as it says, without the other half',
    Buffer.from('\uFEFF<Sysmon', 'utf16le').subarray(0, 9),
    'config-not-xml',
  ],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0, 0x53, 0, 0, 0]), 'config-not-xml'],
  [
    'latin-1 that says UTF-8',
    Buffer.from(`<?xml version="1.0" encoding="utf-8"?>${OPEN}<\xe9/></Sysmon>`, 'latin1'),
    'config-not-xml',
  ],
  [
    'UTF-16BE, which Sysmon reads as 8-bit text',
    Buffer.from(`\uFEFF${OPEN}</Sysmon>`, 'utf16le').swap16(),
    'config-not-xml',
  ],
  ...['utf-16', 'UTF-16LE', 'unicode', 'ansi', 'klingon', 'shift_jis'].flatMap((name) =>
    ['', '\uFEFF'].map((mark): (typeof HOSTILE)[number] => [
      `8-bit text that declares ${name}${mark && ' behind a byte order mark'}`,
      Buffer.from(`${mark}<?xml version="1.0" encoding="${name}"?>${OPEN}</Sysmon>`),
      'config-not-xml',
    ]),
  ),
  [
    'windows-1252 with a byte that it has not',
    Buffer.from(`<?xml version="1.0" encoding="windows-1252"?>${OPEN}<!--\x81--></Sysmon>`, 'latin1'),
    'config-not-xml',
  ],
  ['CDATA between elements, of blanks', `${OPEN}<![CDATA[ ]]><EventFiltering/></Sysmon>`, 'config-grammar'],
  [
    'windows-1251 with a byte that it has not',
    Buffer.from(`<?xml version="1.0" encoding="windows-1251"?>${OPEN}<!--\x98--></Sysmon>`, 'latin1'),
    'config-not-xml',
  ],
  [
    'a byte order mark of UTF-8, and bytes that are what is declared',
    Buffer.from(
      `\xef\xbb\xbf<?xml version="1.0" encoding="iso-8859-1"?>${OPEN}<!--\xe9--></Sysmon>`,
      'latin1',
    ),
    'config-not-xml',
  ],
  ['NUL in a text', `${OPEN}<DriverName>a\0b</DriverName></Sysmon>`, 'config-not-xml'],
  ['NUL at the end', `${OPEN}</Sysmon>\0`, 'config-not-xml'],
  ['a DOCTYPE', `<!DOCTYPE Sysmon>${OPEN}</Sysmon>`, 'config-doctype'],
  [
    'a DOCTYPE that fetches',
    `<!DOCTYPE Sysmon SYSTEM "file:///etc/passwd">${OPEN}</Sysmon>`,
    'config-doctype',
  ],
  ['an entity bomb', `<!DOCTYPE Sysmon [<!ENTITY e0 "ha">${bomb}]>${OPEN}&e30;</Sysmon>`, 'config-not-xml'],
  [
    'an entity bomb in an attribute',
    `<!DOCTYPE Sysmon [<!ENTITY e0 "4">${bomb}]><Sysmon schemaversion="&e30;"/>`,
    'config-not-xml',
  ],
  [
    'an external entity',
    `<!DOCTYPE Sysmon [<!ENTITY x SYSTEM "file:///etc/passwd">]>${OPEN}&x;</Sysmon>`,
    'config-not-xml',
  ],
  ['50 MB of nesting', '<a>'.repeat(17_000_000), 'config-too-large'],
  ['8 MB of nesting', '<a>'.repeat(2_700_000), 'config-nesting'],
  ['deep nesting, well-formed', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`, 'config-nesting'],
  ['schema 3', '<Sysmon schemaversion="3.40"><EventFiltering/></Sysmon>', 'config-schemaversion'],
  ['no schema', '<Sysmon><EventFiltering/></Sysmon>', 'config-schemaversion'],
  ['a schema that is no number', '<Sysmon schemaversion="latest"/>', 'config-schemaversion'],
  ['a schema past all numbers', '<Sysmon schemaversion="1e999"/>', 'config-schemaversion'],
  ['a name of 8 MB', `<${'n'.repeat(8_000_000)}/>`, 'config-root'],
  [
    'too many attributes',
    `<Sysmon${Array.from({ length: 400_000 }, (_, i) => ` a${i}=""`).join('')}/>`,
    'config-too-large',
  ],
  ['too many elements', `${OPEN}${'<x/>'.repeat(400_000)}</Sysmon>`, 'config-too-large'],
  ['too many comments', `${OPEN}${'<!---->'.repeat(400_000)}</Sysmon>`, 'config-too-large'],
  [
    'an empty Rule',
    `${OPEN}<EventFiltering><ProcessCreate onmatch="include"><Rule/></ProcessCreate></EventFiltering></Sysmon>`,
    'config-crash',
  ],
  [
    'a name that is everything',
    `${OPEN}<EventFiltering><ProcessCreate onmatch="include"><Image name="${'n'.repeat(1 << 20)}">a</Image></ProcessCreate></EventFiltering></Sysmon>`,
    'config-name-too-long',
  ],
];

for (const [name, input, code] of HOSTILE) {
  test(`bad input is an error with code and place: ${name}`, () => {
    const { accepted, diagnostics } = parseConfig(input);
    assert.equal(accepted, false);
    const error = diagnostics.find(({ severity }) => severity === 'error');
    assert.ok(error);
    assert.equal(error.code, code, error.message);
    assert.ok(error.line >= 1 && error.column >= 1 && error.offset >= 0, 'a place');
    assert.ok(error.message.length < 20_000, 'a message that can be read');
  });
}

test('a megabyte of violations is told in bounds', () => {
  const { accepted, diagnostics, messages } = parseConfig(`${OPEN}${'<x/>'.repeat(250_000)}</Sysmon>`);
  assert.equal(accepted, false);
  assert.ok(diagnostics.length <= 1001, `${diagnostics.length} diagnostics`);
  assert.ok(messages.length <= 1010);
});

test('a section or a Rule with a hundred thousand filters is compiled and evaluated', () => {
  const filters = '<Image>a</Image><User>b</User>'.repeat(50_000);
  for (const inside of [filters, `<Rule groupRelation="and">${filters}</Rule>`]) {
    const { accepted, config } = parseConfig(
      `${OPEN}<EventFiltering><ProcessCreate onmatch="include">${inside}</ProcessCreate></EventFiltering></Sysmon>`,
    );
    assert.ok(accepted);
    assert.equal(evaluate(config!, { EventID: 1, Image: 'a', User: 'b' }).logged, true);
    assert.equal(evaluate(config!, { EventID: 1, Image: 'a', User: 'c' }).logged, false);
  }
});

test('no text and no bytes make the reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 64 })), (input) => {
      const { config } = parseConfig(input);
      if (config) for (let id = 0; id < 30; id++) decideFor(config, id)(() => '');
    }),
  );
});

test('a real configuration with a bit of it broken never makes the reader throw', () => {
  const whole = `${OPEN}<!-- c --><HashAlgorithms>md5</HashAlgorithms><EventFiltering><RuleGroup name="g" groupRelation="or"><ProcessCreate onmatch="include"><Rule groupRelation="and"><Image condition="image">a.exe</Image></Rule></ProcessCreate></RuleGroup></EventFiltering></Sysmon>`;
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.nat(20),
      fc.string({ unit: fc.constantFrom('<', '>', '/', '"', '&', ';', '!', '-', '[', ']', 'a', ' ', '\0') }),
      (at, cut, put) => {
        const parsed = parseConfig(whole.slice(0, at) + put + whole.slice(at + cut));
        assert.ok(parsed.accepted || parsed.diagnostics.length > 0);
      },
    ),
    { numRuns: 500 },
  );
});

test('offsets are exact: slices of the text are the elements and comments', () => {
  fc.assert(
    fc.property(arbitraryXml, ({ text, root, comments }) => {
      const document = readDocument(text);
      assert.ok('root' in document, 'message' in document ? document.message : '');
      const compare = (element: ConfigElement, expected: Node): void => {
        assert.equal(element.name, expected.name);
        assert.equal(text.slice(element.start, element.end), expected.written);
        assert.equal(text.slice(element.start, element.contentStart), expected.startTag);
        assert.equal(element.text, expected.text);
        assert.equal(element.empty, expected.inner === '');
        assert.deepEqual([...element.attributes], expected.attributes);
        assert.equal(element.children.length, expected.children.length);
        element.children.forEach((child, i) => compare(child, expected.children[i]!));
      };
      compare(document.root, root);
      assert.deepEqual(
        document.comments.map(({ start, end }) => text.slice(start, end)),
        comments,
      );
    }),
    { numRuns: 1000 },
  );
});

test('a declared encoding of one byte for each character is read by its own table', () => {
  for (const [name, byte, char] of [
    ['windows-1252', '\x80', '€'],
    ['CP1252', '\x96', '–'],
    ['windows-1251', '\xcf', 'П'],
    ['ISO-8859-1', '\x80', '\x80'],
    ['latin1', '\xe9', 'é'],
    ['iso-8859-15', '\xa4', '€'],
    ['koi8-r', '\xc1', 'а'],
    ['US-ASCII', 'z', 'z'],
  ] as const) {
    const filters = `<EventFiltering><ProcessCreate onmatch="include"><Image condition="is">a${byte}</Image></ProcessCreate></EventFiltering>`;
    const text = `<?xml version="1.0" encoding="${name}"?>${OPEN}${filters}</Sysmon>`;
    const { config, accepted } = parseConfig(Buffer.from(text, 'latin1'));
    assert.ok(accepted, name);
    assert.equal(evaluate(config!, { EventID: 1, Image: `A${char}` }).logged, true, name);
  }
});

test('values that the grammar lists may have blanks around them, others may not', () => {
  const config = (
    relation: string,
    onmatch: string,
    condition = 'is',
    comment = '',
  ): ReturnType<typeof parseConfig> =>
    parseConfig(
      `${OPEN}${comment}<EventFiltering><RuleGroup groupRelation="${relation}"><ProcessCreate onmatch="${onmatch}"><Image condition="${condition}">a</Image></ProcessCreate></RuleGroup></EventFiltering></Sysmon>`,
    );
  // Plain XML, and what is left to the parser that knows all of it.
  for (const comment of ['', '<?x?>', '<!--\uD83D\uDE00-->']) {
    const { accepted, config: read } = config(' or ', '  include\t', 'is', comment);
    assert.ok(accepted);
    assert.equal(evaluate(read!, { EventID: 1, Image: 'a' }).logged, true);
    assert.equal(config('o r', 'include', 'is', comment).accepted, false);
    assert.equal(config('or', 'inc lude', 'is', comment).accepted, false);
    assert.equal(config('or', 'include', ' is ', comment).accepted, false);
    const rule = (relation: string): boolean => {
      const filters = `<Rule groupRelation="${relation}"><Image condition="is">a</Image><User condition="is">b</User></Rule>`;
      const text = `${OPEN}${comment}<EventFiltering><RuleGroup groupRelation="or"><ProcessCreate onmatch="include">${filters}</ProcessCreate></RuleGroup></EventFiltering></Sysmon>`;
      return evaluate(parseConfig(text).config!, { EventID: 1, Image: 'a' }).logged;
    };
    // Any text is a Rule's: what is not `or` means `and`.
    assert.deepEqual(['or', ' or ', 'and'].map(rule), [true, false, false]);
  }
});
