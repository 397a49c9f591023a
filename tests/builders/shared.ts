import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: the nearest folder above this file that holds spec/schemas.json. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, 'spec/schemas.json'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? process.cwd() : findRoot(parent);
}

export const ROOT: string = findRoot(dirname(fileURLToPath(import.meta.url)));

const shared = process.env['NOISEFLOOR_SHARED'] ?? join(ROOT, '../shared');

/** The folder with real data and facts beside the repository, or null on a machine without it. */
export const SHARED: string | null = existsSync(join(shared, 'data')) ? shared : null;

/** The event logs among the real data, by their paths below it; none on a machine without. */
export function sharedLogs(): readonly { readonly name: string; readonly path: string }[] {
  if (SHARED === null) return [];
  const folder = join(SHARED, 'data/evtx');
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.evtx'))
    .sort()
    .map((name) => ({ name, path: join(folder, name) }));
}
