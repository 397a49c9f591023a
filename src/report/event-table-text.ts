/** Events as a table for a terminal: when, where, what, and the fields that say most. */
import { eventType, type Event, formatTime, isSysmon } from '../events/index.ts';
import { cut, cutMiddle, displayWidth, pad, safeText } from './terminal.ts';

const TIME = 23;
const HOST = 16;
const TYPE = 26;
/** Fields shown of an event that the event table does not know. */
const FIELDS = 3;
/** Columns from which an event and its fields share a line. */
const WIDE = 130;

/** The line above the events, with its line break. */
export function eventTableHeader(width: number): string {
  const names = `${pad('time (UTC)', TIME)}  ${pad('host', HOST)}  ${pad('event', TYPE)}`;
  return `${cut(width >= WIDE ? `${names}  fields` : names, width).trimEnd()}\n`;
}

/** One event: a line on a wide terminal, or else two. No line is wider than `width`, nor holds what is not safe. */
export function eventTableRow(event: Event, width: number): string {
  const time = formatTime(event.time).replace('T', ' ').replace('Z', '') || '-';
  const type = isSysmon(event.provider) ? eventType(event.eventId) : undefined;
  const source = type?.name ?? safeText(event.provider.replace(/^Microsoft-Windows-/i, ''));
  const what = cut(`${event.eventId} ${source}`, TYPE);
  // A host's first label tells it from the others; its domain is the same on every line.
  const host = cut(safeText(event.host) || '-', HOST);
  const front = `${pad(time, TIME)}  ${pad(host, HOST)}  ${pad(what, TYPE)}`;
  const shown = shownFields(event, type?.groupBy ?? []);
  if (width >= WIDE)
    return `${cut(`${front}  ${fieldText(shown, width - displayWidth(front) - 2)}`.trimEnd(), width)}\n`;
  const below = shown.length > 0 ? `  ${fieldText(shown, width - 2)}\n` : '';
  return `${cut(front.trimEnd(), width)}\n${below}`;
}

/** The fields to group by, or else the first ones that hold something. */
function shownFields(event: Event, groupBy: readonly string[]): [name: string, value: string][] {
  const named = groupBy.flatMap((name): [string, string][] => {
    const value = event.fields.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  if (named.length > 0) return named;
  const first: [string, string][] = [];
  for (const [name, value] of event.fields) {
    if (value !== '' && value !== '-') first.push([name, value]);
    if (first.length === FIELDS) break;
  }
  return first;
}

/** `Name=value  Name=value` in at most `width` columns: where it is tight, the longest values give way, to one length. */
function fieldText(fields: readonly [string, string][], width: number): string {
  // Long values come from logs; more of one than can be shown need not be looked at.
  const parts = fields.map(
    ([name, value]) => [cut(safeText(name), 24), safeText(value.slice(0, 1000))] as const,
  );
  let room = width - parts.reduce((sum, [name]) => sum + displayWidth(name) + 3, -2);
  let limit = 0;
  const widths = parts.map(([, value]) => displayWidth(value)).sort((a, b) => a - b);
  for (const [index, wide] of widths.entries()) {
    limit = Math.max(4, Math.floor(room / (widths.length - index)));
    if (wide > limit) break;
    limit = wide;
    room -= wide;
  }
  // A stump of every value says less than the first ones whole.
  if (limit < 12 && limit < widths.at(-1)! && fields.length > 1) return fieldText(fields.slice(0, -1), width);
  return cut(parts.map(([name, value]) => `${name}=${cutMiddle(value, limit)}`).join('  '), width);
}
