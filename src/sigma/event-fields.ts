/** Fields of an event by the names that rules give them. */
import { boundKey, type Event, foldAscii } from '../events/index.ts';

type Reader = (event: Event) => string | undefined;

/** Facts of the record that go before a field of that name: other programs' data must not stand for them. */
const RECORD: Readonly<Record<string, Reader>> = {
  eventid: (event) => String(event.eventId),
  provider_name: (event) => event.provider,
};

/** Facts of the record where the event has no such field: 104 (a log was cleared) has a Channel of its own. */
const FALLBACK: Readonly<Record<string, Reader>> = {
  channel: (event) => event.channel,
  eventlog: (event) => event.channel,
  computer: (event) => event.host,
  computername: (event) => event.host,
  hostname: (event) => event.host,
  data: unnamedData,
  md5: hash('MD5'),
  sha1: hash('SHA1'),
  sha256: hash('SHA256'),
  imphash: hash('IMPHASH'),
};

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

/** What a keyword is looked for in: the values of all fields, and the names of provider, channel and computer. */
export function valuesOf(event: Event): Iterable<string> {
  return [...event.fields.values(), event.provider, event.channel, event.host];
}

/** The event whose names were last asked for: many rules ask for the same one. */
let recent: { readonly event: Event; readonly names: ReadonlyMap<string, string> } | undefined;

/** The event's own names, by their folded and squeezed ones; of several the first. */
function namesOf(event: Event): ReadonlyMap<string, string> {
  if (recent?.event === event) return recent.names;
  const names = new Map<string, string>();
  for (const name of event.fields.keys()) {
    const folded = foldAscii(name);
    for (const key of [folded, squeeze(folded)]) {
      const short = boundKey(key);
      if (!names.has(short)) names.set(short, name);
    }
  }
  recent = { event, names };
  return names;
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
