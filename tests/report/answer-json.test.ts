import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../src/analysis/index.ts';
import { renderAnswerJson } from '../../src/report/index.ts';
import { ANSWERS, BUSY, EXCLUDED } from '../builders/answers.ts';

test('the JSON is the answer', () => {
  for (const answer of Object.values(ANSWERS)) {
    const text = renderAnswerJson(answer);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(answer)));
    assert.ok(text.endsWith('}\n'));
  }
});

test('keys have the order of the contract, however the answer was put together', () => {
  const backwards = Object.fromEntries(Object.entries(EXCLUDED).reverse()) as unknown as Answer;
  assert.equal(renderAnswerJson(backwards), renderAnswerJson(EXCLUDED));
  assert.deepEqual(Object.keys(JSON.parse(renderAnswerJson(backwards)) as object), [
    'schema',
    'question',
    'read',
    'exposure',
    'matches',
    'rate',
    'budget',
    'groups',
    'unseen',
    'timeline',
    'rules',
    'perType',
    'volume',
    'blind',
    'excluded',
    'diagnostics',
  ]);
});

test('the values of a group keep the order of the question, and any name', () => {
  const key = Object.fromEntries([
    ['TargetImage', 'b\u009b'],
    ['__proto__', 'x'],
    ['SourceImage', 'a'],
  ]);
  const text = renderAnswerJson({ ...BUSY, groups: [{ ...BUSY.groups[0]!, key }] });
  const parsed = JSON.parse(text) as { groups: { key: Record<string, string> }[] };
  assert.deepEqual(Object.entries(parsed.groups[0]!.key), Object.entries(key));
  assert.ok(!text.includes('\u009b'));
});
