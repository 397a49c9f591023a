/** The decision procedure against all events over a small alphabet, and against crafted sizes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Formula,
  holds,
  impliedBy,
  MANY,
  ONE,
  type Pattern,
  satisfy,
  type TextTest,
} from '../../src/decide/index.ts';

const FIELDS = ['F', 'G'];
const CHARACTERS = ['a', 'b', '\\', 'A'];

/** All texts of up to four characters; a longer one is not needed for texts as short as the tests have. */
const TEXTS: string[] = [''];
for (let from = 0, length = 1; length <= 4; length += 1) {
  const to = TEXTS.length;
  for (; from < to; from += 1) for (const character of CHARACTERS) TEXTS.push(TEXTS[from]! + character);
}
const VALUES: (string | undefined)[] = [undefined, ...TEXTS];

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\\', 'A'), maxLength: 2 });
const part = fc.oneof(
  { arbitrary: text.filter((one) => one !== ''), weight: 3 },
  { arbitrary: fc.constantFrom(MANY, ONE), weight: 2 },
);
const pattern = fc.array(part, { maxLength: 3 }).map((parts): Pattern => {
  const joined: (string | typeof MANY | typeof ONE)[] = [];
  for (const one of parts) {
    const last = joined.at(-1);
    if (typeof one === 'string' && typeof last === 'string') joined[joined.length - 1] = last + one;
    else if (one !== MANY || last !== MANY) joined.push(one);
  }
  return joined;
});
const textTest: fc.Arbitrary<TextTest> = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constant('pattern' as const), pattern, cased: fc.boolean() }),
    weight: 5,
  },
  { arbitrary: fc.record({ kind: fc.constantFrom('less' as const, 'more' as const), text }), weight: 1 },
);
const { formula } = fc.letrec<{ formula: Formula; atom: Formula }>((tie) => ({
  atom: fc.record({
    kind: fc.constant('test' as const),
    field: fc.constantFrom(...FIELDS),
    test: textTest,
    absent: fc.boolean(),
    empty: fc.boolean(),
  }),
  formula: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    tie('atom'),
    fc.record({ kind: fc.constant('not' as const), of: tie('formula') }) as fc.Arbitrary<Formula>,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('formula'), { maxLength: 4 }),
    }) as fc.Arbitrary<Formula>,
  ),
}));

/** Looks at every event there is; fields that the formula does not name are left out. */
function meetsAny(of: Formula): boolean {
  const named = FIELDS.filter((field) => JSON.stringify(of).includes(`"field":"${field}"`));
  const [first, second] = named;
  if (first === undefined) return holds(of, () => undefined);
  // Each field alone, and its values as they tell apart what the formula asks of it.
  const kinds = (field: string): (string | undefined)[] => {
    const atoms = atomsOf(of).filter((atom) => atom.field === field);
    const seen = new Map(
      VALUES.map((value) => [atoms.map((atom) => Number(holds(atom, () => value))).join(''), value]),
    );
    return [...seen.values()];
  };
  const others = second === undefined ? [undefined] : kinds(second);
  return kinds(first).some((one) =>
    others.some((other) =>
      holds(of, (field) => (field === first ? one : field === second ? other : undefined)),
    ),
  );
}

function atomsOf(of: Formula): (Formula & { kind: 'test' })[] {
  if (of.kind === 'test') return [of];
  return of.kind === 'not' ? atomsOf(of.of) : of.of.flatMap(atomsOf);
}

function checked(of: Formula): void {
  const verdict = satisfy(of);
  assert.notEqual(verdict.kind, 'unknown');
  if (verdict.kind === 'witness') assert.ok(holds(of, (field) => verdict.values.get(field)));
  else assert.ok(!meetsAny(of), JSON.stringify(of));
}

test('20,000 formulas and pairs of them: what is said to be met by nothing is met by no event there is', () => {
  fc.assert(
    fc.property(formula, formula, (a, b) => {
      checked(a);
      checked({ kind: 'and', of: [a, { kind: 'not', of: b }] });
    }),
    { numRuns: 20_000 },
  );
});

const atom = (field: string, parts: Pattern): Formula => ({
  kind: 'test',
  field,
  test: { kind: 'pattern', pattern: parts, cased: false },
  absent: false,
  empty: false,
});
const not = (of: Formula): Formula => ({ kind: 'not', of });
const and = (...of: Formula[]): Formula => ({ kind: 'and', of });
const or = (...of: Formula[]): Formula => ({ kind: 'or', of });

test('what people ask about paths is decided', () => {
  const kernel = atom('M', ['C:\\Windows\\System32\\kernel32.dll']);
  const ends = atom('M', [MANY, '\\kernel32.dll']);
  assert.equal(impliedBy(kernel, ends).kind, 'none');
  assert.equal(impliedBy(ends, kernel).kind, 'witness');
  // A text that begins and ends so is at least the two together, unless they overlap.
  const both = and(atom('M', ['ab', MANY]), atom('M', [MANY, 'bc']));
  assert.equal(impliedBy(both, atom('M', [ONE, ONE, ONE, MANY])).kind, 'none');
  assert.equal(impliedBy(both, atom('M', [ONE, ONE, ONE, ONE, MANY])).kind, 'witness');
  // Covered by several together, by none alone.
  const five = atom('M', [ONE, ONE]);
  assert.equal(
    impliedBy(and(five, not(atom('M', ['a', MANY]))), or(atom('M', [MANY, 'a']), not(atom('M', ['aa']))))
      .kind,
    'none',
  );
});

test('an opaque test is unknown only where it matters', () => {
  const opaque: Formula = {
    kind: 'test',
    field: 'C',
    test: { kind: 'opaque', key: 're', meets: (value) => /^x\d$/.test(value), samples: [] },
    absent: false,
    empty: false,
  };
  const sampled: Formula = {
    ...opaque,
    test: { kind: 'opaque', key: 're', meets: (value) => /^x\d$/.test(value), samples: ['x1'] },
  };
  const other = atom('D', ['y']);
  assert.equal(satisfy(and(opaque, other)).kind, 'unknown');
  assert.equal(satisfy(and(opaque, other, not(other))).kind, 'none');
  assert.equal(satisfy(or(opaque, other)).kind, 'witness');
  const found = satisfy(and(sampled, other));
  assert.ok(found.kind === 'witness' && found.values.get('C') === 'x1');
});

test('many literals, and hundreds of filters that get in the way, are no trouble', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const words = letters.map((letter, i) => `${letter}${letters[(i + 7) % 26]}${letter}x${i}`);
  assert.equal(satisfy(and(...words.map((word) => atom('C', [MANY, word, MANY])))).kind, 'witness');
  const hidden = words.flatMap((word) =>
    words.map((other) => and(atom('C', [MANY, word, MANY]), atom('D', [other, MANY]))),
  );
  assert.equal(satisfy(and(atom('C', [words.join(' ')]), not(or(...hidden)))).kind, 'witness');
  assert.equal(
    satisfy(and(atom('C', [words.join(' ')]), atom('D', [words[3]!]), not(or(...hidden)))).kind,
    'none',
  );
});
