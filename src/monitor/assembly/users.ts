/** Names of users and of services, from /etc/passwd and /etc/services: read again when they change. */
import { readFileSync, statSync } from 'node:fs';

/** Looks up values in a file of lines, which is read again when it changes; looked at once a second at most. */
function lookup(
  path: string,
  entry: (line: string) => readonly [string, string] | null,
): (key: string) => string | null {
  let known = new Map<string, string>();
  let changed = Number.NaN;
  let looked = Number.NEGATIVE_INFINITY;
  return (key) => {
    const now = performance.now();
    if (now - looked > 1000) {
      looked = now;
      try {
        const { mtimeMs } = statSync(path);
        if (mtimeMs !== changed) {
          const entries = readFileSync(path, 'utf8').split('\n').map(entry);
          // Of two lines for one number the first counts, as for the C library.
          known = new Map(entries.filter((one) => one !== null).toReversed());
          changed = mtimeMs;
        }
      } catch {
        // A machine without the file has no names; what was known stays.
      }
    }
    return known.get(key) ?? null;
  };
}

const userNamed = lookup('/etc/passwd', (line) => {
  const [name, , uid] = line.split(':');
  return name && uid ? [uid, name] : null;
});

const serviceNamed = lookup('/etc/services', (line) => {
  const match = /^([\w-]+)\s+(\d+\/\w+)/.exec(line);
  return match ? [match[2]!, match[1]!] : null;
});

/** The user's name; of one that has none, the number; null where it is not known who it was. */
export function userName(uid: number | null): string | null {
  return uid === null ? null : (userNamed(String(uid)) ?? String(uid));
}

/** What a port is registered for, such as `https`; null where nothing tells. */
export function serviceName(port: number, protocol: string): string | null {
  return serviceNamed(`${port}/${protocol}`);
}
