/**
 * What one filter says about another on the same field: whether each value that meets the first meets the second, and
 * whether no value meets both. Every answer of yes is proved; a no may only mean that no proof was found, and is left to
 * the slower decision (unit-formula). Values are never empty: a missing one is `-` (sysmon-semantics, 7.1).
 */
import { foldAscii } from '../events/index.ts';
import { type Condition, listItems } from './condition.ts';

/** The part of a filter that decides on a value. */
export interface Test {
  readonly field: string;
  readonly condition: Condition;
  readonly text: string;
}

/** A set of folded values. `name` is what stands behind the last backslash; `any` and `all` are about parts of a value. */
type Shape =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'any'; readonly items: readonly string[] }
  | { readonly kind: 'all'; readonly items: readonly string[] }
  | { readonly kind: 'begin' | 'end' | 'name' | 'less' | 'more'; readonly text: string };

/** The values that a test lets through: those of its shape, or all others. */
export interface Pattern {
  readonly negative: boolean;
  readonly shape: Shape;
  /** Set where the text holds `%NAME%`, whose value only the machine knows: comparable with its like alone. */
  readonly variable: string | null;
}

export function patternImplies(a: Pattern, b: Pattern): boolean {
  if (a.variable !== null || b.variable !== null) {
    return a.variable === b.variable && a.negative === b.negative;
  }
  if (a.negative) return b.negative ? within(b.shape, a.shape) : covers(a.shape, b.shape);
  return b.negative ? apart(a.shape, b.shape) : within(a.shape, b.shape);
}

export function patternContradicts(a: Pattern, b: Pattern): boolean {
  return patternImplies(a, { ...b, negative: !b.negative });
}

/** Whether no value meets it. */
export function meetsNothing({ negative, shape, variable }: Pattern): boolean {
  return variable === null && (negative ? isAll(shape) : isNone(shape));
}

/** Whether each value meets it. */
export function meetsAll({ negative, shape, variable }: Pattern): boolean {
  return variable === null && (negative ? isNone(shape) : isAll(shape));
}

/** Tests that stand for the complement of another, by the other's name. */
const NEGATIONS: ReadonlyMap<Condition, Condition> = new Map([
  ['is not', 'is'],
  ['excludes', 'contains'],
  ['excludes any', 'contains any'],
  ['excludes all', 'contains all'],
  ['not begin with', 'begin with'],
  ['not end with', 'end with'],
] as const);

/** Whether it lets through all values but a few. */
export function isNegative(condition: Condition): boolean {
  return NEGATIONS.has(condition);
}

export function patternOf(condition: Condition, text: string): Pattern {
  const positive = NEGATIONS.get(condition) ?? condition;
  const folded = foldAscii(text);
  return {
    negative: positive !== condition,
    shape: shapeOf(positive, folded),
    variable: /%[^%]+%/.test(text) ? `${positive}\0${folded}` : null,
  };
}

function shapeOf(condition: Condition, text: string): Shape {
  switch (condition) {
    case 'is any':
      return valuesShape(text.split(';'));
    case 'contains':
      return { kind: 'all', items: [text] };
    case 'contains any':
      return { kind: 'any', items: listItems(text) };
    case 'contains all':
      return { kind: 'all', items: listItems(text) };
    case 'begin with':
      return { kind: 'begin', text };
    case 'end with':
      return { kind: 'end', text };
    case 'less than':
      return { kind: 'less', text };
    case 'more than':
      return { kind: 'more', text };
    case 'image':
      if (text === '') return { kind: 'end', text: '\\' };
      return text.includes('\\') ? valuesShape([text]) : { kind: 'name', text };
    default:
      return valuesShape([text]);
  }
}

function valuesShape(values: readonly string[]): Shape {
  return { kind: 'values', values: values.filter((value) => value !== '') };
}

function has(shape: Shape, value: string): boolean {
  switch (shape.kind) {
    case 'values':
      return shape.values.includes(value);
    case 'any':
      return shape.items.some((item) => value.includes(item));
    case 'all':
      return shape.items.every((item) => value.includes(item));
    case 'begin':
      return value.startsWith(shape.text);
    case 'end':
      return value.endsWith(shape.text);
    case 'name':
      return value.slice(value.lastIndexOf('\\') + 1) === shape.text;
    case 'less':
      return value < shape.text;
    case 'more':
      return value > shape.text;
  }
}

function isNone(shape: Shape): boolean {
  if (shape.kind === 'values') return shape.values.length === 0;
  // Nothing sorts before the lowest unit alone.
  return shape.kind === 'less' && (shape.text === '' || shape.text === '\0');
}

function isAll(shape: Shape): boolean {
  switch (shape.kind) {
    case 'any':
      return shape.items.includes('');
    case 'all':
      return shape.items.every((item) => item === '');
    case 'begin':
    case 'end':
    case 'more':
      return shape.text === '';
    default:
      return false;
  }
}

/** A file name as its two parts: the bare name, and all that ends with it behind a backslash. */
function behind(name: string): Shape {
  return { kind: 'end', text: `\\${name}` };
}

/** Every value of `a` is in `b`. */
function within(a: Shape, b: Shape): boolean {
  if (isNone(a) || isAll(b)) return true;
  if (a.kind === 'values') return a.values.every((value) => has(b, value));
  if (a.kind === 'any') return a.items.every((item) => within(part(item), b));
  if (a.kind === 'name') return has(b, a.text) && within(behind(a.text), b);
  if (b.kind === 'all' && b.items.length > 1) return b.items.every((item) => within(a, part(item)));
  if (a.kind === 'all' && a.items.length > 1) return a.items.some((item) => within(part(item), b));
  if (b.kind === 'any') return b.items.some((item) => within(a, part(item)));
  if (b.kind === 'name') return within(a, behind(b.text));
  if (b.kind === 'values') return false;
  if (a.kind === 'all') return b.kind === 'all' && a.items[0]!.includes(b.items[0]!);
  if (a.kind === 'less') return b.kind === 'less' && a.text <= b.text;
  if (a.kind === 'more') return b.kind === 'more' && a.text >= b.text;
  if (b.kind === 'all') return a.text.includes(b.items[0]!);
  if (a.kind === 'end') return b.kind === 'end' && a.text.endsWith(b.text);
  switch (b.kind) {
    case 'begin':
      return a.text.startsWith(b.text);
    case 'less':
      return a.text < b.text && !b.text.startsWith(a.text);
    case 'more':
      return a.text > b.text;
    default:
      return false;
  }
}

/** No value is in both. */
function apart(a: Shape, b: Shape): boolean {
  if (isNone(a) || isNone(b)) return true;
  if (a.kind === 'values') return !a.values.some((value) => has(b, value));
  if (b.kind === 'values') return apart(b, a);
  if (a.kind === 'name') return !has(b, a.text) && apart(behind(a.text), b);
  if (b.kind === 'name') return apart(b, a);
  // Any parts fit into one value, beside any start and end.
  if (a.kind === 'any' || a.kind === 'all' || b.kind === 'any' || b.kind === 'all') return false;
  const [first, second] = a.kind <= b.kind ? [a, b] : [b, a];
  switch (`${first.kind} ${second.kind}`) {
    case 'begin begin':
      return !first.text.startsWith(second.text) && !second.text.startsWith(first.text);
    case 'end end':
      return !first.text.endsWith(second.text) && !second.text.endsWith(first.text);
    case 'begin less':
      return first.text >= second.text;
    case 'begin more':
      return first.text < second.text && !second.text.startsWith(first.text);
    case 'less more':
      return first.text <= second.text;
    default:
      return false;
  }
}

/** Every value is in one of them or in both. */
function covers(a: Shape, b: Shape): boolean {
  if (isAll(a) || isAll(b)) return true;
  const [first, second] = a.kind <= b.kind ? [a, b] : [b, a];
  return first.kind === 'less' && second.kind === 'more' && second.text < first.text;
}

function part(item: string): Shape {
  return { kind: 'all', items: [item] };
}
