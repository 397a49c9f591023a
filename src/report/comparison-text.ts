/** Before and after `--not`, side by side. */
import type { Answer, Rate } from '../analysis/index.ts';
import { confidenceText, count, intervalText, rateText, shareTexts } from './numbers.ts';
import { paragraph, type Line } from './page.ts';
import { phaseWords } from './phases-text.ts';
import { pad } from './terminal.ts';

const COLUMN = 28;

/** The answer without and with the filter, and what the filter hid; none without `--not`. */
export function comparisonLines(answer: Answer, width: number): Line[] {
  const { excluded, matches, rate } = answer;
  if (!excluded) return [];
  const { before } = excluded;
  const lines: Line[] = [row('', 'without --not', 'with --not')];
  lines.push(row('events', count(before.events), count(matches.events)));
  lines.push(row('hours with one', count(before.occasions), count(matches.occasions)));
  lines.push(...rates('rate', before.occasionsPerHostHour, rate.occasionsPerHostHour, 'host-hour'));
  lines.push(
    ...rates(
      'in steady use',
      before.steadyOccasionsPerHostHour,
      rate.steadyOccasionsPerHostHour,
      'host-hour',
    ),
  );
  lines.push(...rates('events', before.eventsPerHostHour, rate.eventsPerHostHour, 'hour'));
  lines.push(...boots(before.occasionsPerBoot, rate.occasionsPerBoot));
  const hidden =
    excluded.events === 0
      ? '--not hid nothing: no event matched it.'
      : `--not hid ${count(excluded.events)} of ${count(before.events)} events: ${phaseWords(excluded.byPhase)}.`;
  return [...lines, ...paragraph(hidden, width)];
}

function row(name: string, before: string, after: string): string {
  return `  ${pad(name, 16)}  ${pad(before, COLUMN)}  ${after}`;
}

function rates(name: string, before: Rate | null, after: Rate | null, unit: string): string[] {
  if (!before && !after) return [];
  return [row(name, often(before, unit), often(after, unit)), row('', interval(before), interval(after))];
}

function boots(before: Rate | null, after: Rate | null): string[] {
  if (!before && !after) return [];
  const [was, wasWithin] = shareLines(before);
  const [is, isWithin] = shareLines(after);
  return [row('boots with one', was, is), row('', wasWithin, isWithin)];
}

function shareLines(rate: Rate | null): [share: string, interval: string] {
  if (!rate) return ['-', ''];
  const [share, bounds] = shareTexts(rate);
  return [share, `(${confidenceText(rate)}: ${bounds})`];
}

function often(rate: Rate | null, unit: string): string {
  return rate ? rateText(rate.estimate, unit) : '-';
}

function interval(rate: Rate | null): string {
  return rate ? `(${intervalText(rate)})` : '';
}
