/** Matchers against plain comparisons of folded texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldAscii } from '../../src/events/index.ts';
import { buildEndsMatcher, buildInsideMatcher, type Sought } from '../../src/predicate/index.ts';

function stands({ text, place }: Sought, within: string): boolean {
  const value = foldAscii(within);
  switch (place) {
    case 'whole':
      return value === text;
    case 'leaf':
      return value.slice(value.lastIndexOf('\\') + 1) === text;
    case 'begin':
      return value.startsWith(text);
    case 'end':
      return value.endsWith(text);
    case 'inside':
      return value.includes(text);
  }
}

function agree(sought: readonly Sought[], value: string): void {
  const found = new Set<number>();
  // Between others, at an odd place: nothing beside it counts.
  const units = { bytes: Buffer.from(`a\\${value}a\\`, 'utf16le'), at: 4, length: value.length };
  buildEndsMatcher(sought)?.(units, (number) => found.add(number));
  buildInsideMatcher(sought)?.(units, (number) => found.add(number));
  assert.deepEqual(
    [...found].sort((a, b) => a - b),
    sought.flatMap((one, index) => (stands(one, value) ? [index] : [])),
    JSON.stringify({ sought, value }),
  );
}

/** Letters that lower-casing folds and Sysmon does not, and those whose lower bytes are those of others. */
const unit = fc.constantFrom(
  'a',
  'A',
  'b',
  'B',
  '\\',
  '.',
  '0',
  'é',
  'É',
  'ß',
  'İ',
  '\u0141',
  '\u0161',
  '\u212A',
  'K',
);
const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(unit, { minLength, maxLength }).map((units) => units.join(''));
const places = fc.constantFrom('whole', 'leaf', 'begin', 'end', 'inside');

function numbered(parts: readonly { readonly text: string; readonly place: Sought['place'] }[]): Sought[] {
  // What is behind the last `\` has none, and the empty text stands everywhere.
  return parts
    .flatMap(({ text: written, place }) => {
      const own = place === 'leaf' ? written.replaceAll('\\', '') : written;
      return own === '' && place !== 'leaf' ? [] : [{ text: foldAscii(own), place }];
    })
    .map((part, number) => ({ ...part, number }));
}

for (const [shortest, longest] of [
  [0, 4],
  [2, 6],
  [3, 9],
  [6, 16],
  [9, 30],
] as const) {
  test(`texts of ${shortest} to ${longest} characters are found where they stand`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ text: text(shortest, longest), place: places }), { maxLength: 20 }),
        text(0, 12),
        text(0, 12),
        fc.nat(),
        (parts, before, after, which) => {
          const sought = numbered(parts);
          agree(sought, before + after);
          if (sought.length === 0) return;
          const one = sought[which % sought.length]!.text;
          for (const value of [one, before + one, one + after, before + one.toUpperCase() + after])
            agree(sought, value);
        },
      ),
      { numRuns: 1000 },
    );
  });
}

test('thousands of texts that hardly differ', () => {
  const texts = Array.from({ length: 3000 }, (_, i) => `\\appdata\\roaming\\${i.toString(36)}x`);
  const inside = texts.map((own, number): Sought => ({ text: own, place: 'inside', number }));
  const ends = texts.map((own, number): Sought => ({
    text: own,
    place: number % 2 ? 'begin' : 'end',
    number,
  }));
  for (let i = 0; i < 3000; i += 113) {
    agree(inside, `C:\\Users\\u${texts[i]!.toUpperCase()}.exe`);
    agree(ends, texts[i]!);
  }
});

test('nothing to look for is no matcher', () => {
  assert.equal(buildEndsMatcher([{ text: 'a', place: 'inside', number: 0 }]), null);
  assert.equal(buildInsideMatcher([{ text: 'a', place: 'end', number: 0 }]), null);
});
