/** What a configuration would write, for those who pay for storage. */
import type { Answer } from '../analysis/index.ts';
import { confidenceText, figure } from './numbers.ts';
import { type Line, paragraph } from './page.ts';

/** Events and megabytes per host and day; none where the question is no configuration. */
export function volumeLines({ volume }: Answer, width: number): Line[] {
  if (!volume) return [];
  const { eventsPerHostDay: rate, jsonMbPerHostDay, evtxMbPerHostDay } = volume;
  const range = `${confidenceText(rate)}: ${figure(rate.low)} ${rate.high === null ? 'or more' : `to ${figure(rate.high)}`}`;
  return [
    ...paragraph(`${figure(rate.estimate)} events per host and day (${range})`, width),
    ...paragraph(
      `${figure(jsonMbPerHostDay)} MB as JSON, about ${figure(evtxMbPerHostDay)} MB as event log`,
      width,
    ),
    ...paragraph(
      'Of what these logs hold: what the configuration they were written with let through. Events 4, 16 and 255 are ' +
        'always written and counted here. A day is 24 watched hours.',
      width,
    ),
  ];
}
