import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseRule } from '../../src/sigma/index.ts';
import { regexSample } from '../../src/sigma/regex-sample.ts';
import { compileRegex } from '../../src/sigma/value-test.ts';
import { SHARED } from '../builders/shared.ts';
import { ruleTexts } from '../builders/sigma-events.ts';

test('samples are found by their expressions', () => {
  for (const source of [
    'a+b?c',
    '^\\d{3}-\\w{2,}$',
    '(?:x|y)z',
    '[^a-z]\\.exe',
    '\\x41\\x{42}',
    '[\\s"]q',
    '(a(b|c){2})',
    'x{0,3}y',
    '(?i)Ab',
    '[]a]',
  ])
    assert.ok(compileRegex(source, '').matcher(regexSample(source)!).find(), source);
  for (const source of ['(?=x)y', '(', '[', 'a\\', '\\p{L}', `a{9999}{9999}`, '(?P<n>x'])
    assert.doesNotThrow(() => regexSample(source), source);
});

test(
  'most regular expressions of public rules have a sample that they find',
  { skip: SHARED === null },
  async () => {
    let [all, good] = [0, 0];
    for (const [file, text] of await ruleTexts(join(SHARED!, 'data/sigma-rules.tar.gz'))) {
      for (const rule of parseRule(text, { file }).rules) {
        for (const [, source, flags] of JSON.stringify([...rule.detection.searches]).matchAll(
          /"kind":"regex","source":"((?:[^"\\]|\\.)*)","flags":"(\w*)"/g,
        )) {
          const expression = JSON.parse(`"${source}"`) as string;
          const sample = regexSample(expression);
          all += 1;
          if (sample !== null && compileRegex(expression, flags!).matcher(sample).find()) good += 1;
        }
      }
    }
    assert.ok(all > 100 && good / all > 0.8, `${good} of ${all}`);
  },
);
