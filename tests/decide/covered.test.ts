/** Covers are told as the whole formula is decided; what is not looked into and what costs too much is not claimed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coveredBy, type Formula, holds, MANY, type Pattern, satisfy } from '../../src/decide/index.ts';

const atom = (field: string, pattern: Pattern): Formula => ({
  kind: 'test',
  field,
  test: { kind: 'pattern', pattern, cased: false },
  absent: false,
  empty: false,
});
const not = (of: Formula): Formula => ({ kind: 'not', of });

const piece = fc.constantFrom('a', 'b', 'ab', 'ba');
const simple = fc
  .tuple(fc.constantFrom('F', 'G'), piece, fc.constantFrom('begin', 'end', 'inside', 'whole'), fc.boolean())
  .map(([field, text, place, negative]): Formula => {
    const pattern: Pattern = [
      ...(place === 'end' || place === 'inside' ? [MANY] : []),
      text,
      ...(place === 'begin' || place === 'inside' ? [MANY] : []),
    ] as Pattern;
    const own = atom(field, pattern);
    return negative ? not(own) : own;
  });
const clause = fc.array(simple, { minLength: 1, maxLength: 2 }).map((of): Formula => ({ kind: 'and', of }));

/** Texts over two characters, long enough for tests of two. */
const TEXTS: readonly (string | undefined)[] = [
  undefined,
  ...Array.from({ length: 62 }, (_, i) =>
    (i + 2).toString(2).slice(1).replaceAll('0', 'a').replaceAll('1', 'b'),
  ),
];

test('several formulas take all events of another exactly where no event there is escapes them', () => {
  const seen = { none: 0, several: 0, witness: 0 };
  fc.assert(
    fc.property(clause, fc.array(clause, { maxLength: 6 }), (one, others) => {
      const verdict = coveredBy(one, { formulaOf: (cover) => others[cover]!, near: () => others.keys() });
      const escapes = TEXTS.some((F) =>
        TEXTS.some((G) => {
          const read = (field: string): string | undefined => (field === 'F' ? F : G);
          return holds(one, read) && !others.some((other) => holds(other, read));
        }),
      );
      assert.notEqual(verdict.kind, 'unknown');
      if (verdict.kind === 'witness') {
        const read = (field: string): string | undefined => verdict.values.get(field);
        assert.ok(holds(one, read) && !others.some((other) => holds(other, read)));
        seen.witness += 1;
        return;
      }
      assert.ok(verdict.kind === 'none' && !escapes, 'some event escapes');
      seen.none += 1;
      if (verdict.covers.length > 1) seen.several += 1;
      // Without any of those that are named, some event is left.
      for (const cover of verdict.covers) {
        const fewer: Formula[] = verdict.covers.filter((kept) => kept !== cover).map((kept) => others[kept]!);
        assert.equal(satisfy({ kind: 'and', of: [one, ...fewer.map(not)] }).kind, 'witness');
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(seen.several > 20 && seen.witness > 500, JSON.stringify(seen));
});

test('what is not looked into covers what has its key', () => {
  const opaque = (key: string): Formula => ({
    kind: 'test',
    field: 'F',
    test: { kind: 'opaque', key, meets: (value) => value === key, samples: [] },
    absent: false,
    empty: false,
  });
  assert.equal(satisfy({ kind: 'and', of: [opaque('x'), not(opaque('x'))] }).kind, 'none');
  assert.equal(satisfy({ kind: 'and', of: [opaque('x'), not(opaque('y'))] }).kind, 'unknown');
});

test('nothing is claimed past what may be spent, and hostile lists end', () => {
  const many = Array.from({ length: 3000 }, (_, i) => atom('F', [MANY, `x${i}y`, MANY]));
  const work = { left: 20_000 };
  assert.equal(
    satisfy(
      {
        kind: 'and',
        of: [
          ...many,
          not(atom('F', [MANY, 'x1y', MANY, 'x2y', MANY])),
          not(atom('F', [MANY, 'x2y', MANY, 'x1y', MANY])),
        ],
      },
      { work },
    ).kind,
    'unknown',
  );
  assert.ok(work.left <= 0 && work.left > -20_000);
  // Each alternative misses, one within the other.
  const deep = Array.from({ length: 20_000 }, (_, i): Formula => ({
    kind: 'or',
    of: [atom('F', [MANY, `x${i}y`, MANY]), atom('G', [MANY, `x${i}y`, MANY])],
  }));
  const started = performance.now();
  assert.notEqual(satisfy({ kind: 'and', of: deep }, { work: { left: 5_000_000 } }).kind, 'none');
  assert.ok(performance.now() - started < 10_000);
});
