/** Whether anyone has watched long enough: groups found over the time watched, and what more watching would bring. */
import type { Answer } from '../../analysis/index.ts';
import { confidenceText, count, counted, shareTexts } from '../numbers.ts';
import { at, axisEnd, chart, HEIGHT, WIDTH } from './chart.ts';
import { html, type Html } from './escape.ts';

type Unseen = NonNullable<Answer['unseen']>;
type Point = Unseen['curve'][number];

/** A sentence, the chances of something new, and the curve where there is more than one point of it. */
export function curve({ unseen }: Answer): Html | null {
  if (!unseen) return null;
  const { nextCell, nextHost, groupsAtLeast } = unseen;
  const chances = (
    [
      ['A new group in the next hour, same hosts', nextCell],
      ['A new group from a new host', nextHost],
    ] as const
  ).map(([name, rate]) => {
    if (!rate) return null;
    const [value, bounds] = shareTexts(rate);
    return html` <div>
      <dt>${name}</dt>
      <dd class="big">${value}</dd>
      <dd>${confidenceText(rate)}: ${bounds}</dd>
    </div>`;
  });
  return html`<p>${unseen.sentence}</p>
    <dl class="figures">
      <div>
        <dt>Groups seen</dt>
        <dd class="big">${count(unseen.groups)}</dd>
      </div>
      <div>
        <dt>Still unseen, at least</dt>
        <dd class="big">${count(Math.floor(groupsAtLeast))}</dd>
      </div>
      ${chances}
    </dl>
    ${unseen.curve.length > 1 && drawn(unseen.curve)}`;
}

function drawn(points: readonly Point[]): Html {
  const end = axisEnd(Math.max(...points.map(({ groups, high }) => Math.max(groups, high))));
  const cells = Math.max(...points.map((point) => point.cells), 1);
  const x = (point: Point): string => at((WIDTH * point.cells) / cells);
  const y = (groups: number): string => at(HEIGHT - (HEIGHT * Math.max(0, groups)) / end);
  const line = (part: readonly Point[]): string =>
    part.map((point) => `${x(point)},${y(point.groups)}`).join(' ');
  const watched = points.filter(({ extrapolated }) => !extrapolated);
  const last = watched.at(-1);
  // The dashed part begins where the other ends, so that the line has no hole.
  const beyond = [...(last ? [last] : []), ...points.filter(({ extrapolated }) => extrapolated)];
  const further = beyond.length > Number(last !== undefined);
  const band = (part: readonly Point[]): string =>
    [
      ...part.map((point) => `${x(point)},${y(point.high)}`),
      ...part.toReversed().map((point) => `${x(point)},${y(point.low)}`),
    ].join(' ');
  const final = points.at(-1)!;
  return chart({
    id: 'curve-chart',
    title: 'Groups found over host-hours watched',
    description:
      `${counted(last?.groups ?? 0, 'group')} after ${counted(last?.cells ?? 0, 'host-hour')}` +
      (further
        ? `; about ${count(final.groups)} (${count(Math.floor(final.low))} to ${count(Math.ceil(final.high))}) expected after ${count(final.cells)}.`
        : '.'),
    drawing: html`<polygon class="band" points="${band(watched)}" />
      ${further && html`<polygon class="band" points="${band(beyond)}" /><polyline class="curve beyond" points="${line(beyond)}" />`}
      <polyline class="curve" points="${line(watched)}" />
      ${last && further && html`<line class="now" x1="${x(last)}" x2="${x(last)}" y1="0" y2="${HEIGHT}" />`}`,
    vertical: [count(end), count(end / 2), '0'],
    horizontal: ['0', count(cells / 2), `${count(cells)} host-hours`],
    legend: html`<span><i class="key line"></i>groups found</span>${
        further &&
        html` <span
          ><i class="key dashed"></i>expected, were watching to go on as it was, with its interval</span
        >`
      }`,
  });
}
