/** What the reader of plain YAML reads, the library reads just so; what it is not certain of it leaves to the library. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRule } from '../../src/sigma/index.ts';
import { readAnyYaml } from '../../src/sigma/yaml-library.ts';
import type { Found } from '../../src/sigma/yaml-node.ts';
import { readPlainYaml } from '../../src/sigma/yaml-plain.ts';
import { SHARED } from '../builders/shared.ts';
import { ruleTexts } from '../builders/sigma-events.ts';

/** Whether the text was read; it is then read like the library does. */
function agrees(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain === null) return false;
  assert.deepEqual(plain, readAnyYaml(text), JSON.stringify(text));
  return true;
}

const RULE = `title: 'It''s a rule' # with a comment
id: 0x10
description: |
    Two lines,

      the second indented
related:
    - id: a-b
      type: derived
    -   id: c
        type: "quoted \\"twice\\" \\u00e9\\x41\\\\"
tags:
- attack.t1055
-   attack.execution
detection:
    selection:
        Image|endswith:
            # in between
            - '\\a.exe'
            - :\\ProgramData
            - -x
        'Command Line': null
        Empty:   # nothing
        Number: 4.90
    keywords:
        - mimi # katz
        - katz
    condition: selection and
        (keywords or
        not selection)
level: high
`;

test('what rules are made of is read, with its places', () => {
  assert.ok(agrees(RULE));
  assert.ok(agrees(`---\n${RULE}`));
  const root = readPlainYaml(RULE)!.root;
  const value = (node: Found, name: string): Found =>
    node?.kind === 'map'
      ? node.pairs.find(({ key }) => key?.kind === 'scalar' && key.text === name)?.value
      : undefined;
  const condition = value(value(root, 'detection'), 'condition');
  assert.deepEqual(condition, {
    kind: 'scalar',
    at: RULE.indexOf('selection and'),
    type: 'text',
    style: 'plain',
    text: 'selection and (keywords or not selection)',
  });
  assert.equal(
    (value(root, 'description') as { text: string }).text,
    'Two lines,\n\n  the second indented\n',
  );
  assert.equal((value(root, 'id') as { type: string }).type, 'number');
});

test('lines that end as on Windows', () => {
  const unix = parseRule(RULE.replace('selection and', 'selected and'));
  assert.deepEqual(parseRule(RULE.replace('selection and', 'selected and').replaceAll('\n', '\r\n')), unix);
  assert.deepEqual(parseRule(RULE.replaceAll('\n', '\r\n')), parseRule(RULE));
});

test('what is not certain is left to the library', () => {
  for (const text of [
    '',
    '---',
    'text',
    '[a]',
    'a: [b]',
    'a: {b: c}',
    'a: &b c',
    'a: *b',
    'a: !!str b',
    'a: >\n  b',
    'a: |-\n  b',
    'a: "b\n  c"',
    "a: 'b\n  c'",
    'a:\tb',
    'a: b\r\n',
    '\ufeffa: b',
    '<<: a',
    '? a\n: b',
    'a: b: c',
    'a: "b"c',
    'a: b\n c: d',
    ' a: b\nc: d',
    'a:\n  - b\n c',
    'a: b\n\n  c',
    'a: b # c\n  d',
    '- - a',
    '-\n  a: b',
    'a: @b',
    'a: %b',
    'a: b\n...\n',
    'a : b',
  ]) {
    if (agrees(text)) assert.fail(`${JSON.stringify(text)} was read`);
  }
});

/** Pieces of which texts are made that are nearly rules. */
const PIECES = [
  'a',
  'b: ',
  'key:',
  'é',
  '\u{1f600}',
  'null',
  '~',
  '1.5',
  '0x1F',
  'true',
  '<<: ',
  '.',
  '...',
  '---',

  "'",
  '"',
  "''",
  '\\',
  '\\n',
  '\\u0041',
  '#',
  ' #',
  '# c',
  ':',
  ': ',
  ' :',
  '-',
  '- ',
  '|',
  '|\n',
  '>',
  '?',

  '[',
  ']',
  '{',
  '}',
  ',',
  '&a ',
  '*a',
  '!',
  '%',
  '@',
  '`',
  '\t',
  '\r',
  '\r\n',
  '\ufeff',
  '\u2028',
  '\u0085',
  '\n',
  '\n',
  '\n',
  '\n  ',
  '\n    ',
  '\n- ',
  '\n  - ',
  '\n\n',
  ' ',
  '  ',
  '\n# c\n',
  '\n   # c\n',
];

test('texts of any pieces', () => {
  let read = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
      if (agrees(pieces.join('')) || agrees(`a:\n  b: ${pieces.join('')}\nc: d\n`)) read += 1;
    }),
    { numRuns: 3000, seed: 7 },
  );
  assert.ok(read > 100, `${read} were read`);
});

/** Ways to change a text at a place. */
const CHANGES: readonly ((text: string, at: number, piece: string) => string)[] = [
  (text, at, piece) => text.slice(0, at) + piece + text.slice(at),
  (text, at, piece) => text.slice(0, at) + piece + text.slice(at + 1),
  (text, at) => text.slice(0, at) + text.slice(at + 2),
  (text, at) => text.slice(0, at),
  (text, at) => onLine(text, at, (line) => `  ${line}`),
  (text, at) => onLine(text, at, (line) => line.replace(/^ {1,2}/, '')),
  (text, at) => onLine(text, at, (line) => `${line}\n${line}`),
  (text, at) => onLine(text, at, (line) => line.replace(/: .*$/, ':')),
];

function onLine(text: string, at: number, change: (line: string) => string): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  const stop = end < 0 ? text.length : end;
  return start > stop ? text : text.slice(0, start) + change(text.slice(start, stop)) + text.slice(stop);
}

function changed(texts: readonly string[], runs: number): number {
  let read = 0;
  const change = fc.record({
    how: fc.constantFrom(...CHANGES),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    piece: fc.constantFrom(...PIECES),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (text, changes) => {
        const made = changes.reduce(
          (now, { how, at, piece }) => how(now, Math.floor(at * now.length), piece),
          text,
        );
        if (agrees(made)) read += 1;
      },
    ),
    { numRuns: runs, seed: 11 },
  );
  return read;
}

test('a rule with changes', () => {
  const read = changed([RULE], 1500);
  assert.ok(read > 200, `${read} were read`);
});

test('all public rules, and changed ones', { skip: SHARED === null }, async (t) => {
  const texts = [...(await ruleTexts(join(SHARED!, 'data/sigma-rules.tar.gz'))).values()];
  const left = texts.filter((text) => !agrees(text));
  t.diagnostic(`${left.length} of ${texts.length} left to the library`);
  assert.ok(left.length <= texts.length / 1000);
  const read = changed(texts, 1500);
  assert.ok(read > 200, `${read} were read`);
});
