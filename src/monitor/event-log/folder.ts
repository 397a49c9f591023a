/** The folder of an event log: which segments it has, and making their coming and going last. */
import { closeSync, fsyncSync, openSync, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { firstOfSegment } from '../../sources/index.ts';

export interface Segment {
  readonly path: string;
  /** Id of the first record that belongs in it, from its name. */
  readonly first: number;
  /** Bytes, all of them whole lines. */
  bytes: number;
}

/** Oldest first. */
export function segmentsIn(folder: string): Segment[] {
  const segments: Segment[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const first = entry.isFile() ? firstOfSegment(entry.name) : null;
    const path = join(folder, entry.name);
    if (first !== null) segments.push({ path, first, bytes: statSync(path).size });
  }
  return segments.sort((a, b) => a.first - b.first);
}

/** A file that came or went is there, or gone, after a power cut only when its folder is on disk too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!isUnable(error)) throw error;
  } finally {
    await handle.close();
  }
}

export function syncFolderNow(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    if (!isUnable(error)) throw error;
  } finally {
    closeSync(fd);
  }
}

/** Some network file systems have no such call for folders, and need none. */
function isUnable(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EINVAL';
}
