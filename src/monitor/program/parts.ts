/** Pieces of clauses: who did it, the file behind a descriptor, the path behind a dentry, a path in the caller's memory. */
import { CHUNK, type Syntax } from './syntax.ts';

/** Members of a path that are walked: deeper ones are told as cut. */
export const MAX_DEPTH: number = 64;
/** Longest path that the kernel takes. */
const PATH_BYTES = 4096;
/** Offset of `mnt` in struct mount, after mnt_hash (16 bytes), mnt_parent and mnt_mountpoint: fs/mount.h, since Linux 3.3. */
const MNT_OFFSET = 32;

/** Sets $t and $start: the task, and when its process started. */
export const TASK =
  '$t = (struct task_struct *)curtask; $lead = (struct task_struct *)$t->group_leader; $start = $lead->start_boottime;';

/** What every record begins with, to be used after TASK. */
export const WHO = '%llu %d %d %d %llu %llx';
export const WHO_ARGS = 'nsecs, pid, tid, uid, $start, @image[pid]';

/** How deep the caller's pid namespace is: below the first, the pids that it names are its namespace's own. */
export const LEVEL = '$tp = (struct pid *)$t->thread_pid; $level = $tp->level;';

/** Sets $f, the file behind a descriptor of the current task. */
export function fileOf(fd: string): string {
  return `$fd = (uint64)(${fd}); $fs = (struct files_struct *)$t->files; $fdt = (struct fdtable *)$fs->fdt;
  $f = (struct file *)*(uint64 *)((uint64)$fdt->fd + 8 * $fd);`;
}

/** Sets $d and $m, dentry and mount of a file in $f. */
export const FILE_PATH = '$d = (struct dentry *)$f->f_path.dentry; $m = (uint64)$f->f_path.mnt;';
/** Sets $d and $m of the current directory. */
export const CURRENT_DIRECTORY =
  '$fst = (struct fs_struct *)$t->fs; $d = (struct dentry *)$fst->pwd.dentry; $m = (uint64)$fst->pwd.mnt;';

/** One step from $x in the mount $mp towards the root, doing something with a member of the path. */
function step(member: string): string {
  return `$dx = (struct dentry *)$x; $px = (uint64)$dx->d_parent;
    if ($px == $x) {
      $mx = (struct mount *)$mp; $pm = (uint64)$mx->mnt_parent;
      if ($pm == $mp) {
        // A file without a folder (memfd) is its own root, and has a name.
        $c = *(uint8 *)((uint64)$dx->d_name.name); if ($c != 47) { ${member} }
        break;
      }
      $x = (uint64)$mx->mnt_mountpoint; $mp = $pm;
    } else { ${member} $x = $px; }
    $i++;`;
}

/**
 * Sets $h, a number that stands for the path of dentry $d in mount $m, and prints the path's members where they were not
 * printed before: `W h index name`, the second half of a long name as `w h index rest`, then `V h count`. The number is
 * made of the names' own hashes, which the kernel salts with their parents: it stays right when names move.
 */
export function walk({ kernelText }: Syntax): string {
  return `
  $h = (uint64)14695981039346656037; $x = (uint64)$d; $mp = $m - ${MNT_OFFSET}; $i = 0;
  while ($i < ${MAX_DEPTH}) {
    ${step('$h = ($h ^ (uint64)$dx->d_name.hash_len) * 1099511628211;')}
  }
  if (@path[$h] == 0) {
    @path[$h] = 1; $x = (uint64)$d; $mp = $m - ${MNT_OFFSET}; $i = 0; $n = 0;
    while ($i < ${MAX_DEPTH}) {
      ${step(`printf("W %llx %d %s", $h, $n, ${kernelText('$dx->d_name.name')});
      if ($dx->d_name.len > ${CHUNK}) { printf("w %llx %d %s", $h, $n, ${kernelText(`(uint64)$dx->d_name.name + ${CHUNK}`)}); }
      $n++;`)}
    }
    printf("V %llx %d %d", $h, $n, $i);
  }`;
}

/** Prints a NUL-terminated path in the caller's memory as `P tid index text`. */
export function userPath({ userText }: Syntax, pointer: string): string {
  return `$o = (uint64)${pointer}; $i = 0;
  while ($i < ${Math.ceil(PATH_BYTES / CHUNK)}) {
    printf("P %d %d %s", tid, $i, ${userText('$o')});
    $last = *(uint8 *)uptr($o + ${CHUNK - 1});
    if ($last == 0) { break; }
    $o += ${CHUNK}; $i++;
  }`;
}

/** "task" and its NUL bytes, as a number of eight. */
const TASK_FOLDER = '0x6b736174';

/** Sets $owner: the pid in the path of a file in $f that is a `mem` of /proc: `PID/mem` or `PID/task/TID/mem`. */
export function memoryOwner(file: string): string {
  return `$d = (struct dentry *)${file}->f_path.dentry;
  $d1 = (struct dentry *)$d->d_parent; $d2 = (struct dentry *)$d1->d_parent; $d3 = (struct dentry *)$d2->d_parent;
  $digits = *(uint64 *)((uint64)$d1->d_name.name); $above = *(uint64 *)((uint64)$d2->d_name.name);
  if (($above & 0xffffffffff) == ${TASK_FOLDER}) { $digits = *(uint64 *)((uint64)$d3->d_name.name); }
  $owner = (uint64)0; $i = 0;
  while ($i < 8) {
    $digit = $digits & 0xff;
    if ($digit < 48 || $digit > 57) { break; }
    $owner = $owner * 10 + ($digit - 48); $digits = $digits >> 8; $i++;
  }`;
}
