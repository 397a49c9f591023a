/** What was read, and what was not: every loss is told, and so is that there was none. */
import type { Answer } from '../analysis/index.ts';
import type { Place } from '../events/index.ts';
import { typeName } from './groups-text.ts';
import { byteCount, count, counted } from './numbers.ts';
import { paragraph, type Line } from './page.ts';
import { cutMiddle, safeText, wrap } from './terminal.ts';

/** Skipped files, and diagnostics, that are shown. */
const SHOWN = 8;

/** Diagnostics that the sentence and the exposure have told already. */
const TOLD: ReadonlySet<string> = new Set([
  'exposure-zero',
  'exposure-bounded',
  'no-such-event',
  'one-host',
  'not-an-exposure-sample',
]);

/** What is missing by its record ids, in words. */
const GAPS: Readonly<Record<Answer['read']['gaps'][number]['class'], (ids: string, logs: string) => string>> =
  {
    loss: (ids, logs) =>
      `${ids} between those read are missing in ${logs}: lost, or in a log that was not given.`,
    filtered: (ids, logs) =>
      `${ids} are missing all over ${logs}: records were picked out of ${logs === '1 log' ? 'it' : 'them'}.`,
    cleared: (ids, logs) =>
      `${logs} ${logs === '1 log' ? 'was' : 'were'} cleared in between${ids === '0 record ids' ? '' : `; ${ids} before that are missing`}.`,
    wrapped: (ids, logs) =>
      `${ids} came before the first that ${logs} still hold${logs === '1 log' ? 's' : ''} (overwritten, or not given).`,
  };

/** Whether all was read, in a sentence. */
export function lossSentence({ read, diagnostics }: Pick<Answer, 'read' | 'diagnostics'>): string {
  if (read.unreadable > 0) return `${counted(read.unreadable, 'record')} could not be read.`;
  return diagnostics.some(({ severity }) => severity === 'error')
    ? 'Not all could be read.'
    : 'Nothing was lost in reading.';
}

/** What is missing by its record ids: a sentence for each reason. */
export function gapSentences({ read }: Answer): string[] {
  return Object.entries(GAPS).flatMap(([kind, text]) => {
    const rows = read.gaps.filter((row) => row.class === kind);
    const records = rows.reduce((sum, row) => sum + row.records, 0);
    const gaps = rows.reduce((sum, row) => sum + row.gaps, 0);
    return gaps > 0 ? [text(counted(records, 'record id'), counted(rows.length, 'log'))] : [];
  });
}

/** What was read, then losses, skipped files, and the readers' diagnostics with their places. */
export function readingLines(answer: Answer, width: number): Line[] {
  const { read } = answer;
  const diagnostics = answer.diagnostics.filter(({ code }) => !TOLD.has(code));
  const lines: Line[] = paragraph(
    `${counted(read.files, 'file')}, ${byteCount(read.bytes)}, ${counted(read.records, 'record')}.`,
    width,
  );
  const losses = [
    read.unreadable > 0 && `${counted(read.unreadable, 'record')} ${couldNot(diagnostics)}.`,
    // Past a thousand the last row counts the rest.
    read.skipped.length > 0 &&
      `${read.skipped.length > 1000 ? 'More than 1,000 files' : counted(read.skipped.length, 'file')} skipped.`,
    read.unreadable === 0 &&
      diagnostics.some(({ severity }) => severity === 'error') &&
      'Part of the data could not be read (below).',
  ].filter((loss) => loss !== false);
  if (losses.length === 0) lines.push(...paragraph('Nothing was lost in reading.', width));
  else lines.push(...paragraph(losses.join(' '), width).map((text): Line => [{ text, style: 'red' }]));
  if (read.duplicates > 0)
    lines.push(
      ...paragraph(`${counted(read.duplicates, 'record')} stood in the logs twice and counted once.`, width),
    );
  for (const text of gapSentences(answer)) lines.push(...paragraph(text, width));
  for (const { path, reason } of read.skipped.slice(0, SHOWN))
    lines.push(...entry(safeText(path), safeText(reason), width));
  lines.push(...more(read.skipped.length - SHOWN, 'skipped file'));
  for (const { severity, message, where, count: times } of diagnostics.slice(0, SHOWN)) {
    const place = placeText(where);
    const often = times > 1 ? ` (${count(times)} times)` : '';
    lines.push(
      ...entry(
        place === '' ? safeText(severity) : `${safeText(severity)} ${place}`,
        safeText(message) + often,
        width,
      ),
    );
  }
  lines.push(...more(diagnostics.length - SHOWN, 'diagnostic'));
  return lines;
}

/** A sensor that lost records says so in its log: these were never there to be read. */
function couldNot(diagnostics: Answer['diagnostics']): string {
  const sensors = diagnostics.some(({ code }) => code === 'sensor-loss');
  return sensors ? 'were lost by the sensor, or could not be read' : 'could not be read';
}

/** `logs/a.evtx, byte 4,096`, safe for a terminal. */
export function placeText({ source, offset, line, record }: Place): string {
  return [
    source !== undefined && safeText(source),
    line !== undefined && `line ${count(line)}`,
    offset !== undefined && `byte ${count(offset)}`,
    record !== undefined && `record ${count(record)}`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}

function entry(place: string, text: string, width: number): Line[] {
  const lines = wrap(text, width - 6);
  // A message of any length can come out of a log's own text.
  const shown = lines.length > 6 ? [...lines.slice(0, 6), '…'] : lines;
  return [
    [{ text: `  - ${cutMiddle(place, width - 5)}:`, style: 'yellow' }],
    ...shown.map((line) => `    ${line}`),
  ];
}

function more(rest: number, what: string): string[] {
  return rest > 0 ? [`    and ${counted(rest, `more ${what}`)} (--json lists all)`] : [];
}

/** Event types that the log may not be able to hold, and why. */
export function blindLines(answer: Answer, width: number): Line[] {
  const shown = answer.blind.slice(0, SHOWN);
  const rest = answer.blind.length - SHOWN;
  return [
    ...shown.flatMap(({ eventId, reason }) => paragraph(`${typeName(eventId)}: ${safeText(reason)}`, width)),
    ...(rest > 0 ? [`  and ${counted(rest, 'more type')} (--json lists all)`] : []),
  ];
}
