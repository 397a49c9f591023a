/** Two configurations compared: as text for people, and as JSON. */
import type { Comparison } from '../config/index.ts';
import { eventType } from '../events/index.ts';
import { type LogDifference, logDifferenceLines } from './diff-log-text.ts';
import { counted } from './numbers.ts';
import { type Line, type PageOptions, pageWidth, paragraph, printPage, section } from './page.ts';
import { safeText, wrap } from './terminal.ts';

export interface Difference {
  readonly oldPath: string;
  readonly newPath: string;
  readonly comparison: Comparison;
  readonly log: LogDifference | null;
}

/** `diff --json`. */
export function renderDiffJson({ oldPath, newPath, comparison, log }: Difference): string {
  const { same, schema, options, eventTypes } = comparison;
  const answer = {
    schema: 'noisefloor.diff/1',
    old: { path: oldPath, schemaVersion: schema.old },
    new: { path: newPath, schemaVersion: schema.new },
    same,
    options: options.map(({ name, old, new: now }) => ({
      name,
      old: optionText(old),
      new: optionText(now),
    })),
    eventTypes,
    log,
  };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** Filters and names that are shown for one event type. */
const SHOWN = 24;

/** `diff` for people. */
export function renderDiff(difference: Difference, options: PageOptions): string {
  const width = pageWidth(options);
  const { oldPath, newPath, comparison, log } = difference;
  const { same, schema } = comparison;
  const lines: Line[] = [
    ...hanging('old: ', `${safeText(oldPath)} (schema ${schema.old})`, width),
    ...hanging('new: ', `${safeText(newPath)} (schema ${schema.new})`, width),
    '',
    [{ text: verdict(difference), style: 'bold' }],
  ];
  if (same && schema.old !== schema.new) {
    lines.push(...paragraph('The schema version differs, and changes nothing here.', width));
  }
  lines.push(
    ...section(
      'Options',
      comparison.options.flatMap(({ name, old, new: now }) =>
        hanging('  ', `${name}: ${optionWords(old)} → ${optionWords(now)}`, width),
      ),
    ),
  );
  for (const change of comparison.eventTypes) lines.push(...eventTypeLines(change, width));
  if (log) lines.push(...logDifferenceLines(log, comparison, width));
  return printPage(lines, options);
}

function verdict({ comparison: { same, options, eventTypes }, log }: Difference): string {
  if (same && log && log.renamed.length > 0) return 'Nothing changes in meaning but the RuleNames of events.';
  if (same) return 'Nothing changes in meaning.';
  const parts = [
    ...(eventTypes.length > 0 ? [counted(eventTypes.length, 'event type')] : []),
    ...(options.length > 0 ? [counted(options.length, 'option')] : []),
  ];
  return `The meaning changes: ${parts.join(' and ')}.`;
}

function optionText(value: string | null | undefined): string | null {
  return value === undefined ? null : (value ?? 'on');
}

function optionWords(value: string | null | undefined): string {
  if (value === undefined) return 'not set';
  return value === null ? 'on' : `"${safeText(value)}"`;
}

/** A text behind a mark, its further lines under it. */
function hanging(mark: string, text: string, width: number): string[] {
  const rest = ' '.repeat(mark.length);
  return wrap(text, width - mark.length).map((line, index) => (index === 0 ? mark : rest) + line);
}

type EventTypeChange = Comparison['eventTypes'][number];
type FilterSide = NonNullable<EventTypeChange['filters'][number]['old']>;

function eventTypeLines(change: EventTypeChange, width: number): Line[] {
  const { tag, eventIds, rest, combine, filters, names, witnesses } = change;
  const lines: Line[] = [];
  if (rest.old !== rest.new) {
    const [before, after] = [rest.old, rest.new].map((logged) => (logged ? 'logged' : 'not logged'));
    lines.push(...hanging('  ! ', `events that no filter names: ${before} → ${after}`, width));
  }
  for (const { onmatch, old, new: now } of combine) {
    const words = (side: typeof old): string => `${side.combine.toUpperCase()} (${side.line}:${side.column})`;
    lines.push(
      ...hanging('  ! ', `filters of the ${onmatch} section combine: ${words(old)} → ${words(now)}`, width),
    );
  }
  for (const filter of filters.slice(0, SHOWN)) lines.push(...filterLines(filter, eventIds, width));
  lines.push(...more(filters.length, 'filter'));
  for (const { old, new: now } of names.slice(0, SHOWN)) {
    lines.push(...hanging('  = ', `${safeText(now.text)} ${placeOf(old)} → ${placeOf(now)}`, width));
    lines.push(...hanging('      ', `RuleName: ${nameOf(old)} → ${nameOf(now)}`, width));
  }
  lines.push(...more(names.length, 'name'));
  if (filters.length + combine.length > 0 || rest.old !== rest.new) {
    if (witnesses.length === 0)
      lines.push(...paragraph('No event was found that shows a difference.', width));
    for (const witness of witnesses) lines.push(...witnessLines(witness, width));
  }
  return section(`${tag} (${eventIds.join(', ')})`, lines);
}

function more(length: number, noun: string): string[] {
  return length > SHOWN ? [`  … and ${counted(length - SHOWN, `more ${noun}`)} (--json has all)`] : [];
}

function filterLines(
  { onmatch, old, new: now, effect, eventIds }: EventTypeChange['filters'][number],
  all: readonly number[],
  width: number,
): string[] {
  const only = eventIds.length < all.length ? ` [${eventIds.join(', ')}]` : '';
  if (old && now) {
    const how = effect === null ? 'changed' : effect;
    return [
      ...hanging('  ~ ', `${onmatch}, ${how}: ${safeText(old.text)} ${placeOf(old)}${only}`, width),
      ...hanging('    → ', `${safeText(now.text)} ${placeOf(now)}`, width),
    ];
  }
  const side = (now ?? old)!;
  return hanging(now ? '  + ' : '  - ', `${onmatch} ${safeText(side.text)} ${placeOf(side)}${only}`, width);
}

function placeOf({ line, column }: FilterSide): string {
  return `(${line}:${column})`;
}

function nameOf({ name }: FilterSide): string {
  return name === '' ? 'none' : `"${safeText(name)}"`;
}

function witnessLines(witness: EventTypeChange['witnesses'][number], width: number): string[] {
  const { eventId, fields, new: now, old } = witness;
  const only = now.logged ? now : old;
  const [which, other] = now.logged ? (['new', old] as const) : (['old', now] as const);
  const shown = Object.entries(fields).map(([field, value]) => `${field}: ${safeText(value)}`);
  const lines = [
    ...hanging(
      '    ',
      `Only the ${which} one logs this ${eventType(eventId)?.name ?? ''} (${eventId}):`,
      width,
    ),
    ...shown.flatMap((text) => hanging('      ', text, width)),
  ];
  if (shown.length === 0) lines.push('      any event whose fields no filter names');
  return [
    ...lines,
    ...hanging('      ', `logged by ${becauseText(only)}; not by ${becauseText(other)}`, width),
  ];
}

function becauseText({ because }: EventTypeChange['witnesses'][number]['old']): string {
  const place = because.line === 0 ? '' : ` (${because.line}:${because.column})`;
  return `${safeText(because.text)}${place}`;
}
