/** The files of a folder that a command is given. */
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Paths of all files below a folder with such names, in the same order on every system. */
export function filesIn(folder: string, names: RegExp): string[] {
  const found: string[] = [];
  // Node's own way down takes three times as long. `before` is what stands before a name, with the separator.
  const visit = (path: string, before: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const { name } = entry;
      if (entry.isDirectory()) visit(before + name, before + name + sep);
      else if (entry.isFile() && names.test(name)) found.push(before + name);
    }
  };
  visit(folder, join(folder, 'x').slice(0, -1));
  if (sep === '/') return found.sort();
  return found
    .map((path) => path.replaceAll(sep, '/'))
    .sort()
    .map((path) => path.replaceAll('/', sep));
}
