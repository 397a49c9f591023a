import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseObject } from '../../src/sources/json-value.ts';
import { eventOf } from '../../src/sources/shapes/index.ts';

const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

test('what is nested too deep is no object; brackets in strings and beside each other do no harm', () => {
  assert.notEqual(parseObject(nested(128)), null);
  assert.equal(parseObject(nested(129)), null);
  assert.equal(parseObject(nested(50_000)), null);
  assert.notEqual(parseObject(`{"a":"${'['.repeat(1000)}\\\\","b":"\\"${'{'.repeat(1000)}"}`), null);
  assert.notEqual(parseObject(`{"a":[${'[],'.repeat(1000)}1]}`), null);
});

test('JSON inside of JSON is bounded as well', () => {
  const event = { EventID: 8, Computer: 'H', Provider: 'P', EventData: `{"a":${nested(20_000)}}` };
  assert.equal(eventOf(event), null);
});
