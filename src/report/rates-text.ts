/** How often: every rate with its interval. */
import type { Answer, Rate } from '../analysis/index.ts';
import { boundsText, confidenceText, figure, rateText, shareTexts } from './numbers.ts';
import { type Line, paragraph } from './page.ts';
import { displayWidth, pad } from './terminal.ts';

type Row = readonly [name: string, often: string, bounds: string];

/** The mean of host rates is worth a line where it is off the pooled rate by this factor. */
const DIFFERS = 1.2;

/** One rate a line, and what its units and intervals mean; none where there is no rate. */
export function rateLines(answer: Answer, width: number): Line[] {
  const { rate, exposure } = answer;
  if (!rate.occasionsPerHostHour) return [];
  const rows: Row[] = [];
  const add = (name: string, value: Rate | null, unit: string): void => {
    if (!value) return;
    const oneSided = value.estimate === 0 ? ' (one-sided)' : '';
    rows.push([name, rateText(value.estimate, unit), boundsText(value) + oneSided]);
  };
  add('hours with an event', rate.occasionsPerHostHour, 'host-hour');
  if (meanDiffers(answer)) add('the mean of its hosts', rate.meanOfHosts, 'host-hour');
  add('the same, in steady use', rate.steadyOccasionsPerHostHour, 'host-hour');
  add('events', rate.eventsPerHostHour, 'hour');
  if (rate.occasionsPerBoot) rows.push(['boots with an event', ...shareTexts(rate.occasionsPerBoot)]);
  const fleet = rate.alertsPer1000HostsPerDay;
  if (fleet && fleet.estimate > 0) {
    const bounds = `${figure(fleet.low)} ${fleet.high === null ? 'or more' : `to ${figure(fleet.high)}`}`;
    rows.push(['alerts a day, 1,000 hosts', `about ${figure(fleet.estimate)}`, bounds]);
  }
  const notes = ['A host-hour is a clock hour in which a host was watched, in part or whole.'];
  if (exposure.hoursAtMost > exposure.hours)
    notes.push('Figures stand on the longest exposure; intervals cover the shortest as well.');
  notes.push(...clumping(answer));
  return [
    ...row(['', 'rate', `${confidenceText(rate.occasionsPerHostHour)} interval`], width).map(dim),
    ...rows.flatMap((one) => row(one, width)),
    ...notes.flatMap((text) => paragraph(text, width).map(dim)),
  ];
}

function meanDiffers({ rate: { occasionsPerHostHour: pooled, meanOfHosts: mean } }: Answer): boolean {
  if (!pooled || !mean || pooled.estimate === 0) return false;
  const factor = mean.estimate / pooled.estimate;
  return factor >= DIFFERS || factor <= 1 / DIFFERS;
}

/** What the intervals of hours stand on, where that is not the hours themselves, and what the mean of hosts is for. */
function clumping(answer: Answer): string[] {
  const { clustering } = answer.rate;
  const notes: string[] = [];
  if (clustering && clustering.by !== 'none')
    notes.push(`Interval of hours by ${clustering.by}: ${clustering.reason}.`);
  if (meanDiffers(answer))
    notes.push(
      'The mean counts each host once, the rate above each hour: where busy hosts keep less time, believe the mean for other hosts.',
    );
  return notes;
}

/** On one line, or the bounds on the next where they have no room. */
function row([name, often, bounds]: Row, width: number): string[] {
  const start = `  ${pad(name, 25)}  `;
  const line = `${start}${pad(often, 29)}  ${bounds}`;
  return displayWidth(line) <= width ? [line] : [start + often, `${' '.repeat(start.length)}${bounds}`];
}

function dim(text: string): Line {
  return [{ text, style: 'dim' }];
}
