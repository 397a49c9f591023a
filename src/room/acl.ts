/** Permissions of the user's own machine, from the output of icacls or accesschk. */
import { foldAscii } from '../events/index.ts';

/** Folded paths without a last backslash -> may plain users write there. */
export interface Acl {
  readonly writable: ReadonlyMap<string, boolean>;
}

export interface AclProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

const MOST_ROWS = 1_000_000;
const MOST_PROBLEMS = 1000;
const LONGEST_LINE = 40_000;

/**
 * Last parts of names that are no plain users (English, German, French, Spanish), and SIDs.
 * Everybody else counts as a plain user: unknown means weakest.
 */
const PRIVILEGED: ReadonlySet<string> = new Set([
  'system',
  'syst\u00e8me',
  'sistema',
  'administrators',
  'administratoren',
  'administrateurs',
  'administradores',
  'administrator',
  'domain admins',
  'enterprise admins',
  'trustedinstaller',
  'creator owner',
  'ersteller-besitzer',
  'createur proprietaire',
  'local service',
  'lokaler dienst',
  'network service',
  'netzwerkdienst',
  's-1-5-18',
  's-1-5-19',
  's-1-5-20',
  's-1-5-32-544',
  's-1-3-0',
]);

/** Rights of icacls that add, change or take a file: full, modify, write, add file, add folder, delete child, take. */
const WRITING: ReadonlySet<string> = new Set(['F', 'M', 'W', 'WD', 'AD', 'DC', 'GA', 'GW', 'WDAC', 'WO']);

const ACE = /^(.+?):((?:\([A-Za-z,]*\))+)$/;
const KNOWN_PRINCIPAL =
  / ((?:(?:BUILTIN|VORDEFINIERT|NT AUTHORITY|NT-AUTORIT\u00c4T|AUTORITE NT|NT SERVICE|APPLICATION PACKAGE AUTHORITY|Mandatory Label)\\[^\\:]+|Everyone|Jeder|Tout le monde|CREATOR OWNER|S-1-[\d-]+):\([^:]*)$/;

/** Reads what `icacls`, or `accesschk` with any of -s -w -d, has printed. The text is decoded already. */
export function parseAcl(text: string): { acl: Acl; problems: AclProblem[] } {
  const writable = new Map<string, boolean>();
  const problems: AclProblem[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const problem = (line: number, message: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push({ line, message });
  };
  /** The path that indented lines are about. */
  let path: string | null = null;
  const set = (key: string, may: boolean): void => {
    if (writable.size < MOST_ROWS || writable.has(key)) writable.set(key, may || writable.get(key) === true);
  };
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    if (line.trim() === '') continue;
    if (line.length > LONGEST_LINE) {
      problem(number, 'The line is too long.');
      path = null;
      continue;
    }
    const listed = /^(?:RW|R| W)\s+([A-Za-z]:\\.*)$/.exec(line);
    if (listed) {
      // accesschk was asked about one account: it is taken for a plain user.
      set(pathKey(listed[1]!), /^(?:RW| W)/.test(line));
      path = null;
      continue;
    }
    const indent = line.length - line.trimStart().length;
    if (indent === 0 && /^[A-Za-z]:\\/.test(line)) {
      const split = splitFirst(line, lines[index + 1] ?? '');
      if (!split) {
        problem(number, 'Where the path ends and the account begins cannot be told.');
        path = null;
        continue;
      }
      path = pathKey(split.path);
      set(path, split.ace !== null && aceWrites(split.ace));
      continue;
    }
    if (indent > 0 && path !== null) {
      const rest = line.trim();
      if (ACE.test(rest)) {
        set(path, aceWrites(rest));
        continue;
      }
      const access = /^(RW|R|W)\s+(.+)$/.exec(rest);
      if (access) {
        set(path, access[1]!.includes('W') && isPlain(access[2]!));
        continue;
      }
      // Labels and the single rights of accesschk -v tell nothing more.
      if (/Mandatory Level|^[A-Z_]+$/.test(rest)) continue;
    }
    if (/^(?:Accesschk|Copyright|Sysinternals|Successfully processed|Erfolgreich|\d+ )/i.test(line)) continue;
    problem(number, 'The line is neither of icacls nor of accesschk.');
  }
  return { acl: { writable }, problems };
}

/** What the longest row that holds `path` (folded) says, with that row's length; null where no row does. */
export function aclOf(acl: Acl, path: string): { writable: boolean; length: number } | null {
  for (let key = pathKey(path); key !== '';) {
    const row = acl.writable.get(key);
    if (row !== undefined) return { writable: row, length: key.length };
    const cut = key.lastIndexOf('\\');
    if (cut === -1) return null;
    key = key.slice(0, cut);
  }
  return null;
}

function pathKey(path: string): string {
  return foldAscii(path).replace(/\\$/, '');
}

/** The first line of icacls is `PATH ACE`: the lines below are indented by the path's length and one. */
function splitFirst(line: string, next: string): { path: string; ace: string | null } | null {
  if (!/\)\s*$/.test(line) || !line.includes(':(')) return { path: line.trimEnd(), ace: null };
  const indent = next.length - next.trimStart().length;
  const ace = line.slice(indent).trim();
  if (indent > 3 && line[indent - 1] === ' ' && ACE.test(ace) && ACE.test(next.trim()))
    return { path: line.slice(0, indent - 1), ace };
  const known = KNOWN_PRINCIPAL.exec(line.trimEnd());
  return known ? { path: line.slice(0, known.index), ace: known[1]! } : null;
}

function aceWrites(ace: string): boolean {
  const [, who, groups] = ACE.exec(ace) ?? [];
  if (who === undefined || groups === undefined || !isPlain(who)) return false;
  const rights = groups.slice(1, -1).split(/\)\(|,/);
  return !rights.includes('DENY') && rights.some((right) => WRITING.has(right));
}

function isPlain(who: string): boolean {
  const folded = foldAscii(who.trim());
  if (folded.startsWith('nt service\\') || folded.startsWith('mandatory label\\')) return false;
  if (folded.startsWith('s-1-5-80-')) return false;
  return !PRIVILEGED.has(folded.slice(folded.lastIndexOf('\\') + 1));
}
