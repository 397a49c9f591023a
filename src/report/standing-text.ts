/** The answer so far, in one line. */
import type { Answer } from '../analysis/index.ts';
import { formatTime } from '../events/index.ts';
import { nameIn } from './live-text.ts';
import { count, counted, figure } from './numbers.ts';
import { cut, cutMiddle, safeText } from './terminal.ts';

export interface Standing {
  /** With its budget. */
  readonly answer: Answer;
  /** The group that was seen for the first time last: the time of its first event, and the values it is shown by. */
  readonly lastNew: { readonly time: number; readonly values: readonly string[] } | null;
  /** Groups that were not seen where `--new` says; null without it. */
  readonly newGroups: number | null;
}

const VALUE = 28;
const DAY_MS = 86_400_000;

/** One line of safe text. */
export function standingText({ answer, lastNew, newGroups }: Standing): string {
  const { question, matches, exposure, groups, read } = answer;
  const { kind } = question;
  const name = cut(safeText(kind === 'sysmon-config' ? nameIn(question.name) : question.name), 40);
  const counts = `${counted(matches.events, 'event')}, ${counted(matches.occasions, 'occasion')}`;
  const fresh = newGroups === null ? '' : ` (${count(newGroups)} new)`;
  const last = lastNew === null ? '' : `, last new ${lastNewText(lastNew, answer)}`;
  const { hours: least, hoursAtMost: most } = exposure;
  const hours = most > least ? `${hoursText(least)} to ${hoursText(most)}` : hoursText(least);
  const hosts = exposure.hosts > 1 ? `${counted(exposure.hosts, 'host')}, ` : '';
  const lost = read.unreadable > 0 ? `; ${counted(read.unreadable, 'record')} lost` : '';
  return (
    `${name}: ${counts}, ${rateText(answer)}, ${counted(groups.length, 'group')}${fresh}${last}; ` +
    `${hosts}${counted(exposure.boots, 'boot')}, ${hours}; ${budgetText(answer)}${lost}`
  );
}

function hoursText(hours: number): string {
  return hours > 0 && hours < 1 ? `${count(hours * 60)} min` : `${figure(hours)} h`;
}

/** `0.5/host-hour (0.1 to 1.5)`: occasions. */
function rateText({ rate }: Answer): string {
  const often = rate.occasionsPerHostHour;
  if (often === null) return 'no rate yet';
  const high = often.high === null ? 'any number' : figure(often.high);
  const bounds = often.estimate === 0 ? `up to ${high}` : `${figure(often.low)} to ${high}`;
  return `${figure(often.estimate)}/host-hour (${bounds})`;
}

/** `14 h more for < 1/host-day`: what the budget still asks for, if nothing else fires. */
function budgetText({ budget, exposure }: Answer): string {
  if (!budget) return '';
  const { met, upper, moreHostHours, text } = budget;
  if (met) return `< ${text}: met`;
  if (upper === null) return `< ${text}: nothing bounds it yet`;
  if (moreHostHours === null) return `over ${text}`;
  return `${count(moreHostHours)} ${exposure.hosts > 1 ? 'host-hours' : 'h'} more for < ${text}`;
}

function lastNewText({ time, values }: NonNullable<Standing['lastNew']>, { exposure }: Answer): string {
  const newest = exposure.perHost.reduce((most, { last }) => (last > most ? last : most), '');
  const iso = formatTime(time);
  const isRecent = newest === '' || Date.parse(newest) - time < DAY_MS;
  const when = iso === '' ? '' : `${isRecent ? iso.slice(11, 16) : iso.slice(0, 16).replace('T', ' ')} `;
  return when + values.map((value) => cutMiddle(safeText(nameIn(value.slice(0, 1000))), VALUE)).join(' -> ');
}
