/** Whether an answer keeps its budget, in words. */
import type { Answer, AnswerBudget } from '../analysis/index.ts';
import { count, counted, figure } from './numbers.ts';
import { type Line, paragraph } from './page.ts';
import { cutMiddle, safeText } from './terminal.ts';

/** Rules that are named. */
const SHOWN = 8;

/** One or two sentences of safe text; empty without a budget. */
export function budgetSentence({ budget, exposure, rate }: Answer): string {
  if (!budget) return '';
  const { met, upper, moreHostHours } = budget;
  const allowed = `${figure(budget.limit)} ${per(budget)}`;
  if (upper === null) {
    const why =
      exposure.hoursAtMost === 0
        ? 'nothing was watched'
        : 'the log does not tell how long it was watched, so nothing bounds the occasions from above';
    return `Over budget: ${allowed} can't be promised, because ${why}.`;
  }
  const found = `up to ${figure(upper)} occasions ${per(budget)} can't be ruled out (${percent(rate.occasionsPerHostHour!.confidence)})`;
  if (met)
    return `Within budget: ${allowed} are allowed, and more than ${figure(upper)} are ruled out (${percent(rate.occasionsPerHostHour!.confidence)}).`;
  const more =
    moreHostHours === null
      ? 'So many were seen.'
      : `${counted(moreHostHours, 'more watched host-hour')} without an occasion would do.`;
  return `Over budget: ${allowed} are allowed, and ${found}. ${more}`;
}

/** What was found of one rule of several; empty without a budget. */
export function ruleBudgetSentence({ budget }: Answer, index: number): string {
  const bound = budget?.rules[index];
  if (!budget || !bound) return '';
  const found =
    bound.upper === null ? 'nothing bounds its occasions' : `up to ${figure(bound.upper)} can't be ruled out`;
  return `${figure(budget.limit)} occasions ${per(budget)} are allowed, and ${found}`;
}

/** The sentence, and the rules that are over the budget alone. */
export function budgetLines(answer: Answer, width: number): Line[] {
  const { budget, rules } = answer;
  if (!budget) return [];
  const style = budget.met ? 'green' : 'red';
  const over = rules.filter((_, index) => budget.rules[index]?.met === false);
  const lines: Line[] = paragraph(budgetSentence(answer), width).map((text): Line => [{ text, style }]);
  if (rules.length < 2 || over.length === 0 || budget.upper === null) return lines;
  lines.push(`  ${count(over.length)} of ${counted(rules.length, 'rule')} are over it alone:`);
  for (const { name } of over.slice(0, SHOWN)) lines.push(`  - ${cutMiddle(safeText(name), width - 4)}`);
  if (over.length > SHOWN) lines.push(`    and ${count(over.length - SHOWN)} more (--json lists all)`);
  return lines;
}

/** `per host-day`, `per 1,000 host-days`. */
function per({ text }: AnswerBudget): string {
  const [, many, unit] = /\/(?:(\d+) )?(.+)$/.exec(text) ?? [];
  return many === undefined ? `per ${unit}` : `per ${count(Number(many))} ${unit}s`;
}

function percent(confidence: number): string {
  return `${figure(100 * confidence)} %`;
}
