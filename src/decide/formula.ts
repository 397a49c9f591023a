/**
 * What conditions of several languages come to: tests of the texts of fields, put together by and, or and not. A formula
 * is about one event of one type.
 */
import { foldAscii } from '../events/index.ts';
import { compilePattern, type Pattern, simplePattern } from './pattern.ts';

/** One test of one text. Unless `cased`, A to Z are folded on both sides. */
export type TextTest =
  | { readonly kind: 'pattern'; readonly pattern: Pattern; readonly cased: boolean }
  /** Sorts before, or after, this text, folded, by UTF-16 code units. */
  | { readonly kind: 'less' | 'more'; readonly text: string }
  /** What is not looked into (regular expressions, numbers, networks): equal keys mean equal tests. */
  | {
      readonly kind: 'opaque';
      readonly key: string;
      readonly meets: (value: string) => boolean;
      /** Values that may meet it. */
      readonly samples: readonly string[];
    };

export type Formula =
  | {
      readonly kind: 'test';
      readonly field: string;
      readonly test: TextTest;
      /** Whether a missing field meets it, and an empty one. */
      readonly absent: boolean;
      readonly empty: boolean;
    }
  /** `and` of nothing holds always, `or` of nothing never. */
  | { readonly kind: 'and' | 'or'; readonly of: readonly Formula[] }
  | { readonly kind: 'not'; readonly of: Formula };

export type Atom = Extract<Formula, { kind: 'test' }>;

export const TRUE: Formula = { kind: 'and', of: [] };
export const FALSE: Formula = { kind: 'or', of: [] };

const compiled = new WeakMap<TextTest, (value: string) => boolean>();

/** Whether a text that is not empty meets the test. */
export function meets(test: TextTest, value: string): boolean {
  let match = compiled.get(test);
  if (!match) compiled.set(test, (match = compile(test)));
  return match(value);
}

function compile(test: TextTest): (value: string) => boolean {
  if (test.kind === 'opaque') return test.meets;
  if (test.kind === 'pattern') {
    const { cased, pattern } = test;
    if (cased) return matcherOf(pattern);
    const match = matcherOf(pattern.map((part) => (typeof part === 'string' ? foldAscii(part) : part)));
    return (value) => match(foldAscii(value));
  }
  const text = foldAscii(test.text);
  return test.kind === 'less' ? (value) => foldAscii(value) < text : (value) => foldAscii(value) > text;
}

function matcherOf(pattern: Pattern): (value: string) => boolean {
  const simple = simplePattern(pattern);
  if (!simple) return compilePattern(pattern);
  const { place, text } = simple;
  switch (place) {
    case 'whole':
      return (value) => value === text;
    case 'begin':
      return (value) => value.startsWith(text);
    case 'end':
      return (value) => value.endsWith(text);
    case 'inside':
      return (value) => value.includes(text);
  }
}

/** Whether a value, or a missing one, meets an atom. */
export function atomHolds(atom: Atom, value: string | undefined): boolean {
  if (value === undefined) return atom.absent;
  return value === '' ? atom.empty : meets(atom.test, value);
}

/** Whether an event meets a formula. */
export function holds(formula: Formula, read: (field: string) => string | undefined): boolean {
  switch (formula.kind) {
    case 'test':
      return atomHolds(formula, read(formula.field));
    case 'not':
      return !holds(formula.of, read);
    case 'and':
      return formula.of.every((one) => holds(one, read));
    case 'or':
      return formula.of.some((one) => holds(one, read));
  }
}
