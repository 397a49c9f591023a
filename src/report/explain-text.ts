/** Why events are logged or not, for a terminal: the event, the verdict, and the line of the configuration. */
import type { AlsoMatched, Because, Explanation } from '../config/index.ts';
import type { Event } from '../events/index.ts';
import { eventTableRow } from './event-table-text.ts';
import { excerptLines } from './excerpt.ts';
import { typeName } from './groups-text.ts';
import { count, counted } from './numbers.ts';
import { type Line, type PageOptions, pageWidth, paragraph, printPage } from './page.ts';
import { cut, cutMiddle, displayWidth, pad, safeText } from './terminal.ts';

export interface ExplainSummary {
  readonly configPath: string;
  /** Sysmon's events that were looked at. */
  readonly events: number;
  readonly logged: number;
  /** Fewer than `events` with `--undecided`. */
  readonly shown: number;
  readonly byType: readonly { readonly eventId: number; readonly events: number; readonly logged: number }[];
  /** What decided, most events first. `eventId` is that of the first event. */
  readonly byPlace: readonly (Because & {
    readonly eventId: number;
    readonly logged: boolean;
    readonly events: number;
  })[];
}

/** A configuration as text, with the path under which it was given. */
export interface ConfigSource {
  readonly path: string;
  readonly text: string;
}

/** Rows of a list, at most. */
const ALSO = 3;
const ROWS = 15;

/** One event: about six lines, none wider than the page, with a blank line behind. */
export function renderExplanation(
  source: ConfigSource,
  event: Event,
  explanation: Explanation,
  unknownFields: readonly string[],
  options: PageOptions,
): string {
  const width = pageWidth(options);
  // A wide terminal would put all on one line: here the verdict stands below, and two lines read better.
  const head = eventTableRow(event, Math.min(width, 120));
  const lines: Line[] = [...verdictLines(source, explanation, width)];
  const list = (title: string, texts: readonly string[], more: number): void => {
    for (const [index, text] of texts.entries()) {
      lines.push(`  ${pad(index === 0 ? title : '', 8)}${cutMiddle(text, width - 10)}`);
    }
    if (more > 0) lines.push(`  ${pad('', 8)}and ${count(more)} more (--json lists them)`);
  };
  const { together, also, alsoMore, sections } = explanation;
  list(
    'with',
    together.slice(0, ALSO).map((part) => `${placeText(part)}  ${safeText(part.text)}`),
    together.length - Math.min(ALSO, together.length),
  );
  list(
    'asked',
    sections.slice(0, ALSO).map((part) => `${placeText(part)}  ${safeText(part.text)}`),
    sections.length - Math.min(ALSO, sections.length),
  );
  const telling = also.filter((other) => isTelling(other, explanation.logged));
  const shown = telling.slice(0, ALSO);
  for (const [index, other] of shown.entries()) {
    const title = pad(index === 0 ? 'also' : '', 8);
    // A name is seen only where its section logs.
    const name = other.onmatch === 'exclude' || other.name === '' ? '' : `, ${safeText(other.name)}`;
    const note = ` (${cut(other.onmatch + name, 30)})`;
    const text = `${placeText(other)}  ${safeText(other.text)}`;
    lines.push(`  ${title}${cutMiddle(text, width - 10 - displayWidth(note))}${note}`);
    if (other.blockedBy) {
      const blocked = `but not ${placeText(other.blockedBy)}  ${safeText(other.blockedBy.text)}`;
      lines.push(...paragraph(blocked, width, 12));
    }
  }
  const hidden = also.length - shown.length + alsoMore;
  if (shown.length > 0) list('', [], hidden);
  // What would decide comes first: where nothing is shown, none of them would.
  else if (hidden > 0)
    list('also', [`${counted(hidden, 'match', 'matches')} in part (--json lists them)`], 0);
  if (unknownFields.length > 0) {
    const text = `this Sysmon does not know ${unknownFields.map(safeText).join(', ')} in this event`;
    list('fields', [text], 0);
  }
  return `${head}${printPage(lines, options)}\n`;
}

/** What would decide alone is of interest always; the rest where it would have turned the verdict. */
function isTelling({ decides, onmatch }: AlsoMatched, logged: boolean): boolean {
  return decides || (onmatch === 'exclude') === logged;
}

function placeText({ line, column }: { readonly line: number; readonly column: number }): string {
  return `${line}:${column}`;
}

/** The verdict, the name, what decided and where, with the excerpt. */
export function verdictLines(source: ConfigSource, explanation: Explanation, width: number): Line[] {
  const { logged, ruleName, because, nameFrom, span } = explanation;
  const verdict = logged ? 'logged' : 'not logged';
  const name = ruleName === '-' ? '' : `  RuleName ${safeText(ruleName)}`;
  const lines: Line[] = [
    [
      { text: '  ' },
      { text: pad(verdict, 12), style: logged ? 'green' : 'yellow' },
      { text: cut(safeText(because.text).trimEnd(), width - 14) },
    ],
  ];
  if (name !== '') lines.push(`  ${cut(name.trimStart(), width - 2)}`);
  if (nameFrom) {
    const stale = nameFrom.stale ? ', which matched in what then failed' : '';
    lines.push(
      ...paragraph(
        `the name is that of ${placeText(nameFrom)}${stale}: ${safeText(nameFrom.text)}`,
        width,
        4,
      ),
    );
  }
  if (span) {
    const place = `${because.line}:${because.column}`;
    lines.push([
      { text: `  ${cutMiddle(safeText(source.path), width - 3 - place.length)}:${place}`, style: 'dim' },
    ]);
    lines.push(...excerptLines(source.text, span, because.line, width));
  }
  return lines;
}

/** How many, of which types, and what decided them. */
export function renderExplainSummary(summary: ExplainSummary, options: PageOptions): string {
  const width = pageWidth(options);
  const { events, logged, shown, byType, byPlace, configPath } = summary;
  const of = `${count(logged)} of ${counted(events, 'event')} of Sysmon would be logged`;
  const hidden = shown < events ? `; ${count(shown)} shown` : '';
  const lines: Line[] = [
    [{ text: cut(`${of}${hidden}.`, width), style: 'bold' }],
    ...paragraph(LIMIT, width, 0).map((text): Line => [{ text, style: 'dim' }]),
  ];
  if (events === 0) return printPage(lines, options);
  const figures = Math.max(6, ...byType.map((type) => count(type.events).length));
  lines.push('', `  ${pad('events', figures, 'right')}  ${pad('logged', figures, 'right')}  event type`);
  for (const type of byType.slice(0, 40)) {
    const cells = [type.events, type.logged].map((value) => pad(count(value), figures, 'right')).join('  ');
    lines.push(`  ${cells}  ${typeName(type.eventId)}`);
  }
  if (byType.length > 40) lines.push(`  and ${count(byType.length - 40)} more event ids`);
  lines.push('', cut(`  ${pad('events', figures, 'right')}  decided by (${safeText(configPath)})`, width));
  for (const place of byPlace.slice(0, ROWS)) {
    const verdict = place.logged ? 'logged    ' : 'not logged';
    const at = place.line > 0 ? placeText(place) : typeName(place.eventId);
    const front = `  ${pad(count(place.events), figures, 'right')}  ${verdict}  ${at}  `;
    lines.push(front + cutMiddle(safeText(place.text), Math.max(10, width - front.length)));
  }
  if (byPlace.length > ROWS) {
    const rest = byPlace.slice(ROWS).reduce((sum, place) => sum + place.events, 0);
    lines.push(`  and ${counted(byPlace.length - ROWS, 'more place')} with ${counted(rest, 'event')}`);
  }
  return printPage(lines, options);
}

/** What no reading of a log can show. */
export const LIMIT: string =
  'A log shows only what its own configuration let through: events that were never logged are not here.';
