/** Processes: fork, exec and exit. Always followed: every event tells of processes that began long before. */
import type { Writing } from './writing.ts';
import { ARGUMENT_BYTES } from './syntax.ts';
import { CURRENT_DIRECTORY, FILE_PATH, LEVEL, TASK, walk, WHO, WHO_ARGS } from './parts.ts';

const CLONE_THREAD = '0x10000';
const EXEC = 'tracepoint:sched:sched_process_exec';
const EXECUTABLE = `$mm = (struct mm_struct *)$t->mm; $f = (struct file *)$mm->exe_file; ${FILE_PATH}`;

/**
 * `K nsecs parent tid uid start child`: a fork; `A pid index hex`: bytes of the arguments;
 * `E … parent euid loginuid session level argument-bytes executable directory deleted`: an exec; `X … code`: the last thread of a process ended.
 */
export function processClauses({ syntax, wants }: Writing): readonly string[] {
  const whole = wants('command-lines');
  const directory = whole ? '@cwd[tid]' : '(uint64)0';
  return [
    `tracepoint:task:task_newtask /!(args->clone_flags & ${CLONE_THREAD})/ { ${TASK}
  printf("K ${WHO} %d", ${WHO_ARGS}, args->pid); }`,
    `${EXEC} { ${TASK} ${EXECUTABLE} ${walk(syntax)}
  @exe[tid] = $h; }`,
    ...(whole
      ? [
          `${EXEC} { ${TASK} ${CURRENT_DIRECTORY} ${walk(syntax)}
  @cwd[tid] = $h; }`,
          `${EXEC} { ${TASK} $mm = (struct mm_struct *)$t->mm; $o = (uint64)$mm->arg_start; $e = (uint64)$mm->arg_end; $i = 0;
  while ($o < $e && $i < ${syntax.argumentStrings}) {
    printf("A %d %d %rh", pid, $i, buf(uptr($o), ${ARGUMENT_BYTES})); $o += ${ARGUMENT_BYTES}; $i++;
  } }`,
        ]
      : []),
    `${EXEC} { ${TASK} ${LEVEL} ${EXECUTABLE}
  $hash = (uint64)$d->d_hash.pprev; $deleted = $hash == 0 ? 1 : 0;
  $pp = (struct task_struct *)$t->real_parent; $cr = (struct cred *)$t->cred;
  printf("E ${WHO} %d %d %u %u %d %llu %llx %llx %d", ${WHO_ARGS}, $pp->tgid, $cr->euid.val, $t->loginuid.val, $t->sessionid, $level,
    $mm->arg_end - $mm->arg_start, @exe[tid], ${directory}, $deleted);
  delete(@exe[tid]);${whole ? ` delete(@cwd[tid]);` : ''} }`,
    `tracepoint:sched:sched_process_exit { ${TASK} $s = (struct signal_struct *)$t->signal;
  if ($s->live.counter == 0) { printf("X ${WHO} %d", ${WHO_ARGS}, $t->exit_code); } }`,
  ];
}
