export { asksForHost, compileFieldTest } from './field-test.ts';
export { type EventSource, type Question, QuestionError, type QuestionRule } from './question.ts';
