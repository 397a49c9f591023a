/** Files: created, deleted, given other times; block devices opened for reading; /proc/PID/mem opened for writing. */
import { CHUNK, type Syntax } from './syntax.ts';
import type { Writing } from './writing.ts';
import {
  CURRENT_DIRECTORY,
  FILE_PATH,
  fileOf,
  LEVEL,
  memoryOwner,
  TASK,
  userPath,
  walk,
  WHO,
  WHO_ARGS,
} from './parts.ts';

/** include/linux/fs.h: the open made the file. */
const FMODE_CREATED = '0x100000';
const FMODE_READ = '1';
const FMODE_WRITE = '2';
const S_IFMT = '0xf000';
const S_IFBLK = '0x6000';
/** include/uapi/linux/magic.h */
const PROC_SUPER_MAGIC = '0x9fa0';
/** "mem" and its NUL, as a number. */
const MEM = '0x006d656d';
const AT_FDCWD = '0xffffff9c';
const AT_REMOVEDIR = '0x200';
const ABSOLUTE = 47;

/**
 * `c tid rest` and `C … directory length name`: a file was created; `O … path`: a block device was opened for reading;
 * `M … level target image start user`: /proc/PID/mem was opened for writing, image and start being of that process;
 * `D … directory`: a file was deleted; `S … directory seconds nanoseconds`: its time was set; both after their path (`P`).
 */
export function fileClauses(writing: Writing): readonly string[] {
  return [...openClauses(writing), ...deleteClauses(writing), ...timeClauses(writing)];
}

function openClauses({ syntax, wants, tracepoints }: Writing): readonly string[] {
  const memory = wants('injections') || wants('accesses');
  if (!wants('file-creations') && !wants('raw-reads') && !memory) return [];
  const opens = tracepoints(
    'syscalls:sys_exit_openat',
    'syscalls:sys_exit_open',
    'syscalls:sys_exit_openat2',
    'syscalls:sys_exit_creat',
  );
  if (opens === null) return [];
  const kinds = [
    wants('file-creations')
      ? `if ((uint64)$f->f_mode & ${FMODE_CREATED}) { @opened[tid] = (uint64)$f; @kind[tid] = 1; }`
      : '',
    wants('raw-reads')
      ? `if (((uint64)$in->i_mode & ${S_IFMT}) == ${S_IFBLK} && ((uint64)$f->f_mode & ${FMODE_READ})) { @opened[tid] = (uint64)$f; @kind[tid] = 2; }`
      : '',
    memory
      ? `$sb = (struct super_block *)$in->i_sb;
  if ((uint64)$sb->s_magic == ${PROC_SUPER_MAGIC} && ((uint64)$f->f_mode & ${FMODE_WRITE})) {
    $d = (struct dentry *)$f->f_path.dentry; $w = *(uint32 *)((uint64)$d->d_name.name);
    if ($w == ${MEM}) { @opened[tid] = (uint64)$f; @kind[tid] = 3; @mem[pid] = 1; }
  }`
      : '',
  ].filter((text) => text !== '');
  const clauses = [
    `${opens}
/args->ret >= 0 && pid != $1/ { ${TASK} ${fileOf('args->ret')} $in = (struct inode *)$f->f_inode;
  ${kinds.join('\n  ')} }`,
  ];
  if (wants('file-creations')) {
    clauses.push(
      `${opens}
/@kind[tid] == 1/ { $f = (struct file *)@opened[tid]; ${FILE_PATH} $d = (struct dentry *)$d->d_parent; ${walk(syntax)}
  @dir[tid] = $h; }`,
      `${opens}
/@kind[tid] == 1/ { $f = (struct file *)@opened[tid]; $d = (struct dentry *)$f->f_path.dentry;
  if ($d->d_name.len > ${CHUNK}) { printf("c %d %s", tid, ${syntax.kernelText(`(uint64)$d->d_name.name + ${CHUNK}`)}); } }`,
      `${opens}
/@kind[tid] == 1/ { ${TASK} $f = (struct file *)@opened[tid]; $d = (struct dentry *)$f->f_path.dentry;
  printf("C ${WHO} %llx %d %s", ${WHO_ARGS}, @dir[tid], $d->d_name.len, ${syntax.kernelText('$d->d_name.name')}); delete(@dir[tid]); }`,
    );
  }
  if (wants('raw-reads')) {
    clauses.push(
      `${opens}
/@kind[tid] == 2/ { ${TASK} $f = (struct file *)@opened[tid]; ${FILE_PATH} ${walk(syntax)}
  printf("O ${WHO} %llx", ${WHO_ARGS}, $h); }`,
    );
  }
  if (memory) {
    clauses.push(
      `${opens}
/@kind[tid] == 3/ { ${TASK} ${LEVEL} $f = (struct file *)@opened[tid]; ${memoryOwner('$f')}
  printf("M ${WHO} %d %d %llx %llu %d", ${WHO_ARGS}, $level, $owner, @image[$owner], @start[$owner], @owner[$owner]); }`,
    );
  }
  return [...clauses, `${opens} /@kind[tid]/ { delete(@opened[tid]); delete(@kind[tid]); }`];
}

/** Sets @dir[tid] to the folder that a path in the caller's memory is relative to; 0 for an absolute one. */
function baseFolder(
  syntax: Syntax,
  exit: string,
  guard: string,
  path: string,
  fd: string,
): readonly string[] {
  return [
    `${exit} /${guard} && ${fd} == ${AT_FDCWD}/ { ${TASK} $c = (uint8)0; if (${path} != 0) { $c = *(uint8 *)uptr(${path}); }
  if ($c != ${ABSOLUTE}) { ${CURRENT_DIRECTORY} ${walk(syntax)}
  @dir[tid] = $h; } }`,
    `${exit} /${guard} && ${fd} != ${AT_FDCWD}/ { ${TASK} $c = (uint8)0; if (${path} != 0) { $c = *(uint8 *)uptr(${path}); }
  if ($c != ${ABSOLUTE}) { ${fileOf(fd)} ${FILE_PATH} ${walk(syntax)}
  @dir[tid] = $h; } }`,
  ];
}

function deleteClauses({ syntax, wants, has }: Writing): readonly string[] {
  if (!wants('file-deletions')) return [];
  const calls = [
    {
      name: 'unlinkat',
      fd: `(uint64)(args->dfd & 0xffffffff)`,
      guard: `/(args->flag & ${AT_REMOVEDIR}) == 0 && pid != $1/ `,
    },
    { name: 'unlink', fd: `(uint64)${AT_FDCWD}`, guard: '/pid != $1/ ' },
  ].filter(({ name }) => has(`syscalls:sys_enter_${name}`));
  return calls.flatMap(({ name, fd, guard }) => {
    const exit = `tracepoint:syscalls:sys_exit_${name}`;
    const done = `@unlink[tid] && args->ret == 0`;
    return [
      `tracepoint:syscalls:sys_enter_${name} ${guard}{ @unlink[tid] = (uint64)args->pathname; @fd[tid] = ${fd}; @dir[tid] = (uint64)0; }`,
      ...baseFolder(syntax, exit, done, '@unlink[tid]', '@fd[tid]'),
      `${exit} /${done}/ { ${userPath(syntax, '@unlink[tid]')} }`,
      `${exit} /${done}/ { ${TASK} printf("D ${WHO} %llx", ${WHO_ARGS}, @dir[tid]); }`,
      `${exit} /@unlink[tid]/ { delete(@unlink[tid]); delete(@fd[tid]); delete(@dir[tid]); }`,
    ];
  });
}

/** Both change nothing to a time of one's own choosing. */
const UTIME_NOW = '1073741823';
const UTIME_OMIT = '1073741822';

/** The calls that set times. `at`: where in their structure the time of change stands; `fraction`: its part of a second in nanoseconds. */
const TIME_CALLS = [
  {
    name: 'utimensat',
    times: 'utimes',
    folder: 'dfd',
    at: 16,
    fraction: (at: string) => `*(int64 *)uptr(${at} + 24)`,
  },
  {
    name: 'futimesat',
    times: 'utimes',
    folder: 'dfd',
    at: 16,
    fraction: (at: string) => `*(int64 *)uptr(${at} + 24) * 1000`,
  },
  {
    name: 'utimes',
    times: 'utimes',
    folder: null,
    at: 16,
    fraction: (at: string) => `*(int64 *)uptr(${at} + 24) * 1000`,
  },
  { name: 'utime', times: 'times', folder: null, at: 8, fraction: () => '(int64)0' },
] as const;

function timeClauses({ syntax, wants, has }: Writing): readonly string[] {
  if (!wants('file-times')) return [];
  return TIME_CALLS.filter(({ name }) => has(`syscalls:sys_enter_${name}`)).flatMap(
    ({ name, times, folder, at, fraction }) => {
      const exit = `tracepoint:syscalls:sys_exit_${name}`;
      const done = `@times[tid] && args->ret == 0`;
      const fd = folder === null ? AT_FDCWD : `(args->${folder} & 0xffffffff)`;
      return [
        `tracepoint:syscalls:sys_enter_${name} /args->${times} != 0 && pid != $1/ {
  @times[tid] = (uint64)args->${times}; @timed[tid] = (uint64)args->filename; @fd[tid] = (uint64)${fd}; @dir[tid] = (uint64)0; }`,
        ...baseFolder(syntax, exit, done, '@timed[tid]', '@fd[tid]'),
        `${exit} /${done} && @timed[tid] != 0/ { ${userPath(syntax, '@timed[tid]')} }`,
        // The file behind the descriptor itself.
        `${exit} /${done} && @timed[tid] == 0/ { printf("P %d 0 ", tid); }`,
        `${exit} /${done}/ { ${TASK} $s = *(int64 *)uptr(@times[tid] + ${at}); $n = ${fraction('@times[tid]')};
  if ($n != ${UTIME_NOW} && $n != ${UTIME_OMIT}) { printf("S ${WHO} %llx %lld %lld", ${WHO_ARGS}, @dir[tid], $s, $n); } }`,
        `${exit} /@times[tid]/ { delete(@times[tid]); delete(@timed[tid]); delete(@fd[tid]); delete(@dir[tid]); }`,
      ];
    },
  );
}
