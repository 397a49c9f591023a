/** Whether a list keeps its budget on hosts and days that it was not made from. */
import { type Budget, cellsWithin, upperOf } from '../budget.ts';
import type { Exposure } from '../exposure.ts';
import type { Tuning } from './tuning.ts';
import type { TuningRate } from './tuning-rate.ts';

/** `judged`: the exposure that the held-out rate stands on; `cannot`: why nothing could be held out. */
export function promiseOf(
  budget: Budget | null,
  held: TuningRate | null,
  judged: Exposure | null,
  cannot: string | null,
): { readonly promise: Tuning['promise']; readonly reason: string } {
  if (!budget)
    return {
      promise: 'cannot say',
      reason: cannot ?? 'No budget was given: --budget 1/host-day, for example.',
    };
  const rate = held?.occasionsPerHostHour ?? null;
  if (cannot !== null || !held || !rate || !judged)
    return {
      promise: 'cannot say',
      reason: cannot ?? 'Nothing was watched in the time that could be judged.',
    };
  const upper = upperOf(rate, budget.hours);
  if (upper !== null && upper <= budget.limit) return { promise: 'met', reason: '' };
  if (rate.low * budget.hours > budget.limit)
    return {
      promise: 'not met',
      reason: 'What is left is over the budget, even at the lower end of its interval.',
    };
  if (rate.estimate * budget.hours > budget.limit)
    return {
      promise: 'not met',
      reason: 'On hosts or days that the list was not made from, more than that is left.',
    };
  const { cells } = judged.summary;
  const enough = /^clopper-pearson\b/.test(rate.method) ? cellsWithin(budget, held.occasions, cells) : null;
  const more =
    enough === null
      ? 'Watch longer, or on more hosts.'
      : `${enough - cells} more watched host-hours without another occasion would do.`;
  return {
    promise: 'cannot say',
    reason: `What is left may keep the budget, but too little was watched to promise it. ${more}`,
  };
}
