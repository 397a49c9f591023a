/** Events over time, with the boots in a lane of their own below. */
import type { Answer } from '../../analysis/index.ts';
import { count, counted, duration, minute } from '../numbers.ts';
import { at, axisEnd, chart, HEIGHT, WIDTH } from './chart.ts';
import { html, type Html } from './escape.ts';
import { countCell, table } from './table.ts';

type Bin = Answer['timeline'][number];

/** More than any answer has; a drawing of more bars than pixels would show nothing. */
const MOST_BINS = 400;
/** Into how many parts labels divide the axis of time; a phone shows the first and the last label alone. */
const LABELS = [4, 3, 5, 2];

/** One bar for each part of the time, and a table of the same; nothing where there is nothing to show. */
export function timeline({ timeline: all }: Answer): Html | null {
  const bins = all.slice(0, MOST_BINS);
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last || bins.every(({ events }) => events === 0)) return null;
  const step = bins.length > 1 ? Date.parse(bins[1]!.time) - Date.parse(first.time) : 3_600_000;
  const end = axisEnd(Math.max(...bins.map(({ events }) => events)));
  const events = bins.reduce((sum, bin) => sum + bin.events, 0);
  const boots = bins.reduce((sum, bin) => sum + bin.boots, 0);
  const span = `${minute(first.time)} to ${minute(after(last, step))} UTC`;
  const long = Number.isFinite(step) && step > 0 ? duration(step) : 'one part of the time';
  return chart({
    id: 'timeline-chart',
    title: 'Events over time',
    description: `${counted(events, 'event')} and ${counted(boots, 'boot')}, ${span}; one bar is ${long}.`,
    drawing: bars(bins, end),
    lane: boots > 0 ? bootLane(bins) : null,
    vertical: [count(end), count(end / 2), '0'],
    horizontal: labels(bins, step),
    legend: html`<span><i class="key events"></i>events, one bar: ${long}</span>${
        boots > 0 && html` <span><i class="key boots"></i>${counted(boots, 'boot')}</span>`
      }
      <details>
        <summary>As a table</summary>
        ${table({
          id: 'timeline-table',
          label: 'Events over time',
          columns: [
            { head: 'From (UTC)', kind: 'text' },
            { head: 'Events', kind: 'number' },
            { head: 'Boots', kind: 'number' },
          ],
          rows: bins
            .filter((bin) => bin.events > 0 || bin.boots > 0)
            .map((bin) => [minute(bin.time), countCell(bin.events), countCell(bin.boots)]),
        })}
      </details>`,
  });
}

function bars(bins: readonly Bin[], end: number): Html[] {
  const wide = WIDTH / bins.length;
  const gap = Math.min(wide / 5, 2);
  return bins.flatMap(({ time, events, boots }, index) => {
    if (events === 0) return [];
    const high = Math.max(2, (HEIGHT * events) / end);
    const text = `${minute(time)}: ${counted(events, 'event')}${boots > 0 ? `, ${counted(boots, 'boot')}` : ''}`;
    return [
      html`<rect
        class="events"
        x="${at(index * wide + gap / 2)}"
        y="${at(HEIGHT - high)}"
        width="${at(wide - gap)}"
        height="${at(high)}"
        ><title>${text}</title></rect
      >`,
    ];
  });
}

function bootLane(bins: readonly Bin[]): Html[] {
  const wide = WIDTH / bins.length;
  return bins.flatMap(({ time, boots }, index) => {
    if (boots === 0) return [];
    const middle = at((index + 0.5) * wide);
    return [
      html`<line class="boots" x1="${middle}" x2="${middle}" y1="0" y2="10"
        ><title>${minute(time)}: ${counted(boots, 'boot')}</title></line
      >`,
    ];
  });
}

function after(last: Bin, step: number): string {
  const time = Date.parse(last.time) + step;
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : '';
}

function labels(bins: readonly Bin[], step: number): string[] {
  const parts = LABELS.find((some) => bins.length % some === 0) ?? 1;
  // As many bars between two labels everywhere, or the labels would not stand where they say.
  const each = bins.length / parts;
  const starts = bins.filter((_, index) => index % each === 0).map(({ time }) => minute(time));
  return [...starts, minute(after(bins.at(-1)!, step))];
}
