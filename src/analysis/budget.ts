/** A budget of occasions, such as 1/host-day, and whether an answer promises to stay within it. */
import { QuestionError } from '../predicate/index.ts';
import type { Answer, AnswerBudget, Rate } from './answer.ts';
import { clopperPearson } from './confidence.ts';

export interface Budget {
  /** As given, in its plainest spelling. */
  readonly text: string;
  /** Occasions in `hours` watched host-hours. */
  readonly limit: number;
  readonly hours: number;
}

const HOURS: Readonly<Record<string, number>> = { 'host-hour': 1, 'host-day': 24, 'host-week': 168 };
const SYNTAX = /^(\d+(?:\.\d+)?)\/(?:(\d+(?:,\d{3})*) ?)?(host-(?:hour|day|week))s?$/i;

/**
 * Reads a budget: occasions per host-hour, host-day (24 watched hours) or host-week (168), or per so many of them:
 * `1/host-day`, `5/1000 host-days`. Throws QuestionError (`budget-syntax`).
 */
export function parseBudget(text: string): Budget {
  const match = SYNTAX.exec(
    text
      .trim()
      .replaceAll(/\s+/g, ' ')
      .replace(/ ?\/ ?/, '/'),
  );
  const limit = Number(match?.[1]);
  const many = Number((match?.[2] ?? '1').replaceAll(',', ''));
  if (!match || !(limit > 0) || !(many > 0) || limit > 1e9 || many > 1e9) {
    throw new QuestionError(
      'budget-syntax',
      `--budget ${text}: expected occasions over time, such as 1/host-day, 0.1/host-week or 5/1000 host-day, above 0`,
    );
  }
  const unit = match[3]!.toLowerCase();
  return {
    text: `${match[1]}/${many === 1 ? '' : `${many} `}${unit}`,
    limit,
    hours: many * HOURS[unit]!,
  };
}

/**
 * Compares the upper bound of the occasion rate with a budget, and those of the question's rules, in their order. A
 * rate without an upper bound promises nothing, and so does none.
 */
export function budgetOf(
  budget: Budget,
  answer: { readonly rate: Pick<Answer['rate'], 'occasionsPerHostHour'> } & Pick<
    Answer,
    'exposure' | 'matches'
  >,
  ofRules: readonly (Rate | null)[],
): AnswerBudget {
  const { cells } = answer.exposure;
  const rate = answer.rate.occasionsPerHostHour;
  const { text, limit, hours } = budget;
  const upper = upperOf(rate, hours);
  const met = upper !== null && upper <= limit;
  return {
    text,
    limit,
    upper,
    met,
    moreHostHours: met ? null : moreHostHours(budget, answer.matches.occasions, cells, rate),
    rules: ofRules.map((one) => {
      const bound = upperOf(one, hours);
      return { upper: bound, met: bound !== null && bound <= limit };
    }),
  };
}

/** Upper bound of the occasions in so many host-hours; null where nothing bounds them. */
export function upperOf(rate: Rate | null, hours: number): number | null {
  return rate?.high == null ? null : rate.high * hours;
}

/** Longer than this nobody watches. */
const MOST_CELLS = 1e9;

/**
 * How many more watched host-hours without an occasion would bring the upper bound within the budget; null where what
 * was seen is over it already, or where the bound is not that of independent cells.
 */
function moreHostHours(budget: Budget, occasions: number, cells: number, rate: Rate | null): number | null {
  if (rate === null || rate.estimate > budget.limit / budget.hours || !/^clopper-pearson\b/.test(rate.method))
    return null;
  const enough = cellsWithin(budget, occasions, cells);
  return enough === null ? null : Math.max(0, enough - cells);
}

/**
 * Watched host-hours, at least `cells`, out of which no more than so many occasions keep within the budget; null where
 * nobody watches that long.
 */
export function cellsWithin({ limit, hours }: Budget, occasions: number, cells: number): number | null {
  const share = limit / hours;
  const enough = (trials: number): boolean => clopperPearson(occasions, trials).high <= share;
  let [low, high] = [Math.max(cells, occasions), Math.max(cells, occasions, 1)];
  while (!enough(high)) {
    if (high > MOST_CELLS) return null;
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
