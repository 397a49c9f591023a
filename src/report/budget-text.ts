/** Whether an answer keeps its budget, in words. */
import type { Answer, AnswerBudget } from '../analysis/index.ts';
import { confidenceText, count, counted, figure } from './numbers.ts';
import { type Line, paragraph } from './page.ts';
import { cutMiddle, safeText } from './terminal.ts';

/** Rules that are named. */
const SHOWN = 8;

/** One or two sentences of safe text; empty without a budget. */
export function budgetSentence({ budget, exposure, rate }: Answer): string {
  if (!budget) return '';
  const { text, met, upper, moreHostHours } = budget;
  const occasions = rate.occasionsPerHostHour;
  if (upper === null || !occasions) {
    const why =
      exposure.hoursAtMost === 0
        ? 'nothing was watched'
        : 'the log does not tell how long it was watched, so nothing bounds the occasions from above';
    return `Over budget (${text}): it can't be promised, because ${why}.`;
  }
  const sure = confidenceText(occasions);
  if (met)
    return `Within budget (${text}): more than ${upperText(upper, budget)} ${per(budget)} are ruled out (${sure}).`;
  const more =
    moreHostHours === null
      ? `${figure((occasions.estimate * upper) / occasions.high!)} were seen.`
      : `${counted(moreHostHours, 'more watched host-hour')} without an occasion would do.`;
  return `Over budget (${text}): up to ${upperText(upper, budget)} ${per(budget)} can't be ruled out (${sure}). ${more}`;
}

/** More than figures usually have. */
const DIGITS: readonly number[] = Array.from({ length: 12 }, (_, i) => 4 + i);

/** Occasions, with as many digits as show on which side of the budget they are. */
function upperText(upper: number, { limit }: AnswerBudget): string {
  const finer = DIGITS.map((digits) => upper.toPrecision(digits)).find((one) => Number(one) !== limit);
  const text = figure(upper) === figure(limit) ? (finer ?? figure(upper)) : figure(upper);
  return `${text} ${text === '1' ? 'occasion' : 'occasions'}`;
}

/** What was found of one rule of several; empty without a budget. */
export function ruleBudgetSentence({ budget }: Answer, index: number): string {
  const bound = budget?.rules[index];
  if (!budget || !bound) return '';
  if (bound.upper === null)
    return `${budget.text} can't be promised: nothing bounds the occasions of this rule`;
  return `up to ${upperText(bound.upper, budget)} of this rule ${per(budget)} can't be ruled out; the budget is ${budget.text}`;
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
