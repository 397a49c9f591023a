/** The answer in a few plain sentences: what a hurried person reads, and nothing else. */
import type { Answer, Phase } from '../analysis/index.ts';
import { confidenceText, count, counted, figure, fleetText, intervalText, rateText } from './numbers.ts';
import { safeText } from './terminal.ts';

/** When something happened, in the words of a sentence. */
const DURING: Readonly<Record<Phase, string>> = {
  boot: 'at boot',
  logon: 'at logon',
  resume: 'on resume from sleep',
  shutdown: 'at shutdown',
  steady: 'in steady use',
  unknown: 'at times of no known phase',
};

/** The phases in the order of a machine's day. */
export const PHASES: readonly Phase[] = ['boot', 'logon', 'resume', 'steady', 'shutdown', 'unknown'];

/** One to four sentences of safe text, without a line break. */
export function sentence(answer: Answer): string {
  const { exposure, matches, rate, excluded } = answer;
  const name = safeText(answer.question.name);
  const left = excluded ? 'Without what --not hides, ' : '';
  if (rate.occasionsPerHostHour === null) return `${left}${noRate(answer, name)}`;
  if (matches.events === 0) return `${left}${left ? 'no' : 'No'} ${name} in ${none(answer)}`;
  const fired = `${left}${name} fired in ${count(matches.occasions)} of`;
  const range = exposure.cellsAtMost > exposure.cells;
  const text = range ? bounded(answer, fired) : measured(answer, fired);
  return [text, fleet(answer), phases(answer)].filter((part) => part !== '').join(' ');
}

function measured(answer: Answer, fired: string): string {
  const rate = answer.rate.occasionsPerHostHour!;
  const often = rateText(rate.estimate, 'host-hour');
  return `${fired} ${counted(answer.exposure.cells, 'watched host-hour')}: about ${often} (${intervalText(rate)}).`;
}

/** The exposure is a range, and so is the rate: no interval around a single figure would be honest. */
function bounded(answer: Answer, fired: string): string {
  const { cells, cellsAtMost } = answer.exposure;
  const { occasions } = answer.matches;
  const fewest = rateText(occasions / cellsAtMost, 'host-hour');
  const most = cells > 0 ? rateText(Math.min(1, occasions / cells), 'host-hour') : '';
  const often = most === '' ? `at least ${fewest}` : most === fewest ? most : `from ${fewest} to ${most}`;
  return (
    `${fired} ${count(cells)} to ${count(cellsAtMost)} watched host-hours: ${often}. ` +
    'It is a range because the log does not tell how long it was watched.'
  );
}

function none(answer: Answer): string {
  const { cells, cellsAtMost, hosts } = answer.exposure;
  const rate = answer.rate.occasionsPerHostHour!;
  const hours = cellsAtMost > cells ? `${count(cells)} to ${count(cellsAtMost)}` : count(cells);
  const seen = `${hours} watched host-hour${hours === '1' ? '' : 's'} on ${counted(hosts, 'host')}`;
  const bound =
    rate.high === null
      ? 'nothing bounds the rate from above.'
      : `at most one in ${figure(1 / rate.high)} host-hours (${confidenceText(rate)}, one-sided).`;
  return `${seen}: ${bound} ${couldHold(answer)}`;
}

/** Whether the log could have held such events at all: without that, none found says little. */
function couldHold(answer: Answer): string {
  const { blind, question } = answer;
  if (blind.length === 0) return 'The log could have held such events.';
  const all = blind.length >= question.eventIds.length;
  return `But the log may not hold ${all ? 'such events at all' : 'all such events'} (see Blind below).`;
}

function noRate(answer: Answer, name: string): string {
  const { matches, read, exposure, blind, excluded } = answer;
  const found =
    matches.events === 0
      ? `no ${name} and no rate`
      : `${counted(matches.events, `${name} event`)}, but no rate`;
  const why =
    read.records === 0
      ? 'no record was read.'
      : exposure.hosts === 0
        ? `none of these records was ${answer.question.kind.startsWith('sigma') ? 'of a kind that it asks for' : 'written by Sysmon'} on a host and in the time asked for.`
        : blind.length > 0
          ? matches.events === 0
            ? 'the log does not seem to hold such events (see Blind below).'
            : 'by what is known of the log it should hold none (see Blind below), so that nothing tells for how long it would have held them.'
          : 'nothing in these logs tells for how long the hosts were watched.';
  const text = excluded ? found : found[0]!.toUpperCase() + found.slice(1);
  return `${text}: ${why} This is not a rate of zero.`;
}

function fleet(answer: Answer): string {
  const rate = answer.rate.alertsPer1000HostsPerDay;
  if (rate === null || answer.exposure.cellsAtMost > answer.exposure.cells) return '';
  const text = fleetText(rate.estimate);
  return `Alerting once an hour per host, that is ${text}.`;
}

function phases(answer: Answer): string {
  const { byPhase, events } = answer.matches;
  const top = PHASES.reduce((best, phase) => (byPhase[phase] > byPhase[best] ? phase : best));
  const part = byPhase[top];
  const figures = `${count(part)} of ${counted(events, 'event')}`;
  if (top === 'unknown')
    return part === events
      ? 'When is not known: no log tells of starts and stops.'
      : `When is not known for ${figures}.`;
  if (part === events) return events === 1 ? `It was ${DURING[top]}.` : `All ${DURING[top]}: ${figures}.`;
  if (part >= 0.85 * events) return `Nearly all ${DURING[top]}: ${figures}.`;
  return part > 0.5 * events
    ? `Mostly ${DURING[top]}: ${figures}.`
    : `Most often ${DURING[top]}: ${figures}.`;
}
