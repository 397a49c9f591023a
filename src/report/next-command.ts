/** The next command to try. What comes from a log is pasted into a shell here: it may be nothing but harmless text. */
import type { Answer } from '../analysis/index.ts';
import { foldAscii } from '../events/index.ts';
import { share } from './numbers.ts';
import { paragraph, type Line } from './page.ts';
import { displayWidth } from './terminal.ts';

export interface Asked {
  /** QUESTION as typed. */
  readonly questionText: string;
  /** LOG... as typed. */
  readonly logs: readonly string[];
  /** Options that narrow what is asked, or say how long was watched, each with its value, as typed. */
  readonly options?: readonly (readonly [option: string, value: string])[];
}

/** Those that `dump` has, too. */
const OF_DUMP: readonly string[] = ['--where', '--not', '--from', '--to'];

/** Event types that a command names at most. */
const MOST_TYPES = 4;

/** Needs no quotes in any of the shells. */
const BARE: RegExp = /^[A-Za-z0-9_./][A-Za-z0-9_./:+@-]*$/;

/**
 * Means itself within double quotes in POSIX shells, fish, PowerShell and cmd.exe alike: letters, digits, marks that
 * none of them gives a meaning there, and backslashes that stand alone before such a character. Two percent signs
 * would be a variable to cmd.exe; one is just that, as in the names of Windows' own logs.
 */
const QUOTABLE: RegExp =
  /^(?!-)(?!.*%.*%)(?:[\p{L}\p{N} _./:+@,;=|()[\]{}#~'&%-]|\\(?=[\p{L}\p{N} _./(-]))+$/u;

/** The same for text out of a log: no letters that look like others, and nothing that a shell could ever heed. */
const HARMLESS: RegExp = /^(?:[A-Za-z0-9 _.:+@,()=~-]|\\(?=[A-Za-z0-9_.(]))+$/;

/** A word of a command line that means itself in every usual shell; null where there is no such spelling. */
export function quoted(word: string): string | null {
  if (BARE.test(word)) return word;
  return QUOTABLE.test(word) ? `"${word}"` : null;
}

/** A sentence or two on what to do next, and a command where there is one: not indented, for it is copied. */
export function nextLines(answer: Answer, asked: Asked, width: number): Line[] {
  const { rate, matches, excluded } = answer;
  if (rate.occasionsPerHostHour === null) return noExposure(answer, asked, width);
  if (matches.events === 0) return noMatch(answer, asked, width);
  const top = topSource(answer);
  if (!top) return dump(answer, asked, width);
  const part = `${top.field} ${top.shown} has ${share(top.events, matches.events)} of the events.`;
  const filter = `--not "${top.test}"`;
  const whole = excluded ? null : commandLine(`noisefloor ask ${question(asked)}`, asked, filter, width);
  const [text, line] = whole
    ? ['See what is left without it (a look, not yet an allow-list):', whole]
    : [`To see what is left without it${excluded ? ' as well' : ''}, add:`, filter];
  return [...paragraph(`${part} ${text}`, width), [{ text: line, style: 'green' }]];
}

function noExposure(answer: Answer, asked: Asked, width: number): Line[] {
  const sysmon =
    'Add the log that would hold these events (for Sysmon: Microsoft-Windows-Sysmon%4Operational.evtx)';
  if (answer.read.records === 0)
    return paragraph(`${sysmon}; nothing in what was given could be read.`, width);
  return [
    ...paragraph(
      `${sysmon}, and System.evtx, which tells of starts and stops. Or say how long was watched:`,
      width,
    ),
    ...command(`noisefloor ask ${question(asked)}`, asked, '--exposure 120h', width),
  ];
}

function noMatch(answer: Answer, asked: Asked, width: number): Line[] {
  if (answer.blind.length > 0) {
    return [
      ...paragraph('See which configurations Sysmon had (event 16), and when:', width),
      ...command('noisefloor dump', asked, '--event 16', width),
    ];
  }
  const text = 'Watch longer, or on more hosts: twice the host-hours without an event halve the bound.';
  return paragraph(`${text} About 3,000 show at most one in 1,000.`, width);
}

function dump(answer: Answer, asked: Asked, width: number): Line[] {
  const { kind, eventIds } = answer.question;
  const isSigma = kind === 'sigma-rule' || kind === 'sigma-rules';
  const found = new Map<number, number>();
  for (const { eventId, events } of answer.groups) found.set(eventId, (found.get(eventId) ?? 0) + events);
  const ids = [...found].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  const events = (isSigma ? ids : eventIds).slice(0, MOST_TYPES).map((id) => `--event ${id}`);
  // No rule stands in a dump.
  const text = isSigma
    ? 'Read the events of these types, the matches among them:'
    : 'Read the events themselves:';
  const own = { ...asked, options: asked.options?.filter(([option]) => OF_DUMP.includes(option)) ?? [] };
  return [...paragraph(text, width), ...command('noisefloor dump', own, events.join(' '), width)];
}

/**
 * The value of the first field that most events share, as a test of `--not` that a shell takes as text; null where
 * none has a fifth of the events, or where its text is not harmless.
 */
function topSource(answer: Answer): { field: string; test: string; shown: string; events: number } | null {
  const sums = new Map<string, { field: string; value: string; events: number }>();
  for (const { key, events } of answer.groups) {
    const [field, value] = Object.entries(key)[0] ?? [];
    if (field === undefined || value === undefined) continue;
    const id = `${field}\0${foldAscii(value)}`;
    const sum = sums.get(id);
    if (sum) sum.events += events;
    else sums.set(id, { field, value, events });
  }
  let top: { field: string; value: string; events: number } | null = null;
  for (const sum of sums.values()) if (!top || sum.events > top.events) top = sum;
  // Hiding all that there is leaves nothing to look at; hiding a little changes nothing.
  if (!top || top.events * 5 < answer.matches.events || top.events === answer.matches.events) return null;
  const { field, value, events } = top;
  if (
    value === '-' ||
    value === '(others)' ||
    !/^[A-Za-z][A-Za-z0-9_]*$/.test(field) ||
    !HARMLESS.test(value)
  )
    return null;
  const name = value.slice(value.lastIndexOf('\\') + 1);
  const path = name !== value && name !== '';
  const test = path ? `${field}|endswith=\\${name}` : `${field}=${value}`;
  return displayWidth(test) > 44 ? null : { field, test, shown: path ? name : value, events };
}

function question({ questionText }: Asked): string {
  const word = quoted(questionText);
  return word !== null && displayWidth(word) <= 60 ? word : 'QUESTION';
}

/** `start LOGS OPTIONS end`; null where it does not fit one line, or some word has no spelling that is proof against every shell. */
function commandLine(
  start: string,
  { logs, options = [] }: Asked,
  end: string,
  width: number,
): string | null {
  const words = [...logs.map(quoted), ...options.flatMap(([option, value]) => [option, quoted(value)])];
  const line = `${start} ${words.join(' ')} ${end}`;
  return logs.length > 0 && !words.includes(null) && displayWidth(line) <= width ? line : null;
}

function command(start: string, asked: Asked, end: string, width: number): Line[] {
  const { options = [] } = asked;
  const line =
    commandLine(start, asked, end, width) ??
    commandLine(start, { ...asked, logs: ['LOG...'] }, end, width) ??
    `${start} LOG... ${[...new Set(options.map(([option]) => `${option} ...`))].join(' ')}${options.length > 0 ? ' ' : ''}${end}`;
  return [[{ text: line, style: 'green' }]];
}
