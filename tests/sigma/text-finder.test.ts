/** The finder of many texts tells just those that stand in their place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldAscii } from '../../src/events/index.ts';
import { type SoughtText, TextFinder } from '../../src/sigma/text-finder.ts';

function naive({ text, place }: SoughtText, value: string): boolean {
  const folded = foldAscii(value);
  if (place === 'whole') return folded === text;
  if (place === 'begin') return folded.startsWith(text);
  return place === 'end' ? folded.endsWith(text) : folded.includes(text);
}

function agrees(sought: readonly SoughtText[], values: readonly string[]): void {
  const finder = new TextFinder(sought);
  for (const value of values) {
    const found = new Set<number>();
    finder.find(value, (number) => found.add(number));
    const expected = [...sought.keys()].filter((number) => naive(sought[number]!, value));
    assert.deepEqual(
      [...found].sort((a, b) => a - b),
      expected,
      JSON.stringify([sought, value]),
    );
  }
}

const PLACES = ['whole', 'begin', 'end', 'inside'] as const;

test('texts of few characters, in values made of them', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'B', '\\', '/', '.', 'é', '\u{1f600}'), maxLength: 14 });
  const sought = fc.record({
    text: few.filter((text) => text !== '').map(foldAscii),
    place: fc.constantFrom(...PLACES),
  });
  fc.assert(
    fc.property(fc.array(sought, { maxLength: 12 }), fc.array(few, { maxLength: 20 }), (texts, values) => {
      agrees(texts, values);
      agrees(
        texts,
        texts.flatMap(({ text }) => [text, text.toUpperCase(), `a${text}`, `${text}.`, `aa${text}bb`]),
      );
    }),
    { numRuns: 1000, seed: 3 },
  );
});

test('long texts are found wherever they stand', () => {
  const long = fc.string({ unit: fc.constantFrom(...'abcdefgh\\. -'), minLength: 6, maxLength: 20 });
  const before = fc.string({ unit: fc.constantFrom(...'abC\\ '), maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ text: long, place: fc.constantFrom(...PLACES) }), { minLength: 1, maxLength: 20 }),
      before,
      (texts, start) =>
        agrees(
          texts,
          texts.flatMap(({ text }) => [`${start}${text}`, `${start}${text}${start}`]),
        ),
    ),
    { numRuns: 500, seed: 5 },
  );
});
