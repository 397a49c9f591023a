/** What two configurations make of the same logs: events gained and lost, and those under another RuleName. */
import type { Comparison } from '../config/index.ts';
import { eventType } from '../events/index.ts';
import type { LogDifference, LogGroup } from './diff-text.ts';
import { count, counted } from './numbers.ts';
import { type Line, paragraph, section } from './page.ts';
import { cutMiddle, pad, safeText } from './terminal.ts';

/** Rows of a table, at most. */
const ROWS = 12;

export function logDifferenceLines(log: LogDifference, comparison: Comparison, width: number): Line[] {
  const sum = (of: (type: LogDifference['types'][number]) => number): number =>
    log.types.reduce((total, type) => total + of(type), 0);
  const [gained, lost] = (['gained', 'lost'] as const).map((change) =>
    log.groups.filter((group) => group.change === change),
  );
  const events = sum((type) => type.events);
  const totals = `Of ${counted(events, 'event')} the old one logs ${count(sum((type) => type.old))}, the new one ${count(sum((type) => type.new))}: ${count(eventsOf(gained!))} gained, ${count(eventsOf(lost!))} lost, ${count(sum((type) => type.renamed))} under another RuleName.`;
  const limits =
    'A log shows only what its own configuration let through: events that the new one would gain beyond that are not in it.';
  const silent = comparison.eventTypes.filter(
    ({ eventIds }) => !log.types.some(({ eventId }) => eventIds.includes(eventId)),
  );
  const missing = `No event of these types, which change, is in the logs: ${silent.map(({ tag }) => tag).join(', ')}.`;
  return [
    ...section('In the logs', [
      ...paragraph(totals, width),
      ...paragraph(limits, width),
      ...(silent.length > 0 ? paragraph(missing, width) : []),
      ...(log.lost > 0 ? paragraph(`${counted(log.lost, 'record')} could not be read.`, width) : []),
    ]),
    ...section('Gained', groupRows(gained!, width)),
    ...section('Lost', groupRows(lost!, width)),
    ...section('Under another RuleName', [
      ...log.renamed
        .slice(0, ROWS)
        .map((renamed) =>
          cutMiddle(
            `  ${pad(count(renamed.events), 8, 'right')}  ${typeName(renamed.eventId)}: ${safeText(renamed.old)} → ${safeText(renamed.new)}`,
            width,
          ),
        ),
      ...rest(log.renamed.length),
    ]),
  ];
}

function eventsOf(groups: readonly LogGroup[]): number {
  return groups.reduce((sum, { events }) => sum + events, 0);
}

function typeName(eventId: number): string {
  return `${eventType(eventId)?.name ?? 'event'} (${eventId})`;
}

function groupRows(groups: readonly LogGroup[], width: number): Line[] {
  const rows = groups.slice(0, ROWS).flatMap(({ eventId, key, events, examples }) => {
    const values = Object.values(key).map(safeText);
    const [example] = examples;
    const place = example ? `e.g. record ${example.record ?? '?'} of ${safeText(example.source)}` : '';
    return [
      `  ${pad(count(events), 8, 'right')}  ${typeName(eventId)}`,
      ...values.map(
        (value, index) => `            ${cutMiddle(`${index > 0 ? '→ ' : ''}${value}`, width - 12)}`,
      ),
      ...(place === ''
        ? []
        : [[{ text: `            ${cutMiddle(place, width - 12)}`, style: 'dim' as const }]]),
    ];
  });
  return [...rows, ...rest(groups.length)];
}

function rest(length: number): string[] {
  return length > ROWS ? [`  … and ${count(length - ROWS)} more (--json has all)`] : [];
}
