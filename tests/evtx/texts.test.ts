/** Texts that are kept are known again by their characters: a log can be made so that the hashes of two are one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Texts } from '../../src/evtx/texts.ts';

const FACTOR = 0x5bd1e995;

/** One step of the hash, over four bytes. */
function step(hash: number, word: number): number {
  return Math.imul(hash ^ word, FACTOR) ^ (hash >>> 15);
}

/** The number by which FACTOR times itself is 1, in 32 bits. */
function inverse(): number {
  let result = 1;
  for (let i = 0; i < 5; i++) result = Math.imul(result, 2 - Math.imul(FACTOR, result));
  return result;
}

test('two texts with one hash are two', () => {
  const [size, first, second, other] = [8, 0x00620061, 0x00640063, 0x007a0079];
  const target = step(step(size, first), second);
  const middle = step(size, other);
  const last = middle ^ Math.imul(target ^ (middle >>> 15), inverse());
  assert.equal(step(middle, last), target);

  const bytes = Buffer.alloc(2 * size);
  for (const [i, word] of [first, second, other, last].entries()) bytes.writeInt32LE(word, 4 * i);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts = new Texts();
  for (let round = 0; round < 3; round++) {
    for (const at of [0, size]) {
      assert.equal(texts.get(view, bytes, at, size), bytes.toString('utf16le', at, at + size));
    }
  }
});

test('a text that stands there again is the same, and NULs at its end do not count', () => {
  const bytes = Buffer.from('abcabc\0\0\0', 'utf16le');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts = new Texts();
  const sizes: readonly (readonly [at: number, size: number, text: string])[] = [
    [0, 6, 'abc'],
    [6, 6, 'abc'],
    [6, 12, 'abc'],
    [6, 7, 'abc'],
    [12, 6, ''],
    [0, 0, ''],
    [0, 1, ''],
    [0, 2, 'a'],
  ];
  for (const [at, size, text] of [...sizes, ...sizes]) assert.equal(texts.get(view, bytes, at, size), text);
});
