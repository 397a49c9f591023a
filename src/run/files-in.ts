/** The files of a folder that a command is given. */
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Paths of all files below a folder with such names, in the same order on every system. */
export function filesIn(folder: string, names: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && names.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).replaceAll(sep, '/'))
    .sort()
    .map((path) => path.replaceAll('/', sep));
}
