export { compileRule, type EventFields, eventOf } from './compile-rule.ts';
export { fieldsNamed, itemsOf } from './detection.ts';
export { mayBeRead } from './event-fields.ts';
export { resolveLogsource, type ResolvedLogsource } from './logsource.ts';
export { parseRule, type ParseRuleOptions } from './parse.ts';
export type {
  Logsource,
  ParsedSigma,
  SigmaCorrelation,
  SigmaDiagnostic,
  SigmaFilter,
  SigmaPlace,
  SigmaRule,
} from './rule.ts';
export { type PlacedRule, type RuleSet, ruleSet } from './rule-set.ts';
export { type SigmaFilterText, writeSigmaFilter } from './write-filter.ts';
export { ruleFormula, sysmonIds } from './formula.ts';
