/** What two configurations make of the same logs: events gained and lost, and those under another RuleName. */
import type { Comparison } from '../config/index.ts';
import { eventType } from '../events/index.ts';
import { count, counted } from './numbers.ts';
import { type Line, paragraph, section } from './page.ts';
import { cutMiddle, pad, safeText } from './terminal.ts';

export interface LogExample {
  readonly source: string;
  readonly record: number | null;
  /** ISO 8601, UTC. */
  readonly time: string | null;
  readonly host: string;
  readonly eventId: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** Events that one configuration logs and the other does not, by the fields that a person wants to see. */
export interface LogGroup {
  readonly eventId: number;
  readonly change: 'gained' | 'lost';
  /** Empty for what came after too many groups. */
  readonly key: Readonly<Record<string, string>>;
  readonly events: number;
  readonly examples: readonly LogExample[];
}

export interface LogDifference {
  /** Events of each type: all, those that the old one logs, those that the new one logs, those under another name. */
  readonly types: readonly {
    readonly eventId: number;
    readonly events: number;
    readonly old: number;
    readonly new: number;
    readonly renamed: number;
  }[];
  readonly groups: readonly LogGroup[];
  readonly renamed: readonly {
    readonly eventId: number;
    readonly old: string;
    readonly new: string;
    readonly events: number;
  }[];
  /** Records that could not be read. */
  readonly lost: number;
}

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
  const missing = `Of these types, which change, no event was read: ${silent.map(({ tag }) => tag).join(', ')}.`;
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
