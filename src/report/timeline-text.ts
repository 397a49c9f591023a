/** Events over time, as a row of block characters with the boots marked below. */
import type { Answer } from '../analysis/index.ts';
import { count, duration, minute } from './numbers.ts';
import type { Line } from './page.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';

interface Column {
  events: number;
  boots: number;
}

/** Three or four lines; none where there is nothing to show. The bars are at most `width` columns wide. */
export function timelineLines(timeline: Answer['timeline'], width: number): Line[] {
  const bins = timeline
    .map((bin) => ({ ...bin, at: Date.parse(bin.time) }))
    .filter((bin) => Number.isFinite(bin.at))
    .sort((a, b) => a.at - b.at);
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last || bins.every((bin) => bin.events === 0)) return [];
  const room = width - 4;
  const step = binLength(bins.map((bin) => bin.at));
  const wanted = Math.round((last.at - first.at) / step) + 1;
  // Several bins to a column where there are too many, several columns to a bin where there are few.
  const perColumn = Math.ceil(wanted / room);
  const columns: Column[] = Array.from({ length: Math.ceil(wanted / perColumn) }, () => ({
    events: 0,
    boots: 0,
  }));
  for (const bin of bins) {
    const column =
      columns[Math.min(columns.length - 1, Math.floor(Math.round((bin.at - first.at) / step) / perColumn))]!;
    column.events += bin.events;
    column.boots += bin.boots;
  }
  return draw(columns, Math.floor(room / columns.length), first.at, step * perColumn);
}

/** The shortest distance between two bins; an hour where there is but one. */
function binLength(times: readonly number[]): number {
  let step = Infinity;
  for (let index = 1; index < times.length; index += 1) {
    const distance = times[index]! - times[index - 1]!;
    if (distance > 0 && distance < step) step = distance;
  }
  return Number.isFinite(step) ? step : 3_600_000;
}

function draw(columns: readonly Column[], wide: number, start: number, step: number): Line[] {
  const most = Math.max(...columns.map((column) => column.events));
  const bars = columns.map(({ events }) => {
    if (events === 0) return ' '.repeat(wide);
    return BLOCKS[Math.min(7, Math.floor((8 * events) / most))]!.repeat(wide);
  });
  const lines: Line[] = [[{ text: `  ${bars.join('')}`, style: 'cyan' }]];
  const boots = columns.some((column) => column.boots > 0);
  if (boots) lines.push(`  ${columns.map((column) => (column.boots > 0 ? '^' : ' ').padEnd(wide)).join('')}`);
  const [from, to] = [start, start + columns.length * step].map((time) =>
    minute(new Date(Math.min(time, 8.64e15)).toISOString()),
  );
  lines.push(`  ${from!.padEnd(Math.max(from!.length + 2, columns.length * wide - to!.length))}${to!}`);
  const legend = `one bar: ${duration(step)}; the tallest: ${count(most)} event${most === 1 ? '' : 's'}`;
  lines.push([{ text: `  ${legend}${boots ? '; ^ a boot' : ''}`, style: 'dim' }]);
  return lines;
}
