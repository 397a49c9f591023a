/** Tally files: what is written is what is read, the same bytes each time, and nothing in a file does harm. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { QuestionError } from '../../src/predicate/index.ts';
import { decodeTally, encodeTally, type FiledTally, type Runs, type Tally } from '../../src/tally/index.ts';
import { anyTally, canonical, FACTS, fullTally } from '../builders/filed-tally.ts';

/** As a file keeps them: diagnostics and skipped files in their order. */
function settled(tally: Tally): unknown {
  const list = (items: readonly unknown[]): string[] => items.map((item) => JSON.stringify(item)).sort();
  const diagnostics = [...tally.diagnostics].map(
    ([code, { first, ...rest }]) => [code, { ...rest, first: list(first) }] as const,
  );
  return canonical({ ...tally, diagnostics: new Map(diagnostics), skipped: list(tally.skipped) });
}

function linesOf(filed: FiledTally): string[] {
  return gunzipSync(encodeTally(filed)).toString().split('\n').slice(0, -1);
}

function decode(lines: readonly string[]): FiledTally {
  return decodeTally(Buffer.from(lines.map((line) => `${line}\n`).join('')), 'x.tally');
}

function refused(code: string, pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof QuestionError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  };
}

test('what is written is what is read', () => {
  fc.assert(
    fc.property(anyTally, (tally) => {
      const read = decodeTally(encodeTally({ facts: FACTS, tally }), 'x');
      assert.deepEqual(settled(read.tally), settled(tally));
      assert.deepEqual(read.facts, FACTS);
    }),
  );
});

test('every member is carried: in a tally without an empty one, all arrive', () => {
  const filed = fullTally();
  const empty: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (value instanceof Map || Array.isArray(value)) {
      const items: unknown[] = value instanceof Map ? [...value.values()] : value;
      if (items.length === 0) empty.push(path);
      else walk(items[0], `${path}[]`);
    } else if (value !== null && typeof value === 'object') {
      for (const [key, held] of Object.entries(value)) walk(held, `${path}.${key}`);
    } else if (value === 0 || value === '' || value === undefined) empty.push(path);
  };
  walk({ ...filed.tally, hosts: undefined, groups: undefined }, '');
  assert.deepEqual(empty, ['.hosts', '.groups']);
  const some = <K, V>(map: ReadonlyMap<K, V>, holds: (value: V) => boolean): boolean =>
    [...map.values()].some(holds);
  // Over all hosts, channels and groups, each member is held by one at least.
  for (const { channels, ...host } of filed.tally.hosts.values()) {
    for (const [name, value] of Object.entries(host))
      assert.ok(('size' in value ? value.size : value.length) > 0, name);
    const [first] = channels.values();
    for (const name of Object.keys(first!) as (keyof typeof first)[]) {
      const filled = (value: unknown): boolean =>
        typeof value === 'number'
          ? value > 0
          : value instanceof Map
            ? value.size > 0
            : Array.isArray(value)
              ? value.length > 0
              : (value as Runs).first.length > 0;
      assert.ok(
        some(channels, (channel) => filled(channel[name])),
        `no channel has ${String(name)}`,
      );
    }
  }
  assert.ok(filed.tally.groups.size > 0);
  const read = decodeTally(encodeTally(filed), 'x');
  assert.deepEqual(canonical(read.tally), canonical(filed.tally));
  assert.deepEqual(read.facts, filed.facts);
});

test('the same tally gives the same bytes, in whatever order it was counted; they tell no time and no system', () => {
  fc.assert(
    fc.property(anyTally, (tally) => {
      const bytes = encodeTally({ facts: FACTS, tally });
      const reversed: Tally = {
        ...tally,
        hosts: new Map([...tally.hosts].reverse()),
        groups: new Map([...tally.groups].reverse()),
        others: new Map([...tally.others].reverse()),
        diagnostics: new Map([...tally.diagnostics].reverse()),
        skipped: tally.skipped.toReversed(),
      };
      assert.deepEqual(encodeTally({ facts: FACTS, tally: reversed }), bytes);
      assert.deepEqual(encodeTally(decodeTally(bytes, 'x')), bytes);
      assert.deepEqual([...bytes.subarray(4, 10)], [0, 0, 0, 0, bytes[8], 255]);
    }),
  );
});

test('a cut file is refused, wherever it is cut', () => {
  const bytes = encodeTally(fullTally());
  const plain = gunzipSync(bytes);
  for (let length = 0; length < bytes.length; length++)
    assert.throws(() => decodeTally(bytes.subarray(0, length), 'x'), refused('tally-broken', /^x: /));
  for (let length = 0; length < plain.length; length++)
    assert.throws(() => decodeTally(plain.subarray(0, length), 'x'), refused('tally-broken', /^x: /));
});

test('flipped bits are refused, or read as some tally; never anything else', () => {
  const plain = gunzipSync(encodeTally(fullTally()));
  const zipped = encodeTally(fullTally());
  fc.assert(
    fc.property(fc.boolean(), fc.nat(), fc.integer({ min: 0, max: 7 }), (gzip, at, bit) => {
      const bytes = Buffer.from(gzip ? zipped : plain);
      bytes[at % bytes.length]! ^= 1 << bit;
      try {
        encodeTally(decodeTally(bytes, 'x'));
      } catch (error) {
        assert.ok(error instanceof QuestionError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('a later version says so; anything else is no tally', () => {
  const [header, ...rest] = linesOf(fullTally());
  assert.throws(
    () => decode([header!.replace('tally/1', 'tally/2'), ...rest]),
    refused('tally-version', /expected noisefloor\.tally\/1, found noisefloor\.tally\/2/),
  );
  assert.throws(() => decode(['{}']), refused('tally-broken', /line 1: expected the schema/));
  assert.throws(() => decode(['[]']), refused('tally-broken', /line 1: expected an object/));
});

test('numbers, names and places that do not belong are named with their place', () => {
  const lines = linesOf(fullTally());
  const change = (from: string | RegExp, to: string): string[] => {
    const changed = lines.map((line) => line.replace(from, to));
    assert.notDeepEqual(changed, lines, String(from));
    return changed;
  };
  const cases: [string | RegExp, string, RegExp][] = [
    ['"files":1', '"files":1e300', /line 1: totals\.files: expected a whole number from 0 on, found 1e\+300/],
    ['"files":1', '"files":-1', /files: expected a whole number from 0 on, found -1/],
    ['"files":1', '"files":9007199254740993', /files: expected/],
    ['"files":1', '"files":0.5', /files: expected/],
    ['"files":1', '"files":"1"', /found "1"/],
    ['"files":1,', '', /files: expected a whole number from 0 on, found nothing/],
    ['"files":1,', '"__proto__":{"files":1},', /found nothing/],
    ['"halvings":1', '"halvings":1000000', /at most 32 halvings/],
    ['"kind":"event-type"', '"kind":"constructor"', /line 1: facts\.kind: expected one of/],
    ['["host","host"', '["ghost","host"', /line 2: expected host, channel, others or group, found "ghost"/],
    [/"first":\[10,/, '"first":[9007199254740991,', /line \d+: runs\.first\.1: expected a whole number/],
    [/"kind":\["[a-z-]+"/, '"kind":["nonsense"', /line 2: marks\.kind\.0: expected one of/],
    [/"hosts":\[\["host"/, '"hosts":[["other"', /expected one of the hosts, found "other"/],
    ['"rules":[0]', '"rules":[5]', /expected indices of 1 rules/],
    [
      /"key":\[[^\]]*\]/,
      '"key":["a"]',
      /expected values of the fields by which 8 is grouped, found a list of 1/,
    ],
  ];
  for (const [from, to, message] of cases)
    assert.throws(() => decode(change(from, to)), refused('tally-broken', message), String(from));
});

test('bombs and deep nesting end in an error, soon', () => {
  const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
  const [header] = linesOf(fullTally());
  assert.throws(() => decode([header!, deep]), refused('tally-broken', /line 2: .*nested at most 16 deep/));
  assert.throws(() => decode([`{"schema":${deep}}`]), refused('tally-broken', /nested/));
  const many = `["group",[${'[],'.repeat(1_000_000)}[]]]`;
  assert.throws(() => decode([header!, many]), refused('tally-broken', /line 2: expected an object/));
  // 520 MiB in half a megabyte: gzip members follow one another.
  const member = gzipSync(Buffer.alloc(8 * 1024 * 1024, 0x20));
  const bomb = Buffer.concat(Array.from({ length: 65 }, () => member));
  assert.throws(() => decodeTally(bomb, 'x'), refused('tally-too-large', /expected at most 512 MiB/));
});

test('a line that is missing, or there twice, is noticed', () => {
  const lines = linesOf(fullTally());
  for (let at = 1; at < lines.length; at++) {
    assert.throws(() => decode(lines.toSpliced(at, 1)), refused('tally-broken', /expected/));
    assert.throws(() => decode(lines.toSpliced(at, 0, lines[at]!)), refused('tally-broken', /expected/));
  }
});
