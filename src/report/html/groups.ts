/** Who, in full: the groups as a table that can be sorted and filtered. */
import type { Answer, AnswerGroup } from '../../analysis/index.ts';
import { mainPhase, typeName } from '../groups-text.ts';
import { minute, share } from '../numbers.ts';
import { html, type Html } from './escape.ts';
import { groupName } from './heat-map.ts';
import { longValue } from './long-value.ts';
import { type Cell, type Column, countCell, moreText, table } from './table.ts';

/** Groups on a page: more of them no browser sorts at once, and no person reads. */
const MOST = 1000;

export function groups(answer: Answer): Html | null {
  const all = answer.groups;
  if (all.length === 0) return null;
  const shown = all.slice(0, MOST);
  const rest = all.slice(MOST);
  const fields = commonFields(shown);
  const types = answer.question.eventIds.length > 1;
  const hosts = answer.exposure.hosts > 1 || answer.matches.hosts > 1;
  const columns: Column[] = [
    ...(types ? [{ head: 'Type', kind: 'text' as const }] : []),
    ...(fields ?? ['Group']).map((head): Column => ({ head, kind: 'value' })),
    { head: 'Events', kind: 'number', sorted: 'descending' },
    { head: 'Share', kind: 'number', title: 'of all events' },
    { head: 'Hours', kind: 'number', title: 'host-hours with an event' },
    ...(hosts ? [{ head: 'Hosts', kind: 'number' as const }] : []),
    { head: 'When', kind: 'text', title: 'the phase of most of its events' },
    { head: 'First (UTC)', kind: 'time' },
    { head: 'Last (UTC)', kind: 'time' },
  ];
  const row = (group: AnswerGroup): Cell[] => [
    ...(types ? [{ show: typeName(group.eventId), by: group.eventId }] : []),
    ...(fields ? fields.map((name): Cell => valueCell(group.key[name]!)) : [groupName(group.key, true)]),
    countCell(group.events),
    { show: share(group.events, answer.matches.events), by: group.events },
    countCell(group.occasions),
    ...(hosts ? [countCell(group.hosts)] : []),
    mainPhase(group),
    minute(group.first),
    minute(group.last),
  ];
  return html`${table({
    id: 'groups-table',
    label: 'Groups',
    columns,
    rows: shown.map(row),
    rowHead: Number(types),
    sortable: true,
    filter: 'Filter groups',
  })}${moreText(
    rest.length,
    'group',
    rest.reduce((sum, { events }) => sum + events, 0),
  )}`;
}

function valueCell(value: string): Cell {
  return { show: longValue(value), by: value };
}

/** The fields of all these groups, where they have the same one or two. */
function commonFields(shown: readonly AnswerGroup[]): string[] | null {
  const names = Object.keys(shown[0]!.key);
  const text = JSON.stringify(names);
  const same = shown.every(({ key }) => JSON.stringify(Object.keys(key)) === text);
  return same && names.length > 0 && names.length <= 4 ? names : null;
}
