export { asksForHost, compileFieldTest } from './field-test.ts';
export { type Question, QuestionError } from './question.ts';
