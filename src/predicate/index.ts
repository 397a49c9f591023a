export { asksForHost, compileFieldTest } from './field-test.ts';
export { type Question, QuestionError, type QuestionRule } from './question.ts';
