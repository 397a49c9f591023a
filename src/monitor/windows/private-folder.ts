/** A folder for files of a moment, which does not outlive the process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface PrivateFolder {
  readonly path: string;
  /** Removes it with all that is in it; safe to call twice. */
  remove(): void;
}

/** Makes a folder that only this user can enter; it is removed when the process ends, unless the process is killed. */
export function privateFolder(within: string): PrivateFolder {
  const path = mkdtempSync(join(within, 'noisefloor-live-'));
  const remove = (): void => {
    process.off('exit', remove);
    // Whatever still reads a file there keeps Windows from removing it for a moment.
    rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  process.on('exit', remove);
  return { path, remove };
}
