/** The event log's folder as it lies on disk: also while no sensor runs. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { segmentsIn } from '../event-log/index.ts';

export interface LogFolder {
  readonly folder: string;
  readonly segments: number;
  readonly bytes: number;
  /** Times of the oldest and the newest record, ISO 8601; null where none could be read. */
  readonly oldest: string | null;
  readonly newest: string | null;
}

/** Longer lines than this are not looked for. */
const MAX_LINE = 1024 * 1024;

/** Reads the first and the last line of it. Throws what the file system says of the folder. */
export function logFolder(folder: string): LogFolder {
  const segments = segmentsIn(folder);
  const paths = segments.map(({ path }) => path);
  return {
    folder,
    segments: segments.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: firstTime(paths, 'start'),
    newest: firstTime(paths.toReversed(), 'end'),
  };
}

/** The first time found: a new segment holds a header only. */
function firstTime(paths: readonly string[], where: 'start' | 'end'): string | null {
  for (const path of paths) {
    const lines = linesAt(path, where);
    for (const line of where === 'start' ? lines : lines.toReversed()) {
      const found = timeOf(line);
      if (found !== null) return found;
    }
  }
  return null;
}

/** The lines at one end of a file, a cut one among them. */
function linesAt(path: string, where: 'start' | 'end'): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, MAX_LINE));
    const read = readSync(file, buffer, 0, buffer.length, where === 'start' ? 0 : size - buffer.length);
    return buffer.toString('utf8', 0, read).split('\n');
  } finally {
    closeSync(file);
  }
}

function timeOf(line: string): string | null {
  try {
    const { time } = JSON.parse(line) as { readonly time?: unknown };
    return typeof time === 'string' && Number.isFinite(Date.parse(time)) ? time : null;
  } catch {
    return null;
  }
}
