/** Whether a list keeps its budget on hosts and days that it was not made from. */
import { type Budget, cellsWithin, upperOf } from '../budget.ts';
import type { Exposure } from '../exposure.ts';
import type { Tuning } from './tuning.ts';
import type { TuningRate } from './tuning-rate.ts';

/** `judged`: the exposure that the held-out rate stands on; `cannot`: why nothing could be held out. */
export function promiseOf(
  budget: Budget | null,
  held: TuningRate | null,
  inSample: TuningRate,
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
  if (rate.estimate * budget.hours > budget.limit) {
    const sure = rate.low * budget.hours > budget.limit ? ', even at the lower end of its interval' : '';
    const why =
      inSample.occasions < held.occasions
        ? `It is what a list made without them had not seen: more hosts or days to learn from would help. Here the list leaves ${inSample.occasions}.`
        : 'No entry that asks more of an attacker than a name, and hides no attack, would hide it.';
    return { promise: 'not met', reason: `What is left is over the budget${sure}. ${why}` };
  }
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
