/** Events as they come, a line each: when, what, who to whom, and the rule. */
import { eventType, type Event, formatTime, isSysmon } from '../events/index.ts';
import { type Line, type PageOptions, pageWidth, printPage } from './page.ts';
import { cut, cutMiddle, displayWidth, pad, safeText } from './terminal.ts';

/** An event that is to be shown. */
export interface WatchedEvent {
  readonly event: Event;
  readonly source: string;
  /** Name of the rule by which it was logged or found; empty where there is none. */
  readonly rule: string;
  /** Whether it is the first of its group. */
  readonly first: boolean;
  /** Nobody asked for it: Sysmon, or the sensor, speaks of itself. */
  readonly ofItself: boolean;
}

const NAME = 19;
const RULE = 24;

/** Per event type: the field that names who acts, and those that name what is acted upon. */
const ACTS: Readonly<Record<number, readonly [who: string, ...whom: string[]]>> = {
  1: ['ParentImage', 'Image', 'CommandLine'],
  2: ['Image', 'TargetFilename'],
  3: ['Image', 'DestinationIp', 'DestinationPort'],
  4: ['State'],
  5: ['Image'],
  6: ['ImageLoaded'],
  7: ['Image', 'ImageLoaded'],
  8: ['SourceImage', 'TargetImage'],
  9: ['Image', 'Device'],
  10: ['SourceImage', 'TargetImage'],
  12: ['Image', 'TargetObject'],
  13: ['Image', 'TargetObject'],
  14: ['Image', 'TargetObject'],
  16: ['Configuration'],
  17: ['Image', 'PipeName'],
  18: ['Image', 'PipeName'],
  19: ['User', 'Name'],
  20: ['User', 'Name'],
  21: ['User', 'Consumer'],
  22: ['Image', 'QueryName'],
  24: ['Image'],
  25: ['Image', 'Type'],
  255: ['ID', 'Description'],
};
const FILE_ACTS = ['Image', 'TargetFilename'] as const;
/** Fields shown of an event that the event table does not know. */
const FIELDS = 3;
/** More of a value need not be looked at. */
const LONGEST = 1000;

/** `2026-01-05`: the day of an event, for a line above the first of each; empty where it is not known. */
export function liveDay({ time }: Event): string {
  return formatTime(time).split('T')[0]!;
}

/** The line above the events of a day. */
export function renderLiveDay(day: string, page: PageOptions): string {
  return printPage([[{ text: `${day} (UTC)`, style: 'bold' }]], page);
}

/** One event: a line with its line break, no wider than the page. `+` stands before the first of a group. */
export function renderLive({ event, rule, first }: WatchedEvent, host: string, page: PageOptions): string {
  const type = isSysmon(event.provider) ? eventType(event.eventId) : undefined;
  const name =
    type?.name ?? `${event.eventId} ${safeText(event.provider.replace(/^Microsoft-Windows-/i, ''))}`;
  const time = formatTime(event.time).slice(11, 19) || '--:--:--';
  const width = pageWidth(page);
  // What has the event's own name says nothing more.
  const ruleText = rule === '' || rule === name ? '' : `  [${cut(safeText(rule.slice(0, LONGEST)), RULE)}]`;
  const front = `${time} ${first ? '+' : ' '}`;
  const room = width - front.length - NAME - 2 - displayWidth(ruleText);
  const where = host === '' ? '' : `${cut(safeText(host), 16)}: `;
  const what = where + actText(event, type !== undefined, room - displayWidth(where));
  const line: Line = [
    { text: front, ...(first ? { style: 'green' as const } : { style: 'dim' as const }) },
    { text: ` ${pad(cut(name, NAME), NAME)} `, style: event.eventId === 255 && type ? 'red' : 'cyan' },
    { text: pad(what, ruleText === '' ? 0 : room) },
    { text: ruleText, style: 'dim' },
  ];
  return printPage([line], page);
}

function actText(event: Event, isKnown: boolean, width: number): string {
  if (!isKnown) return otherText(event, width);
  const [who, ...whom] = ACTS[event.eventId] ?? FILE_ACTS;
  const value = (field: string): string => safeText((event.fields.get(field) ?? '-').slice(0, LONGEST));
  const actor = nameIn(value(who));
  const [object, more] = whom.map(value);
  if (object === undefined) return cutMiddle(actor, width);
  if (event.eventId === 255) return cut(`${value(who)}: ${object}`, width);
  if (event.eventId === 1)
    return cut(`${arrow(actor, nameIn(object), Math.ceil(width / 2))}  ${more}`, width);
  if (event.eventId === 3) return arrow(actor, `${object}:${more}`, width);
  const isProgram = event.eventId === 8 || event.eventId === 10;
  return arrow(actor, isProgram ? nameIn(object) : object, width);
}

/** `gdb -> sleep`; where it is tight the middles of both give way. */
function arrow(actor: string, object: string, width: number): string {
  const room = Math.max(8, width - 4);
  const left = Math.min(displayWidth(actor), Math.max(Math.floor(room / 2), room - displayWidth(object)));
  const shown = cutMiddle(actor, left);
  return `${shown} -> ${cutMiddle(object, room - displayWidth(shown))}`;
}

/** The last part of a path: what a program is called. */
export function nameIn(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1) || path;
}

function otherText(event: Event, width: number): string {
  const shown: string[] = [];
  for (const [name, value] of event.fields) {
    if (value !== '' && value !== '-')
      shown.push(`${safeText(name.slice(0, LONGEST))}=${safeText(value.slice(0, LONGEST))}`);
    if (shown.length === FIELDS) break;
  }
  return cut(shown.join('  '), width);
}
