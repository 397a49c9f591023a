/** Parts of a question that has several: its rules by their noise, and its event types. */
import type { Answer } from '../../analysis/index.ts';
import { silentSentence, typeName } from '../groups-text.ts';
import { count } from '../numbers.ts';
import { html, type Html } from './escape.ts';
import { broken, longValue } from './long-value.ts';
import { bar, type Cell, type Column, countCell, moreText, table } from './table.ts';

const MOST = 1000;
/** Sigma's levels, so that they sort by what they mean. */
const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];

/** Rules, most events first. A column that no rule fills is left out. */
export function rules({ rules: all, question }: Answer): Html | null {
  if (all.length < 2) return null;
  const sorted = all.toSorted((a, b) => b.events - a.events || b.occasions - a.occasions);
  const shown = sorted.slice(0, MOST);
  const most = Math.max(...shown.map(({ events }) => events));
  const level = shown.some((rule) => rule.level !== '');
  const tags = shown.some((rule) => rule.tags.length > 0);
  const place = shown.some((rule) => rule.file !== '' || rule.line > 0);
  const columns: Column[] = [
    { head: 'Rule', kind: 'value' },
    { head: '', kind: 'bar' },
    { head: 'Events', kind: 'number', sorted: 'descending' },
    { head: 'Hours', kind: 'number', title: 'host-hours with an event' },
    { head: 'Hosts', kind: 'number' },
    ...(level ? [{ head: 'Level', kind: 'text' as const }] : []),
    ...(tags ? [{ head: 'Tags', kind: 'value' as const }] : []),
    ...(place ? [{ head: 'Place', kind: 'value' as const }] : []),
  ];
  const rows = shown.map((rule): Cell[] => [
    {
      show: html`${rule.name || rule.id || rule.file}${rule.id !== '' && rule.name !== '' && html`<small class="id">${rule.id}</small>`}`,
      by: rule.name || rule.id || rule.file,
    },
    bar(rule.events, most),
    countCell(rule.events),
    countCell(rule.occasions),
    countCell(rule.hosts),
    ...(level
      ? [
          {
            show: html`<span class="${levelClass(rule.level)}">${rule.level}</span>`,
            by: LEVELS.indexOf(rule.level),
          },
        ]
      : []),
    ...(tags ? [html`${rule.tags.map((tag) => html`<span class="tag">${broken(tag)}</span> `)}`] : []),
    ...(place
      ? [
          html`${longValue(rule.file || '-')}${rule.line > 0 && html`<small> line ${count(rule.line)}</small>`}`,
        ]
      : []),
  ]);
  const silent = question.kind === 'sigma-rules' ? silentSentence(all) : '';
  return html`${silent !== '' && html`<p>${silent}</p>`}${table({
    id: 'rules-table',
    label: 'Rules by their noise',
    columns,
    rows,
    sortable: true,
    filter: 'Filter rules',
  })}${moreText(sorted.length - shown.length, 'rule')}`;
}

function levelClass(level: string): string {
  return LEVELS.includes(level) ? `level ${level}` : 'level';
}

/** Event types, where the question has several. */
export function types({ perType }: Answer): Html | null {
  if (perType.length < 2) return null;
  const most = Math.max(...perType.map(({ events }) => events));
  return table({
    id: 'types-table',
    label: 'Event types',
    columns: [
      { head: 'Event type', kind: 'text' },
      { head: '', kind: 'bar' },
      { head: 'Events', kind: 'number' },
      { head: 'Hours', kind: 'number', title: 'host-hours with an event' },
    ],
    rows: perType.map(({ eventId, events, occasions }) => [
      { show: typeName(eventId), by: eventId },
      bar(events, most),
      countCell(events),
      countCell(occasions),
    ]),
    sortable: true,
  });
}
