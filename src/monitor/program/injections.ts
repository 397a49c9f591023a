/** One process at another's memory or registers: ptrace, process_vm_readv and _writev, writes to /proc/PID/mem. */
import type { Writing } from './writing.ts';
import { fileOf, LEVEL, memoryOwner, TASK, WHO, WHO_ARGS } from './parts.ts';
import { PTRACE_ACCESSES, PTRACE_INJECTIONS } from './ptrace.ts';

const PROC_SUPER_MAGIC = '0x9fa0';
const MEM = '0x006d656d';

/** What the kernel knows of a process by its pid: the number of its program's path, its start and its user, 0 where it knows nothing. */
const TARGET = (pid: string): string => `@image[${pid}], @start[${pid}], @owner[${pid}]`;

/**
 * `R … level target image start user address request`: ptrace; `v` and `Y` `… level target image start user address`: process_vm_readv
 * and _writev; `Z … level target image start user address`: a write to /proc/PID/mem. Image and start are of the target.
 */
export function injectionClauses(writing: Writing): readonly string[] {
  const { wants } = writing;
  const requests = [
    ...(wants('injections') ? PTRACE_INJECTIONS.keys() : []),
    ...(wants('accesses') ? PTRACE_ACCESSES.keys() : []),
  ];
  const vectors = [
    ...(wants('accesses') ? [['readv', 'v']] : []),
    ...(wants('injections') ? [['writev', 'Y']] : []),
  ];
  if (requests.length === 0) return [];
  return [
    `tracepoint:syscalls:sys_enter_ptrace /${requests.map((one) => `args->request == ${one}`).join(' || ')}/ {
  @request[tid] = (uint64)args->request; @target[tid] = (uint64)args->pid; @address[tid] = (uint64)args->addr; }`,
    `tracepoint:syscalls:sys_exit_ptrace /@request[tid]/ { if (args->ret == 0) { ${TASK} ${LEVEL}
  printf("R ${WHO} %d %d %llx %llu %d %llx %d", ${WHO_ARGS}, $level, @target[tid], ${TARGET('@target[tid]')}, @address[tid], @request[tid]); }
  delete(@request[tid]); delete(@target[tid]); delete(@address[tid]); }`,
    ...vectors.flatMap(([name, tag]) => [
      `tracepoint:syscalls:sys_enter_process_vm_${name} /pid != $1/ { @target[tid] = (uint64)args->pid; @address[tid] = (uint64)args->rvec; }`,
      `tracepoint:syscalls:sys_exit_process_vm_${name} /@target[tid]/ { if (args->ret > 0) { ${TASK} ${LEVEL}
  $a = *(uint64 *)uptr(@address[tid]); printf("${tag} ${WHO} %d %d %llx %llu %d %llx", ${WHO_ARGS}, $level, @target[tid], ${TARGET('@target[tid]')}, $a); }
  delete(@target[tid]); delete(@address[tid]); }`,
    ]),
    ...(wants('injections') ? memoryWrites(writing) : []),
  ];
}

/** Only processes that opened such a file for writing (@mem), and their children, have the file behind each write looked at. */
function memoryWrites({ tracepoints }: Writing): readonly string[] {
  const enter = (names: readonly string[], offset: string): readonly string[] => {
    const probes = tracepoints(...names.map((name) => `syscalls:sys_enter_${name}`));
    if (probes === null) return [];
    return [
      `${probes}
/@mem[pid]/ { ${TASK} ${fileOf('args->fd')} $d = (struct dentry *)$f->f_path.dentry;
  $in = (struct inode *)$f->f_inode; $sb = (struct super_block *)$in->i_sb; $w = *(uint32 *)((uint64)$d->d_name.name);
  if ((uint64)$sb->s_magic == ${PROC_SUPER_MAGIC} && $w == ${MEM}) { @writing[tid] = (uint64)$f; @offset[tid] = (uint64)${offset}; } }`,
    ];
  };
  const exits = tracepoints(
    ...['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'].map((name) => `syscalls:sys_exit_${name}`),
  );
  return [
    ...enter(['write', 'writev'], '$f->f_pos'),
    ...enter(['pwrite64'], 'args->pos'),
    ...enter(['pwritev', 'pwritev2'], 'args->pos_l'),
    `${exits}
/@writing[tid]/ { if (args->ret > 0) { ${TASK} ${LEVEL} $f = (struct file *)@writing[tid]; ${memoryOwner('$f')}
  printf("Z ${WHO} %d %d %llx %llu %d %llx", ${WHO_ARGS}, $level, $owner, ${TARGET('$owner')}, @offset[tid]); }
  delete(@writing[tid]); delete(@offset[tid]); }`,
    // An open file goes to the children, too.
    `tracepoint:task:task_newtask /@mem[pid]/ { @mem[args->pid] = 1; }`,
    `tracepoint:sched:sched_process_exit /@mem[pid]/ { $t = (struct task_struct *)curtask; $s = (struct signal_struct *)$t->signal;
  if ($s->live.counter == 0) { delete(@mem[pid]); } }`,
  ];
}
