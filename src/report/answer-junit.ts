/** What an answer promises, as JUnit XML: reading, exposure, the budget, and each rule's own. */
import type { Answer } from '../analysis/index.ts';
import { budgetSentence, ruleBudgetSentence } from './budget-text.ts';
import { type JunitCase, junitXml } from './junit.ts';

export interface AnswerJunitOptions {
  /** Whether any record that could not be read is an error. */
  readonly strict: boolean;
}

/** Diagnostics that are listed. */
const SHOWN = 20;

/** One `<testsuite>`, named as the question. Without a budget it tells of reading and exposure alone. */
export function renderAnswerJunit(answer: Answer, options: AnswerJunitOptions): string {
  const { name } = answer.question;
  const cases = [readingCase(answer, options), exposureCase(answer), ...budgetCases(answer)];
  return junitXml('noisefloor ask', [{ name, cases }]);
}

function readingCase({ question, read, diagnostics }: Answer, { strict }: AnswerJunitOptions): JunitCase {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const place = { name: 'the logs can be read', classname: question.name };
  const nothing = read.records === 0 && (read.files === 0 || read.unreadable > 0 || errors.length > 0);
  const lossy = strict && (read.unreadable > 0 || errors.length > 0);
  if (!nothing && !lossy) return { ...place, problem: null };
  const message = nothing ? 'no record could be read' : `${read.unreadable} records could not be read`;
  const detail = errors
    .slice(0, SHOWN)
    .map(
      ({ code, where, message: text }) =>
        `${code}: ${where.source === undefined ? '' : `${where.source}: `}${text}`,
    );
  return {
    ...place,
    problem: { kind: 'error', message, type: errors[0]?.code ?? 'nothing-readable', detail },
  };
}

function exposureCase({ question, exposure }: Answer): JunitCase {
  const place = { name: 'time was watched', classname: question.name };
  if (exposure.hoursAtMost > 0) return { ...place, problem: null };
  const message = 'no exposure: there is no rate, which is not a rate of zero';
  return { ...place, problem: { kind: 'error', message, type: 'exposure-zero', detail: [] } };
}

function budgetCases(answer: Answer): JunitCase[] {
  const { budget, question, rules } = answer;
  if (!budget) return [];
  const caseOf = (name: string, met: boolean, message: string, detail: readonly string[]): JunitCase => ({
    name,
    classname: question.name,
    problem: met ? null : { kind: 'failure', message, type: 'budget', detail },
  });
  const whole = caseOf(`budget ${budget.text}`, budget.met, budgetSentence(answer), []);
  if (question.kind === 'event-type') return [whole];
  const each = rules.map(({ name, file, line }, index) => {
    const place = file === '' ? [] : [line > 0 ? `${file}:${line}` : file];
    const met = budget.rules[index]?.met ?? false;
    return caseOf(`budget ${budget.text}: ${name}`, met, ruleBudgetSentence(answer, index), place);
  });
  return [whole, ...each];
}
