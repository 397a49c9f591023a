/** What it takes to run a program, or to have a file, under a path that an entry asks for. */
import { type Acl, writableBelow, writableBy } from './acl.ts';
import { FOLDERS, SYSTEM_ROOTS } from './folders.ts';
import { KERNEL_PROCESSES, LOADERS } from './programs.ts';
import type { Grade } from './room.ts';

const DRIVE = /^[a-z]:\\/;

/** One whole path, folded. */
export function gradePath(written: string, acl?: Acl): Grade {
  const kernel = KERNEL_PROCESSES.find(({ image }) => image === written);
  if (kernel)
    return {
      room: kernel.room,
      reason: `${kernel.image} is ${kernel.note}: no file can carry this name.`,
      technique: 'T1014',
    };
  if (!written.includes('\\'))
    return {
      room: 'text',
      reason: `"${written}" is no path: what stands for a process that is gone or unknown, or a bare name, can be brought about by anyone.`,
      technique: 'T1036.005',
    };
  const path = onDrive(written);
  const told = acl && writableBy(acl, path);
  if (told === true) return place('by the access lists given, users may write there');
  if (told === undefined) {
    const why = userWritable(path);
    if (why !== null) return place(why);
  }
  const name = path.slice(path.lastIndexOf('\\') + 1);
  const loader = LOADERS.find((row) => row.name === name);
  if (loader)
    return {
      room: 'start',
      reason: `Any user may start ${name}, and it runs what it is told to: no takeover is needed.`,
      technique: loader.technique,
    };
  return {
    room: 'start',
    reason: `Any user may start this program suspended, put code of his own into it and let it run.`,
    technique: 'T1055.012',
  };
}

/** All paths that begin so, folded. */
export function gradePrefix(written: string, acl?: Acl): Grade {
  const prefix = onDrive(written);
  const folder = prefix.slice(0, prefix.lastIndexOf('\\') + 1);
  // C:\Windows without its backslash is C:\Windows2\ as well, and any user may make that.
  if (!DRIVE.test(folder) || folder.length <= 3)
    return place('a folder that begins so may be made by any user');
  const below = acl && writableBelow(acl, prefix);
  if (below) return place(`by the access lists given, users may write to ${below}`);
  if (acl && writableBy(acl, folder) === false) return started();
  const inside = FOLDERS.find((row) => row.writable && row.folder.startsWith(prefix));
  if (inside) return place(`${inside.folder} is among them: ${inside.note}`);
  const why = userWritable(`${folder}x`);
  return why === null ? started() : place(why);
}

function started(): Grade {
  return {
    room: 'start',
    reason: 'Any user may start a program of this folder suspended and put code of his own into it.',
    technique: 'T1055.012',
  };
}

function place(why: string): Grade {
  return { room: 'place', reason: `A plain user may put a program there (${why}).`, technique: 'T1036.005' };
}

function onDrive(path: string): string {
  const root = SYSTEM_ROOTS.find((one) => path.startsWith(one));
  return root === undefined ? path.replace(/^\\[\\?]\?\\/, '') : `c:\\windows\\${path.slice(root.length)}`;
}

/** Why plain users may have a file of this path; null where the tables say that they may not. */
function userWritable(path: string): string | null {
  if (path.startsWith('\\\\')) return 'a share, which anyone may offer';
  if (!DRIVE.test(path)) return 'no drive: what is behind it is not known';
  if (!path.startsWith('c:\\')) return 'another drive, where users may make folders';
  const parts = path.split('\\');
  if (parts.some((part) => part === '..' || /[ .]$/.test(part)) || path.slice(2).includes(':'))
    return 'a spelling that looks like another folder';
  let deepest: (typeof FOLDERS)[number] | null = null;
  for (const row of FOLDERS) {
    if (path.startsWith(row.folder) && row.folder.length > (deepest?.folder.length ?? 0)) deepest = row;
  }
  if (!deepest) return 'users may make folders on C:\\';
  return deepest.writable ? deepest.note : null;
}
