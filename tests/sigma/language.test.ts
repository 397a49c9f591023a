/** Sigma's language, by examples of the specification and of our own: what matches, and what is refused where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRule, type EventFields, parseRule, type SigmaRule } from '../../src/sigma/index.ts';

const HEAD = 'title: A rule\nlogsource: {category: process_creation, product: windows}\n';

function ruleOf(detection: string): SigmaRule {
  const { rules, diagnostics } = parseRule(`${HEAD}detection:\n${detection}`);
  assert.deepEqual(diagnostics, []);
  return rules[0]!;
}

/** Whether a search of one line matches an event 1 of Sysmon with these fields. */
function matches(search: string, fields: EventFields): boolean {
  return compileRule(ruleOf(`  s:\n    ${search}\n  condition: s\n`))({ EventID: 1, ...fields });
}

/** The first problem of a rule: code, line and column. */
function problem(detection: string): [code: string, line: number, column: number, message: string] {
  const [first] = parseRule(`${HEAD}detection:\n${detection}`).diagnostics;
  assert.ok(first, 'expected a problem');
  return [first.code, first.line, first.column, first.message];
}

const COMMAND = 'CommandLine';

test('text: whole, folded over A to Z alone, wildcards and escapes', () => {
  for (const [search, value, expected] of [
    ['CommandLine: WhoAmI', 'whoami', true],
    ['CommandLine: whoami', 'whoami /all', false],
    ['CommandLine: ÄB', 'äb', false],
    ['CommandLine: ÄB', 'Äb', true],
    ['CommandLine: who*', 'whoami', true],
    ['CommandLine: who?mi', 'whoami', true],
    ['CommandLine: who?mi', 'whomi', false],
    ['CommandLine: "*"', '', true],
    ['CommandLine: a\\*b', 'a*b', true],
    ['CommandLine: a\\*b', 'axb', false],
    ['CommandLine: a\\\\*b', 'a\\xb', true],
    ['CommandLine: a\\\\*b', 'axb', false],
    ['CommandLine: C:\\Windows\\x', 'c:\\windows\\X', true],
    ['CommandLine: ""', '', true],
    ['CommandLine: ""', 'x', false],
    ['CommandLine: 4688', '4688', true],
    ['CommandLine: true', 'true', true],
    ['CommandLine|cased: Who', 'Who', true],
    ['CommandLine|cased: Who', 'who', false],
  ] as const) {
    assert.equal(matches(search, { [COMMAND]: value }), expected, `${search} on ${value}`);
  }
});

test('modifiers of text', () => {
  const utf16 = Buffer.from('cmd', 'utf16le').toString('base64');
  for (const [search, value, expected] of [
    ['CommandLine|contains: oa', 'whoami', true],
    ['CommandLine|startswith: who', 'whoami', true],
    ['CommandLine|startswith: ami', 'whoami', false],
    ['CommandLine|endswith: ami', 'whoami', true],
    ['CommandLine|contains: [x, oa]', 'whoami', true],
    ['CommandLine|contains|all: [who, ami]', 'whoami', true],
    ['CommandLine|contains|all: [who, x]', 'whoami', false],
    ['CommandLine|contains: "w*i"', 'xx whoami yy', true],
    ['CommandLine|base64: ping', Buffer.from('ping').toString('base64'), true],
    ['CommandLine|wide|base64: cmd', utf16, true],
    ['CommandLine|re: "w.o[a-z]+i"', 'xx whoami', true],
    ['CommandLine|re: "W.O"', 'who', false],
    ['CommandLine|re|i: "W.O"', 'who', true],
    ['CommandLine|re|s: "a.b"', 'a\nb', true],
    ['CommandLine|re: "a.b"', 'a\nb', false],
    ['CommandLine|re|m: "^b$"', 'a\nb', true],
    ['CommandLine|lt: 5', '4', true],
    ['CommandLine|lt: 5', '5', false],
    ['CommandLine|lte: 5', '5', true],
    ['CommandLine|gt: 9007199254740993', '9007199254740994', true],
    ['CommandLine|gt: 9007199254740993', '9007199254740993', false],
    ['CommandLine|gte: 16', '0x10', true],
    ['CommandLine|gte: 16', 'sixteen', false],
    ['CommandLine|cidr: 10.0.0.0/8', '10.255.1.2', true],
    ['CommandLine|cidr: 10.0.0.0/8', '11.0.0.1', false],
    ['CommandLine|cidr: 10.16.0.0/12', '10.31.0.1', true],
    ['CommandLine|cidr: 10.16.0.0/12', '10.32.0.1', false],
    ['CommandLine|cidr: fe80::/10', 'febf::1', true],
    ['CommandLine|cidr: fe80::/10', 'fec0::1', false],
    ['CommandLine|cidr: 10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['CommandLine|cidr: 10.0.0.0/8', 'ten', false],
    ['CommandLine|windash|contains: " -foo"', 'x /foo', true],
    ['CommandLine|windash|contains: " -foo"', 'x \u2013foo', true],
    ['CommandLine|windash|contains: " -foo"', 'x +foo', false],
    ['CommandLine|windash|contains: " \u2013foo"', 'x -foo', true],
    ['CommandLine|windash|contains: " \u2015foo"', 'x /foo', true],
    ['CommandLine|neq: x', 'y', true],
    ['CommandLine|neq: x', 'X', false],
    ['CommandLine|hour: 13', '2026-01-05 13:59:59.000', true],
    ['CommandLine|minute: 59', '2026-01-05 13:59:59.000', true],
    ['CommandLine|day: 5', '2026-01-05 13:59:59.000', true],
    ['CommandLine|month: 1', '2026-01-05 13:59:59.000', true],
    ['CommandLine|year: 2026', '2026-01-05 13:59:59.000', true],
    // ISO 8601: 1 January 2021 is of week 53, and 5 January 2026 of week 2.
    ['CommandLine|week: 53', '2021-01-01 00:00:00.000', true],
    ['CommandLine|week: 2', '2026-01-05 13:59:59.000', true],
  ] as const) {
    assert.equal(matches(search, { [COMMAND]: value }), expected, `${search} on ${value}`);
  }
});

test('base64offset finds its text wherever it stands in the encoded one', () => {
  for (const before of ['', 'a', 'ab', 'abc', 'abcd']) {
    const value = Buffer.from(`${before}/bin/bash -c`).toString('base64');
    assert.ok(matches('CommandLine|base64offset|contains: /bin/bash', { [COMMAND]: value }), before);
  }
});

test('fields that are missing, other fields, keywords', () => {
  assert.equal(matches('CommandLine: null', {}), true);
  assert.equal(matches('CommandLine: null', { [COMMAND]: 'x' }), false);
  assert.equal(matches('CommandLine|exists: false', {}), true);
  assert.equal(matches('CommandLine|exists: true', { [COMMAND]: '' }), true);
  assert.equal(matches('CommandLine|neq: x', {}), false);
  assert.equal(matches('CommandLine: "*"', {}), false);
  assert.equal(matches('Image|fieldref: ParentImage', { Image: 'A', ParentImage: 'a' }), true);
  assert.equal(matches('Image|fieldref: ParentImage', { Image: 'A' }), false);
  assert.equal(matches('Image|fieldref|endswith: Product', { Image: 'C:\\a.EXE', Product: 'a.exe' }), true);
  assert.equal(matches('- mimi', { Image: 'C:\\MimiKatz.exe' }), true);
  assert.equal(matches('"|all": [mimi, katz]', { Image: 'mimi', [COMMAND]: 'katz' }), true);
  assert.equal(matches('"|all": [mimi, katz]', { Image: 'mimi' }), false);
  assert.equal(matches('- {Image: a}\n    - {Image: b}', { Image: 'b' }), true);
});

test('conditions, by the truth of their parts', () => {
  const searches = ['a', 'b', 'c', '_d'];
  for (const [condition, expected] of [
    ['a and b or c', (a: boolean, b: boolean, c: boolean) => (a && b) || c],
    ['a and (b or c)', (a: boolean, b: boolean, c: boolean) => a && (b || c)],
    ['not a and b', (a: boolean, b: boolean) => !a && b],
    ['NOT (a AND b)', (a: boolean, b: boolean) => !(a && b)],
    ['1 of them', (a: boolean, b: boolean, c: boolean) => a || b || c],
    ['all of them', (a: boolean, b: boolean, c: boolean) => a && b && c],
    ['any of [ab]*', null],
    ['1 of a*', (a: boolean) => a],
    ['all of _*', (_a: boolean, _b: boolean, _c: boolean, d: boolean) => d],
  ] as const) {
    const detection = `${searches.map((name) => `  ${name}: {CommandLine|contains: ${name}}`).join('\n')}\n  condition: ${condition}\n`;
    if (!expected) {
      assert.equal(problem(detection)[0], 'sigma-condition');
      continue;
    }
    const rule = compileRule(ruleOf(detection));
    for (let bits = 0; bits < 16; bits += 1) {
      const on = searches.map((_, index) => ((bits >> index) & 1) === 1);
      const text = searches.filter((_, index) => on[index]).join(' ');
      const [a, b, c, d] = on as [boolean, boolean, boolean, boolean];
      // `_d` holds no a, b or c; `d` alone stands in no search.
      assert.equal(rule({ EventID: 1, [COMMAND]: text }), expected(a, b, c, d), `${condition} on ${text}`);
    }
  }
});

test('what is not supported is refused with its place', () => {
  for (const [detection, code, line, column, message] of [
    ['  s:\n    A|huh: 1\n  condition: s\n', 'sigma-modifier', 5, 5, /huh/],
    ['  s:\n    A|re: "(?=a)"\n  condition: s\n', 'sigma-regex', 5, 11, /look-around/],
    ['  s:\n    A|base64|contains|base64: x\n  condition: s\n', 'sigma-modifier', 5, 5, /base64/],
    ['  s:\n    A|cidr: ten\n  condition: s\n', 'sigma-value', 5, 13, /network/],
    ['  s:\n    A|expand: "%who%"\n  condition: s\n', 'sigma-placeholder', 5, 15, /who/],
    ['  s: {A: 1}\n  condition: s and t\n', 'sigma-condition', 5, 20, /"t"/],
    ['  s: {A: 1}\n  condition: s | count() > 5\n', 'sigma-condition', 5, 16, /correlation/],
    ['  s: {A: 1}\n  condition: (s\n', 'sigma-condition', 5, 16, /\)/],
    ['  s: {A: []}\n  condition: s\n', 'sigma-missing', 4, 7, /empty list/],
    ['  s: {A: 1}\n', 'sigma-missing', 4, 3, /condition/],
    ['  s: {A: 1}\n  timeframe: 5m\n  condition: s\n', 'sigma-condition', 5, 3, /correlation/],
  ] as const) {
    const found = problem(detection);
    assert.deepEqual(found.slice(0, 3), [code, line, column], `${detection}: ${found[3]}`);
    assert.match(found[3], message);
  }
});

test('correlations and filters are read; other types are refused', () => {
  const text = `title: Many
correlation:
  type: TYPE
  rules: [a, b]
  group-by: [User]
  timespan: 5m
  condition: {gte: 3, lt: 10}
`;
  const { correlations } = parseRule(text.replace('TYPE', 'event_count'));
  const [one] = correlations;
  assert.equal(one!.timespan, 300_000);
  assert.deepEqual(one!.bounds, [
    { op: 'gte', count: 3 },
    { op: 'lt', count: 10 },
  ]);
  const [refused] = parseRule(text.replace('TYPE', 'temporal')).diagnostics;
  assert.deepEqual([refused!.code, refused!.line, refused!.column], ['sigma-correlation', 3, 9]);
  const few = parseRule(text.replace('TYPE', 'event_count').replace('gte: 3, ', '')).diagnostics[0];
  assert.equal(few!.code, 'sigma-correlation');
  const filter = parseRule(
    `title: F\nlogsource: {product: windows}\nfilter:\n  rules: any\n  s: {User: x}\n  condition: not s\n`,
  ).filters[0];
  assert.equal(filter!.rules, null);
});

test('YAML that is no rule, or is too much, is told and nothing is thrown', () => {
  for (const text of [
    '[',
    'a: *b',
    '- - -',
    'title: x',
    '\0',
    `${'['.repeat(20_000)}`,
    '&a [*a]',
    'title: 1\n'.repeat(3),
  ]) {
    const { rules, diagnostics } = parseRule(text);
    assert.equal(rules.length, 0);
    assert.ok(diagnostics.length > 0 || text.trim() === '', text.slice(0, 20));
  }
});
