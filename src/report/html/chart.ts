/**
 * What charts share: a frame whose drawing stretches to the page's width while its labels stay text of the page, so
 * that they are as large on a phone as on a wall.
 */
import { html, type Html, type Part } from './escape.ts';

/** Units of a drawing, whatever room it gets. */
export const WIDTH = 1000;
export const HEIGHT = 200;

export interface ChartOptions {
  readonly id: string;
  /** Both are for those who can't see the drawing. */
  readonly title: string;
  readonly description: string;
  readonly drawing: Part;
  /** A narrow drawing below the axis, ten units high. */
  readonly lane?: Part;
  /** From the top down. */
  readonly vertical: readonly string[];
  /** From left to right. */
  readonly horizontal: readonly string[];
  readonly legend: Part;
}

export function chart(options: ChartOptions): Html {
  const { id, title, description, drawing, lane, vertical, horizontal, legend } = options;
  return html`<figure class="chart">
    <div class="frame">
      <div class="vertical" aria-hidden="true">${vertical.map((text) => html`<span>${text}</span>`)}</div>
      <svg
        viewBox="0 0 ${WIDTH} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-labelledby="${id}-title ${id}-desc"
      >
        <title id="${id}-title">${title}</title>
        <desc id="${id}-desc">${description}</desc>
        ${[0, 0.5, 1].map((part) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${part * HEIGHT}" y2="${part * HEIGHT}" />`)}
        ${drawing}
      </svg>
      ${lane && html`<svg class="lane" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true">${lane}</svg>`}
      <div class="horizontal" aria-hidden="true">${horizontal.map((text) => html`<span>${text}</span>`)}</div>
    </div>
    <figcaption>${legend}</figcaption>
  </figure>`;
}

/** A coordinate, with no more digits than can be seen. */
export function at(value: number): string {
  return Number(value.toFixed(2)).toString();
}

/** The next number of the kind 1, 2, 4, 6, 8, 10, 20 ... from `value` up: the end of an axis, whose half is read well too. */
export function axisEnd(value: number): number {
  if (!(value > 2)) return 2;
  const size = 10 ** Math.floor(Math.log10(value));
  return (
    [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10]
      .map((step) => step * size)
      .find((end) => end >= value && end % 2 === 0) ?? 10 * size
  );
}
