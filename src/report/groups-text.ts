/** Who: the groups with their shares, and the tables of rules and event types where a question has several. */
import type { Answer, AnswerGroup } from '../analysis/index.ts';
import { eventType } from '../events/index.ts';
import { count, counted, share } from './numbers.ts';
import { type Line, paragraph } from './page.ts';
import { PHASES } from './sentence.ts';
import { cutMiddle, displayWidth, pad, safeText } from './terminal.ts';

/** Rows of a table, at most. */
const ROWS = 12;

interface Column {
  readonly head: string;
  readonly cells: readonly string[];
}

/** A table with its figures in front and, to the right of them, one or more lines of text for each row. */
function table(
  columns: readonly Column[],
  head: readonly string[],
  texts: readonly (readonly string[])[],
  width: number,
): Line[] {
  const widths = columns.map(({ head: name, cells }) =>
    Math.max(displayWidth(name), ...cells.map(displayWidth)),
  );
  const figures = (row: (column: Column) => string): string =>
    columns.map((column, index) => pad(row(column), widths[index]!, 'right')).join('  ');
  const left = figures(() => '').length;
  const room = width - left - 4;
  const lay = (parts: readonly string[], front: string): string[] => {
    const line = parts.join(' → ');
    const lines =
      displayWidth(line) <= room ? [line] : parts.map((part, index) => (index === 0 ? part : `→ ${part}`));
    return lines.map(
      (text, index) => `  ${index === 0 ? front : ' '.repeat(left)}  ${cutMiddle(text, room)}`,
    );
  };
  const title = lay(
    head,
    figures(({ head: name }) => name),
  );
  return [
    ...title.map((text): Line => [{ text, style: 'dim' }]),
    ...texts.flatMap((parts, row) =>
      lay(
        parts,
        figures(({ cells }) => cells[row]!),
      ),
    ),
  ];
}

/** The groups, most events first: figures in front, then the values of their fields. */
export function groupLines(answer: Answer, width: number): Line[] {
  const { groups, matches, exposure } = answer;
  if (groups.length === 0) return [];
  const shown = groups.slice(0, ROWS);
  const columns: Column[] = [
    { head: 'events', cells: shown.map((group) => count(group.events)) },
    { head: 'share', cells: shown.map((group) => share(group.events, matches.events)) },
    { head: 'hours', cells: shown.map((group) => count(group.occasions)) },
    { head: 'when', cells: shown.map(mainPhase) },
  ];
  if (exposure.hosts > 1 || matches.hosts > 1)
    columns.splice(3, 0, { head: 'hosts', cells: shown.map((group) => count(group.hosts)) });
  if (answer.question.eventIds.length > 1)
    columns.push({ head: 'id', cells: shown.map((group) => String(group.eventId)) });
  const names = fieldNames(shown);
  const texts = shown.map((group) => {
    const values = Object.entries(group.key).map(([name, value]) => {
      const text = value === '' ? '(empty)' : safeText(value);
      return names ? text : `${safeText(name)}: ${text}`;
    });
    return values.length > 0 ? values : ['all events'];
  });
  const lines = table(columns, names ?? ['fields'], texts, width);
  if (groups.length > ROWS) {
    const more = groups.slice(ROWS);
    const events = more.reduce((sum, group) => sum + group.events, 0);
    const plural = more.length === 1 ? 'group' : 'groups';
    lines.push(
      `  and ${count(more.length)} more ${plural} with ${count(events)} event${events === 1 ? '' : 's'} (--json lists all)`,
    );
  }
  return lines;
}

/** The fields of all these groups, where they have the same ones and few enough to do without labels. */
function fieldNames(groups: readonly AnswerGroup[]): string[] | null {
  const names = Object.keys(groups[0]?.key ?? {});
  const same = groups.every((group) => JSON.stringify(Object.keys(group.key)) === JSON.stringify(names));
  return same && names.length > 0 && names.length <= 2 ? names.map(safeText) : null;
}

/** Where most of a group's events are: `boot`, or `boot 67 %` where that is not all. */
export function mainPhase({ byPhase, events }: AnswerGroup): string {
  const top = PHASES.reduce((best, phase) => (byPhase[phase] > byPhase[best] ? phase : best));
  return byPhase[top] === events ? top : `${top} ${share(byPhase[top], events)}`;
}

/** `8 CreateRemoteThread`. */
export function typeName(eventId: number): string {
  const type = eventType(eventId);
  return type ? `${eventId} ${type.name}` : `event ${eventId}`;
}

/** Events per rule and per event type, where the question has several of them. */
export function partLines(answer: Answer, width: number): Line[] {
  const { rules, perType } = answer;
  const sigma = answer.question.kind === 'sigma-rules';
  const silent = sigma && rules.length > 1 ? silentSentence(rules) : '';
  const byEvents = [...rules].sort((a, b) => b.events - a.events);
  return [
    ...(rules.length > 1
      ? partTable(
          byEvents.filter(({ events }) => events > 0 || !sigma),
          'rule',
          (rule) => ruleName(rule),
          width,
        )
      : []),
    ...(silent === '' ? [] : paragraph(silent, width)),
    ...(perType.length > 1 && !sigma
      ? partTable(perType, 'event type', (type) => typeName(type.eventId), width)
      : []),
  ];
}

function ruleName({ name, id, file, line, level }: Answer['rules'][number]): string {
  const place = level === '' && line > 0 ? ` (line ${count(line)})` : '';
  return safeText(`${level === '' ? '' : `${level}: `}${name || id || file}`) + place;
}

/** Rules that never fired: those whose events the logs could have held, and the rest; empty where all did. */
export function silentSentence(rules: Answer['rules']): string {
  const silent = rules.filter(({ events }) => events === 0);
  const blind = silent.filter(({ hours }) => hours === 0).length;
  if (silent.length === 0) return '';
  const watched = silent.length - blind;
  const parts = [
    ...(watched > 0
      ? [`${counted(watched, 'rule')} never fired in logs that could have held their events`]
      : []),
    ...(blind > 0 ? [`for ${counted(blind, 'rule')} no log here holds any event of their kind`] : []),
  ];
  return `${parts.join('; ')}.`;
}

function partTable<Part extends { readonly events: number; readonly occasions: number }>(
  all: readonly Part[],
  head: string,
  text: (part: Part) => string,
  width: number,
): Line[] {
  const shown = all.slice(0, ROWS);
  const columns = [
    { head: 'events', cells: shown.map((part) => count(part.events)) },
    { head: 'hours', cells: shown.map((part) => count(part.occasions)) },
  ];
  const lines = table(
    columns,
    [head],
    shown.map((part) => [text(part)]),
    width,
  );
  return all.length > ROWS ? [...lines, `  and ${count(all.length - ROWS)} more (--json lists all)`] : lines;
}
