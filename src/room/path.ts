/** What a condition on the path of a running program asks of an attacker. */
import { foldAscii } from '../events/index.ts';
import { type Acl, aclOf } from './acl.ts';
import { PINNED_FOLDERS, WRITABLE_FOLDERS, WRITABLE_SHAPE } from './folders.ts';
import { guestTool } from './guest-tools.ts';
import { LOADERS, PROTECTED_PROGRAMS } from './programs.ts';
import type { Grade } from './rung.ts';

/** An exact path, as written. */
export function gradePath(value: string, acl: Acl | undefined): Grade {
  const path = plainPath(value);
  const odd = oddPath(path);
  if (odd) return odd;
  const name = path.slice(path.lastIndexOf('\\') + 1);
  if (mayWrite(path, acl))
    return {
      room: 'place',
      reason: `Plain users may write to the folder of this path, or it is not known that they may not: the file can be put there or replaced.`,
      technique: 'T1036.005',
    };
  const loader = LOADERS.get(name);
  if (loader)
    return {
      room: 'start',
      reason: `Any user can start ${name}, and it runs what it is told to: no takeover is needed.`,
      technique: loader.technique,
    };
  const tool = guestTool(name);
  if (tool)
    return {
      room: 'start',
      reason: `Any user can start this program of ${tool.hypervisor} suspended and take it over. ${tool.note}`,
      technique: 'T1055.012',
    };
  return {
    room: 'start',
    reason: PROTECTED_PROGRAMS.has(name)
      ? `Windows runs ${name} protected, but a copy started from the same path by somebody else is not, and no field tells them apart.`
      : 'Any user can start most genuine programs suspended and take them over.',
    technique: 'T1055.012',
  };
}

/** How a path begins. It may go on in any way. */
export function gradePrefix(value: string, acl: Acl | undefined): Grade {
  const prefix = plainPath(value);
  const place = (reason: string): Grade => ({ room: 'place', reason, technique: 'T1036.005' });
  const odd = oddPath(prefix);
  if (odd) return odd;
  // "C:\Windows" begins "C:\WindowsX\" as well: only whole folders bind.
  const folder = prefix.slice(0, prefix.lastIndexOf('\\') + 1);
  if (folder.length <= 3) return place('Plain users may create folders in the root of the drive.');
  if (mayWrite(`${folder}.`, acl))
    return place('Plain users may write to this folder, or it is not known that they may not.');
  const inside =
    WRITABLE_FOLDERS.find(
      (row) =>
        row.folder.startsWith(prefix) &&
        (aclOf(acl ?? NO_ACL, row.folder)?.length ?? 0) < row.folder.length - 1,
    )?.folder ?? writableBelow(prefix, acl);
  if (inside !== undefined) return place(`Plain users may write to ${inside}, which begins so as well.`);
  return {
    room: 'start',
    reason: 'Only administrators fill this folder, but any user can start a program in it and take it over.',
    technique: 'T1055.012',
  };
}

const NO_ACL: Acl = { writable: new Map() };

function writableBelow(prefix: string, acl: Acl | undefined): string | undefined {
  for (const [path, writable] of acl?.writable ?? [])
    if (writable && `${path}\\`.startsWith(prefix)) return path;
  return undefined;
}

/** May a plain user make a file of this path? `path` is plain. The longest row decides; the user's own beats the table. */
function mayWrite(path: string, acl: Acl | undefined): boolean {
  const longest = (rows: typeof PINNED_FOLDERS): number =>
    Math.max(0, ...rows.filter((row) => path.startsWith(row.folder)).map((row) => row.folder.length - 1));
  const open = longest(WRITABLE_FOLDERS);
  const shut = longest(PINNED_FOLDERS);
  const own = acl ? aclOf(acl, path) : null;
  if (own && own.length >= Math.max(open, shut)) {
    // A file of its own row can still be replaced where its folder is open.
    const above = own.length === path.length ? aclOf(acl!, path.slice(0, path.lastIndexOf('\\'))) : null;
    return own.writable || above?.writable === true;
  }
  if (open >= shut) return true;
  return WRITABLE_SHAPE.test(path);
}

/** Folded, and without the prefix that turns off the parsing of paths. */
function plainPath(value: string): string {
  return foldAscii(value).replace(/^\\\\\?\\(?=[a-z]:\\)/, '');
}

/** Paths that need no look at a table. */
function oddPath(path: string): Grade | null {
  if (path.startsWith('\\\\'))
    return {
      room: 'place',
      reason: 'The path is on another machine or device, which an attacker may provide.',
      technique: 'T1036.005',
    };
  if (!/^[a-z]:\\/.test(path))
    return {
      room: 'text',
      reason: 'This is no full path of a drive: nothing is known that binds it.',
      technique: 'T1036.005',
    };
  // A folder "C:\Windows \" is not Windows; Win32 drops the blank or dot where it looks, NT keeps it.
  if (/[ .](?:\\|$)|\\\.\.?\\|\/|~\d|:.*:/.test(path))
    return {
      room: 'place',
      reason:
        'The path is spelled in a way that a look-alike folder meets: a blank or dot at the end of a name, a slash, a short name or a stream.',
      technique: 'T1036.005',
    };
  if (/[*?"<>|]/.test(path))
    return {
      room: 'text',
      reason: 'No path of a file holds such a character: what meets this is not known.',
      technique: 'T1036.005',
    };
  return null;
}
