/** Names of conditions (sysmon-lint-rules, A1). */
import { foldAscii } from '../../events/index.ts';
import { conditionNamed } from '../condition.ts';
import { CONDITIONS } from '../grammar-table.ts';
import { filterElements } from './filter-elements.ts';
import { nearest } from './nearest.ts';
import { attributeSpan, setAttribute, startTagSpan } from './place.ts';
import type { LintRule } from './rule.ts';

/** What people write for a condition, by what they write: folded, one blank between words. */
const MEANT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'begins with': 'begin with',
    'starts with': 'begin with',
    'start with': 'begin with',
    startswith: 'begin with',
    beginswith: 'begin with',
    'ends with': 'end with',
    endswith: 'end with',
    'not begins with': 'not begin with',
    'not ends with': 'not end with',
    'does not begin with': 'not begin with',
    'does not end with': 'not end with',
    'not contains': 'excludes',
    'not contain': 'excludes',
    'does not contain': 'excludes',
    'not contains any': 'excludes any',
    contain: 'contains',
    containsany: 'contains any',
    containsall: 'contains all',
    'contains none': 'excludes any',
    equals: 'is',
    equal: 'is',
    eq: 'is',
    '=': 'is',
    '==': 'is',
    'not equals': 'is not',
    '!=': 'is not',
    not: 'is not',
    lessthan: 'less than',
    morethan: 'more than',
    'greater than': 'more than',
    exclude: 'excludes',
  }),
);

/** Names of which what was meant can only be guessed. */
const GUESSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'end with any': 'end with',
    'ends with any': 'end with',
    'begin with any': 'begin with',
    'begins with any': 'begin with',
    'contains name': 'contains',
    'image any': 'image',
    regex: 'contains',
    matches: 'contains',
  }),
);

export const CONDITION_RULES: readonly LintRule[] = [
  {
    code: 'condition-unknown',
    severity: 'error',
    title: 'a condition that does not exist',
    fact: 'Names of conditions are compared in any case, but nothing is trimmed and blanks are single; one unknown name rejects the whole configuration (sysmon-semantics, 5.4 and 7.4).',
    *check({ config }) {
      const { text } = config.source;
      const known = new Map<string, Meant>();
      for (const { element, written, condition } of filterElements(config)) {
        if (condition !== undefined) continue;
        const span = attributeSpan(text, element, 'condition')?.value ?? startTagSpan(element);
        let meant = known.get(written);
        if (!meant) {
          meant = known.size < SUGGESTIONS ? meantBy(written) : { name: null, safe: false };
          known.set(written, meant);
        }
        const { name, safe } = meant;
        const expected =
          name === null ? `expected one of ${CONDITIONS.join(', ')}` : `did you mean "${name}"?`;
        const message = `there is no condition "${written}": ${expected}`;
        if (name === null) {
          yield { ...span, message };
          continue;
        }
        const splices = [setAttribute(text, element, 'condition', name)];
        yield { ...span, message, fix: { title: `write condition="${name}"`, splices, safe } };
      }
    },
  },
];

interface Meant {
  readonly name: string | null;
  readonly safe: boolean;
}

/** What was meant is looked for this often at most. */
const SUGGESTIONS = 1000;

function meantBy(written: string): Meant {
  const plain = foldAscii(written.trim().replaceAll(/[\s_-]+/g, ' '));
  const trimmed = plain === '' ? undefined : conditionNamed(plain);
  if (trimmed !== undefined) return { name: trimmed, safe: true };
  const meant = MEANT.get(plain);
  if (meant !== undefined) return { name: meant, safe: true };
  const guessed = GUESSED.get(plain);
  if (guessed !== undefined) return { name: guessed, safe: false };
  const begun = CONDITIONS.filter((name) => plain.length >= 5 && name.startsWith(plain));
  if (begun.length === 1) return { name: begun[0]!, safe: true };
  const near = nearest(plain, CONDITIONS);
  return near
    ? { name: near.name, safe: near.only && near.distance <= 2 && plain.length >= 5 }
    : { name: null, safe: false };
}
