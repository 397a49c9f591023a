export { addAllowEntries, allowsConditions } from './allow.ts';
export {
  ASK_SCHEMAS,
  askConfig,
  type AskConfig,
  type AskConfigOptions,
  minimumSchema,
} from './ask-config.ts';
export { type Block, type BoundEvent, type Filter, sectionsOf } from './blocks.ts';
export { type Comparison, compareConfigs } from './compare.ts';
export { ConfigError } from './error.ts';
export {
  type Because,
  becauseOf,
  decideFor,
  type DecideNameless,
  decideNamelessFor,
  type Decision,
  evaluate,
  fieldsRead,
  type EventText,
  type NamelessDecision,
  plainDeciderFor,
} from './evaluate.ts';
export type { PlainDecider } from './first-match.ts';
export { type Config, type ConfigDiagnostic, parseConfig, type ParsedConfig } from './load.ts';
export {
  type AlsoMatched,
  type ConfigPart,
  type Explain,
  explainFor,
  type Explanation,
  unknownFields,
} from './explain.ts';
export {
  addFilter,
  addRule,
  addSection,
  changeCondition,
  edit,
  type NewFilter,
  type NewRule,
  type NewSection,
  removeFilter,
} from './edit.ts';
export { removeElement } from './element-splice.ts';
export { EditError } from './edit-error.ts';
export { type Decoded, decodeConfig, encodeConfig } from './encoding.ts';
export { positions } from './document.ts';
export {
  type ChosenFixes,
  declaredVersion,
  type Finding,
  lint,
  LINT_RULES,
  type LintContext,
  type LintFinding,
  type LintResult,
  type LintRule,
  LOADER_FACTS,
  type LoaderFact,
  MAX_FINDINGS,
  type MinimumSchema,
  minimumSchemaOf,
  safeFixes,
  type Severity,
} from './lint/index.ts';
export { printConfig } from './print.ts';
export { applySplices, type Splice } from './splice.ts';
export { loggedFormula } from './formula.ts';
export { type ExcludeEntry, entryFormula, entryOf, excludeEntries, withoutEntry } from './exclude-entries.ts';
