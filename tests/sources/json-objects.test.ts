import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Diagnostic } from '../../src/events/index.ts';
import { MAX_OBJECT, splitObjects } from '../../src/sources/json-objects.ts';

interface All {
  readonly objects: { readonly line: number; readonly object: unknown }[];
  readonly diagnostics: Diagnostic[];
}

function split(pieces: readonly string[]): All {
  const splitter = splitObjects('log.json');
  const all: All = { objects: [], diagnostics: [] };
  for (const found of [...pieces.map((piece) => splitter.push(piece)), splitter.end()]) {
    all.objects.push(...found.objects);
    all.diagnostics.push(...found.diagnostics);
  }
  return all;
}

/** `line:n` of each object, `n` being its own number. */
function numbers(text: string): string {
  return split([text])
    .objects.map(({ line, object }) => `${line}:${String((object as { n: unknown }).n)}`)
    .join(' ');
}

function problems(text: string): string[] {
  return split([text]).diagnostics.map(
    ({ code, where, lost }) => `${code} line ${where.line ?? 0} lost ${lost}`,
  );
}

test('JSON Lines: LF, CRLF, blank lines, no newline at the end', () => {
  assert.equal(numbers('{"n":1}\n{"n":2}\r\n\r\n\n  {"n":3} \r\n{"n":4}'), '1:1 2:2 5:3 6:4');
  assert.equal(numbers(''), '');
});

test('lists on one line or several, and objects one after another', () => {
  assert.equal(numbers('[{"n":1},{"n":2},\n{"n":3}]\n'), '1:1 1:2 2:3');
  assert.equal(numbers('[\n  {\n    "n": 1,\n    "a": [{}]\n  },\n  {\n    "n": 2\n  }\n]\n'), '2:1 6:2');
  assert.equal(numbers('{\n  "n": 1\n}\n{\n  "n": 2\n}{"n":3}\n'), '1:1 4:2 6:3');
  assert.equal(numbers('Record 1\n{\n  "n": 1\n}\nRecord 2\r\n{\n  "n": 2\n}\n'), '2:1 6:2');
});

test('files that were put together, each with its byte order mark', () => {
  for (const one of ['{"a":1}\n', '[{"a":1}]\n', '[{"a":1},\n{"b":2}]', '{\n"a":1\n}\n']) {
    const { objects } = split([one]);
    const twice = split([`${one}\uFEFF${one}`]);
    assert.deepEqual(twice.diagnostics, []);
    assert.deepEqual(
      twice.objects.map(({ object }) => object),
      [...objects, ...objects].map(({ object }) => object),
    );
  }
});

test('wrapped lists', () => {
  for (const text of [
    '{"@odata.context":"x","value":[{"n":1},{"n":2}],"nextLink":"y"}',
    '{"Events":[{"n":1},{"n":2}]}',
    '{"took":5,"hits":{"total":{"value":2},"hits":[{"n":1},{"n":2}]},"x":[{}]}',
    '{"value": [\n{"n":1},{"n":2}\n]\n}\n',
  ]) {
    assert.equal(numbers(`${text}\n{"n":3}\n`).replace(/\d+:/g, ''), '1 2 3', text);
    assert.deepEqual(problems(`${text}\n{"n":3}\n`), [], text);
  }
  // An event may have a field of such a name.
  assert.equal(numbers('{"n":1,"EventID":1,"value":[{"n":2}]}\n'), '1:1');
  assert.equal(numbers('{"n":1,"value":"x","results":[1]}\n'), '1:1');
});

test('a line that was cut off takes no other line with it', () => {
  const cuts = [
    '{"n":0,"a":"x',
    '{"n":0,"a":',
    '{"n":0,"a":[',
    '{"n":0,',
    '{"n":0,"a":{"b":1}',
    '{"n":0',
    '{"n',
    '{',
    '{"n":tru',
    '{"n":0,"a":"\\',
  ];
  for (const cut of cuts) {
    const text = `{"n":1}\n${cut}\n{"n":2}\n{"n":3}\n`;
    assert.equal(numbers(text), '1:1 3:2 4:3', cut);
    const [first, ...others] = split([text]).diagnostics;
    assert.equal(first?.code, 'json-syntax');
    assert.equal(first?.lost, 1);
    assert.deepEqual(others, []);
  }
});

test('broken objects are counted one by one', () => {
  assert.deepEqual(problems('{"n":1,,}\n{"n":2\n{"n":3}\nx{"n":4}\n{"n":01}\n'), [
    'json-syntax line 1 lost 1',
    'json-syntax line 3 lost 1',
    'json-syntax line 4 lost 1',
    'json-syntax line 5 lost 1',
  ]);
  assert.equal(numbers('{"n":1,,}\n{"n":2\n{"n":3}\nx{"n":4}\n{"n":5}\n'), '3:3 5:5');
  assert.equal(numbers('[{"n":1,,},{"n":2},{"n":x},{"n":3}]\n[{"n":4}]'), '1:2 1:3 2:4');
  // A raw newline inside of a string breaks one object, however many lines it has.
  assert.equal(numbers('{"n":1,"m":"a\nb\n c: {}"}\n{"n":2}\n'), '4:2');
  assert.deepEqual(problems('{"n":1,"m":"a\nb\n c: {}"}\n{"n":2}\n'), ['json-syntax line 1 lost 1']);
});

test('a broken object among pretty-printed ones is skipped as a whole', () => {
  const text = '{\n  "n": 1\n}\n{\n  "n": x,\n  "a": [\n    {\n      "n": 9\n    }\n  ]\n}\n{\n  "n": 2\n}\n';
  assert.equal(numbers(text), '1:1 12:2');
  assert.deepEqual(problems(text), ['json-syntax line 5 lost 1']);
  const list = `[\n${text.trimEnd().replaceAll('}\n{', '},\n{').replaceAll(/^/gm, '    ')}\n]\n`;
  assert.equal(numbers(list), '2:1 13:2');
});

test('what was expected and found is said, and escaped', () => {
  const [diagnostic] = split(['{"n":1,\u001b[31m}\n']).diagnostics;
  assert.equal(diagnostic?.message, 'expected a key in quotes, found `\\u001b[31m}`');
  assert.deepEqual(diagnostic?.where, { source: 'log.json', line: 1 });
});

test('the end of the text inside of something', () => {
  assert.deepEqual(problems('{"n":1}\n{"n":2,"a":"b'), ['json-truncated line 2 lost 1']);
  assert.equal(numbers('{"n":1}\n{"a":[\n{"n":2}'), '1:1 3:2');
  assert.deepEqual(problems('[{"n":1},{"n":2}'), ['json-truncated line 1 lost 0']);
  assert.equal(numbers('[{"n":1},{"n":2}'), '1:1 1:2');
  assert.deepEqual(problems('{"value":[{"n":1}'), ['json-truncated line 1 lost 0']);
});

test('broken objects inside of broken ones are counted once each, and read once', () => {
  const open = '{"a":[\n'.repeat(5000);
  const { objects, diagnostics } = split([`${open}{"n":1}\n{"n":2}\n`]);
  assert.deepEqual(
    objects.map(({ line }) => line),
    [5001, 5002],
  );
  assert.equal(diagnostics.length, 5000);
  assert.deepEqual(new Set(diagnostics.map(({ lost }) => lost)), new Set([1]));
});

test('nesting and size are bounded', () => {
  const deep = (depth: number): string => `{"n":1,"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}\n`;
  assert.equal(numbers(`${deep(128)}{"n":2}\n`), '1:1 2:2');
  assert.deepEqual(problems(`${deep(129)}{"n":2}\n`), ['json-too-deep line 1 lost 1']);
  assert.equal(numbers(`${deep(100_000)}{"n":2}\n`), '2:2');
  assert.equal(numbers(`{"n":1,"a":"${'[{'.repeat(500)}"}\n`), '1:1');
  const large = `{"n":1,"a":"${'x'.repeat(MAX_OBJECT)}"}\n{"n":2}\n`;
  assert.equal(numbers(large), '2:2');
  assert.deepEqual(problems(large), ['json-too-large line 1 lost 1']);
});

test('long numbers stay intact, odd keys do no harm', () => {
  const text =
    '{"n":-9223372036854775808,"a":[18446744073709551615 , 1],"s":"x: 1234567890123456789, \\"","f":1.5,"n2":123}\n';
  assert.deepEqual(split([text]).objects[0]?.object, {
    n: '-9223372036854775808',
    a: ['18446744073709551615', 1],
    s: 'x: 1234567890123456789, "',
    f: 1.5,
    n2: 123,
  });
  const odd = split(['{"__proto__":{"polluted":1},"n":1,"n":2,"constructor":3}\n']).objects[0]
    ?.object as object;
  assert.deepEqual(Object.keys(odd), ['__proto__', 'n', 'constructor']);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

/** Pieces that make whole, broken, nested and wrapped objects when put one after another. */
const PARTS = [
  '{"n":1}',
  '{"n":2,"a":[{"b":"}\\"{"},{"n":5}]}',
  '{"n":"é€😀"}',
  '{\n  "n": 3,\n  "a": [\n    {\n      "b": 1\n    }\n  ]\n}',
  '{"n":12345678901234567890}',
  '{"n":4,"a":"x',
  '{"n":',
  '{"a":[\n',
  '{"value":[',
  '{"hits":{"hits":[',
  '{"EventID":1,"value":[{"n":6}]}',
  '],"x":1}',
  'Record 12\n',
  'junk',
  '\\u00',
  '},{',
  '\r\n',
  '  ',
  ...'\n\n,[] {}"\\7',
] as const;

test('any cut of the text gives the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PARTS), { maxLength: 25 }),
      fc.array(fc.nat(400), { maxLength: 12 }),
      (parts, cuts) => {
        const text = parts.join('');
        const at = [
          0,
          ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b),
          text.length,
        ];
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        assert.deepEqual(split(pieces), split([text]));
        assert.deepEqual(split([...text].flatMap((char) => char.split(''))), split([text]));
      },
    ),
    { numRuns: 500 },
  );
});

test('every object of a well-formed text is found, written in any way', () => {
  const object = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
  fc.assert(
    fc.property(fc.array(object, { maxLength: 6 }), fc.nat(4), (list, how) => {
      // Names of wrappers and numbers that would come as text are other tests' matter.
      const objects = JSON.parse(
        JSON.stringify(list, (key, value: unknown) =>
          /^(value|events|records|results|hits)$/i.test(key) || typeof value === 'number' ? undefined : value,
        ),
      ) as unknown[];
      const texts = [
        objects.map((it) => JSON.stringify(it)).join('\n'),
        JSON.stringify(objects),
        JSON.stringify(objects, null, 4),
        objects.map((it) => JSON.stringify(it, null, 2)).join('\n'),
        `{"value":${JSON.stringify(objects, null, 1)}}`,
      ];
      const found = split([texts[how] ?? '']);
      if (how === 4 && objects.length === 0) return;
      assert.deepEqual(found.diagnostics, []);
      assert.deepEqual(
        found.objects.map((it) => it.object),
        objects,
      );
    }),
  );
});
