/** How often: every rate with its interval. */
import type { Answer, Rate } from '../analysis/index.ts';
import { figure, intervalText, rateText, shareTexts } from './numbers.ts';
import type { Line } from './page.ts';
import { pad } from './terminal.ts';

/** One rate a line, and what its units mean; none where there is no rate. */
export function rateLines(answer: Answer): Line[] {
  const { rate, exposure } = answer;
  const rows: (readonly [name: string, often: string, interval: string])[] = [];
  const add = (name: string, value: Rate | null, unit: string): void => {
    if (value) rows.push([name, rateText(value.estimate, unit), intervalText(value)]);
  };
  add('hours with an event', rate.occasionsPerHostHour, 'host-hour');
  add('the same, in steady use', rate.steadyOccasionsPerHostHour, 'host-hour');
  add('events', rate.eventsPerHostHour, 'hour');
  if (rate.occasionsPerBoot) rows.push(['boots with an event', ...shareTexts(rate.occasionsPerBoot)]);
  const fleet = rate.alertsPer1000HostsPerDay;
  if (fleet && fleet.estimate > 0) {
    const within = `${figure(fleet.low)} ${fleet.high === null ? 'or more' : `to ${figure(fleet.high)}`}`;
    const confidence = `${figure(100 * fleet.confidence)} %`;
    rows.push(['alerts a day, 1,000 hosts', `about ${figure(fleet.estimate)}`, `${confidence}: ${within}`]);
  }
  if (rows.length === 0) return [];
  const notes = ['A host-hour is a clock hour in which a host was watched, in part or whole.'];
  if (exposure.hoursAtMost > exposure.hours)
    notes.push('Figures stand on the longest exposure; intervals cover the shortest as well.');
  return [
    ...rows.map(([name, often, interval]) => `  ${pad(name, 25)}  ${pad(often, 27)}  ${interval}`),
    ...notes.map((text): Line => [{ text: `  ${text}`, style: 'dim' }]),
  ];
}
