/** The evaluator that others are held to: by examples of the specification, and by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { naiveCondition, naiveMatches, naiveRules, naiveTest } from '../builders/naive-sigma.ts';

const EVENT = { Image: 'C:\\Windows\\System32\\cmd.exe', CommandLine: 'cmd /c Whoami', Empty: '' } as const;

function matches(detection: string, fields: Readonly<Record<string, string>> = EVENT): boolean {
  const [rule] = naiveRules(`detection:\n  ${detection.replaceAll('\n', '\n  ')}`);
  return naiveMatches(rule!, { field: (name) => fields[name], values: Object.values(fields) });
}

test('searches: maps are and, lists are or, keywords are anywhere', () => {
  const cases: readonly (readonly [detection: string, expected: boolean])[] = [
    ["a: {Image|endswith: '\\CMD.exe', CommandLine|contains: whoami}\ncondition: a", true],
    ["a: {Image|endswith: '\\CMD.exe', CommandLine: whoami}\ncondition: a", false],
    ['a: [{Image: x}, {CommandLine|startswith: CMD}]\ncondition: a', true],
    ['a: [nothing, WHOAMI]\ncondition: a', true],
    ["a: {'|all': [nothing, whoami]}\ncondition: a", false],
    ["a: {'|all': [system32, whoami]}\ncondition: a", true],
    ['a: {CommandLine|contains|all: [/c, cmd]}\ncondition: a', true],
    ['a: {CommandLine|contains|all: [/c, cmd, x]}\ncondition: a', false],
    ['a: {Gone: null}\ncondition: a', true],
    ['a: {Empty: null}\ncondition: a', false],
    ["a: {Empty: ''}\ncondition: a", true],
    ["a: {Gone: ''}\ncondition: a", false],
    ["a: {Gone: '*'}\ncondition: a", false],
    ['a: {Empty|exists: true, Gone|exists: false}\ncondition: a', true],
    ['a: {Gone|neq: x}\ncondition: a', false],
    ['a: {Empty|neq: x}\ncondition: a', true],
    ['a: {CommandLine|cased|contains: whoami}\ncondition: a', false],
    ['a: {Image|fieldref: CommandLine}\ncondition: a', false],
    ['a: {Gone|fieldref: Missing}\ncondition: a', false],
    ['a: {Image: x}\nb: {Empty: ""}\ncondition: [a, b]', true],
  ];
  for (const [detection, expected] of cases) assert.equal(matches(detection), expected, detection);
});

test('wildcards and their escapes', () => {
  // Of the specification, "Escaping".
  const cases: readonly (readonly [value: string, text: string, expected: boolean])[] = [
    ['a\\b', 'a\\b', true],
    ['a\\\\b', 'a\\b', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'a\\x', false],
    ['a\\\\*', 'a\\xyz', true],
    ['a\\\\\\*', 'a\\*', true],
    ['a\\\\\\*', 'a\\x', false],
    ['a\\\\\\b', 'a\\\\b', true],
    ['a\\\\\\\\b', 'a\\\\b', true],
    ['prog?.exe', 'PROGA.exe', true],
    ['prog?.exe', 'prog.exe', false],
    ['a*b*c', 'a\nb\nc', true],
    ['a*b*c', 'acb', false],
    ['?', '\u{1f600}', true],
    ['É', 'é', false],
    ['a.c', 'abc', false],
  ];
  for (const [value, text, expected] of cases) {
    assert.equal(naiveTest(value, [], text, { field: () => undefined }), expected, `${value} ${text}`);
  }
});

test('modifiers', () => {
  const [yes, no] = [true, false];
  const base64 = (text: string, encoding: BufferEncoding = 'utf8'): string =>
    Buffer.from(text, encoding).toString('base64');
  const cases: readonly (readonly [modifiers: string, value: string, text: string, expected: boolean])[] = [
    ['base64', 'foobar', 'Zm9vYmFy', yes],
    ['base64offset|contains', 'foobar', base64('foobar!'), yes],
    ['base64offset|contains', 'foobar', base64('xfoobar!'), yes],
    ['base64offset|contains', 'foobar', base64('xyfoobarz'), yes],
    ['base64offset|contains', 'foobar', base64('xyfooba'), no],
    ['wide|base64offset|contains', 'foo', base64('xfoo', 'utf16le'), yes],
    ['wide|base64offset|contains', 'foo', base64('xfoo'), no],
    ['utf16|base64', 'a', '//5hAA==', yes],
    ['utf16be|base64', 'a', 'AGE=', yes],
    ['windash', ' -a /b', ' /a \u2015b', yes],
    ['windash', 'x-a', 'x/a', no],
    ['re', '^C[0-9]+$', 'C12', yes],
    ['re', 'c', 'C12', no],
    ['re|i', 'c', 'C12', yes],
    ['re', '(?i)c', 'C12', yes],
    ['re', 'a.c', 'a\nc', no],
    ['re|s', 'a.c', 'a\nc', yes],
    ['re', '^c', 'a\nc', no],
    ['re|m', '^c', 'a\nc', yes],
    ['re', '\\"[\\w+|\\s-]{2}', '"a-', yes],
    ['re', '{a}]', 'x{a}]', yes],
    ['cidr', '10.0.0.0/8', '10.1.2.3', yes],
    ['cidr', '10.0.0.0/8', '11.1.2.3', no],
    ['cidr', '20.192.0.0/10', '20.255.0.1', yes],
    ['cidr', '20.192.0.0/10', '20.191.255.255', no],
    ['cidr', '::1/128', '0:0:0:0:0:0:0:1', yes],
    ['cidr', 'fe80::/10', 'febf::1', yes],
    ['cidr', 'fe80::/10', 'fec0::1', no],
    ['cidr', '10.0.0.0/8', '10.0.0', no],
    ['lt', '10', '9', yes],
    ['lt', '10', '10', no],
    ['lte', '10', '10.0', yes],
    ['gt', '-1.5', '-1.49', yes],
    ['gte', '9007199254740993', '9007199254740992', no],
    ['gt', '1', 'x', no],
    ['hour', '8', '2026-01-05 08:00:12.123', yes],
    // ISO 8601: the first of January 2027 is a Friday of week 53, the fourth a Monday of week 1.
    ['week', '53', '2027-01-01 00:00:00', yes],
    ['week', '1', '2027-01-04 00:00:00', yes],
  ];
  for (const [modifiers, value, text, expected] of cases) {
    const met = naiveTest(value, modifiers.split('|'), text, { field: () => undefined });
    assert.equal(met, expected, `${modifiers}: ${value} on ${text}`);
  }
  const field = (): undefined => undefined;
  assert.ok(naiveTest('%names%.x', ['expand'], 'B.x', { field }, { names: ['a', 'b'] }));
});

test('conditions: or, and, not, x of', () => {
  const names = ['a', 'b', 's_1', 's_2', '_h'];
  const cases: readonly (readonly [condition: string, holding: string, expected: boolean])[] = [
    ['a or b and s_1', 'a', true],
    ['(a or b) and s_1', 'a', false],
    ['not a and b', 'b', true],
    ['not (a and b)', 'a', true],
    ['1 of s_*', 's_2', true],
    ['all of s_*', 's_2', false],
    ['all of them', 'a b s_1 s_2', true],
    ['1 of them', '_h', false],
    ['1 of _*', '_h', true],
    ['a and not 1 of s_*', 'a s_1', false],
  ];
  for (const [condition, holding, expected] of cases) {
    const met = naiveCondition(condition, names, (name) => holding.split(' ').includes(name));
    assert.equal(met, expected, condition);
  }
  assert.throws(() => naiveCondition('a b', names, () => true));
});
