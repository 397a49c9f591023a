export { asksForHost, compileFieldTest } from './field-test.ts';
export { type EventSource, type Question, QuestionError, type QuestionRule } from './question.ts';
export { buildMatcher, type TextMatcher, type Wanted } from './text-matcher.ts';
