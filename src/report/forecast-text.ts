/** What to expect next week, or on other hosts. */
import type { Answer } from '../analysis/index.ts';
import { count, counted, figure } from './numbers.ts';
import { type Line, paragraph } from './page.ts';

/** The forecast as a sentence, wrapped, with what it stands on below it; none where none was asked for. */
export function forecastLines({ rate: { forecast } }: Answer, width: number): Line[] {
  if (!forecast) return [];
  const { days, hosts, alerts, cannotSay } = forecast;
  const on = hosts === 1 ? 'on one host' : `on ${count(hosts)} hosts`;
  const where = `Next ${timeText(days)} ${on}`;
  if (!alerts) return paragraph(`${where}: cannot say. ${sentenceCase(cannotSay ?? '')}`, width);
  const { low, high, confidence } = alerts;
  const range =
    high === null
      ? `${count(low)} alerts or more`
      : low === high
        ? counted(low, 'alert')
        : `${count(low)} to ${count(high)} alerts`;
  const note = paragraph(`Alerts are hours with an event; ${alerts.method}.`, width);
  return [
    ...paragraph(`${where}: ${range} (${figure(100 * confidence)} %).`, width),
    ...note.map((text): Line => [{ text, style: 'dim' }]),
  ];
}

/** `week`, `2 weeks`, `3 days`, `36 hours`. */
function timeText(days: number): string {
  const plural = (value: number, unit: string): string => (value === 1 ? unit : `${figure(value)} ${unit}s`);
  if (days % 7 === 0) return plural(days / 7, 'week');
  if (Number.isInteger(days)) return plural(days, 'day');
  return plural(days * 24, 'hour');
}

function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
