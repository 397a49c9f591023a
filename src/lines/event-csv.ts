/** Events as CSV (RFC 4180) for spreadsheets and timeline tools. */
import { eventType, type Event, foldAscii, formatTime } from '../events/index.ts';
import { terminalSafe } from './event-json.ts';

/** The columns of one CSV file; they are settled before its first row, for rows are written as they are read. */
export interface CsvColumns {
  /** Fields with a column of their own; what else an event holds goes to `other`. Null: all go to `fields`. */
  readonly fields: readonly string[] | null;
}

/** What a line tells beside the fields, by the names of the `dump` line and in its order. */
export const PARTS = [
  'source',
  'record',
  'time',
  'host',
  'provider',
  'channel',
  'eventId',
  'version',
] as const;

/**
 * The columns for events with these ids: one for each field that the newest schema gives to any of them, then `other`
 * (JSON). Without ids, or where no id is one of Sysmon's, a single `fields` (JSON).
 */
export function csvColumns(eventIds: readonly number[]): CsvColumns {
  const fields = new Set<string>();
  for (const id of eventIds)
    for (const [name] of eventType(id)?.layouts.at(-1)?.fields ?? []) fields.add(name);
  return { fields: fields.size > 0 ? [...fields] : null };
}

/** The first line, with its line break (CR LF). A field named as a column before it, such as Version, is `fields.Version`. */
export function csvHeader({ fields }: CsvColumns): string {
  // PowerShell's Import-Csv takes no two columns whose names differ in case alone.
  const taken = new Set<string>([...PARTS, 'other']);
  const names = fields?.map((name) => (taken.has(foldAscii(name)) ? `fields.${name}` : name));
  return csvLine([...PARTS, ...(names ? [...names, 'other'] : ['fields'])]);
}

/** One event, with its line break. An empty cell: the event has no such field. */
export function csvRow({ fields }: CsvColumns, source: string, event: Event): string {
  const { record, time, host, provider, channel, eventId, version } = event;
  const cells = [source, record === null ? '' : String(record), formatTime(time), host, provider, channel];
  cells.push(String(eventId), version === null ? '' : String(version));
  for (const name of fields ?? []) cells.push(event.fields.get(name) ?? '');
  let rest = '';
  for (const [name, value] of event.fields) {
    if (fields?.includes(name)) continue;
    rest += `${rest === '' ? '{' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  // As JSON writes them, so that it stays JSON.
  cells.push(rest === '' ? '' : terminalSafe(`${rest}}`));
  return csvLine(cells);
}

/** One line of CSV with its line break; nothing in it runs in a spreadsheet. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A spreadsheet would run a cell that begins like this. A lone `-` is how Sysmon writes a missing value, and stays. */
const FORMULA: RegExp = /^[=+\-@\t\r]/;

/** What a terminal would obey, but for the white space that a cell may hold. */
const OBEYED: RegExp = /(?![\t\r\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const PLAIN: RegExp = /^[ -~]*$/;

/** A text as a cell. */
export function csvCell(raw: string): string {
  const text = shown(raw);
  const guarded = FORMULA.test(text) && text !== '-' ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${doubled(guarded)}"` : guarded;
}

/** Whether a cell shows the characters of a text as they are. */
export function isShownInCsv(text: string): boolean {
  return shown(text) === text;
}

/** A part of the JSON in a cell, whose quotes stand around all parts. */
export function csvPart(json: string): string {
  return doubled(shown(json));
}

function shown(text: string): string {
  return PLAIN.test(text)
    ? text
    : text.replace(OBEYED, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`);
}

function doubled(text: string): string {
  return text.replaceAll('"', '""');
}
