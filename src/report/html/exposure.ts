/** How long who was watched. */
import type { Answer, HostExposure } from '../../analysis/index.ts';
import { foundText, hoursText, NO_SAMPLE } from '../exposure-text.ts';
import { count, counted, figure, minute } from '../numbers.ts';
import { html, type Html } from './escape.ts';
import { bar, type Cell, type Column, countCell, moreText, table } from './table.ts';

const MOST = 500;

export function exposure(answer: Answer): Html {
  const { exposure: all } = answer;
  if (all.hosts === 0) return html`<p>No host was watched.</p>`;
  const times = all.perHost
    .flatMap(({ first, last }) => [first, last])
    .filter((time) => minute(time) !== '?');
  times.sort();
  const span = times.length > 0 && html`, ${minute(times[0]!)} to ${minute(times.at(-1)!)} UTC`;
  return html`<p>
      <strong>${hoursText(all)}</strong> on ${counted(all.hosts, 'host')},
      ${counted(all.boots, 'boot')}${span}. ${foundText(answer)}
    </p>
    ${!all.sample && html`<p class="note">${NO_SAMPLE}</p>`}
    ${all.hosts < 5 && html`<p class="note">${all.hosts === 1 ? 'One host is' : `${count(all.hosts)} hosts are`} not a fleet: other machines run other software.</p>`}
    ${all.perHost.length > 0 && hosts(all.perHost)}`;
}

function hosts(perHost: readonly HostExposure[]): Html {
  const sorted = perHost.toSorted((a, b) => b.hoursAtMost - a.hoursAtMost || (a.host < b.host ? -1 : 1));
  const shown = sorted.slice(0, MOST);
  const longest = Math.max(...shown.map(({ hoursAtMost }) => hoursAtMost));
  const range = shown.some(({ hours, hoursAtMost }) => hoursAtMost > hours);
  const columns: Column[] = [
    { head: 'Host', kind: 'value' },
    { head: '', kind: 'bar' },
    { head: 'Hours', kind: 'number', ...(!range && { sorted: 'descending' as const }) },
    ...(range ? [{ head: 'At most', kind: 'number' as const, sorted: 'descending' as const }] : []),
    { head: 'Host-hours', kind: 'number', title: 'clock hours watched, in part or whole' },
    { head: 'Boots', kind: 'number' },
    { head: 'Found from', kind: 'text' },
    { head: 'First (UTC)', kind: 'time' },
    { head: 'Last (UTC)', kind: 'time' },
  ];
  const rows = shown.map((host): Cell[] => [
    host.host,
    bar(host.hours, longest, '', host.hoursAtMost),
    { show: figure(host.hours), by: host.hours },
    ...(range ? [{ show: figure(host.hoursAtMost), by: host.hoursAtMost }] : []),
    {
      show:
        host.cellsAtMost > host.cells
          ? `${count(host.cells)} to ${count(host.cellsAtMost)}`
          : count(host.cells),
      by: host.cellsAtMost,
    },
    countCell(host.boots),
    host.method,
    minute(host.first),
    minute(host.last),
  ]);
  return html`${table({
    id: 'hosts-table',
    label: 'Exposure by host',
    columns,
    rows,
    sortable: true,
    filter: 'Filter hosts',
  })}${range && html`<p class="note">The strong part of a bar: watched at least; the pale part: at most.</p>`}${moreText(sorted.length - shown.length, 'host')}`;
}
