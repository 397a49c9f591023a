/** Threads are started where they gain something, or are asked for. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { threadCount } from '../../src/run/thread-count.ts';
import { ROOT } from '../builders/shared.ts';

const GIB = 2 ** 30;

test('so many as are asked for, each with something to do', () => {
  assert.equal(threadCount(0, 4), 1);
  assert.equal(threadCount(100 * 2 ** 20, 8), 3);
  assert.equal(threadCount(GIB, 3), 3);
  assert.equal(threadCount(GIB, 1), 1);
});

test('unasked, one per core for large logs, and fewer where each reads many rules', () => {
  const most = availableParallelism();
  assert.equal(threadCount(GIB / 2 - 1, undefined), 1);
  assert.equal(threadCount(GIB / 2 + 4096, undefined, '8'), Math.min(2, most));
  assert.equal(threadCount(1000 * GIB, undefined), most);
  assert.equal(threadCount(2 * GIB, undefined, ROOT), 1);
  assert.equal(threadCount(8 * GIB, undefined, ROOT), Math.min(2, most));
});
