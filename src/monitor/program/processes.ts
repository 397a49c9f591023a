/**
 * Processes: fork, exec and exit. Each record costs more than all the probes together, so where no event tells of processes
 * themselves nothing is printed for them: the kernel keeps what program each runs, and the records of events carry it.
 */
import { CURRENT_DIRECTORY, FILE_PATH, LEVEL, TASK, walk, WHO, WHO_ARGS } from './parts.ts';
import { ARGUMENT_BYTES } from './syntax.ts';
import type { Writing } from './writing.ts';

const CLONE_THREAD = '0x10000';
const FORK = `tracepoint:task:task_newtask /!(args->clone_flags & ${CLONE_THREAD})`;
const EXEC = 'tracepoint:sched:sched_process_exec';
const EXECUTABLE = `$mm = (struct mm_struct *)$t->mm; $f = (struct file *)$mm->exe_file; ${FILE_PATH}`;

/**
 * `K … child`: a fork; `A pid index hex`: bytes of the arguments; `E … parent euid loginuid session level argument-bytes directory deleted inode`:
 * an exec; `X … code`: the last thread of a process ended. In the maps: what program each process runs, and since when it is there.
 */
export function processClauses({ syntax, wants }: Writing): readonly string[] {
  const starts = wants('process-starts');
  return [
    // A process that is older than the sensor is looked at when it first has a child.
    `${FORK} && @image[pid] == 0/ { ${TASK} $mm = (struct mm_struct *)$t->mm; if ((uint64)$mm != 0) { ${EXECUTABLE} ${walk(syntax)}
  @image[pid] = $h; } }`,
    `${FORK}/ { @image[args->pid] = @image[pid]; @start[args->pid] = nsecs; @owner[args->pid] = uid; }`,
    ...(starts ? [`${FORK}/ { ${TASK} printf("K ${WHO} %d", ${WHO_ARGS}, args->pid); }`] : []),
    `${EXEC} { ${TASK} ${EXECUTABLE} ${walk(syntax)}
  @image[pid] = $h; @start[pid] = $start; @owner[pid] = uid; }`,
    ...(starts
      ? [
          `${EXEC} { ${TASK} ${CURRENT_DIRECTORY} ${walk(syntax)}
  @cwd[tid] = $h; }`,
          // The last string alone is of a length that varies: in the loop, the verifier would take thirty times as long. It is
          // cut to its bound, not only compared with it: the verifier of kernel 6.1 forgets the comparison.
          `${EXEC} { ${TASK} $mm = (struct mm_struct *)$t->mm; $o = (uint64)$mm->arg_start; $e = (uint64)$mm->arg_end; $i = 0;
  while ($i < ${syntax.argumentStrings}) {
    if ($o + ${ARGUMENT_BYTES} >= $e) { break; }
    printf("A %d %d %rh", pid, $i, buf(uptr($o), ${ARGUMENT_BYTES})); $o += ${ARGUMENT_BYTES}; $i++;
  }
  $n = $e - $o; if ($n > ${ARGUMENT_BYTES}) { $n = ${ARGUMENT_BYTES}; }
  printf("A %d %d %rh", pid, $i, buf(uptr($o), $n)); }`,
          `${EXEC} { ${TASK} ${LEVEL} ${EXECUTABLE}
  $hash = (uint64)$d->d_hash.pprev; $deleted = $hash == 0 ? 1 : 0; $in = (struct inode *)$f->f_inode;
  $pp = (struct task_struct *)$t->real_parent; $cr = (struct cred *)$t->cred;
  printf("E ${WHO} %d %d %u %u %d %llu %llx %d %llu", ${WHO_ARGS}, $pp->tgid, $cr->euid.val, $t->loginuid.val, $t->sessionid, $level,
    $mm->arg_end - $mm->arg_start, @cwd[tid], $deleted, $in->i_ino);
  delete(@cwd[tid]); }`,
        ]
      : []),
    `tracepoint:sched:sched_process_exit { ${TASK} $s = (struct signal_struct *)$t->signal;
  if ($s->live.counter == 0) {${
    starts || wants('process-ends')
      ? `
    printf("X ${WHO} %d", ${WHO_ARGS}, $t->exit_code);`
      : ''
  }
    if (@image[pid] != 0) { delete(@image[pid]); }
    if (@start[pid] != 0) { delete(@start[pid]); delete(@owner[pid]); }
  } }`,
  ];
}
