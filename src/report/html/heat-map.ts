/** From whom to whom: a map of sources and targets where groups have two fields, and bars where they have not. */
import type { Answer, AnswerGroup } from '../../analysis/index.ts';
import { foldAscii } from '../../events/index.ts';
import { count, counted, figure, share } from '../numbers.ts';
import { html, type Html } from './escape.ts';
import { longValue, shortNames } from './long-value.ts';
import { bar, type Cell, countCell, table } from './table.ts';

/** Rows, and columns, that are told apart. */
const SHOWN = 20;
const LEVELS = 6;
const OTHERS = '(others)';

interface Side {
  /** As first written, most events first; the rest is one row or column. */
  readonly values: readonly string[];
  readonly rest: number;
  readonly place: (value: string) => number;
}

/** Null where there are no groups, or only one. */
export function whoToWhom(answer: Answer): Html | null {
  const { groups, matches } = answer;
  if (groups.length < 2) return null;
  const fields = Object.keys(groups[0]!.key);
  const same = groups.every(({ key }) => {
    const names = Object.keys(key);
    return names.length === fields.length && names.every((name, index) => name === fields[index]);
  });
  if (same && fields.length === 2) return heatMap(groups, fields as [string, string], matches.events);
  return barList(groups, same && fields.length === 1 ? fields[0]! : 'Group', matches.events);
}

function heatMap(groups: readonly AnswerGroup[], [source, target]: [string, string], total: number): Html {
  const rows = side(groups, source);
  const columns = side(groups, target);
  const width = columns.values.length + Number(columns.rest > 0);
  const cells = Array.from({ length: rows.values.length + Number(rows.rest > 0) }, () =>
    Array.from({ length: width }, () => 0),
  );
  for (const { key, events } of groups)
    cells[rows.place(key[source]!)]![columns.place(key[target]!)]! += events;
  // What is summed up has no colour: it would be the darkest, and pale all that is told apart.
  const apart = (row: number, column: number): boolean =>
    row < rows.values.length && column < columns.values.length;
  const most = Math.max(1, ...cells.flatMap((row, index) => row.filter((_, column) => apart(index, column))));
  const heads = headsOf(columns, 'target');
  const sources = headsOf(rows, 'source');
  const sums = heads.map((_, column) => cells.reduce((sum, row) => sum + row[column]!, 0));
  return html`<p class="note">
      Rows are ${source}, columns ${target}; each cell counts events, the stronger its colour the more.
    </p>
    <div class="scroll heat" role="region" aria-label="Events by ${source} and ${target}" tabindex="0">
      <table id="heat-map">
        <thead>
          <tr>
            <td class="corner">${source} ↓ &nbsp; ${target} →</td>
            ${heads.map(({ name, full }) => html`<th scope="col" title="${full}"><span>${name}</span></th>`)}
            <th scope="col" class="sum"><span>all</span></th>
          </tr>
        </thead>
        <tbody>
          ${cells.map(
            (row, index) =>
              html` <tr>
                <th scope="row" title="${sources[index]!.full}">${sources[index]!.name}</th>
                ${row.map((events, column) => cell(events, apart(index, column) ? most : null))}
                <td class="sum">${short(row.reduce((sum, events) => sum + events, 0))}</td>
              </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">all</th>
            ${sums.map((sum) => html`<td class="sum">${short(sum)}</td>`)}
            <td class="sum" title="${share(total, total)}">
              ${short(sums.reduce((sum, events) => sum + events, 0))}
            </td>
          </tr>
        </tfoot>
      </table>
    </div>`;
}

/** The values of a field by their events; spellings that differ in the case of A to Z alone are one. */
function side(groups: readonly AnswerGroup[], field: string): Side {
  const sums = new Map<string, { value: string; events: number }>();
  for (const { key, events } of groups) {
    const folded = foldAscii(key[field]!);
    const sum = sums.get(folded);
    if (sum) sum.events += events;
    else sums.set(folded, { value: key[field]!, events });
  }
  // What the analysis has put together itself belongs to the rest, too.
  const others = sums.get(OTHERS);
  sums.delete(OTHERS);
  const sorted = [...sums].sort(([a, one], [b, other]) => other.events - one.events || (a < b ? -1 : 1));
  const shown = sorted.slice(0, SHOWN);
  const places = new Map(shown.map(([folded], index) => [folded, index]));
  return {
    values: shown.map(([, { value }]) => value),
    rest: sorted.length - shown.length + Number(others !== undefined),
    place: (value) => places.get(foldAscii(value)) ?? shown.length,
  };
}

function headsOf({ values, rest }: Side, what: string): { name: string; full: string }[] {
  const names = shortNames(values);
  const heads = values.map((full, index) => ({ name: full === '' ? '(empty)' : names[index]!, full }));
  const more = { name: `${count(rest)} more`, full: `${counted(rest, `${what} value`)} with fewer events` };
  return rest > 0 ? [...heads, more] : heads;
}

function cell(events: number, most: number | null): Html {
  if (events === 0) return html`<td></td>`;
  if (most === null) return html`<td class="rest" title="${counted(events, 'event')}">${short(events)}</td>`;
  const level = Math.max(1, Math.ceil((LEVELS * Math.log1p(events)) / Math.log1p(most)));
  return html`<td class="level${Math.min(LEVELS, level)}" title="${counted(events, 'event')}">
    ${short(events)}
  </td>`;
}

/** `12.3k`: a count that fits a small cell; its title has the whole. */
function short(value: number): string {
  if (value < 10_000) return String(value);
  const [size, unit] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  return figure(value / size).replaceAll(',', '') + unit;
}

function barList(groups: readonly AnswerGroup[], head: string, total: number): Html {
  const shown = groups.slice(0, SHOWN);
  const rest = groups.slice(SHOWN).reduce((sum, { events }) => sum + events, 0);
  const most = Math.max(rest, ...shown.map(({ events }) => events));
  const rows = shown.map(({ key, events }): Cell[] => [
    groupName(key, head === 'Group'),
    bar(events, most),
    countCell(events),
    share(events, total),
  ]);
  if (rest > 0) {
    const name = html`<i class="none">${counted(groups.length - SHOWN, 'more group')}</i>`;
    rows.push([name, bar(rest, most, 'rest'), countCell(rest), share(rest, total)]);
  }
  return table({
    id: 'bar-list',
    label: 'Events by group',
    columns: [
      { head, kind: 'value' },
      { head: '', kind: 'bar' },
      { head: 'Events', kind: 'number' },
      { head: 'Share', kind: 'number' },
    ],
    rows,
  });
}

/** The values of a group in a row; with the names of their fields where no head of a column says them. */
export function groupName(key: AnswerGroup['key'], named: boolean): Html {
  const entries = Object.entries(key);
  if (entries.length === 0) return html`<i class="none">all events</i>`;
  if (!named) return longValue(entries[0]![1]);
  return html`${entries.map(([name, value]) => html`<span class="pair"><small>${name}</small> ${longValue(value)}</span>`)}`;
}
