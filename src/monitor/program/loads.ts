/** Code loaded into the kernel: modules and BPF programs. */
import type { Writing } from './writing.ts';
import { FILE_PATH, fileOf, TASK, walk, WHO, WHO_ARGS } from './parts.ts';

/** enum bpf_cmd and union bpf_attr, include/uapi/linux/bpf.h */
const BPF_PROG_LOAD = 5;
const PROG_NAME_OFFSET = 48;

/** `B … type name`: a BPF program; `L … path`: a module out of a file; `l …`: a module out of memory. */
export function loadClauses({ syntax, wants, has }: Writing): readonly string[] {
  if (!wants('loads')) return [];
  const clauses = [
    `tracepoint:syscalls:sys_enter_bpf /args->cmd == ${BPF_PROG_LOAD}/ { @attr[tid] = (uint64)args->uattr; }`,
    `tracepoint:syscalls:sys_exit_bpf /@attr[tid]/ { if (args->ret >= 0) { ${TASK} $type = *(uint32 *)uptr(@attr[tid]);
  printf("B ${WHO} %d %s", ${WHO_ARGS}, $type, ${syntax.userText(`@attr[tid] + ${PROG_NAME_OFFSET}`)}); }
  delete(@attr[tid]); }`,
  ];
  if (has('syscalls:sys_enter_finit_module')) {
    clauses.push(
      `tracepoint:syscalls:sys_enter_finit_module { @module[tid] = (uint64)args->fd + 1; }`,
      `tracepoint:syscalls:sys_exit_finit_module /@module[tid]/ { if (args->ret == 0) { ${TASK} ${fileOf('@module[tid] - 1')} ${FILE_PATH} ${walk(syntax)}
  printf("L ${WHO} %llx", ${WHO_ARGS}, $h); }
  delete(@module[tid]); }`,
    );
  }
  if (has('syscalls:sys_exit_init_module')) {
    clauses.push(
      `tracepoint:syscalls:sys_exit_init_module /args->ret == 0/ { ${TASK} printf("l ${WHO}", ${WHO_ARGS}); }`,
    );
  }
  return clauses;
}
