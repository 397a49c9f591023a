/** Tables of figures and values, in a container that scrolls by itself: the page never does sideways. */
import { count, counted } from '../numbers.ts';
import { html, type Html, type Part } from './escape.ts';

export interface Column {
  readonly head: string;
  /** What the head means, for those who ask. */
  readonly title?: string;
  /** `number` is set right and in figures of one width; `value` is out of a log and may be long. */
  readonly kind: 'number' | 'text' | 'time' | 'value' | 'bar';
  /** How the rows come sorted; at most one column says so. */
  readonly sorted?: 'ascending' | 'descending';
}

/** A cell: what it shows, and what it is sorted by where that is not its text. */
export type Cell = Part | { readonly show: Part; readonly by: number | string };

export interface TableOptions {
  /** Names the table for those who can't see it; unique in the page. */
  readonly id: string;
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** The column that heads each row; the first where not said. */
  readonly rowHead?: number;
  /** Whether the page's script lets it be sorted, and filtered by typing. */
  readonly sortable?: boolean;
  readonly filter?: string;
}

export function table(options: TableOptions): Html {
  const { id, label, columns, rows, rowHead = 0, sortable = false, filter } = options;
  const tools =
    filter !== undefined &&
    rows.length > 5 &&
    html`<div class="tools" data-for="${id}" hidden>
      <label>${filter} <input type="search" spellcheck="false" autocomplete="off" /></label>
      <output>${counted(rows.length, 'row')}</output>
    </div>`;
  return html`${tools}
    <div class="scroll" role="region" aria-label="${label}" tabindex="0">
      <table
        id="${id}"
        ${columns.some(({ kind }) => kind === 'value') && html` class="has-value"`}${sortable && rows.length > 1 && html` data-sortable`}
      >
        <thead>
          <tr>
            ${columns.map(head)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html` <tr>
                ${row.map((cell, index) => bodyCell(cell, columns[index]!, index === rowHead))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function head({ head: text, title, kind, sorted }: Column): Html {
  return html`<th
    scope="col"
    class="${kind}"
    ${title !== undefined && html` title="${title}"`}${sorted && html` aria-sort="${sorted}"`}
  >
    ${text}
  </th>`;
}

function bodyCell(cell: Cell, { kind }: Column, heads: boolean): Html {
  const pair = cell !== null && typeof cell === 'object' && 'show' in cell;
  const show = pair ? cell.show : cell;
  const by = pair && html` data-by="${cell.by}"`;
  return heads
    ? html`<th scope="row" class="${kind}" ${by}>${show}</th>`
    : html`<td class="${kind}" ${by}>${show}</td>`;
}

/** A count as a cell, sorted by its value. */
export function countCell(value: number): Cell {
  return { show: count(value), by: value };
}

/** `and 12 more groups with 40 events are not on this page`; nothing where all are. */
export function moreText(rest: number, what: string, events?: number): Html {
  if (rest <= 0) return html``;
  const are = rest === 1 ? 'is' : 'are';
  const having = events === undefined ? '' : ` with ${counted(events, 'event')}`;
  return html`<p class="more">
    ${counted(rest, `more ${what}`)}${having} ${are} not on this page; <code>--json</code> lists all.
  </p>`;
}

/** A bar of a list: how long, out of the longest; `most` draws a lighter one behind it. */
export function bar(value: number, longest: number, tone = '', most: number = value): Html {
  const width = (part: number): string =>
    part <= 0 || !(longest > 0) ? '0' : Math.max(0.6, Math.min(100, (100 * part) / longest)).toFixed(2);
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    ${most > value && html`<rect class="light" width="${width(most)}" height="8" />`}
    <rect class="fill ${tone}" width="${width(value)}" height="8" />
  </svg>`;
}
