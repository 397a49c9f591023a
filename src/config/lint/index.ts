export { type ChosenFixes, safeFixes } from './fixes.ts';
export { declaredVersion } from './grammar-findings.ts';
export { lint, type LintFinding, type LintResult, MAX_FINDINGS } from './lint.ts';
export { type MinimumSchema, minimumSchema as minimumSchemaOf } from './minimum-schema.ts';
export type { Finding, LintContext, LintRule, Severity } from './rule.ts';
export { LINT_RULES, LOADER_FACTS, type LoaderFact } from './rules.ts';
