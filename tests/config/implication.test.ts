/** What is proved about two filters holds for every value; and enough is proved to be of use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileCondition, type Condition } from '../../src/config/condition.ts';
import { CONDITIONS } from '../../src/config/grammar-table.ts';
import { patternContradicts, patternImplies, patternOf, type Test } from '../../src/config/implication.ts';
import { foldAscii } from '../../src/events/index.ts';

/** Short texts over few letters, so that two of them often have to do with each other. */
const piece = fc.constantFrom('a', 'B', 'b', '\\', ';', ' ', '-', '.exe', 'A\\b', '\0', '~', 'aa');
const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
const filter: fc.Arbitrary<Test> = fc.record({
  field: fc.constant('Image'),
  condition: fc.constantFrom<Condition>(...CONDITIONS),
  text,
});

function implies(a: Test, b: Test): boolean {
  return (
    a.field === b.field && patternImplies(patternOf(a.condition, a.text), patternOf(b.condition, b.text))
  );
}

function contradicts(a: Test, b: Test): boolean {
  return (
    a.field === b.field && patternContradicts(patternOf(a.condition, a.text), patternOf(b.condition, b.text))
  );
}

function matches({ condition, text: wanted }: Test, value: string): boolean {
  return compileCondition(condition, wanted)(foldAscii(value));
}

/** Values made of pieces of both texts and a little more; a value is never empty. */
function valuesOf(a: Test, b: Test): fc.Arbitrary<string> {
  const parts = [
    a.text,
    b.text,
    ...a.text.split(';'),
    ...b.text.split(';'),
    'a',
    'b',
    '\\',
    '-',
    '~',
    '\0',
    'x',
  ];
  return fc
    .array(fc.oneof(fc.constantFrom(...parts), text), { minLength: 1, maxLength: 4 })
    .map((chosen) => chosen.join(''))
    .filter((value) => value !== '');
}

const pairWithValue = fc
  .tuple(filter, filter)
  .chain(([a, b]) =>
    fc.tuple(fc.constant(a), fc.constant(b), fc.array(valuesOf(a, b), { minLength: 20, maxLength: 20 })),
  );

test('what is implied is met, and what contradicts is never met with it', () => {
  fc.assert(
    fc.property(pairWithValue, ([a, b, values]) => {
      const [implied, apart] = [implies(a, b), contradicts(a, b)];
      for (const value of values) {
        if (!matches(a, value)) continue;
        if (implied) assert.ok(matches(b, value), JSON.stringify(value));
        if (apart) assert.ok(!matches(b, value), JSON.stringify(value));
      }
    }),
    { numRuns: 20_000 },
  );
});

test('each filter implies itself, and contradiction is symmetric', () => {
  fc.assert(
    fc.property(filter, filter, (a, b) => {
      assert.ok(implies(a, a));
      assert.equal(contradicts(a, b), contradicts(b, a));
    }),
  );
});

test('an implication of filters without variables is the contradiction of their negations', () => {
  const negations: readonly (readonly [Condition, Condition])[] = [
    ['is', 'is not'],
    ['contains', 'excludes'],
    ['contains any', 'excludes any'],
    ['contains all', 'excludes all'],
    ['begin with', 'not begin with'],
    ['end with', 'not end with'],
  ];
  fc.assert(
    fc.property(filter, fc.constantFrom(...negations), text, (a, [positive, negative], wanted) => {
      const [b, not] = [positive, negative].map((condition) => ({ field: 'Image', condition, text: wanted }));
      assert.equal(implies(a, b!), contradicts(a, not!));
    }),
  );
});

const implied: readonly (readonly [string, string, string, string])[] = [
  ['is', 'C:\\Windows\\cmd.exe', 'is any', 'x;c:\\windows\\CMD.exe'],
  ['is', 'C:\\Windows\\cmd.exe', 'image', 'cmd.exe'],
  ['is', 'C:\\Windows\\cmd.exe', 'begin with', 'c:\\'],
  ['is any', 'a.exe;b.exe', 'end with', '.exe'],
  ['is any', 'a;b', 'is any', 'b;c;a'],
  ['begin with', 'C:\\Users\\x', 'begin with', 'C:\\Users\\'],
  ['begin with', 'C:\\Users\\x', 'contains', 'users'],
  ['end with', '\\cmd.exe', 'end with', 'cmd.exe'],
  ['end with', '\\cmd.exe', 'image', 'cmd.exe'],
  ['end with', 'x\\cmd.exe', 'image', 'cmd.exe'],
  ['image', 'cmd.exe', 'end with', 'cmd.exe'],
  ['image', 'cmd.exe', 'contains', 'cmd'],
  ['image', 'C:\\a\\cmd.exe', 'is', 'c:\\a\\cmd.exe'],
  ['contains', 'abc', 'contains', 'b'],
  ['contains', 'abc', 'contains any', 'x;b'],
  ['contains any', 'abc;xbx', 'contains', 'b'],
  ['contains all', 'abc;x', 'contains', 'b'],
  ['contains all', 'abc;x', 'contains all', 'x;c'],
  ['contains all', 'abc;x', 'contains any', 'q;x'],
  ['excludes', 'b', 'excludes', 'abc'],
  ['excludes any', 'a;b', 'excludes', 'b'],
  ['excludes', 'b', 'excludes all', 'a;b'],
  ['excludes any', 'a;b', 'excludes all', 'a;b'],
  ['not begin with', 'C:\\', 'is not', 'C:\\a'],
  ['not end with', '.exe', 'not end with', 'a.exe'],
  ['is', 'a', 'is not', 'b'],
  ['is', 'a', 'excludes', 'b'],
  ['begin with', 'a', 'not begin with', 'b'],
  ['image', 'a.exe', 'not end with', 'b.exe'],
  ['less than', 'b', 'less than', 'c'],
  ['more than', 'c', 'more than', 'b'],
  ['begin with', 'b', 'less than', 'c'],
  ['contains', 'x', 'contains any', 'a;'],
];

test('plain implications are found', () => {
  for (const [one, a, other, b] of implied) {
    const [narrow, wide] = [
      { field: 'Image', condition: one as Condition, text: a },
      { field: 'Image', condition: other as Condition, text: b },
    ];
    assert.ok(implies(narrow, wide), `${one} "${a}" implies ${other} "${b}"`);
    assert.ok(!implies(narrow, { ...wide, field: 'ParentImage' }));
  }
});

test('most pairs that nothing separates are proved', () => {
  let [proved, held] = [0, 0];
  const samples = fc.sample(pairWithValue, { numRuns: 6000, seed: 7 });
  for (const [a, b, values] of samples) {
    const more = fc.sample(valuesOf(a, b), { numRuns: 150, seed: 11 });
    const met = [...values, ...more].filter((value) => matches(a, value));
    // Of few values that meet the first, little is learnt of the second.
    if (met.length < 30 || !met.every((value) => matches(b, value))) continue;
    held += 1;
    if (implies(a, b)) proved += 1;
  }
  assert.ok(held > 300, String(held));
  assert.ok(proved / held > 0.75, `${proved} of ${held}`);
});

test('a text with a variable is compared with its like alone', () => {
  const is = { field: 'Image', condition: 'begin with' as Condition, text: '%TEMP%\\a' };
  assert.ok(implies(is, is));
  assert.ok(!implies(is, { ...is, text: '%TEMP%' }));
  assert.ok(!implies({ ...is, condition: 'is' }, { ...is, condition: 'is not', text: 'C:\\' }));
  assert.ok(contradicts(is, { ...is, condition: 'not begin with' }));
});
