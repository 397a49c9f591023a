/** Files that are whole after a power cut. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolderNow } from '../event-log/index.ts';

/**
 * Writes a file so that its name always stands for the old content or the new one, and is on disk on return. Makes
 * the folder. Throws what the file system says, and leaves nothing of the new content then.
 */
export function writeDurably(path: string, content: Uint8Array | string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const fresh = `${path}.new`;
  try {
    const file = openSync(fresh, 'w', 0o644);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncFolderNow(folder);
}
