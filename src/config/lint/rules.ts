/** All lint rules. docs/lint.md has each of them, with an example that tests run. */
import { ALLOW_RULES } from './allow-rules.ts';
import { CONDITION_RULES } from './condition-rules.ts';
import { GRAMMAR_RULES } from './grammar-rules.ts';
import { LOADING_RULES } from './loading-rules.ts';
import { LOGIC_RULES } from './logic-rules.ts';
import { OPTION_RULES } from './option-rules.ts';
import type { LintRule } from './rule.ts';
import { SECURITY_RULES } from './security-rules.ts';
import { VALUE_RULES } from './value-rules.ts';

export const LINT_RULES: readonly LintRule[] = [
  ...GRAMMAR_RULES,
  ...CONDITION_RULES,
  ...OPTION_RULES,
  ...LOADING_RULES,
  ...VALUE_RULES,
  ...LOGIC_RULES,
  ...SECURITY_RULES,
  ...ALLOW_RULES,
];

/** What the loader itself tells, before any rule can run: a rule without a check. */
export type LoaderFact = Omit<LintRule, 'check'>;

export const LOADER_FACTS: readonly LoaderFact[] = [
  {
    code: 'config-not-xml',
    severity: 'error',
    title: 'no well-formed XML',
    fact: 'Sysmon parses the file first, without a grammar: anything that is not well-formed is fatal, such as a bare & or <, an entity beside the five of XML, two roots, or a web page saved in place of the file (sysmon-semantics, 1).',
  },
  {
    code: 'config-doctype',
    severity: 'error',
    title: 'a DOCTYPE of its own',
    fact: 'Sysmon puts its own DOCTYPE in front of the text and parses that: with two the parse fails (sysmon-semantics, 1).',
  },
  {
    code: 'config-root',
    severity: 'error',
    title: 'a root element other than Sysmon',
    fact: 'The root must be exactly Sysmon, without a namespace (sysmon-semantics, 1).',
  },
  {
    code: 'config-nesting',
    severity: 'error',
    title: 'elements nested deeper than 64',
    fact: "A configuration has five levels (sysmon-semantics, 3); the bound is noisefloor's.",
  },
  {
    code: 'config-too-large',
    severity: 'error',
    title: 'over 32 million characters',
    fact: "No configuration is that long; the bound is noisefloor's.",
  },
];

/** Codes of rules that say the same as a diagnostic of the loader, with its place and a repair. */
export const SAID_BETTER: Readonly<Record<string, readonly string[]>> = {
  'config-grammar': [
    'wrong-case',
    'schema-too-low',
    'unknown-element',
    'unknown-attribute',
    'misplaced-element',
    'group-relation',
    'attribute-value',
    'stray-text',
    'option-removed',
    'option-content',
  ],
  'config-condition': ['condition-unknown'],
  'config-schemaversion': ['schemaversion-invalid'],
  'config-name-too-long': ['name-too-long'],
  'config-crash': ['rule-crash'],
  'config-onmatch': ['section-onmatch'],
  'config-incorrect-field': ['field-of-other-event', 'fields-never-together'],
};

/** Rules about option values that fail the whole command though the grammar accepts them. */
export const REFUSED: ReadonlySet<string> = new Set(['hash-algorithm', 'archive-directory', 'field-sizes']);
