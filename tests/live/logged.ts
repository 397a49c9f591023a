/** What stands in the segments of an event log, read without the reader that the product has for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of the event log, which is that of `dump`. */
export interface SeenEvent {
  readonly record: number | null;
  readonly time: string;
  readonly host: string;
  readonly eventId: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads on where it stopped: all whole lines of all segments so far, in order; headers are left out. */
export function logReader(folder: string): () => readonly SeenEvent[] {
  const read = new Map<string, number>();
  const seen: SeenEvent[] = [];
  return () => {
    const segments = readdirSync(folder).filter((name) => /^events-\d{12}\.jsonl$/.test(name));
    for (const name of segments.sort()) {
      const bytes = readFileSync(join(folder, name));
      let from = read.get(name) ?? 0;
      for (let to: number; (to = bytes.indexOf(0x0a, from) + 1) > 0; from = to) {
        const object = JSON.parse(bytes.toString('utf8', from, to)) as SeenEvent | { schema: string };
        if (!('schema' in object)) seen.push(object);
      }
      read.set(name, from);
    }
    return seen;
  };
}

/** All that stands in a log. */
export const loggedEvents = (folder: string): readonly SeenEvent[] => logReader(folder)();

/** Sysmon's own way to write a time, in milliseconds since 1970. */
export function utcTime(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
