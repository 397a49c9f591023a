/** The lint rules: every example of docs/lint.md, repairs, and what all findings hold. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  applySplices,
  lint,
  LINT_RULES,
  type LintFinding,
  type LintResult,
  LOADER_FACTS,
  MAX_FINDINGS,
  minimumSchemaOf,
  parseConfig,
  safeFixes,
} from '../../src/config/index.ts';
import { ROOT, SHARED } from '../builders/shared.ts';

const RULES = [...LOADER_FACTS, ...LINT_RULES];
/** Too large to show. */
const NO_EXAMPLE = ['config-nesting', 'config-too-large', 'many-contains'];

function inSysmon(filtering: string, version = '4.90'): string {
  return `<Sysmon schemaversion="${version}"><EventFiltering>${filtering}</EventFiltering></Sysmon>`;
}

function check(text: string, binarySchema = '4.91'): LintResult {
  return lint(parseConfig(text, { binarySchema }));
}

function codes({ findings }: LintResult): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

function only(text: string, code: string): LintFinding {
  const found = check(text).findings.filter((finding) => finding.code === code);
  assert.equal(found.length, 1, `${code} in ${text}`);
  return found[0]!;
}

/** All repairs that `--fix` would make. */
function fixed(text: string): string {
  let now = text;
  for (let round = 0; round < 20; round++) {
    const { splices } = safeFixes(check(now).findings);
    if (splices.length === 0) return now;
    now = applySplices(now, splices);
  }
  return now;
}

interface Entry {
  readonly code: string;
  readonly severity: string;
  readonly also: readonly string[];
  readonly examples: readonly string[];
}

function entries(): Entry[] {
  const text = readFileSync(join(ROOT, 'docs/lint.md'), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => ({
      code: /^`([a-z0-9-]+)`/.exec(part)![1]!,
      severity: /^\*\*(\w+)\*\*/m.exec(part)![1]!,
      also: /^Bad \(with `([a-z-]+)`\):/m.exec(part)?.slice(1) ?? [],
      examples: [...part.matchAll(/```xml\n([^]*?)\n```/g)].map((match) => match[1]!),
    }));
}

test('docs/lint.md has every rule once, in order, with its severity', () => {
  assert.deepEqual(
    entries().map(({ code, severity }) => [code, severity]),
    RULES.map(({ code, severity }) => [code, severity]),
  );
  assert.equal(new Set(RULES.map(({ code }) => code)).size, RULES.length);
});

for (const { code, also, examples } of entries()) {
  test(`docs/lint.md: ${code}`, { skip: NO_EXAMPLE.includes(code) }, () => {
    const [bad, good] = examples.map((example) =>
      /^<(?:!DOCTYPE|Sysmon|Configuration)/.test(example) ? example : inSysmon(`\n${example}\n`),
    );
    assert.deepEqual(codes(check(bad!)), [code, ...also].sort());
    assert.deepEqual(
      codes(check(good!)).filter((other) => !also.includes(other)),
      [],
    );
    for (const finding of check(bad!).findings) {
      assert.ok(finding.start >= 0 && finding.start <= finding.end && finding.end <= bad!.length);
      if (finding.fix?.safe)
        assert.ok(!codes(check(fixed(bad!))).includes(finding.code), `${code} is mended`);
    }
  });
}

test('names of conditions that people write are mended to what they meant', () => {
  const meant = {
    'begins with': 'begin with',
    'ends with': 'end with',
    'not begins with': 'not begin with',
    'not contains': 'excludes',
    equals: 'is',
    LessThan: 'less than',
    ' contains': 'contains',
    'contains  any': 'contains any',
    'begin wi': 'begin with',
    Contians: 'contains',
  };
  for (const [written, name] of Object.entries(meant)) {
    const text = inSysmon(
      `<DnsQuery onmatch="include"><QueryName condition="${written}">.a.b</QueryName></DnsQuery>`,
    );
    const { fix, start, end } = only(text, 'condition-unknown');
    assert.equal(text.slice(start, end), written);
    assert.equal(fix?.safe, true, written);
    assert.match(applySplices(text, fix!.splices), new RegExp(`condition="${name}"`));
    assert.equal(check(applySplices(text, fix!.splices)).accepted, true);
  }
  for (const written of ['constructor', 'toString', '', 'xyzzy', 'end with any']) {
    const text = inSysmon(
      `<DnsQuery onmatch="include"><QueryName condition="${written}">.a.b</QueryName></DnsQuery>`,
    );
    assert.equal(fixed(text), text, `"${written}" is not guessed`);
  }
});

test('wrong case is mended in tags, fields, attributes and values at once', () => {
  const text =
    '<Sysmon SchemaVersion="4.90"><eventfiltering><rulegroup GroupRelation="OR"><processcreate onmatch="Include">\r\n' +
    '<image Condition="image">whoami.exe</image></processcreate></rulegroup></eventfiltering></Sysmon>';
  const mended = fixed(text.replace('SchemaVersion', 'schemaversion'));
  assert.equal(
    mended,
    '<Sysmon schemaversion="4.90"><EventFiltering><RuleGroup groupRelation="or"><ProcessCreate onmatch="include">\r\n' +
      '<Image condition="image">whoami.exe</Image></ProcessCreate></RuleGroup></EventFiltering></Sysmon>',
  );
  assert.equal(check(mended).accepted, true);
});

test('a schemaversion is raised only where no section turns from OR to AND', () => {
  const one = inSysmon('<DnsQuery onmatch="include"><QueryName>a.b</QueryName></DnsQuery>', '4.00');
  assert.match(fixed(one), /schemaversion="4.21"/);
  const two = inSysmon(
    '<DnsQuery onmatch="include"><QueryName>a.b</QueryName><Image condition="image">x.exe</Image></DnsQuery>',
    '4.00',
  );
  const { fix, message } = only(two, 'schema-too-low');
  assert.match(message, /4\.21 \(Sysmon 10\.0\)/);
  assert.equal(fix?.safe, false);
  assert.equal(fixed(two), two);
});

test('a list in a condition for one value becomes is any, or filters of their own', () => {
  const text = (inner: string): string =>
    inSysmon(`<ProcessCreate onmatch="include">\r\n  ${inner}\r\n</ProcessCreate>`);
  assert.equal(
    fixed(text('<Image condition="begin with" name="x">C:\\A\\; C:\\B\\</Image>')),
    text(
      '<Image condition="begin with" name="x">C:\\A\\</Image>\r\n  <Image condition="begin with" name="x">C:\\B\\</Image>',
    ),
  );
  assert.equal(
    fixed(text('<ParentUser condition="is">A\\x; A\\y</ParentUser>')),
    text('<ParentUser condition="is any">A\\x;A\\y</ParentUser>'),
  );
  const all = text('<Rule groupRelation="and"><Image condition="end with">\\a.exe;\\b.exe</Image></Rule>');
  assert.equal(fixed(all), all, 'in an AND Rule two filters would both have to match');
});

test('what may be meant is left alone', () => {
  for (const filter of [
    '<CommandLine condition="contains"> -e </CommandLine>',
    '<CommandLine condition="contains any"> -e ; -enc </CommandLine>',
    '<CommandLine condition="contains">for(;;){};</CommandLine>',
    '<CommandLine condition="contains">*.dmp</CommandLine>',
    '<Image condition="is">System</Image>',
    '<Image condition="begin with">\\\\?\\C:\\Windows\\</Image>',
    '<Image condition="begin with">C:\\Program Files\\Example </Image>',
  ]) {
    const text = inSysmon(`<ProcessCreate onmatch="include">${filter}</ProcessCreate>`);
    assert.deepEqual(
      check(text).findings.filter(({ severity }) => severity !== 'info'),
      [],
      filter,
    );
    assert.equal(fixed(text), text);
  }
});

test('comments, CDATA and references are never rewritten', () => {
  for (const value of ['<!-- x --> a.exe ', '<![CDATA[a.exe ]]>', '&#97;.exe ']) {
    const text = inSysmon(
      `<ProcessCreate onmatch="include"><Image condition="image">${value}</Image></ProcessCreate>`,
    );
    assert.ok(codes(check(text)).includes('value-padded'));
    assert.equal(fixed(text), text);
  }
});

test('the minimum is what tags, fields, options and conditions ask for', () => {
  const minimum = (text: string): unknown[] => {
    const { schema, binary, sysmon } = minimumSchemaOf(parseConfig(text).config!);
    return [schema, binary, sysmon];
  };
  const section = (inner: string): string =>
    inSysmon(`<ProcessCreate onmatch="include">${inner}</ProcessCreate>`);
  assert.deepEqual(minimum(section('<Image>x</Image>')), ['4.00', '4.00', '7.0 or newer']);
  assert.deepEqual(minimum(section('<ParentUser>x</ParentUser>')), ['4.80', '4.80', '13.30 or newer']);
  assert.deepEqual(minimum(section('<Image condition="is any">x;y</Image>')), [
    '4.00',
    '4.31',
    '11.10 or newer',
  ]);
  assert.deepEqual(minimum(section('<Rule><Image>x</Image></Rule>')), ['4.00', '4.22', '10.4 or newer']);
  assert.deepEqual(minimum(inSysmon('<FileDelete onmatch="exclude"/>')), ['4.30', '4.30', '11.0 or newer']);
  assert.deepEqual(minimum('<Sysmon schemaversion="4.90"><FieldSizes>Image:9</FieldSizes></Sysmon>'), [
    '4.81',
    '4.81',
    '13.31 or newer',
  ]);
  const never =
    '<Sysmon schemaversion="4.90"><CopyOnDelete_SIDs>x</CopyOnDelete_SIDs><FieldSizes>Image:9</FieldSizes></Sysmon>';
  assert.equal(minimum(never)[0], null);
});

test('an option value that fails the command is not accepted', () => {
  const result = check('<Sysmon schemaversion="4.90"><HashAlgorithms>md5,sha999</HashAlgorithms></Sysmon>');
  assert.deepEqual([result.accepted, codes(result)], [false, ['hash-algorithm']]);
});

test('the binary decides what is accepted', () => {
  const text = inSysmon('<FileExecutableDetected onmatch="exclude"/>');
  assert.equal(check(text).accepted, true);
  assert.deepEqual(check(text, '4.83').accepted, false);
  assert.ok(codes(check(text, '4.83')).includes('schemaversion-other'));
});

test('findings stand by place, and past the bound they are counted', () => {
  const filters = '<Image condition="is">a.exe</Image><Image condition="ends with">b</Image>'.repeat(
    MAX_FINDINGS,
  );
  const { findings, omitted, counts } = check(
    inSysmon(`<ProcessCreate onmatch="include">${filters}</ProcessCreate>`),
  );
  assert.equal(findings.length, MAX_FINDINGS);
  assert.equal(counts.error, MAX_FINDINGS);
  assert.equal(omitted, counts.error + counts.warning + counts.info - MAX_FINDINGS);
  assert.ok(
    findings.every(({ severity }) => severity === 'error'),
    'the gravest are kept',
  );
  assert.ok(findings.every(({ start }, i) => i === 0 || findings[i - 1]!.start <= start));
});

test('a value that is far too long is looked through in no time', () => {
  for (const value of [
    'a'.repeat(2_000_000),
    ' '.repeat(2_000_000),
    ';'.repeat(2000),
    '\\'.repeat(2_000_000),
    '%'.repeat(2_000_000),
    '"'.repeat(1_000_000),
  ]) {
    for (const condition of ['is', 'contains any', 'image']) {
      check(
        inSysmon(
          `<ProcessCreate onmatch="include"><Image condition="${condition}">${value}</Image><CommandLine condition="${condition}">${value}</CommandLine></ProcessCreate>`,
        ),
      );
    }
  }
});

test('no text makes it throw, and safe repairs never cost what loads', () => {
  const names = [
    'ProcessCreate',
    'processcreate',
    'RegistryEvent',
    'Rule',
    'RuleGroup',
    'Image',
    'Details',
    'NewName',
    'Group',
    'DnsLookup',
    'HashAlgorithms',
    'TargetObject',
    'GrantedAccess',
    '__proto__',
    'constructor',
  ];
  const attributes = [
    'onmatch="include"',
    'onmatch="Exclude"',
    'default="include"',
    'groupRelation="or"',
    'groupRelation="AND"',
    'condition="is"',
    'condition="contains any"',
    'condition="ends with"',
    'name="n"',
    'x="y"',
  ];
  const values = [
    '',
    ' ',
    'a.exe',
    ' a;b; ',
    'HKEY_LOCAL_MACHINE\\x',
    '"C:\\a b\\c.exe"',
    '*.exe',
    '0x0010',
    '&amp;amp;',
    '%TEMP%',
    'a;;b',
    '<!-- c -->',
  ];
  const element = fc.letrec<{ node: string }>((tie) => ({
    node: fc
      .tuple(
        fc.constantFrom(...names),
        fc.subarray(attributes, { maxLength: 3 }),
        fc.array(
          fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constantFrom(...values), tie('node')),
          { maxLength: 3 },
        ),
      )
      .map(([name, written, inner]) => {
        const unique = written.filter(
          (text, i) => written.findIndex((other) => other.split('=')[0] === text.split('=')[0]) === i,
        );
        return `<${name}${unique.map((text) => ` ${text}`).join('')}>${inner.join('')}</${name}>`;
      }),
  })).node;
  fc.assert(
    fc.property(
      fc.array(element, { maxLength: 4 }),
      fc.constantFrom('4.90', '4.00', '3.4', '4.35', 'x'),
      (inner, version) => {
        const text = inSysmon(inner.join(''), version);
        const before = check(text);
        const after = check(fixed(text));
        assert.ok(after.accepted || !before.accepted);
      },
    ),
    { numRuns: 500 },
  );
});

test('real configurations: nothing throws, places are true', { skip: SHARED === null }, () => {
  const folder = join(SHARED!, 'data/config');
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.xml'));
  assert.ok(files.length > 0);
  for (const file of files) {
    const parsed = parseConfig(readFileSync(join(folder, file)));
    const { findings, accepted } = lint(parsed);
    assert.ok(accepted || findings.some(({ severity }) => severity === 'error'), file);
    const text = parsed.config?.source.text ?? '';
    for (const { start, end, line } of findings) {
      assert.ok(start <= end && end <= text.length, file);
      assert.equal(line, text.slice(0, start).split(/\r\n|\n|\r/).length, file);
    }
    if (parsed.config && accepted) assert.equal(check(fixed(text)).accepted, true, file);
  }
});

test('an entry holds on its last day, and has expired on the next', () => {
  const text = inSysmon(
    `<CreateRemoteThread onmatch="exclude"><!-- noisefloor: a | ticket: T-1 | owner: ops | expires: 2026-02-28 --><Rule groupRelation="and"><SourceImage>C:\\a.exe</SourceImage></Rule><!-- noisefloor: b --><!-- expires: 2000-01-01 --></CreateRemoteThread>`,
  );
  const on = (today: string): LintFinding[] =>
    lint(parseConfig(text), { today }).findings.filter(({ code }) => code === 'entry-expired');
  assert.equal(on('2026-02-28').length, 0);
  const [found, ...more] = on('2026-03-01');
  assert.equal(more.length, 0);
  assert.match(found!.message, /until 2026-02-28 .*ops.*T-1/);
  assert.match(text.slice(found!.start, found!.end), /^<!-- noisefloor: a .*-->$/);
});
