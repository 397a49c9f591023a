/** The files of a folder that a command is given. */
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Paths of all files below a folder with such names, in the same order on every system. */
export function filesIn(folder: string, names: RegExp): string[] {
  const found: string[] = [];
  // Node's own way down takes three times as long.
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) visit(join(path, entry.name));
      else if (entry.isFile() && names.test(entry.name)) found.push(join(path, entry.name));
    }
  };
  visit(folder);
  if (sep === '/') return found.sort();
  return found
    .map((path) => path.replaceAll(sep, '/'))
    .sort()
    .map((path) => path.replaceAll('/', sep));
}
