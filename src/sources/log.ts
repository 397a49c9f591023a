/** Finds the logs behind the paths that a user gives: files as they are, folders walked and sorted. */
import { closeSync, type Dirent, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { Code, Diagnostic } from '../events/index.ts';
import type { Skipped } from './batch.ts';
import { systemCode } from './blocks.ts';
import { SEGMENT_LOCK } from './segment-format.ts';
import { type Container, HEAD_BYTES, READABLE, recognise } from './recognise.ts';

export interface Log {
  /** As given; a folder's file joined to the folder as given. `-` is standard input. */
  readonly path: string;
  /** Bytes; 0 for standard input and other streams. */
  readonly size: number;
  /** Whether the user named it, and not the folder it is in. */
  readonly explicit: boolean;
  /** `unknown` for a stream: it is recognised when it is read. A `tally` holds no events, and `readLog` says so. */
  readonly kind: Container;
}

export interface FoundLogs {
  readonly logs: readonly Log[];
  /** What stands in folders and is no log. */
  readonly skipped: readonly Skipped[];
  readonly problems: readonly Diagnostic[];
}

interface Finding {
  readonly logs: Log[];
  readonly skipped: Skipped[];
  readonly problems: Diagnostic[];
}

/**
 * Finds logs in the order of the paths, a folder's sorted by code units. Never throws: a path that is missing,
 * unreadable, empty or of an unknown kind is a problem that names it, but in a folder what is no log is only skipped.
 * It does not wait: of thousands of small files a promise each would take longer than all else.
 * Links to folders, hidden folders and node_modules are skipped; FIFOs, sockets and devices are opened only where named.
 */
export function findLogs(paths: readonly string[]): FoundLogs {
  const found: Finding = { logs: [], skipped: [], problems: [] };
  for (const path of paths) {
    if (path === '-') {
      found.logs.push({ path, size: 0, explicit: true, kind: 'unknown' });
      continue;
    }
    let stats: Stats;
    try {
      stats = statSync(path);
    } catch (error) {
      found.problems.push(cannotOpen(path, error));
      continue;
    }
    if (stats.isDirectory()) findInFolder(path, found);
    else findFile(path, stats, true, found);
  }
  return found;
}

function findInFolder(folder: string, found: Finding): void {
  const inside: Finding = { logs: [], skipped: [], problems: [] };
  const files = walk(folder, inside);
  // Sorted with slashes between them, so that the order is that of Linux on Windows, too.
  for (const path of files.sort().map((file) => native(folder, file))) {
    try {
      findFile(path, statSync(path), false, inside);
    } catch (error) {
      // A link that leads nowhere, or a file that has gone since.
      inside.skipped.push({ path, reason: `can't be found (${systemCode(error)})` });
    }
  }
  if (inside.logs.length === 0 && inside.problems.length === 0) {
    inside.problems.push(noLogIn('folder', folder, files.length));
  }
  for (const log of inside.logs) found.logs.push(log);
  for (const each of inside.skipped) found.skipped.push(each);
  for (const problem of inside.problems) found.problems.push(problem);
}

/** Says that a folder or an archive of so many files holds no log. */
export function noLogIn(what: 'folder' | 'archive', source: string, files: number): Diagnostic {
  const others = files === 0 ? 'no file' : `${files} ${files === 1 ? 'file' : 'files'} of other kinds`;
  return {
    code: 'log-empty-folder',
    severity: 'error',
    message: `expected logs in the ${what} ${source}, found ${others}: give ${what === 'folder' ? 'a folder' : 'one'} that holds ${READABLE}`,
    where: { source },
    lost: 0,
  };
}

/** The paths of all files under a folder. Keeps its own stack: folders may be nested deeply. */
function walk(top: string, found: Finding): string[] {
  const files: string[] = [];
  const folders = [top];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      found.problems.push(cannotOpen(native(top, folder), error));
      continue;
    }
    for (const entry of entries) {
      const path =
        folder.endsWith('/') || folder.endsWith(sep) ? folder + entry.name : `${folder}/${entry.name}`;
      // The lock of an event log that is being written is no file, and nothing that could be read.
      if (entry.name.startsWith(SEGMENT_LOCK) && entry.isSymbolicLink()) continue;
      if (!entry.isDirectory()) files.push(path);
      else if (!/^\.|^node_modules$/.test(entry.name)) folders.push(path);
      else
        found.skipped.push({
          path: native(top, path),
          reason: 'a hidden folder or node_modules: name it to have it read',
        });
    }
  }
  return files;
}

/** A path below a folder, which stays as it was given, with the system's own separators. */
function native(top: string, path: string): string {
  return top + path.slice(top.length).replaceAll('/', sep);
}

function findFile(path: string, stats: Stats, explicit: boolean, found: Finding): void {
  const refuse = (code: Code, what: string): void => {
    if (!explicit) {
      found.skipped.push({ path, reason: what });
      return;
    }
    const message = `expected ${READABLE}, found ${what}`;
    found.problems.push({ code, severity: 'error', message, where: { source: path }, lost: 0 });
  };
  if (stats.isDirectory()) return refuse('log-unknown-kind', 'a link to a folder: name it to have it read');
  if (!stats.isFile()) {
    // A FIFO or terminal that the user names is a stream like standard input.
    if (explicit && (stats.isFIFO() || stats.isCharacterDevice())) {
      found.logs.push({ path, size: 0, explicit, kind: 'unknown' });
      return undefined;
    }
    return refuse('log-unknown-kind', 'a FIFO, a socket or a device');
  }
  if (stats.size === 0) return refuse('log-empty-file', 'an empty file');
  try {
    const { kind, found: what } = recognise(readHead(path));
    if (kind === 'unknown') return refuse('log-unknown-kind', what);
    found.logs.push({ path, size: stats.size, explicit, kind });
  } catch (error) {
    found.problems.push(cannotOpen(path, error));
  }
  return undefined;
}

const head = Buffer.alloc(HEAD_BYTES);

/** The first bytes of a file; valid until the next one is read. Throws what the system says. */
export function readHead(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function cannotOpen(path: string, error: unknown): Diagnostic {
  const why = systemCode(error);
  const missing = why === 'ENOENT' || why === 'ENOTDIR';
  const message = missing
    ? `expected a file or folder ${path}, found none: check the path`
    : `expected to read ${path}, the system says ${why}: check its permissions`;
  return {
    code: missing ? 'log-missing' : 'log-unreadable',
    severity: 'error',
    message,
    where: { source: path },
    lost: 0,
  };
}
