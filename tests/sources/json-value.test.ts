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

test('numbers of 16 and more characters stay as they are written, wherever they stand', () => {
  const digits = '98765432109876543210';
  for (let length = 1; length <= digits.length; length++) {
    for (let before = 0; before < 40; before++) {
      const number = digits.slice(0, length);
      const space = ' '.repeat(before % 3);
      const text = `{"${'k'.repeat(before)}":${space}${number}${space},"1":"1234567890.123456","b":[-${number}]}`;
      const expected = length < 16 ? Number(number) : number;
      const negative = length < 16 ? -Number(number) : `-${number}`;
      assert.deepEqual(parseObject(text), {
        ['k'.repeat(before)]: expected,
        1: '1234567890.123456',
        b: [negative],
      });
    }
  }
});
