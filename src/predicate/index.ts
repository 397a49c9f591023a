export {
  type AllowCondition,
  type AllowEntry,
  allowEntryText,
  type AllowNote,
  allowNoteText,
  NO_NOTE,
  checkAllowEntry,
} from './allow-entry.ts';
export {
  asksForHost,
  compileFieldTest,
  factNamed,
  type ParsedFieldTest,
  parseFieldTest,
  valueOf,
} from './field-test.ts';
export {
  type Correlation,
  type Counted,
  ANY_CHANNEL,
  type EventSource,
  type FilteredKind,
  isOfChannel,
  isOfKind,
  type Question,
  QuestionError,
  type QuestionRule,
} from './question.ts';
export { questionParts, type QuestionParts, questionText } from './question-text.ts';
export { buildEndsMatcher, buildInsideMatcher, type FoldingMatcher, matcherOf } from './folding-matcher.ts';
export { endsTables, insideTables, type Sought } from './text-tables.ts';
