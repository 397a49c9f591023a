/** An allow-list as text for a terminal: what it promises first, then its entries, and what was refused. */
import type { Rate, Tuning, TuningRate, TunedEntry } from '../analysis/index.ts';
import { compareRooms, type Room } from '../room/index.ts';
import { watchedText } from './exposure-text.ts';
import { lossSentence } from './losses-text.ts';
import { boundsText, confidenceText, count, counted, figure, rateText } from './numbers.ts';
import { type Line, type PageOptions, pageWidth, paragraph, printPage, section } from './page.ts';
import { cutMiddle, pad, safeText, wrap } from './terminal.ts';

/** What an attacker needs to meet an entry, by its room. */
const NEEDS: Readonly<Record<Room, string>> = {
  text: 'choose a name, an argument or another text',
  place: 'write a file where plain users may',
  start: 'start a genuine program and take it over',
  'same-user': 'control a running process of that user',
  service: "control another user's process, or a service's",
  protected: 'control a protected process',
  kernel: 'run code in the kernel',
};
const REFUSED_SHOWN = 8;
/** Columns of one condition, at most. */
const LONGEST = 1000;
const ROWS = 24;

/**
 * The tuning as text: no line wider than `options.width` columns, no character that a terminal would obey. The same
 * tuning gives the same text.
 */
export function renderTuning(tuning: Tuning, options: PageOptions): string {
  const width = pageWidth(options);
  const lines: Line[] = [
    ...wrap(tuningSentence(tuning), width).map((text): Line => [{ text, style: 'bold' }]),
    ...section('Budget', budgetLines(tuning, width)),
    ...section(
      'Allow-list',
      tuning.allowList.flatMap((entry, index) => entryLines(entry, index + 1, width)),
    ),
    ...section('Left after so many entries', tradeOffLines(tuning, width)),
    ...section('Attacks', attackLines(tuning, width)),
    ...section('Virtual machines', virtualLines(tuning, width)),
    ...section('Watched and read', readLines(tuning, width)),
  ];
  return printPage(lines, options);
}

/** Two to four sentences of safe text, without a line break. */
export function tuningSentence(tuning: Tuning): string {
  const { allowList, before, after, question, left, attacks } = tuning;
  const name = safeText(question.name);
  if (before.events === 0)
    return attacks.amongLogs === 0
      ? `No benign ${name} in these logs: there is nothing to allow.`
      : `All ${counted(attacks.amongLogs, `${name} event`)} here are attacks by what was given: nothing benign is left to allow. Labels that ask for less (where, a shorter time) would leave some.`;
  if (allowList.length === 0 && tuning.promise === 'met')
    return `${counted(before.events, `benign ${name} event`)}, within the budget as they are: no entry is needed.`;
  if (allowList.length === 0)
    return `${counted(before.events, `benign ${name} event`)}, and no entry hides any of them: ${whyLeft(tuning)}`;
  const hidden = before.events - after.inSample.events;
  const parts = [
    `${counted(allowList.length, 'entry', 'entries')} ${allowList.length === 1 ? 'hides' : 'hide'} ${count(hidden)} of ${counted(before.events, `benign ${name} event`)} and leave ${count(after.inSample.occasions)} of ${counted(before.occasions, 'host-hour')} with one.`,
    heldOutSentence(tuning),
    `The weakest of them asks an attacker to ${NEEDS[weakest(allowList)]} (room ${weakest(allowList)}).`,
    left.groups > 0 ? whyLeft(tuning) : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function heldOutSentence({ after: { heldOut }, heldOutBy }: Tuning): string {
  if (!heldOut) return `Not held out: ${lowered(heldOutBy)}`;
  const rate = heldOut.occasionsPerHostHour;
  if (!rate)
    return `Held out, ${counted(heldOut.occasions, 'host-hour')} with one would be left, and there is no rate: nothing was watched.`;
  const often = rate.estimate === 0 ? 'nothing is left' : `${rateText(rate.estimate, 'host-hour')} is left`;
  return `Held out, ${often} (${confidenceText(rate)}: ${boundsText(rate)}).`;
}

function lowered(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function whyLeft({ left }: Tuning): string {
  const parts = [
    left.byAttack > 0 ? `${counted(left.byAttack, 'group')} could be hidden only with an attack` : '',
    left.notLookedAt > 0 ? `${counted(left.notLookedAt, 'group')} with few events were not looked at` : '',
    left.byText > 0 ? `${counted(left.byText, 'group')} only by an entry that anyone may meet` : '',
  ].filter((part) => part !== '');
  return parts.length === 0
    ? `${counted(left.groups, 'group')} with ${counted(left.events, 'event')} stay.`
    : `${counted(left.events, 'event')} stay: ${parts.join(', and ')}.`;
}

function weakest(list: readonly TunedEntry[]): Room {
  return list.map(({ room }) => room).reduce((least, room) => (compareRooms(room, least) < 0 ? room : least));
}

function budgetLines({ budget, promise, promiseReason }: Tuning, width: number): Line[] {
  if (!budget) return [];
  const style = promise === 'met' ? 'green' : 'red';
  const words = { met: 'Within', 'not met': 'Over', 'cannot say': 'Not promised:' }[promise];
  const upper = budget.upper === null ? '' : ` Held out, up to ${figure(budget.upper)} can't be ruled out.`;
  return paragraph(`${words} budget (${budget.text}).${upper} ${promiseReason}`.trimEnd(), width).map(
    (text): Line => [{ text, style }],
  );
}

function entryLines(entry: TunedEntry, number: number, width: number): Line[] {
  const { conditions, suppresses, room, gain, reason, technique, reach } = entry;
  const indent = '      ';
  const seen = `${counted(suppresses.events, 'event')} in ${counted(suppresses.occasions, 'host-hour')} on ${counted(suppresses.hosts, 'host')}`;
  const more = [
    gain === '' ? '' : `Opens: ${safeText(gain)}`,
    reason === '' ? '' : `${safeText(reason)}${technique === '' ? '' : ` (${technique})`}`,
    reach.length === 0 ? '' : `In these logs: ${pathText(reach)}.`,
  ].filter((text) => text !== '');
  return [
    [
      { text: `  ${pad(String(number), 2, 'right')}  ` },
      { text: `room ${room}`, style: 'cyan' },
      { text: `, hides ${seen}` },
    ],
    // Whole, but for values that nobody would read: what is cut out of the middle would be allowed unread.
    ...conditions.flatMap(({ field, condition, value }) =>
      wrap(cutMiddle(`${safeText(field)} ${condition} ${safeText(value)}`, LONGEST), width - 8).map(
        (text, at) => `${at === 0 ? indent : `${indent}  `}${text}`,
      ),
    ),
    ...more
      .flatMap((text) => paragraph(text, width, indent.length))
      .map((text): Line => [{ text, style: 'dim' }]),
  ];
}

/** `explorer.exe -> notepad.exe -> csrss.exe`. */
function pathText(reach: TunedEntry['reach']): string {
  const names = [...reach.map(([source]) => source), reach.at(-1)![1]];
  return names.map((image) => safeText(image.slice(image.lastIndexOf('\\') + 1))).join(' reaches ');
}

function tradeOffLines({ tradeOff }: Tuning, width: number): Line[] {
  if (tradeOff.length < 2) return [];
  const shown = tradeOff.slice(0, ROWS);
  const row = (cells: readonly [string, string, string, string]): string =>
    `  ${pad(cells[0], 7, 'right')}  ${pad(cells[1], 9)}  ${pad(cells[2], 10)}  ${cells[3]}`;
  return [
    [{ text: row(['entries', 'room', 'hours here', 'held out']), style: 'dim' }],
    ...shown.map(({ entries, room, inSample, heldOut }) =>
      row([count(entries), room || '-', count(inSample.occasions), outText(heldOut)]),
    ),
    ...(tradeOff.length > ROWS ? [`  and ${count(tradeOff.length - ROWS)} more (--json lists all)`] : []),
    ...paragraph(
      'Host-hours with an event that is left, here and on hosts or days that the list was not made from.',
      width,
    ).map((text): Line => [{ text, style: 'dim' }]),
  ];
}

function outText(heldOut: TuningRate | null): string {
  const rate: Rate | null = heldOut?.occasionsPerHostHour ?? null;
  if (!rate) return heldOut ? `${counted(heldOut.occasions, 'host-hour')} with one` : '-';
  return `${rate.estimate === 0 ? 'none' : rateText(rate.estimate, 'host-hour')} (${boundsText(rate)})`;
}

function attackLines({ attacks, refused, diagnostics }: Tuning, width: number): Line[] {
  const lines: Line[] = paragraph(safeText(attacks.coverage), width);
  const idle = diagnostics.filter(({ code }) => code === 'label-idle');
  for (const { message } of idle.slice(0, REFUSED_SHOWN))
    lines.push(
      ...paragraph(safeText(`Warning: ${message}.`), width).map((text): Line => [{ text, style: 'red' }]),
    );
  if (refused.length === 0) return lines;
  lines.push(
    ...paragraph(`Refused, because ${refused.length === 1 ? 'it hides' : 'they hide'} an attack:`, width),
  );
  for (const { conditions, hides } of refused.slice(0, REFUSED_SHOWN)) {
    const text = conditions
      .map(({ field, condition, value }) => `${safeText(field)} ${condition} ${safeText(value)}`)
      .join(', ');
    lines.push(`  - ${cutMiddle(text, width - 20)} (${counted(hides.events, 'event')})`);
  }
  if (refused.length > REFUSED_SHOWN)
    lines.push(`    and ${count(refused.length - REFUSED_SHOWN)} more (--json lists all)`);
  return lines;
}

function virtualLines({ virtual: { hosts, onVirtual, onOthers, tools } }: Tuning, width: number): Line[] {
  if (hosts.length === 0)
    return paragraph(
      'No guest tools of a virtual machine were seen; that does not show that these are none.',
      width,
    );
  const often = (rate: TuningRate | null): string =>
    rate?.occasionsPerHostHour ? rateText(rate.occasionsPerHostHour.estimate, 'host-hour') : 'no rate';
  const lines: Line[] = paragraph(
    `${counted(hosts.length, 'host is a virtual machine', 'hosts are virtual machines')} by the guest tools that ran there (${[...new Set(hosts.map(({ hypervisor }) => hypervisor))].join(', ')}): ${often(onVirtual)} before the list${onOthers ? `, and ${often(onOthers)} on the others` : ''}.`,
    width,
  );
  for (const { image, note, inQuestion } of tools) {
    const text = `${safeText(image.slice(image.lastIndexOf('\\') + 1))}${inQuestion ? ' (a source of these events)' : ''}: ${safeText(note)}`;
    lines.push(...paragraph(text, width));
  }
  return lines;
}

function readLines({ exposure, read, heldOutBy, optimality, diagnostics }: Tuning, width: number): Line[] {
  const gap = optimality.entries - optimality.lowerBound;
  const shortest =
    optimality.entries === 0
      ? ''
      : gap === 0
        ? 'No list that leaves as little has fewer entries (proved).'
        : `A list that leaves as little may have ${count(optimality.lowerBound)} entries: it is not proved that this one is the shortest.`;
  const told = diagnostics.filter(
    ({ severity, code }) => severity === 'error' || code === 'allow-fields' || code === 'fields-missing',
  );
  return [
    ...paragraph(
      `${watchedText(exposure)}; ${counted(read.files, 'file')}, ${counted(read.records, 'record')}. ${lossSentence({ read, diagnostics })}`,
      width,
    ),
    ...paragraph(`Held out: ${heldOutBy}`, width),
    ...(shortest === '' ? [] : paragraph(shortest, width)),
    ...told
      .slice(0, REFUSED_SHOWN)
      .flatMap(({ severity, message }) =>
        paragraph(safeText(message), width).map((text): Line =>
          severity === 'error' ? [{ text, style: 'red' }] : text,
        ),
      ),
  ];
}
