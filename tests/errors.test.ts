import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CODES } from '../src/events/index.ts';
import { ROOT } from './builders/shared.ts';

test('docs/errors.md lists every code once, in the order of the code, and no other', () => {
  const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `([a-z0-9-]+)`\s*\|/gm)].map((match) => match[1]);
  assert.deepEqual(listed, [...CODES]);
});

test('every code is one that something says', () => {
  const source = readdirSync(join(ROOT, 'src'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('codes.ts'))
    .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
    .join('\n');
  for (const code of CODES) {
    const said = source.includes(code) || code.startsWith('text-invalid-utf');
    assert.ok(said, `nothing says ${code}`);
  }
});
