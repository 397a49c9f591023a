/** What to expect next week, or on other hosts: alerts, as occasions, with a 90 % interval; or why nobody can say. */
import type { Forecast } from './answer.ts';
import type { Exposure } from './exposure.ts';
import { type HostDays, type WatchedDays, watchedDays } from './forecast-days.ts';
import { type Draws, drawItself, drawOthers } from './forecast-model.ts';
import type { ForecastTarget } from './question-facts.ts';

/** Confidence of a forecast's interval. */
const CONFIDENCE = 0.9;
/** With fewer hosts nothing tells how much other hosts differ. */
const FEWEST_HOSTS = 5;
/** A host that forecasts itself must have been watched on so many days. */
const FEWEST_DAYS = 3;
/** With less exposure, or less of it on a usual day, there is no day to speak of. */
const FEWEST_HOURS = 24;
const FEWEST_CELLS_A_DAY = 1;
/** A forecast reaches over at most so many times the days that were seen, and the hosts. */
const DAYS_FACTOR = 4;
const HOSTS_FACTOR = 1000;

/** The forecast for `target`; its `alerts` are null, and `cannotSay` says why, where the data do not carry it. */
export function forecastOf(
  target: ForecastTarget,
  days: readonly HostDays[] | null,
  exposure: Exposure,
): Forecast {
  const refused = withoutDays(exposure);
  const watched = days && watchedDays(days);
  const cannotSay =
    refused ?? (watched ? whyNot(target, watched) : 'these logs claim to span more days than can be real.');
  if (cannotSay !== null || !watched) return { ...target, alerts: null, cannotSay };
  const itself = watched.hosts.length === 1;
  const draws = itself ? drawItself(watched, target.days) : drawOthers(watched, target.days, target.hosts);
  return { ...target, alerts: rateOf(draws, watched, itself), cannotSay: null };
}

function withoutDays({ summary, bounded }: Exposure): string | null {
  if (summary.hoursAtMost === 0) return 'nothing tells for how long the hosts were watched.';
  if (!summary.sample) return 'records were picked out of these logs: how long anyone watched is not known.';
  if (bounded)
    return 'how long these hosts were watched is a range; a System log beside this one may narrow it.';
  if (summary.hours < FEWEST_HOURS)
    return `these hosts were watched for ${number(summary.hours)} hours in all; it takes ${FEWEST_HOURS} at least.`;
  if (summary.perHost.some(({ method }) => method === 'given'))
    return 'hours from --exposure do not tell on which days they were watched.';
  return null;
}

/** Why the days and hosts that were watched do not carry a forecast; null where they do. */
function whyNot({ days, hosts }: ForecastTarget, watched: WatchedDays): string | null {
  const seen = watched.hosts.length;
  if (seen === 1 && hosts !== 1)
    return `one host says nothing of ${counted(hosts, 'other host')}; ask for 1 host.`;
  if (seen === 1 && watched.span < FEWEST_DAYS)
    return `one host must be watched on ${FEWEST_DAYS} calendar days at least to forecast itself, it was on ${watched.span}.`;
  if (seen > 1 && watched.wholeHosts < FEWEST_HOSTS)
    return `how much hosts differ takes ${FEWEST_HOSTS} of them at least, each watched on 3 calendar days or more; here ${watched.wholeHosts === 1 ? 'is' : 'are'} ${watched.wholeHosts}.`;
  if (watched.cellsPerDay < FEWEST_CELLS_A_DAY)
    return 'on a usual day these hosts were watched for less than an hour.';
  if (days > DAYS_FACTOR * watched.span)
    return `${number(days)} days are more than ${DAYS_FACTOR} times the ${watched.span} that were seen.`;
  if (hosts > HOSTS_FACTOR * seen)
    return `${number(hosts)} hosts are more than ${number(HOSTS_FACTOR)} times the ${seen} that were seen.`;
  return null;
}

function rateOf(
  { alerts, mean }: Draws,
  { hosts, cellsPerDay }: WatchedDays,
  itself: boolean,
): Forecast['alerts'] {
  const at = (part: number): number => alerts[Math.floor(part * (alerts.length - 1))] as number;
  const low = at((1 - CONFIDENCE) / 2);
  const high = at(1 - (1 - CONFIDENCE) / 2);
  const model = itself
    ? 'this host as it was'
    : `gamma-Poisson between ${hosts.length} hosts, taken as drawn at random from the same fleet`;
  const rounded = Number(cellsPerDay.toPrecision(3));
  return {
    estimate: Math.min(high, Math.max(low, mean)),
    low,
    high,
    confidence: CONFIDENCE,
    method: `${model}; a day is a calendar day of ${rounded} watched host-hours, as on average here`,
  };
}

function counted(value: number, one: string): string {
  return `${number(value)} ${value === 1 ? one : `${one}s`}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
