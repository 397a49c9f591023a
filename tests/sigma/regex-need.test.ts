/** What a regular expression is said to need is there in every text in which it is found. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { foldAscii } from '../../src/events/index.ts';
import { parseRule } from '../../src/sigma/index.ts';
import { isPlainRegex, regexNeed } from '../../src/sigma/regex-need.ts';
import { regexSample } from '../../src/sigma/regex-sample.ts';
import type { Search, Test } from '../../src/sigma/rule.ts';
import { compileRegex } from '../../src/sigma/value-test.ts';
import { SHARED } from '../builders/shared.ts';
import { ruleTexts } from '../builders/sigma-events.ts';

/** Whether the expression is found; what it needs is then there. */
function holds(source: string, flags: string, text: string): boolean {
  const found = compileRegex(source, flags).matcher(text).find();
  const need = regexNeed(source, flags);
  if (!found || !need) return found;
  const folded = foldAscii(text);
  for (const texts of need.texts) {
    assert.ok(
      texts.some((one) => folded.includes(foldAscii(one))),
      JSON.stringify([source, flags, text, texts]),
    );
  }
  if (need.rigid) {
    const { source: rigid, length } = need.rigid;
    assert.ok(rigid.test(text) && text.length >= length, JSON.stringify([source, flags, text, rigid.source]));
  }
  return found;
}

test('what is needed', () => {
  for (const [source, flags, texts] of [
    ['ping\\s+-n.{6,64}echo EEEE\\s?>', '', [['ping'], ['-n'], ['echo EEEE'], ['>']]],
    ['a(b|cd)e', '', [['a'], ['b', 'cd'], ['e']]],
    ['ab?c', '', [['a'], ['c']]],
    ['ab+c', '', [['ab'], ['c']]],
    ['(?i)ping', '', [['ping']]],
    ['mask', 'i', [['ma']]],
    ['\\.[ "]{1}', '', [['. ', '."']]],
    ['a|b', '', [['a', 'b']]],
    ['a|.', '', []],
    ['(?:a|)b', '', [['b']]],
  ] as const) {
    assert.deepEqual(regexNeed(source, flags)?.texts, texts, source);
  }
  for (const source of ['\\pL', '(?-i)a', '\\x41', '[[:alpha:]]', '\\Qa\\E']) {
    assert.equal(regexNeed(source, ''), null, source);
  }
  assert.equal(regexNeed('\\s[a-f]{64}', '')!.rigid!.length, 65);
});

const ATOMS = [
  'a',
  'b',
  'k',
  'S',
  'é',
  '\\.',
  '.',
  '[ab]',
  '[^a]',
  '[a-c]',
  '\\d',
  '\\s',
  '\\w',
  '\\W',
  '^',
  '$',
];
const TIMES = ['', '', '', '?', '*', '+', '{2}', '{1,3}', '{0,2}', '+?'];

const expression = fc.letrec<{ all: string; group: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...ATOMS) },
    { weight: 1, arbitrary: tie('group') },
  ),
  group: fc
    .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?s:'), tie('all'))
    .map(([open, of]) => `${open}${of})`),
  all: fc
    .array(fc.array(fc.tuple(tie('piece'), fc.constantFrom(...TIMES)), { maxLength: 5 }), {
      minLength: 1,
      maxLength: 2,
    })
    .map((branches) => branches.map((branch) => branch.map((one) => one.join('')).join('')).join('|')),
})).all;

test('made expressions on made texts', () => {
  let found = 0;
  const texts = fc.array(
    fc.string({
      unit: fc.constantFrom(
        'a',
        'A',
        'b',
        'k',
        '\u212a',
        'S',
        's',
        '\u017f',
        'é',
        '.',
        '1',
        ' ',
        '\n',
        '\u{1f600}',
      ),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(expression, fc.constantFrom('', 'i', 's', 'im'), texts, (source, flags, values) => {
      try {
        RE2JS.compile(source);
      } catch {
        return;
      }
      for (const value of [...values, regexSample(source) ?? '']) if (holds(source, flags, value)) found += 1;
    }),
    { numRuns: 3000, seed: 13 },
  );
  assert.ok(found > 1000, `${found} were found`);
});

test('RE2 takes what is plain', () => {
  const pieces = [
    ...ATOMS,
    ...TIMES,
    '{',
    '}',
    '{1000}',
    '{9,2}',
    '{,3}',
    '{2,}',
    '(',
    ')',
    '(?i)',
    '(?:',
    '(?<n>',
  ];
  const others = [
    '(?P<n>',
    '(?=',
    '(?i',
    '|',
    '[',
    ']',
    '[]a]',
    '[a-',
    '-',
    'c]',
    '\\',
    '\\1',
    '\\b',
    '\\z',
    '{30}',
    '\ud800',
  ];
  let [plain, refused] = [0, 0];
  fc.assert(
    fc.property(
      fc.oneof(
        expression,
        fc.array(fc.constantFrom(...pieces, ...others), { maxLength: 12 }).map((all) => all.join('')),
      ),
      fc.constantFrom('', 'i', 's', 'im'),
      (source, flags) => {
        if (isPlainRegex(source)) {
          compileRegex(source, flags);
          plain += 1;
        } else refused += 1;
      },
    ),
    { numRuns: 20_000 },
  );
  assert.ok(plain > 2000 && refused > 2000, `${plain} are plain, ${refused} are not`);
  for (const source of [
    'a{9,2}',
    '(a{40}|b){30}',
    '((a{10}b){10}c){11}',
    'a{1001}',
    'a{2,1001}',
    'a{1001,}',
    '{2}',
    '(?<n>a)(?<n>b)',
    '^*',
    'é',
    '\\pL',
    'a**',
    '(',
    'a)',
  ])
    assert.equal(isPlainRegex(source), false, source);
});

test(
  'expressions of public rules, on texts in which they are found',
  { skip: SHARED === null },
  async (t) => {
    let [all, read, found, plain] = [0, 0, 0, 0];
    const ofTest = (one: Test): void => {
      if (one.kind !== 'regex') return;
      all += 1;
      if (isPlainRegex(one.source)) plain += 1;
      const need = regexNeed(one.source, one.flags);
      if (need && (need.texts.length > 0 || need.rigid)) read += 1;
      const sample = regexSample(one.source);
      if (sample !== null && holds(one.source, one.flags, `x ${sample} x`)) found += 1;
    };
    const ofSearch = (search: Search): void => {
      if (search.kind === 'item') search.item.tests.forEach(ofTest);
      else search.of.forEach(ofSearch);
    };
    for (const text of (await ruleTexts(join(SHARED!, 'data/sigma-rules.tar.gz'))).values()) {
      for (const { detection } of parseRule(text).rules) [...detection.searches.values()].forEach(ofSearch);
    }
    t.diagnostic(`${all} expressions, ${plain} plain, ${read} need something, ${found} samples found`);
    assert.ok(read > 0.9 * all && found > 0.5 * all && plain > 0.8 * all);
  },
);
