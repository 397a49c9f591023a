/** What stands in the segments of an event log, read without the reader that the product has for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SeenEvent } from './watched.ts';

/** All whole lines of all segments, in order; headers are left out. */
export function loggedEvents(folder: string): readonly SeenEvent[] {
  const segments = readdirSync(folder)
    .filter((name) => /^events-\d{12}\.jsonl$/.test(name))
    .sort();
  return segments.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    // The last line is whole only if it ends.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.flatMap((line) => {
      if (line === '') return [];
      const object = JSON.parse(line) as SeenEvent | { schema: string };
      return 'schema' in object ? [] : [object];
    });
  });
}

/** Sysmon's own way to write a time, in milliseconds since 1970. */
export function utcTime(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
