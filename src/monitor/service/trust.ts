/** Who could change a program that root will run. */
import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';

const [GROUP_WRITE, OTHERS_WRITE, STICKY] = [0o020, 0o002, 0o1000];

/**
 * Why others than root could replace this file, or null. `path` is free of symbolic links; the folders above it are
 * looked at, too. Throws what the file system says.
 */
export function changeableBy(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    const { uid, gid, mode } = lstatSync(at);
    if (uid !== 0) return `${at} belongs to user ${uid}`;
    // In a sticky folder, such as /tmp, only the owner replaces what is there.
    const open = at === path || (mode & STICKY) === 0;
    if (open && mode & OTHERS_WRITE) return `everybody may write to ${at}`;
    if (open && mode & GROUP_WRITE && gid !== 0) return `group ${gid} may write to ${at}`;
    if (at === dirname(at)) return null;
  }
}
