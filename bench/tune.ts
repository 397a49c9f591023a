/**
 * `npm run bench:tune`: what allow-lists for event 8 leave, lose and ask of an attacker, on the same events: those that
 * public configurations ship with, one by frequency, and that of `tune`. Needs ../shared/data for the attacks, for the
 * configurations and for one of the two sets of benign events; the other is the modelled week of the examples.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decideFor, parseConfig } from '../src/config/index.ts';
import { type Event, foldAscii, isSysmon } from '../src/events/index.ts';
import { type Ask, gradeEntry, ROOMS } from '../src/room/index.ts';
import { dumpLine } from '../src/lines/index.ts';
import { dump, tune } from '../src/run/index.ts';
import { tableText } from './table.ts';

const DATA = join(process.env['NOISEFLOOR_SHARED'] ?? '../shared', 'data');
const WEEK = 'examples/modelled-week';
/** Configurations made to be used whole: the rest of the data are modules. */
const CONFIGS: Readonly<Record<string, string>> = {
  SwiftOnSecurity: 'SwiftOnSecurity+sysmon-config/sysmonconfig-export.xml',
  'sysmon-modular': 'olafhartong+sysmon-modular/sysmonconfig.xml',
  'Nextron evtx-baseline': 'NextronSystems+evtx-baseline/sysmon-intense.xml',
};
/** What Windows does by itself in these logs of attacks; all else in them is what was being shown. */
const WINDOWS_SOURCES = /\\(?:csrss|dwm)\.exe$/i;
const HOUR_MS = 3_600_000;

/** A list in force: its entries, each a list of conditions that must all hold, and what it hides. */
interface AllowList {
  readonly entries: readonly (readonly Ask[])[];
  readonly hides: (event: Event) => boolean;
}

/** Makes a list from benign events that it may learn from, and all attacks. */
type Maker = (benign: readonly Event[]) => Promise<AllowList>;

interface Benign {
  readonly name: string;
  readonly events: readonly Event[];
  /** Parts to learn from, and to judge by. */
  readonly folds: readonly (readonly [train: readonly Event[], test: readonly Event[]])[];
  readonly ours: Maker;
}

async function eventsOf(paths: readonly string[]): Promise<Event[]> {
  const events: Event[] = [];
  for await (const batch of dump(paths, { event: ['8'] }).batches())
    events.push(...batch.events.filter(({ provider }) => isSysmon(provider)));
  return events;
}

function published(path: string): AllowList {
  const { config } = parseConfig(readFileSync(path));
  const decide = decideFor(config!, 8);
  const entries = new Map<unknown, Ask[]>();
  for (const { tag, onmatch, filters } of config!.active) {
    if (tag !== 'CreateRemoteThread' || onmatch !== 'exclude') continue;
    for (const { element, rule, ruleMode, field, condition, text } of filters) {
      // Alternatives of a Rule are entries of their own.
      const key = rule && ruleMode === 'and' ? rule : element;
      entries.set(key, [...(entries.get(key) ?? []), { field, condition, value: text }]);
    }
  }
  return {
    entries: [...entries.values()],
    hides: ({ fields }) => !decide((field) => fields.get(field)).logged,
  };
}

function meets({ fields }: Event, { field, condition, value }: Ask): boolean {
  const [found, wanted] = [foldAscii(fields.get(field) ?? '-'), foldAscii(value)];
  if (condition === 'begin with') return found.startsWith(wanted);
  if (condition === 'end with') return found.endsWith(wanted);
  return condition === 'contains' ? found.includes(wanted) : found === wanted;
}

function listOf(entries: readonly (readonly Ask[])[]): AllowList {
  return { entries, hides: (event) => entries.some((asks) => asks.every((ask) => meets(event, ask))) };
}

/** What is seen at least twice is taken for normal. */
function byFrequency(events: readonly Event[]): AllowList {
  const times = new Map<string, [value: string, count: number]>();
  for (const { fields } of events) {
    const value = fields.get('SourceImage') ?? '-';
    const key = foldAscii(value);
    times.set(key, [value, (times.get(key)?.[1] ?? 0) + 1]);
  }
  return listOf(
    [...times.values()]
      .filter(([, count]) => count > 1)
      .map(([value]) => [{ field: 'SourceImage', condition: 'is', value }]),
  );
}

function written(name: string, events: readonly Event[]): string {
  const path = join(folder, name);
  writeFileSync(path, events.map((event) => `${dumpLine(name, event)}\n`).join(''));
  return path;
}

/** How many entries of each room, weakest first. */
function roomsOf({ entries }: AllowList): string {
  const rooms = entries.map(
    (asks) =>
      gradeEntry(
        8,
        asks.map((ask) => [ask]),
      ).room,
  );
  const counts = ROOMS.map((room) => [room, rooms.filter((one) => one === room).length] as const);
  const found = counts.filter(([, count]) => count > 0).map(([room, count]) => `${count} ${room}`);
  return found.join(', ') || '-';
}

const leftOf = (events: readonly Event[], { hides }: AllowList): number =>
  events.filter((event) => !hides(event)).length;

async function row(name: string, { events, folds }: Benign, make: Maker): Promise<string[]> {
  const list = await make(events);
  let [left, judged] = [0, 0];
  for (const [train, test] of folds) {
    left += leftOf(test, await make(train));
    judged += test.length;
  }
  const lost = attacks.length - leftOf(attacks, list);
  return [
    name,
    String(list.entries.length),
    `${leftOf(events, list)} of ${events.length}`,
    `${left} of ${judged}`,
    `${lost} of ${attacks.length}`,
    roomsOf(list),
  ];
}

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-bench-'));
const real = existsSync(DATA) ? await eventsOf([join(DATA, 'json'), join(DATA, 'evtx')]) : [];
if (real.length === 0)
  console.log(`${DATA} is not there: no attacks, no public configurations, no real noise.\n`);
const isWindows = ({ fields }: Event): boolean => WINDOWS_SOURCES.test(fields.get('SourceImage') ?? '');
const attacks = real.filter((event) => !isWindows(event));
const attackLogs = attacks.length > 0 ? [written('attacks.jsonl', attacks)] : [];

/** `tune` over the logs, or over a part of their time. */
const tuned = async (
  logs: readonly string[],
  time: { from?: string; to?: string } = {},
): Promise<AllowList> =>
  listOf(
    (await tune('8', logs, { attacks: attackLogs, ...time })).allowList.map(({ conditions }) => conditions),
  );

function realNoise(): Benign {
  const events = real.filter(isWindows);
  const hosts = [...new Set(events.map(({ host }) => foldAscii(host)))].sort();
  let made = 0;
  return {
    name: `Windows' own threads in the attack logs: ${events.length} events, ${hosts.length} hosts; held out: each host judged by the others`,
    events,
    folds: hosts.map((host) => [
      events.filter((event) => foldAscii(event.host) !== host),
      events.filter((event) => foldAscii(event.host) === host),
    ]),
    ours: (train) => tuned([written(`train-${++made}.jsonl`, train)]),
  };
}

async function modelledNoise(): Promise<Benign> {
  const events = await eventsOf([WEEK]);
  const day = ({ time }: Event): number => Math.floor(time / (24 * HOUR_MS));
  const days = [...new Set(events.map(day))].sort((a, b) => a - b);
  const dates = new Map(days.map((one) => [one, new Date(one * 24 * HOUR_MS).toISOString().slice(0, 10)]));
  return {
    name: `the modelled week: ${events.length} events, 1 host, ${days.length} days; held out: each day after the first judged by those before`,
    events,
    folds: days
      .slice(1)
      .map((last) => [
        events.filter((event) => day(event) < last),
        events.filter((event) => day(event) === last),
      ]),
    // The logs whole, for they say what was watched; the time is that of the events to learn from.
    ours: (train) => tuned([WEEK], { to: dates.get(day(train.at(-1)!))! }),
  };
}

for (const benign of [...(real.length > 0 ? [realNoise()] : []), await modelledNoise()]) {
  console.log(`${benign.name}\n`);
  const rows = [
    ['list', 'entries', 'left in sample', 'left held out', 'attacks hidden', 'rooms, weakest first'],
  ];
  for (const [name, path] of Object.entries(CONFIGS)) {
    const config = join(DATA, 'config', path);
    if (existsSync(config)) rows.push(await row(name, benign, async () => published(config)));
  }
  rows.push(await row('frequency, benign only', benign, async (train) => byFrequency(train)));
  rows.push(await row('frequency, unlabelled', benign, async (train) => byFrequency([...train, ...attacks])));
  rows.push(await row('tune', benign, benign.ours));
  process.stdout.write(tableText(rows));
  console.log('');
}
rmSync(folder, { recursive: true });
