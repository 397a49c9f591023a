/** Crafted text that once cost the stack, or time that grew with its square. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundKey } from '../../src/events/index.ts';
import { parseObject } from '../../src/sources/json-value.ts';

test('JSON in a string of JSON is bounded in its nesting, too', () => {
  const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  assert.equal(parseObject(deep), null);
  const brackets = JSON.stringify({ text: '{['.repeat(500), list: [[1]] });
  assert.deepEqual(parseObject(brackets), { text: '{['.repeat(500), list: [[1]] });
});

test('a long key is cut, and still told from others', () => {
  const long = 'x'.repeat(5000);
  assert.ok(boundKey(long).length <= 4096);
  assert.equal(boundKey(long), boundKey('x'.repeat(5000)));
  assert.notEqual(boundKey(long), boundKey(`${long}y`));
  assert.equal(boundKey('short'), 'short');
});
