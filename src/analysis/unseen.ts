/**
 * Has anyone watched long enough? The chance that the next cell, or the next host, brings a group never seen
 * (Good-Turing, by leaving one unit out), and how many groups are unseen at least.
 */
import type { Group, Tally } from '../tally/index.ts';
import type { Rate, Unseen } from './answer.ts';
import { clopperPearson, CONFIDENCE } from './confidence.ts';
import type { Exposure } from './exposure.ts';
import { significant, wholeNumber } from './figures.ts';
import type { HostDays } from './forecast-days.ts';
import type { QuestionFacts } from './question-facts.ts';
import { chao2, curveOf } from './unseen-curve.ts';
import { incidencesOf, type Incidences, type SeenBy } from './unseen-incidence.ts';

/** Below this many groups unseen, all may have been seen: a Poisson count of that mean is zero in 2.5 % of cases. */
const MAY_BE_NONE: number = -Math.log((1 - CONFIDENCE) / 2);

/** Null where groups were capped, nothing was watched, or records were picked out of the logs. Linear in the slots of the tally. */
export function unseenOf(
  shown: readonly (readonly Group[])[],
  tally: Tally,
  question: QuestionFacts,
  exposure: Exposure,
  days: readonly HostDays[] | null,
): Unseen | null {
  const { cells, hosts } = exposure.summary;
  if (!exposure.summary.sample || tally.halvings > 0 || cells === 0 || exposure.summary.hoursAtMost === 0)
    return null;
  const seen = incidencesOf(shown, question);
  const incidence = { cells, groups: seen.groups, seenIn: seen.byCell.seenIn };
  const nextCell = nextCellOf(seen, cells, watchedOf(days));
  const nextHost = hosts > 1 ? chanceOf(seen.byHost, hosts, 'hosts') : null;
  const groupsAtLeast = chao2(incidence);
  const noun = nounOf(question);
  return {
    groups: seen.groups,
    nextCell,
    nextHost,
    groupsAtLeast,
    curve: curveOf(incidence),
    sentence: sentenceOf({ groups: seen.groups, cells, hosts, nextCell, nextHost, groupsAtLeast, noun }),
  };
}

/**
 * The chance that one more unit shows at least one group that none of the `units` so far shows. Leave each unit out in
 * turn: the share of those that show something no other does estimates it without bias (at one unit fewer), however
 * groups come together. It is at most Q1/T of Good and Turing, which counts the new groups. The interval is
 * Clopper-Pearson's on fewer units: the error of a Good-Turing estimate has the variance (Q1 + 2 Q2)/T² (Robbins 1968),
 * not Q1/T². The low end is 0 where all groups may have been seen.
 */
function chanceOf({ seenIn, alone }: SeenBy, units: number, of: string): Rate {
  const [once, twice] = [seenIn.get(1) ?? 0, seenIn.get(2) ?? 0];
  const factor = alone === 0 ? 1 : 1 + (2 * twice) / once;
  const { low, high } = clopperPearson(alone / factor, units / factor);
  const unseen = chao2({ cells: units, groups: 0, seenIn });
  return {
    estimate: alone / units,
    low: unseen < MAY_BE_NONE ? 0 : low,
    high,
    confidence: CONFIDENCE,
    method: `good-turing, leave one of ${units} ${of} out${alone === 0 ? ', one-sided' : ''}`,
  };
}

/** With fewer days of hosts, to leave one out says too little of the rest. */
const FEWEST_DAYS = 5;

/**
 * Cells of a day are not independent: what an installation shows in three cells in a row was new but once. The high end
 * is therefore also that of leaving whole days (of a host) out: the cells that were the first to show what only their day
 * shows.
 */
function nextCellOf({ byCell, byDay }: Incidences, cells: number, days: number): Rate {
  const chance = chanceOf(byCell, cells, 'cells');
  if (days < FEWEST_DAYS) return chance;
  return { ...chance, high: Math.max(chance.high ?? 1, chanceOf(byDay, cells, 'cells').high ?? 1) };
}

/** Days of hosts in which something was watched; 0 where that is not known. */
function watchedOf(days: readonly HostDays[] | null): number {
  let count = 0;
  for (const host of days ?? []) for (const { cells } of host.days) if (cells > 0) count += 1;
  return count;
}

/** `pair` where two fields are shown, as for CreateRemoteThread. */
function nounOf({ by }: QuestionFacts): string {
  const lengths = [...by.values()].map((fields) => fields.length);
  return lengths.length > 0 && lengths.every((length) => length === 2) ? 'pair' : 'group';
}

interface Said {
  readonly groups: number;
  readonly cells: number;
  readonly hosts: number;
  readonly nextCell: Rate;
  readonly nextHost: Rate | null;
  readonly groupsAtLeast: number;
  readonly noun: string;
}

function sentenceOf({ groups, cells, hosts, nextCell, nextHost, groupsAtLeast, noun }: Said): string {
  const seen = `${groups === 0 ? 'No' : number(groups)} ${noun}${groups === 1 || groups === 0 ? '' : 's'} seen in ${number(cells)} watched host-hour${cells === 1 ? '' : 's'}`;
  const next = `the next hour on ${hosts === 1 ? 'this host' : 'these hosts'} brings a new one with ${chanceText(nextCell)}`;
  const host = nextHost ? `, the next new host with ${chanceText(nextHost)}` : '';
  const rest = Math.floor(groupsAtLeast + 1e-9);
  const unseen =
    rest === 0 ? '' : `; at least ${number(rest)} ${noun}${rest === 1 ? ' is' : 's are'} still unseen`;
  return `${seen}; ${next}${host}${unseen}.`;
}

function chanceText({ estimate, low, high }: Rate): string {
  const most = percent(high ?? 1);
  if (estimate === 0) return `at most ${most}`;
  return low === 0
    ? `about ${percent(estimate)} (at most ${most})`
    : `about ${percent(estimate)} (${percent(low)} to ${most})`;
}

function percent(share: number): string {
  const value = 100 * share;
  if (value > 99 && value < 100) return '>99 %';
  if (value > 0 && value < 0.01) return '<0.01 %';
  return `${significant(value, 2)} %`;
}

function number(value: number): string {
  return wholeNumber(value);
}
