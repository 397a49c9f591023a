/** What Sysmon's grammar rejects (sysmon-lint-rules, A2, A3, A6 to A8): the findings are in grammar-findings.ts. */
import { type GrammarCode, grammarFindings } from './grammar-findings.ts';
import type { LintRule } from './rule.ts';

function grammarRule(code: GrammarCode, title: string, fact: string): LintRule {
  return { code, severity: 'error', title, fact, check: ({ config }) => grammarFindings(config, code) };
}

export const GRAMMAR_RULES: readonly LintRule[] = [
  grammarRule(
    'wrong-case',
    'a name or an attribute value in the wrong case',
    'Elements, attributes, and the values of onmatch, default and groupRelation on a RuleGroup are case-sensitive: Sysmon validates them against a grammar and rejects the whole configuration (sysmon-semantics, 3).',
  ),
  grammarRule(
    'schema-too-low',
    'a tag, field or option that the declared schemaversion does not have yet',
    'The grammar is the one of the declared schemaversion, not the newest that the Sysmon knows: what came later is an unknown element, and the whole configuration is rejected (sysmon-semantics, 2.2 and 2.3).',
  ),
  grammarRule(
    'unknown-element',
    'an element that no schema has there',
    'A section holds Rule and the fields of its event, EventFiltering holds RuleGroup and event tags, Sysmon holds options and EventFiltering; anything else rejects the whole configuration (sysmon-semantics, 3).',
  ),
  grammarRule(
    'unknown-attribute',
    'an attribute that the element does not have',
    'Sections take onmatch and default, fields condition and name, Rule and RuleGroup groupRelation and name, options and EventFiltering none; any other rejects the whole configuration (sysmon-semantics, 3).',
  ),
  grammarRule(
    'misplaced-element',
    'an element where it must not stand',
    'RuleGroups and Rules do not nest, sections stand in EventFiltering or a RuleGroup, options directly in Sysmon, and fields hold text alone; anything else rejects the whole configuration (sysmon-semantics, 3).',
  ),
  grammarRule(
    'group-relation',
    'a RuleGroup without groupRelation',
    'groupRelation is required on RuleGroup, and is "and" or "or": without it the whole configuration is rejected (sysmon-semantics, 3).',
  ),
  grammarRule(
    'attribute-value',
    'an attribute value that is none of those allowed',
    'onmatch and default are "include" or "exclude", groupRelation on a RuleGroup is "and" or "or": another value rejects the whole configuration (sysmon-semantics, 3).',
  ),
  grammarRule(
    'stray-text',
    'text between elements',
    'Only fields and options hold text. Other text, such as what is left of a tag that lost its <, breaks the content model, and the whole configuration is rejected (sysmon-semantics, 3).',
  ),
  grammarRule(
    'option-removed',
    'an option that this schema no longer has, or none ever had',
    'CopyOnDelete_PE and its like are in schemas 4.00 to 4.23 only; the documented CopyOnDeletePE, CopyOnDeleteSIDs, CopyOnDeleteExtensions and CopyOnDeleteProcesses are in none: the whole configuration is rejected (sysmon-semantics, 4).',
  ),
  grammarRule(
    'option-content',
    'content in an option that must be empty',
    'CaptureClipboard has the content model EMPTY: any content, even "true", rejects the whole configuration (sysmon-semantics, 4).',
  ),
];
