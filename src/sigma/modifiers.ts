/** Values of a key and its modifiers -> what they ask of the field. */
import { MANY, type Pattern, plainText } from '../decide/index.ts';
import { readNetwork } from './network.ts';
import { plainPattern, parsePattern } from './pattern.ts';
import { isPlainRegex } from './regex-need.ts';
import type { Test, TimePart } from './rule.ts';
import { compileRegex } from './value-test.ts';
import { quote, type Written } from './yaml.ts';

/** What is wrong with a modifier or a value; `about` tells which of the two. */
export class ModifierError extends Error {
  override readonly name: string = 'ModifierError';
  readonly code: 'sigma-modifier' | 'sigma-value' | 'sigma-regex' | 'sigma-placeholder';

  constructor(code: ModifierError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Values of placeholders by name, for `expand`. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

/** A key's modifiers, looked through once for all of its values. */
export interface Modifiers {
  readonly all: boolean;
  readonly negated: boolean;
  /** The test of one value. Throws ModifierError. */
  test(value: Written): Test;
}

/** Characters of a base64 text of its own kind may stand before: by offset, what to drop at both ends. */
const BASE64_START = [0, 2, 3] as const;
const BASE64_END = [undefined, -3, -2] as const;
const BEFORE = Buffer.from('  ');
const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'] as const;
/** Variants of one value that its dashes and placeholders may make. */
const MAX_VARIANTS = 4096;

const TIME_PARTS: ReadonlySet<string> = new Set(['minute', 'hour', 'day', 'week', 'month', 'year']);
const COMPARISONS: ReadonlySet<string> = new Set(['lt', 'lte', 'gt', 'gte']);
const ENCODINGS: ReadonlySet<string> = new Set(['utf16', 'utf16le', 'utf16be', 'wide']);
const ENDS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith']);
/** Modifiers that decide what kind of test it is: one of them at most. */
const KINDS: ReadonlySet<string> = new Set([
  're',
  'cidr',
  'exists',
  'fieldref',
  ...COMPARISONS,
  ...TIME_PARTS,
]);
const TEXT: ReadonlySet<string> = new Set([
  ...ENDS,
  ...ENCODINGS,
  'base64',
  'base64offset',
  'windash',
  'expand',
  'cased',
]);
const REGEX_FLAGS: ReadonlySet<string> = new Set(['i', 'm', 's', 'ignorecase', 'multiline', 'dotall']);
const KNOWN: ReadonlySet<string> = new Set(['all', 'neq', ...KINDS, ...TEXT, ...REGEX_FLAGS]);

/** A key of a map: a field and its modifiers. */
export interface FieldKey {
  /** Empty for keywords. */
  readonly field: string;
  /** As written, in their order. */
  readonly written: readonly string[];
  readonly modifiers: Modifiers;
}

/** Keys that were read, as they are written: a few hundred come again and again. */
const known = new WeakMap<Placeholders, Map<string, FieldKey>>();
const MAX_KNOWN = 10_000;

/** Reads a key. Throws ModifierError for modifiers that are not known or can't stand together. */
export function readKey(key: string, placeholders: Placeholders): FieldKey {
  let own = known.get(placeholders);
  if (!own) known.set(placeholders, (own = new Map()));
  let made = own.get(key);
  if (!made) {
    const [field, ...written] = key.split('|') as [string, ...string[]];
    made = { field, written, modifiers: newModifiers(written, placeholders) };
    if (own.size < MAX_KNOWN) own.set(key, made);
  }
  return made;
}

function newModifiers(written: readonly string[], placeholders: Placeholders): Modifiers {
  const unknown = written.find((one) => !KNOWN.has(one));
  if (unknown !== undefined) {
    throw new ModifierError(
      'sigma-modifier',
      `expected a modifier of Sigma (${[...KNOWN].filter((one) => one.length > 1).join(', ')}), found ${quote(unknown)}`,
    );
  }
  const modifiers = written.filter((one) => one !== 'all' && one !== 'neq');
  const [kind, second] = modifiers.filter((one) => KINDS.has(one));
  if (second !== undefined) throw misfit(second, `beside ${kind}`);
  const others = modifiers.filter((one) => one !== kind);
  const test = kind === undefined ? textTest(others, placeholders) : kindTest(kind, others);
  return { all: written.includes('all'), negated: written.includes('neq'), test };
}

function misfit(modifier: string, why: string): ModifierError {
  return new ModifierError('sigma-modifier', `${quote(modifier)} can't stand ${why}`);
}

function kindTest(kind: string, others: readonly string[]): (value: Written) => Test {
  if (kind === 're') return regexTest(others);
  if (kind === 'fieldref') return fieldTest(others);
  const [other] = others;
  if (other !== undefined) throw misfit(other, `beside ${kind}`);
  if (kind === 'cidr') return cidrTest;
  if (kind === 'exists') return existsTest;
  return (value) => {
    const number = value.text.trim();
    const ok = COMPARISONS.has(kind) ? /^[+-]?\d+(?:\.\d+)?$|^0x[\da-f]+$/i : /^\d+$/;
    if (!ok.test(number)) throw badValue(kind, 'a number', value);
    return COMPARISONS.has(kind)
      ? { kind: 'compare', op: kind as 'lt', number }
      : { kind: 'time', part: kind as TimePart, number: Number(number) };
  };
}

function badValue(modifier: string, expected: string, value: Written): ModifierError {
  const found = value.type === 'null' ? 'nothing' : quote(value.text);
  return new ModifierError('sigma-value', `${modifier}: expected ${expected}, found ${found}`);
}

function regexTest(others: readonly string[]): (value: Written) => Test {
  // A search finds its text anywhere: `contains` says nothing more.
  const wrong = others.find((one) => !REGEX_FLAGS.has(one) && one !== 'contains');
  if (wrong !== undefined) throw misfit(wrong, 'beside re');
  const flags = others
    .filter((one) => one !== 'contains')
    .map((one) => ({ ignorecase: 'i', multiline: 'm', dotall: 's' })[one] ?? one);
  const all = [...new Set(flags)].join('');
  return (value) => {
    if (value.type === 'null') throw badValue('re', 'a regular expression', value);
    try {
      if (!isPlainRegex(value.text)) compileRegex(value.text, all);
    } catch (error) {
      throw new ModifierError(
        'sigma-regex',
        `expected a regular expression (RE2 syntax: no look-around, no back-references): ${(error as Error).message}`,
      );
    }
    return { kind: 'regex', source: value.text, flags: all };
  };
}

function fieldTest(others: readonly string[]): (value: Written) => Test {
  const wrong = others.find((one) => !ENDS.has(one) && one !== 'cased');
  if (wrong !== undefined) throw misfit(wrong, 'beside fieldref');
  const [end, second] = others.filter((one) => ENDS.has(one));
  if (second !== undefined) throw misfit(second, `beside ${end}`);
  const place =
    end === undefined
      ? 'whole'
      : ({ contains: 'inside', startswith: 'begin', endswith: 'end' } as const)[end as 'contains'];
  return (value) => {
    if (value.type === 'null' || value.text === '') throw badValue('fieldref', 'the name of a field', value);
    return { kind: 'field', field: value.text, place, cased: others.includes('cased') };
  };
}

function cidrTest(value: Written): Test {
  const network = readNetwork(value.text);
  if (network === null) throw badValue('cidr', 'a network such as 10.0.0.0/8 or fe80::/10', value);
  return { kind: 'cidr', address: network.address, bits: network.bits };
}

function existsTest(value: Written): Test {
  const text = value.text.toLowerCase();
  if (text !== 'true' && text !== 'false' && text !== 'yes' && text !== 'no')
    throw badValue('exists', 'true or false', value);
  return { kind: 'exists', exists: text === 'true' || text === 'yes' };
}

/** A value on its way through its modifiers: text with wildcards, or bytes that stand for it. */
type Variant = Pattern | Buffer;

function textTest(modifiers: readonly string[], placeholders: Placeholders): (value: Written) => Test {
  const flag = modifiers.find((one) => REGEX_FLAGS.has(one));
  if (flag !== undefined) throw misfit(flag, 'without re before it');
  checkOrder(modifiers);
  const cased = modifiers.includes('cased');
  const [only, second] = modifiers.filter((one) => one !== 'cased');
  if (second === undefined && (only === undefined || ENDS.has(only))) {
    return (value) => {
      if (value.type !== 'null') return { kind: 'pattern', pattern: ended(only, read(value)), cased };
      if (only !== undefined) throw badValue(only, 'a value', value);
      return { kind: 'null' };
    };
  }
  return (value) => {
    if (value.type === 'null') {
      const [first] = modifiers.filter((one) => one !== 'cased');
      if (first !== undefined) throw badValue(first, 'a value', value);
      return { kind: 'null' };
    }
    let variants: Variant[] = [read(value)];
    for (const modifier of modifiers)
      variants = variants.flatMap((one) => applied(modifier, one, value, placeholders));
    if (variants.length > MAX_VARIANTS) {
      throw new ModifierError(
        'sigma-value',
        `expected at most ${MAX_VARIANTS} variants of a value, found ${variants.length}`,
      );
    }
    const tests = variants.map((one): Test => {
      return {
        kind: 'pattern',
        pattern: Buffer.isBuffer(one) ? plainPattern(one.toString('latin1')) : one,
        cased,
      };
    });
    return tests.length === 1 ? tests[0]! : { kind: 'or', of: tests };
  };
}

/** Bytes can only be made base64, and what is base64 has no dashes. */
function checkOrder(modifiers: readonly string[]): void {
  let before = '';
  for (const modifier of modifiers) {
    const late =
      (ENCODINGS.has(modifier) || modifier === 'windash' || modifier === 'expand') && before !== '';
    const twice = ENDS.has(modifier) && ENDS.has(before);
    const encodesEnds = modifier.startsWith('base64') && (ENDS.has(before) || before.startsWith('base64'));
    if (late && (before.startsWith('base64') || ENCODINGS.has(before)))
      throw misfit(modifier, `after ${before}`);
    if (twice) throw misfit(modifier, `beside ${before}`);
    if (encodesEnds) throw misfit(modifier, `after ${before}`);
    if (modifier !== 'cased') before = modifier;
  }
}

function applied(modifier: string, variant: Variant, value: Written, placeholders: Placeholders): Variant[] {
  switch (modifier) {
    case 'contains':
    case 'startswith':
    case 'endswith':
      return [ended(modifier, patternOf(variant))];
    case 'base64':
      return [plainPattern(bytesOf(modifier, variant, value).toString('base64'))];
    case 'base64offset':
      return base64Offsets(bytesOf(modifier, variant, value)).map(plainPattern);
    case 'wide':
    case 'utf16le':
      return [Buffer.from(wholeText(modifier, variant, value), 'utf16le')];
    case 'utf16be':
      return [Buffer.from(wholeText(modifier, variant, value), 'utf16le').swap16()];
    case 'utf16':
      return [Buffer.from(`\ufeff${wholeText(modifier, variant, value)}`, 'utf16le')];
    case 'windash':
      return dashed(patternOf(variant));
    case 'expand':
      return expanded(patternOf(variant), value, placeholders);
    default:
      return [variant];
  }
}

function read(value: Written): Pattern {
  return value.type === 'text' ? parsePattern(value.text) : plainPattern(value.text);
}

const ANY: Pattern = [MANY];

/** A pattern with any text before it, behind it, or both. */
function ended(modifier: string | undefined, pattern: Pattern): Pattern {
  switch (modifier) {
    case 'contains':
      return withMany(withoutMany(pattern, true, true), true, true);
    case 'startswith':
      return withMany(withoutMany(pattern, false, true), false, true);
    case 'endswith':
      return withMany(withoutMany(pattern, true, false), true, false);
    default:
      return pattern;
  }
}

/**
 * Nearly all are one text, and there are tens of thousands: such a pattern is written out, and any other put together by
 * `concat`, for an array that is spread into another has room for 16 more.
 */
function withMany(pattern: Pattern, first: boolean, last: boolean): Pattern {
  const [text] = pattern;
  if (pattern.length !== 1 || text === undefined) return (first ? ANY : []).concat(pattern, last ? ANY : []);
  if (first) return last ? [MANY, text, MANY] : [MANY, text];
  return [text, MANY];
}

function patternOf(variant: Variant): Pattern {
  return Buffer.isBuffer(variant) ? plainPattern(variant.toString('latin1')) : variant;
}

/** `*` beside `*` is one. */
function withoutMany(pattern: Pattern, first: boolean, last: boolean): Pattern {
  const from = first && pattern[0] === MANY ? 1 : 0;
  const to = pattern.length - (last && pattern.length > from && pattern.at(-1) === MANY ? 1 : 0);
  return from === 0 && to === pattern.length ? pattern : pattern.slice(from, to);
}

function wholeText(modifier: string, variant: Variant, value: Written): string {
  const text = Buffer.isBuffer(variant) ? null : plainText(variant);
  if (text === null) throw badValue(modifier, 'a value without wildcards', value);
  return text;
}

function bytesOf(modifier: string, variant: Variant, value: Written): Buffer {
  return Buffer.isBuffer(variant) ? variant : Buffer.from(wholeText(modifier, variant, value), 'utf8');
}

/** How bytes look in base64 that stand at any place of a longer text. */
function base64Offsets(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([BEFORE.subarray(0, offset), bytes]).toString('base64');
    return text.slice(BASE64_START[offset], BASE64_END[(bytes.length + offset) % 3]);
  });
}

/** A dash or slash before a word, and not within one, in each of the ways in which Windows' programs take it. */
function dashed(pattern: Pattern): Pattern[] {
  let made: Pattern[] = [[]];
  for (const part of pattern) {
    if (typeof part !== 'string') {
      made = made.map((one) => [...one, part]);
      continue;
    }
    for (const piece of part.split(/(\B[-/\u2013\u2014\u2015]\b)/)) {
      const choices: readonly string[] = (DASHES as readonly string[]).includes(piece) ? DASHES : [piece];
      made = made.flatMap((one) => choices.map((choice) => joined(one, choice)));
      if (made.length > MAX_VARIANTS) {
        throw new ModifierError(
          'sigma-value',
          `windash: expected fewer dashes, found over ${MAX_VARIANTS} variants`,
        );
      }
    }
  }
  return made;
}

/** Adds text to a pattern; no two texts stand side by side. */
function joined(pattern: Pattern, text: string): Pattern {
  const last = pattern.at(-1);
  if (text === '') return pattern;
  return typeof last === 'string' ? [...pattern.slice(0, -1), last + text] : [...pattern, text];
}

function expanded(pattern: Pattern, value: Written, placeholders: Placeholders): Pattern[] {
  let made: Pattern[] = [[]];
  for (const part of pattern) {
    if (typeof part !== 'string') {
      made = made.map((one) => [...one, part]);
      continue;
    }
    for (const piece of part.split(/(%[^%\s]+%)/)) {
      const name = /^%([^%\s]+)%$/.exec(piece)?.[1];
      const choices = name === undefined ? [piece] : placeholders.get(name);
      if (!choices || choices.length === 0) {
        throw new ModifierError(
          'sigma-placeholder',
          `expand: expected values for the placeholder %${name}%, found none (in ${quote(value.text)})`,
        );
      }
      made = made.flatMap((one) =>
        choices.map((choice) =>
          name === undefined ? joined(one, choice) : patternJoined(one, parsePattern(choice)),
        ),
      );
      if (made.length > MAX_VARIANTS) {
        throw new ModifierError(
          'sigma-value',
          `expand: expected at most ${MAX_VARIANTS} variants of a value, found more`,
        );
      }
    }
  }
  return made;
}

function patternJoined(pattern: Pattern, more: Pattern): Pattern {
  let all = pattern;
  for (const part of more) all = typeof part === 'string' ? joined(all, part) : [...all, part];
  return all;
}

/** A keyword stands anywhere in a value. */
export function anywhere(test: Test): Test {
  if (test.kind === 'or') return { kind: 'or', of: test.of.map(anywhere) };
  if (test.kind !== 'pattern') return test;
  return { ...test, pattern: ended('contains', test.pattern) };
}
