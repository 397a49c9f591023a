/** Where an attacker hides in a configuration, as text for a terminal: the sum first, then the worst. */
import type { Blindspots, BlindSpot, DeadDetection } from '../analysis/index.ts';
import { watchedText } from './exposure-text.ts';
import { lossSentence } from './losses-text.ts';
import { count, counted } from './numbers.ts';
import { type Line, type PageOptions, pageWidth, paragraph, printPage, section } from './page.ts';
import { cutMiddle, displayWidth, pad, safeText, wrap } from './terminal.ts';

/** Weakest first, with who meets an entry of that room. */
const WHO: readonly (readonly [room: string, who: string])[] = [
  ['text', 'anyone who chooses a name, an argument or a target'],
  ['place', 'anyone who writes a file where plain users may'],
  ['start', 'anyone who starts a genuine program and takes it over'],
  ['same-user', 'code that runs as that user'],
  ['service', 'code in a process of a service'],
  ['protected', 'code in a protected process'],
  ['kernel', 'code in the kernel'],
];
const BREADTHS = ['all', 'much', 'some', 'little'];
const ENTRIES_SHOWN = 12;
const RULES_SHOWN = 12;

/**
 * The blind spots as text: no line wider than `options.width` columns, no character that a terminal would obey. The same
 * blind spots give the same text.
 */
export function renderBlindspots(found: Blindspots, options: PageOptions): string {
  const width = pageWidth(options);
  const worst = worstFirst(found.entries);
  const lines: Line[] = [
    ...wrap(blindspotsSentence(found), width).map((text): Line => [{ text, style: 'bold' }]),
    ...section('Who can meet the entries', roomLines(found)),
    ...section('The widest open', entryLines(worst, found.entries.length, width)),
    ...section('Could go: easy to meet, and they save little', needlessLines(found, width)),
    ...section('Attacks', attackLines(found, width)),
    ...section('Detections that are dead, or partly', deadLines(found, width)),
    ...section('Read', readLines(found, width)),
  ];
  return printPage(lines, options);
}

/** One to three sentences of safe text, without a line break. */
function blindspotsSentence({ entries, config, detections, deadDetections }: Blindspots): string {
  const name = safeText(config);
  if (entries.length === 0) return `${name} excludes nothing.${deathSentence(detections, deadDetections)}`;
  const text = entries.filter(({ room }) => room === 'text').length;
  const open = entries.filter(({ room, breadth }) => room === 'text' && breadth === 'all').length;
  return (
    `${counted(entries.length, 'exclude entry', 'exclude entries')} in ${name}: ${count(text)} can be met by anyone who chooses a name, an argument or a target, and ${count(open)} of these hide whatever is done.` +
    deathSentence(detections, deadDetections)
  );
}

function deathSentence(detections: Blindspots['detections'], dead: readonly DeadDetection[]): string {
  if (!detections) return '';
  const whole = dead.filter(({ state }) => state === 'dead').length;
  return ` Of ${counted(detections.asked, 'detection')} ${count(whole)} can never fire, and ${count(dead.length - whole)} only in part.`;
}

function worstFirst(entries: readonly BlindSpot[]): BlindSpot[] {
  const rank = ({ room, breadth }: BlindSpot): number =>
    WHO.findIndex(([name]) => name === room) * BREADTHS.length + BREADTHS.indexOf(breadth);
  return entries
    .filter(({ witness }) => witness !== null)
    .toSorted((a, b) => rank(a) - rank(b) || a.line - b.line);
}

function roomLines({ entries }: Blindspots): Line[] {
  return WHO.flatMap(([room, who]) => {
    const number = entries.filter((entry) => entry.room === room).length;
    return number === 0 ? [] : [`  ${pad(count(number), 5, 'right')}  ${pad(room, 9)}  ${who}`];
  });
}

function entryLines(worst: readonly BlindSpot[], all: number, width: number): Line[] {
  const lines = worst.slice(0, ENTRIES_SHOWN).flatMap((entry) => oneEntry(entry, width));
  lines.push(...moreLines(worst.length - ENTRIES_SHOWN));
  const needless = all - worst.length;
  if (needless > 0)
    lines.push(
      ...paragraph(
        `${counted(needless, 'entry hides', 'entries hide')} nothing that would be logged without it.`,
        width,
      ),
    );
  return lines;
}

function moreLines(more: number): Line[] {
  return more > 0 ? [`  and ${count(more)} more (--json lists all)`] : [];
}

/** Fields of an event, each cut by itself, as many on a line as fit; the first line behind `label`. */
function eventLines(label: string, fields: readonly (readonly [string, string])[], width: number): Line[] {
  const room = width - label.length;
  const lines: string[] = [];
  for (const [name, value] of fields) {
    const part = `${safeText(name)}: ${cutMiddle(safeText(value), room - displayWidth(safeText(name)) - 3)}`;
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last) + displayWidth(part) + 3 <= room)
      lines[lines.length - 1] = `${last}, ${part}`;
    else lines.push(part);
  }
  return lines.map((text, index): Line => [
    {
      text: `${index === 0 ? label : ' '.repeat(label.length)}${text}${index < lines.length - 1 ? ',' : ''}`,
      style: 'dim',
    },
  ]);
}

function oneEntry(
  { line, room, text, gain, reason, technique, witness, suppresses, hidesAttacks }: BlindSpot,
  width: number,
): Line[] {
  const indent = '        ';
  const saved = suppresses
    ? `, hid ${counted(suppresses.events, 'event')} in ${counted(suppresses.occasions, 'host-hour')}`
    : '';
  const attacks = hidesAttacks ? `, ${counted(hidesAttacks, 'attack event')} among them` : '';
  const shown = Object.entries(witness ?? {}).filter(([field]) => field !== 'EventID');
  return [
    [
      { text: `  ${pad(`line ${line}`, 9)} ` },
      { text: `room ${room}`, style: 'cyan' },
      { text: saved + attacks },
    ],
    `${indent}${cutMiddle(safeText(text), width - indent.length)}`,
    ...paragraph(
      `Opens: ${safeText(gain)} ${safeText(reason)}${technique === '' ? '' : ` (${technique})`}`,
      width,
      indent.length,
    ).map((part): Line => [{ text: part, style: 'dim' }]),
    ...eventLines(`${indent}Hidden: `, shown, width),
  ];
}

/** Entries that are easy to meet and hid next to nothing. */
function needlessLines({ entries, read }: Blindspots, width: number): Line[] {
  if (!read) return [];
  const weak = entries.filter(
    ({ room, witness }) => witness !== null && (room === 'text' || room === 'place'),
  );
  const idle = weak.filter(({ suppresses }) => suppresses!.events === 0);
  if (weak.length === 0) return [];
  return [
    ...paragraph(
      `${count(idle.length)} of ${counted(weak.length, 'entry', 'entries')} of room text or place hid nothing in these logs.`,
      width,
    ),
    ...idle
      .slice(0, ENTRIES_SHOWN)
      .map(({ line, text }) => `  ${pad(`line ${line}`, 9)}  ${cutMiddle(safeText(text), width - 13)}`),
    ...moreLines(idle.length - ENTRIES_SHOWN),
  ];
}

function attackLines({ attacks, entries }: Blindspots, width: number): Line[] {
  if (!attacks) return [];
  const hiding = entries.filter(({ hidesAttacks }) => (hidesAttacks ?? 0) > 0);
  return [
    ...paragraph(safeText(attacks.coverage), width),
    ...hiding
      .toSorted((a, b) => b.hidesAttacks! - a.hidesAttacks!)
      .slice(0, ENTRIES_SHOWN)
      .map(
        ({ line, text, hidesAttacks }) =>
          `  ${pad(count(hidesAttacks!), 6, 'right')}  ${pad(`line ${line}`, 9)}  ${cutMiddle(safeText(text), width - 21)}`,
      ),
    ...moreLines(hiding.length - ENTRIES_SHOWN),
  ];
}

const CAUSES: readonly (readonly [DeadDetection['cause'], string])[] = [
  ['excluded', 'an exclude entry takes what they look for'],
  ['not-included', 'no include filter names what they look for'],
  ['not-logged', 'events of their type are not logged'],
];

function deadLines({ deadDetections, detections }: Blindspots, width: number): Line[] {
  if (!detections) return [];
  const lines: Line[] = [];
  for (const state of ['dead', 'partly'] as const) {
    for (const [cause, why] of CAUSES) {
      const own = deadDetections.filter((one) => one.state === state && one.cause === cause);
      if (own.length === 0) continue;
      lines.push([
        {
          text: `  ${state === 'dead' ? 'Dead' : 'Partly'}: ${count(own.length)}, because ${why}`,
          style: 'yellow',
        },
      ]);
      // What is only not included is the choice of the configuration as a whole: the sum says it.
      const shown = cause === 'excluded' ? RULES_SHOWN : RULES_SHOWN / 4;
      lines.push(...own.slice(0, shown).flatMap((one) => oneRule(one, width)));
      if (own.length > shown) lines.push(`    and ${count(own.length - shown)} more (--json lists all)`);
    }
  }
  const rest = [
    `${counted(detections.alive, 'detection')} lose nothing that they look for`,
    ...(detections.elsewhere > 0
      ? [`${count(detections.elsewhere)} are about events that Sysmon does not write`]
      : []),
    ...(detections.undecided.length > 0
      ? [
          `of ${count(detections.undecided.length)} only a regular expression or a comparison of fields could tell`,
        ]
      : []),
  ];
  return [...lines, ...paragraph(`${rest.join('; ')}.`, width)];
}

function oneRule(
  { title, level, line, witness, stillSeen, cause, note }: DeadDetection,
  width: number,
): Line[] {
  const place = line > 0 ? `line ${line}` : '';
  const lines: Line[] = [
    `    ${pad(place, 9)}  ${cutMiddle(safeText(level === '' ? title : `${level}: ${title}`), width - 15)}`,
  ];
  if (cause !== 'excluded') return lines;
  const event = (of: Readonly<Record<string, string>>, only: readonly string[]): string =>
    Object.entries(of)
      .filter(([field]) => only.includes(field))
      .map(([field, value]) => `${field} ${value}`)
      .join(', ');
  const telling = Object.keys(stillSeen ?? {}).filter((field) => stillSeen![field] !== witness[field]);
  const hidden = telling.length > 0 ? telling : Object.keys(witness).filter((field) => field !== 'EventID');
  lines.push([
    {
      text: `               not logged: ${cutMiddle(safeText(event(witness, hidden)), width - 27)}`,
      style: 'dim',
    },
  ]);
  if (note !== '') lines.push(...paragraph(note, width, 15));
  if (stillSeen && telling.length > 0)
    lines.push([
      {
        text: `               still seen: ${cutMiddle(safeText(event(stillSeen, telling)), width - 27)}`,
        style: 'dim',
      },
    ]);
  return lines;
}

function readLines({ read, exposure, diagnostics }: Blindspots, width: number): Line[] {
  if (!read || !exposure) {
    return paragraph(
      'No logs were given: what each entry hides of your events is not known. Logs of a wider configuration would tell.',
      width,
    );
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error').slice(0, RULES_SHOWN);
  return [
    ...paragraph(
      `${counted(read.files, 'file')}, ${counted(read.records, 'record')}, ${watchedText(exposure)}. ${lossSentence({ read, diagnostics })} What the logs' own configuration hid is in none of these counts.`,
      width,
    ),
    ...errors
      .flatMap(({ message }) => paragraph(safeText(message), width))
      .map((text): Line => [{ text, style: 'red' }]),
  ];
}
