/** How long who was watched, and how that was found. */
import type { Answer, ExposureMethod, HostExposure } from '../analysis/index.ts';
import { count, counted, figure, minute } from './numbers.ts';
import { paragraph, type Line } from './page.ts';
import { cut, displayWidth, pad, safeText } from './terminal.ts';

/** How the exposure was found, as a sentence. */
const FOUND: Readonly<Record<ExposureMethod, string>> = {
  marks:
    "Found from Sysmon's starts: from each one to the last record before the next, quiet hours included.",
  activity: 'Found from the times of the records alone: no start of Sysmon is in its log.',
  bounded:
    'A range, from the records alone to whole sessions: most records are the events asked for, and little else shows ' +
    'that a machine was on. Its System log narrows the range; --exposure states it.',
  given: 'As given with --exposure.',
  mixed: 'Found in several ways; each host tells.',
};

/** The same for questions about other channels than Sysmon's. */
const FOUND_ELSEWHERE: Readonly<Partial<Record<ExposureMethod, string>>> = {
  marks:
    'Found from the starts in these logs: from each one to the last record before the next, quiet hours included.',
  activity: 'Found from the times of the records alone: no start is in their logs.',
};

export function foundText({ question, exposure }: Answer): string {
  const elsewhere = question.kind.startsWith('sigma') ? FOUND_ELSEWHERE[exposure.method] : undefined;
  return elsewhere ?? FOUND[exposure.method] ?? '';
}

/** Rows of a table of hosts, at most. */
const HOSTS = 8;

/** Hosts, and clock hours in which they were watched; none where only single moments were seen. */
export function watchedText({ hoursAtMost, cells, hosts }: Answer['exposure']): string {
  return `${counted(hoursAtMost === 0 ? 0 : cells, 'watched host-hour')} on ${counted(hosts, 'host')}`;
}

/** Hours, boots, first and last, method; one row for each host where there are several. */
export const NO_SAMPLE =
  'Not an exposure sample: records were picked out of these logs, so nothing tells for how long anyone watched.';

export function exposureLines(answer: Answer, width: number): Line[] {
  const { exposure } = answer;
  const { perHost } = exposure;
  if (exposure.hosts === 0) return ['  No host was watched.'];
  const times = perHost.flatMap((host) => [host.first, host.last]).filter((time) => minute(time) !== '?');
  times.sort();
  const total =
    `${hoursText(exposure)} on ${counted(exposure.hosts, 'host')}, ${counted(exposure.boots, 'boot')}` +
    (perHost.length === 1 ? ` (${safeText(perHost[0]!.host)})` : '');
  const lines: Line[] = paragraph(total, width);
  if (times.length > 0) lines.push(`  ${minute(times[0]!)} to ${minute(times.at(-1)!)} UTC`);
  lines.push(...paragraph(foundText(answer), width));
  if (!exposure.sample) {
    lines.push(...paragraph(NO_SAMPLE, width));
  }
  if (exposure.hosts < 5) {
    const few = exposure.hosts === 1 ? 'One host is' : `${count(exposure.hosts)} hosts are`;
    lines.push(...paragraph(`${few} not a fleet: other machines run other software.`, width));
  }
  return perHost.length > 1 ? [...lines, ...hostRows(perHost, width)] : lines;
}

/** `1,234 hours`; a range where the exposure is one. */
export function hoursText(exposure: { hours: number; hoursAtMost: number }): string {
  if (exposure.hoursAtMost > exposure.hours)
    return `${figure(exposure.hours)} to ${figure(exposure.hoursAtMost)} hours`;
  return `${figure(exposure.hours)} hour${exposure.hours === 1 ? '' : 's'}`;
}

function hostRows(perHost: readonly HostExposure[], width: number): Line[] {
  const sorted = [...perHost].sort((a, b) => b.hoursAtMost - a.hoursAtMost || (a.host < b.host ? -1 : 1));
  const shown = sorted.slice(0, HOSTS);
  const rows = shown.map((host) => [
    safeText(host.host),
    hoursText(host).replace(/ hours?$/, ''),
    count(host.boots),
    minute(host.first).split(' ')[0]!,
    minute(host.last).split(' ')[0]!,
    safeText(host.method),
  ]);
  rows.unshift(['host', 'hours', 'boots', 'first', 'last', 'found from']);
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column]!))));
  // The name alone gives way; the other columns say nothing when they are cut.
  const rest = widths.slice(1).reduce((sum, column) => sum + column + 2, 2);
  widths[0] = Math.min(widths[0]!, Math.max(8, width - rest));
  const lines = rows.map((row, index): Line => {
    const cells = row.map((cell, column) =>
      pad(cut(cell, widths[column]!), widths[column]!, column === 1 || column === 2 ? 'right' : 'left'),
    );
    return [{ text: `  ${cells.join('  ')}`, ...(index === 0 && { style: 'dim' as const }) }];
  });
  if (sorted.length > HOSTS) {
    const more = sorted.slice(HOSTS);
    const total = more.reduce((sum, host) => sum + host.hours, 0);
    lines.push(`  and ${counted(more.length, 'more host')} with ${figure(total)} hours`);
  }
  return lines;
}
