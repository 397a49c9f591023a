/** Events that a Sigma rule ought to match, made of its own values; and the rules of an archive. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Event } from '../../src/events/index.ts';
import type { ResolvedLogsource } from '../../src/sigma/index.ts';
import type { NaiveRule, Plain } from './naive-sigma.ts';

/** The texts of all `.yml` files of a `.tar.gz`, by name. */
export async function ruleTexts(archive: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const files = createReadStream(archive).pipe(createGunzip()).pipe(extract());
  for await (const file of files) {
    const parts: Buffer[] = [];
    for await (const part of file) parts.push(part as Buffer);
    if (/\.ya?ml$/.test(file.header.name)) texts.set(file.header.name, Buffer.concat(parts).toString('utf8'));
  }
  return texts;
}

type Fields = Map<string, string>;

/** A value as a text that meets it: wildcards become letters, escapes what they stand for. */
function example(value: string): string {
  return value
    .replace(/\\([*?\\])/g, (_, plain: string) => ({ '*': '\u0001', '?': '\u0002' })[plain] ?? '\u0003')
    .replaceAll('*', 'ab')
    .replaceAll('?', 'c')
    .replaceAll('\u0001', '*')
    .replaceAll('\u0002', '?')
    .replaceAll('\u0003', '\\');
}

/** What a field's text is put together of: several searches may ask for parts of it. */
interface Parts {
  start: string;
  middle: string;
  end: string;
}

type Made = Map<string, Parts | string>;

function add(made: Made, field: string, modifiers: readonly string[], text: string): void {
  const known = made.get(field);
  const parts: Parts = typeof known === 'object' ? known : { start: '', middle: '', end: '' };
  if (modifiers.includes('contains')) parts.middle += ` ${text} `;
  else if (modifiers.includes('startswith')) parts.start = text;
  else if (modifiers.includes('endswith')) parts.end = text;
  else {
    made.set(field, text);
    return;
  }
  made.set(field, parts);
}

function fillItem(made: Made, key: string, value: Plain, pick: number): void {
  const [written = '', ...modifiers] = key.split('|');
  const field = written === '' ? 'Message' : written;
  const all = (Array.isArray(value) ? value : [value]) as readonly (string | null)[];
  if (modifiers.some((one) => ['re', 'cidr', 'exists', 'fieldref', 'expand'].includes(one))) return;
  for (const one of modifiers.includes('all') ? all : [all[pick % all.length]!]) {
    if (one === null) {
      made.delete(field);
      continue;
    }
    const plain = example(one);
    const encoded = modifiers.some((modifier) => modifier.startsWith('base64'));
    const bytes = Buffer.from(plain, modifiers.includes('wide') ? 'utf16le' : 'utf8');
    const how = written === '' ? ['contains'] : modifiers;
    add(made, field, how, encoded ? bytes.toString('base64') : plain);
  }
}

function fill(search: Plain, made: Made, pick: number): void {
  if (Array.isArray(search)) {
    const one = search[pick % search.length] as Plain;
    if (typeof one === 'string') add(made, 'Message', ['contains'], example(one));
    else fill(one, made, pick);
  } else if (search !== null && typeof search === 'object') {
    for (const [key, value] of Object.entries(search)) fillItem(made, key, value as Plain, pick);
  } else if (typeof search === 'string') add(made, 'Message', ['contains'], example(search));
}

function textsOf(made: Made): Fields {
  const texts = [...made].map(([field, parts]): [string, string] => {
    return [field, typeof parts === 'string' ? parts : `${parts.start}${parts.middle}${parts.end}`];
  });
  return new Map(texts);
}

/** Events made of a rule's searches, and each with one thing changed. */
export function eventsFor(rule: NaiveRule, logsource: ResolvedLogsource): Event[] {
  const { condition: _, ...searches } = rule['detection'] as Record<string, Plain>;
  const names = Object.keys(searches);
  const positive = names.filter((name) => !name.startsWith('filter'));
  const made: Fields[] = [];
  for (const pick of [0, 1, 5]) {
    for (const of of [positive, names, ...positive.map((name) => [name])]) {
      const parts: Made = new Map();
      for (const name of of) fill(searches[name]!, parts, pick);
      made.push(textsOf(parts));
    }
  }
  const [first] = made;
  for (const name of [...first!.keys()].slice(0, 4)) {
    const without = new Map(first);
    without.delete(name);
    made.push(without, new Map(first).set(name, first!.get(name)!.toUpperCase()));
    made.push(new Map(first).set(name, `${first!.get(name)!}~`), new Map(first).set(name, ''));
  }
  return made.map((fields) => eventOf(fields, logsource));
}

function eventOf(fields: Fields, { sources }: ResolvedLogsource): Event {
  const [source] = sources;
  const id = Number(fields.get('EventID') ?? source?.eventIds?.[0] ?? 1);
  const sysmon = (source?.channel ?? null) === null;
  const own = new Map(fields);
  own.delete('EventID');
  own.delete('Provider_Name');
  return {
    record: null,
    time: Date.UTC(2026, 0, 5, 9),
    host: 'HOST',
    provider: sysmon ? 'Microsoft-Windows-Sysmon' : (fields.get('Provider_Name') ?? 'Some-Provider'),
    channel: sysmon ? 'Microsoft-Windows-Sysmon/Operational' : source!.channel!,
    eventId: id,
    version: null,
    fields: own,
  };
}
