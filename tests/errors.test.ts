import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CODES } from '../src/events/index.ts';
import { ROOT } from './builders/shared.ts';

test('docs/errors.md lists every code once, in the order of the code, and no other', () => {
  const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `([a-z0-9-]+)`\s*\|/gm)].map((match) => match[1]);
  assert.deepEqual(listed, [...CODES]);
});
