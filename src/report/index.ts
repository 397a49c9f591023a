export { writeCsv, writeExceptions, writeJson, writeKql, writeSpl } from './allow-list/index.ts';
export { renderAnswerJson } from './answer-json.ts';
export { type AnswerTextOptions, renderAnswer } from './answer-text.ts';
export { renderAnswerJunit } from './answer-junit.ts';
export { budgetSentence } from './budget-text.ts';
export { renderCheckJson } from './check-json.ts';
export { renderCheck } from './check-text.ts';
export type { CheckAnswer, CheckedConfig, FixedFinding } from './checked-config.ts';
export type { LogDifference, LogExample, LogGroup } from './diff-log-text.ts';
export { type Difference, renderDiff, renderDiffJson } from './diff-text.ts';
export { eventTableHeader, eventTableRow } from './event-table-text.ts';
export { explainLine } from './explain-json.ts';
export { type ExplainSummary, LIMIT, renderExplainSummary, renderExplanation } from './explain-text.ts';
export { renderAnswerHtml } from './html/page.ts';
export { liveDay, renderLive, renderLiveDay, type WatchedEvent } from './live-text.ts';
export { renderJunit } from './suite-junit.ts';
export { byteCount, count, counted, duration, minute } from './numbers.ts';
export { type Line, type PageOptions, pageWidth, printPage } from './page.ts';
export { renderSarif } from './sarif.ts';
export {
  renderSuite,
  renderSuiteProblems,
  type SuiteProblem,
  type SuiteResult,
  suiteSummary,
  type TestResult,
} from './suite-text.ts';
export { type Standing, standingText } from './standing-text.ts';
export { cut, cutMiddle, displayWidth, pad, safeText, wrap } from './terminal.ts';
export { renderBlindspotsJson } from './blindspots-json.ts';
export { renderBlindspots } from './blindspots-text.ts';
export { renderTuningJson } from './tuning-json.ts';
export { renderTuning } from './tuning-text.ts';
