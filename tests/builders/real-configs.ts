/** The real configurations beside the repository; none on a machine without them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHARED } from './shared.ts';

export interface RealConfig {
  /** As in its own repository, behind the folder of that. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export function realConfigs(): RealConfig[] {
  if (SHARED === null) return [];
  const folder = join(SHARED, 'data/config');
  return readdirSync(folder, { recursive: true })
    .map((path) => String(path))
    .filter((path) => path.endsWith('.xml'))
    .toSorted()
    .map((path) => ({
      path: path.replaceAll('\\', '/').replaceAll('__', '/'),
      bytes: readFileSync(join(folder, path)),
    }));
}
