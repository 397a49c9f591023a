/** How often: the rates with their intervals, as figures that are read from across a table. */
import type { Answer, Rate } from '../../analysis/index.ts';
import { boundsText, confidenceText, count, counted, figure, rateText, shareTexts } from '../numbers.ts';
import { html, type Html, type Part } from './escape.ts';

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly bounds: string;
  readonly note?: string;
}

/** Every rate that the answer has, and what they stand on; null where there is none. */
export function keyFigures(answer: Answer): Html | null {
  const { rate, exposure, matches } = answer;
  const main = rate.occasionsPerHostHour;
  if (!main) return null;
  const cells = exposure.cellsAtMost > exposure.cells ? `${count(exposure.cells)} to ` : '';
  const figures: Figure[] = [
    {
      ...rateFigure('Hours with an event', main, 'host-hour'),
      note: `${count(matches.occasions)} of ${cells}${counted(exposure.cellsAtMost, 'watched host-hour')}`,
    },
  ];
  const add = (name: string, value: Rate | null, unit: string): void => {
    if (value) figures.push(rateFigure(name, value, unit));
  };
  add('The same, in steady use', rate.steadyOccasionsPerHostHour, 'host-hour');
  add('Events', rate.eventsPerHostHour, 'hour');
  add('Mean of the hosts', rate.meanOfHosts, 'host-hour');
  if (rate.occasionsPerBoot) {
    const [value, bounds] = shareTexts(rate.occasionsPerBoot);
    const boots = exposure.boots > 0 ? { note: `of ${counted(exposure.boots, 'boot')}` } : {};
    figures.push({
      name: 'Boots with an event',
      value,
      bounds: within(rate.occasionsPerBoot, bounds),
      ...boots,
    });
  }
  if (rate.alertsPer1000HostsPerDay)
    figures.push(numberFigure('Alerts a day, 1,000 hosts', rate.alertsPer1000HostsPerDay));
  const notes = [
    'A host-hour is a clock hour (UTC) in which a host was watched, in part or whole; several events in one count once, as for an alert throttled to one an hour.',
    exposure.hoursAtMost > exposure.hours &&
      'Figures stand on the longest exposure; intervals cover the shortest as well.',
    rate.clustering?.reason,
  ];
  return html`<dl class="figures">${figures.map(shown)}${forecast(answer)}</dl>
    ${notes.map((note) => note && html`<p class="note">${note}</p>`)}`;
}

function shown({ name, value, bounds, note }: Figure): Html {
  return html` <div>
    <dt>${name}</dt>
    <dd class="big">${unbroken(value)}</dd>
    <dd>${unbroken(bounds)}</dd>
    ${note !== undefined && html`<dd class="note">${note}</dd>`}
  </div>`;
}

/** The text with its host-hours in one piece each. */
export function unbroken(value: string): Part {
  return value
    .split(/(host-hours?)/)
    .map((part) => (part.startsWith('host-hour') ? html`<span class="unit">${part}</span>` : part));
}

function rateFigure(name: string, rate: Rate, unit: string): Figure {
  const none = rate.estimate === 0;
  const bounds = none && rate.high !== null ? `${boundsText(rate)} ${unit}s` : boundsText(rate);
  return { name, value: none ? 'none seen' : rateText(rate.estimate, unit), bounds: within(rate, bounds) };
}

/** A rate of a unit that never needs its reciprocal: alerts on a fleet. */
function numberFigure(name: string, rate: Rate): Figure {
  const { estimate, low, high } = rate;
  const bounds =
    estimate === 0
      ? high === null
        ? 'no bound'
        : `at most ${figure(high)}`
      : `${figure(low)} ${high === null ? 'or more' : `to ${figure(high)}`}`;
  return { name, value: estimate === 0 ? 'none' : figure(estimate), bounds: within(rate, bounds) };
}

function within(rate: Rate, bounds: string): string {
  const oneSided = rate.method.includes('one-sided') && !bounds.includes('1-sided') ? ', one-sided' : '';
  return `${confidenceText(rate)}: ${bounds}${oneSided}`;
}

function forecast({ rate: { forecast: asked } }: Answer): Html | null {
  if (!asked) return null;
  const name = `Forecast: ${figure(asked.days)} ${asked.days === 1 ? 'day' : 'days'}, ${counted(asked.hosts, 'host')}`;
  if (asked.alerts)
    return shown({ ...numberFigure(name, asked.alerts), note: 'alerts, at most one an hour and host' });
  return html` <div>
    <dt>${name}</dt>
    <dd class="big">cannot say</dd>
    <dd>${asked.cannotSay}</dd>
  </div>`;
}
