/** Fields of an event by the names that rules give them. */
import { boundKey, type Event, foldAscii } from '../events/index.ts';

type Reader = (event: Event) => string | undefined;

/** Facts of the record that go before a field of that name: other programs' data must not stand for them. */
const RECORD: Readonly<Record<string, Reader>> = {
  eventid: (event) => String(event.eventId),
  provider_name: (event) => event.provider,
};

/** Those that Sysmon writes in one field. */
const HASHES: readonly string[] = ['MD5', 'SHA1', 'SHA256', 'IMPHASH'];

/** Facts of the record where the event has no such field: 104 (a log was cleared) has a Channel of its own. */
const FALLBACK: Readonly<Record<string, Reader>> = {
  channel: (event) => event.channel,
  eventlog: (event) => event.channel,
  computer: (event) => event.host,
  computername: (event) => event.host,
  hostname: (event) => event.host,
  data: unnamedData,
  ...Object.fromEntries(HASHES.map((name) => [foldAscii(name), hash(name)])),
};

/** Whether every record has a field of this folded name, or what stands for it. */
export function isOfRecord(folded: string): boolean {
  return Object.hasOwn(RECORD, folded) || Object.hasOwn(FALLBACK, folded);
}

/**
 * Reads a field: by its exact name, else by its folded one, else without the spaces and underscores in either (the
 * specification strips spaces: `Threat Name` is ThreatName, and rules write Feature_Name).
 */
export function fieldReader(field: string): Reader {
  const folded = foldAscii(field);
  const record = Object.hasOwn(RECORD, folded) ? RECORD[folded] : undefined;
  if (record) return record;
  const fallback = Object.hasOwn(FALLBACK, folded) ? FALLBACK[folded]! : () => undefined;
  const squeezed = squeeze(folded);
  return (event) => {
    const exact = event.fields.get(field);
    if (exact !== undefined) return exact;
    const names = namesOf(event);
    const name = names.get(folded) ?? names.get(squeezed);
    return name === undefined ? fallback(event) : event.fields.get(name);
  };
}

/** Tells of an event's own field whether a reader of one of these may read it. */
export function mayBeRead(fields: Iterable<string>): (name: string) => boolean {
  const asked = new Set<string>();
  for (const field of fields) {
    const folded = foldAscii(field);
    asked.add(folded).add(squeeze(folded));
  }
  if (HASHES.some((one) => asked.has(foldAscii(one)))) asked.add('hashes').add('hash');
  return (name) => {
    const folded = foldAscii(name);
    if (asked.has(folded) || [folded, squeeze(folded)].some((key) => asked.has(boundKey(key)))) return true;
    return asked.has('data') && folded.startsWith('param');
  };
}

/** What a keyword is looked for in: the values of all fields, and the names of provider, channel and computer. */
export function valuesOf(event: Event): readonly string[] {
  const { fields } = event;
  if (current.fields !== fields || current.values === null) {
    const values: string[] = [];
    fields.forEach((value) => values.push(value));
    current = { fields, names: current.fields === fields ? current.names : null, values };
  }
  return [...current.values!, event.provider, event.channel, event.host];
}

/** The fields that were last asked for: rules of several logsources ask for the same. */
let current: {
  readonly fields: Event['fields'] | null;
  readonly names: ReadonlyMap<string, string> | null;
  readonly values: readonly string[] | null;
} = { fields: null, names: null, values: null };

/** An event's own names, and the same by their folded and squeezed ones; of several the first. */
interface Names {
  readonly own: readonly string[];
  readonly byFolded: ReadonlyMap<string, string>;
}

/** By the id of the event that had them last: events of one type have the same names, or nearly so. */
const recent = new Map<number, Names>();
const MAX_RECENT = 1000;

function namesOf({ eventId, fields }: Event): ReadonlyMap<string, string> {
  if (current.fields === fields && current.names !== null) return current.names;
  let known = recent.get(eventId);
  if (!known || !areNames(known.own, fields)) {
    const isNew = known === undefined;
    known = namesNow(fields);
    if (!isNew || recent.size < MAX_RECENT) recent.set(eventId, known);
  }
  const names = known.byFolded;
  current = { fields, names, values: current.fields === fields ? current.values : null };
  return names;
}

function namesNow(fields: Event['fields']): Names {
  const own = [...fields.keys()];
  const byFolded = new Map<string, string>();
  for (const name of own) {
    const folded = foldAscii(name);
    for (const key of [folded, squeeze(folded)]) {
      const short = boundKey(key);
      if (!byFolded.has(short)) byFolded.set(short, name);
    }
  }
  return { own, byFolded };
}

function areNames(names: readonly string[], fields: ReadonlyMap<string, string>): boolean {
  let at = 0;
  for (const name of fields.keys()) {
    if (names[at] !== name) return false;
    at += 1;
  }
  return at === names.length;
}

/** Without spaces and underscores, as rules write some names. */
export function squeeze(name: string): string {
  return name.replace(/[ _]+/g, '');
}

/** `Data` of records that name none of theirs (param1, param2, …): one text, a line for each. */
function unnamedData({ fields }: Event): string | undefined {
  const lines: string[] = [];
  for (let i = 1; fields.has(`param${i}`); i++) lines.push(fields.get(`param${i}`)!);
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** One of Sysmon's Hashes: `SHA1=…,IMPHASH=…`. */
function hash(algorithm: string): Reader {
  const pattern = new RegExp(`(?:^|,)${algorithm}=([0-9A-F]+)`, 'i');
  return ({ fields }) => pattern.exec(fields.get('Hashes') ?? fields.get('Hash') ?? '')?.[1];
}
