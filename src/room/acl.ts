/** Who may write where, as icacls and accesschk print it of a machine: it goes before the table of folders. */
import { foldAscii } from '../events/index.ts';

export interface Acl {
  /** Folded paths, a folder's without a backslash at its end. `below`: whether it holds for what is in it as well. */
  readonly paths: ReadonlyMap<string, { readonly writable: boolean; readonly below: boolean }>;
}

export interface AclProblem {
  readonly line: number;
  readonly message: string;
}

/** Groups that every user of a machine is in, with the names that other languages give them. */
const EVERYONE: ReadonlySet<string> = new Set([
  'users',
  'everyone',
  'authenticated users',
  'interactive',
  'guests',
  'domain users',
  'benutzer',
  'jeder',
  'authentifizierte benutzer',
  'interaktiv',
  'dom\u00e4nen-benutzer',
  'utilisateurs',
  'tout le monde',
  'utilisateurs authentifi\u00e9s',
  'interactif',
  'usuarios',
  'todos',
  'usuarios autentificados',
  'interactivo',
  's-1-1-0',
  's-1-5-4',
  's-1-5-11',
  's-1-5-32-545',
  's-1-5-32-546',
]);
const AUTHORITY =
  /(?:BUILTIN|NT AUTHORITY|NT SERVICE|APPLICATION PACKAGE AUTHORITY|VORDEFINIERT|NT-AUTORIT\u00c4T|AUTORITE NT|CREATOR OWNER|CREATOR GROUP|Everyone|Jeder|Tout le monde|Todos|Mandatory Label|S-1-[\d-]+)/
    .source;
const RIGHTS = /((?:\([A-Za-z, ]+\))+)/.source;
const FIRST_LINE = new RegExp(`^(.+?) (${AUTHORITY}(?:\\\\[^:]+)?|[^\\\\:]+\\\\[^\\\\:]+):${RIGHTS}$`);
const NEXT_LINE = new RegExp(`^\\s+(\\S[^:]*):${RIGHTS}$`);
/** Rights by which a file is created or changed, or the right to do so taken. */
const WRITES: ReadonlySet<string> = new Set(['F', 'M', 'W', 'WD', 'AD', 'GA', 'GW', 'WDAC', 'WO', 'DC']);
const MAX_PATHS = 1_000_000;

/** Reads the output of `icacls PATH [/T]` or `accesschk [-s] [-w] [ACCOUNT] PATH`; lines of neither are problems. */
export function parseAcl(text: string): { readonly acl: Acl; readonly problems: readonly AclProblem[] } {
  const paths = new Map<string, { writable: boolean; below: boolean }>();
  const problems: AclProblem[] = [];
  let current: string | null = null;
  const note = (path: string, writable: boolean, below: boolean): void => {
    const key = keyOf(path);
    const known = paths.get(key);
    if (known) {
      known.below ||= writable && below;
      known.writable ||= writable;
    } else if (paths.size < MAX_PATHS) paths.set(key, { writable, below });
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trimEnd();
    if (line === '' || isNotice(line)) continue;
    const listed = /^\s*(RW|R|W|)\s+([a-z]:\\.*|\\\\.*)$/i.exec(line);
    if (listed && /^(?:RW|R|W| W| R)\b/.test(line)) {
      note(listed[2]!, listed[1]!.includes('W'), true);
      current = null;
      continue;
    }
    const level = /^\s+(RW|R|W)?\s+([^\s:(][^:(]*)$/.exec(line);
    if (current !== null && level && /^\s{2}/.test(line) && !line.includes(':(')) {
      note(current, (level[1] ?? '').includes('W') && isEveryone(level[2]!), true);
      continue;
    }
    const next = current === null ? null : NEXT_LINE.exec(line);
    if (next) {
      note(current!, ...granted(next[1]!, next[2]!));
      continue;
    }
    const first = FIRST_LINE.exec(line);
    if (first) {
      current = first[1]!;
      note(current, ...granted(first[2]!, first[3]!));
    } else if (/^(?:[a-z]:\\|\\\\)/i.test(line)) {
      current = line;
      note(current, false, true);
    } else
      problems.push({
        line: index + 1,
        message: `expected output of icacls or accesschk, found ${JSON.stringify(line.slice(0, 60))}`,
      });
  }
  return { acl: { paths }, problems };
}

/** What the tools say beside access lists. */
function isNotice(line: string): boolean {
  return /^(?:Successfully processed|Erfolgreich verarbeitet|Accesschk v|Copyright|Sysinternals|\s*(?:Low|Medium|High|System) Mandatory Level|No matching objects|\s+(?:FILE_|SYNCHRONIZE|READ_CONTROL|DELETE|WRITE_))/i.test(
    line,
  );
}

function granted(principal: string, rights: string): [writable: boolean, below: boolean] {
  const flags = [...rights.matchAll(/\(([^)]*)\)/g)]
    .flatMap((match) => match[1]!.split(','))
    .map((flag) => flag.trim().toUpperCase());
  const denied = flags.includes('DENY') || flags.includes('N');
  const writes = !denied && isEveryone(principal) && flags.some((flag) => WRITES.has(flag));
  return [writes, flags.includes('CI') || flags.includes('OI')];
}

function isEveryone(principal: string): boolean {
  const name = foldAscii(principal.trim());
  return EVERYONE.has(name.slice(name.lastIndexOf('\\') + 1));
}

function keyOf(path: string): string {
  return foldAscii(path.trim()).replace(/\\+$/, '');
}

/** Whether users may write a file of this path or folder; undefined where the lists do not tell. `path` folded. */
export function writableBy({ paths }: Acl, path: string): boolean | undefined {
  const own = paths.get(keyOf(path));
  if (own) return own.writable;
  for (let at = path.lastIndexOf('\\'); at > 0; at = path.lastIndexOf('\\', at - 1)) {
    const folder = paths.get(path.slice(0, at));
    // A list that is not handed down says nothing of what lies deeper.
    if (folder) return folder.writable ? true : folder.below ? false : undefined;
  }
  return undefined;
}

/** A path at or below this folder that users may write to; null where none is listed. `prefix` folded. */
export function writableBelow({ paths }: Acl, prefix: string): string | null {
  for (const [path, { writable }] of paths) if (writable && `${path}\\`.startsWith(prefix)) return path;
  return null;
}
