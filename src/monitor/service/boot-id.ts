import { readFileSync } from 'node:fs';

/** The kernel's id of this boot, with `root` before its path; null where it does not tell. */
export function bootId(root: string): string | null {
  try {
    return readFileSync(`${root}/proc/sys/kernel/random/boot_id`, 'utf8').trim();
  } catch {
    return null;
  }
}
