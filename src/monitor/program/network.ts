/** Connections: TCP and UDP, made and accepted; datagrams to an address, once a minute each. */
import type { Writing } from './writing.ts';
import { fileOf, TASK, WHO, WHO_ARGS } from './parts.ts';

const EINPROGRESS = '-115';
const AF_INET = 2;
const AF_INET6 = 10;

/** Sets $k, the sock behind the socket in $f, and $fam, its family. */
const SOCK = `$s = (struct socket *)$f->private_data; $k = (struct sock *)$s->sk; $fam = $k->__sk_common.skc_family;`;

/** The ends of sock $k: `protocol port address port address`. Ports of the other end are in network order. */
function ends(tag: string): string {
  const print = (local: string, other: string): string =>
    `printf("${tag} ${WHO} %d %d %s %d %s", ${WHO_ARGS}, $k->sk_protocol, $k->__sk_common.skc_num, ntop(${local}), $k->__sk_common.skc_dport, ntop(${other}));`;
  return `if ($fam == ${AF_INET}) { ${print('$k->__sk_common.skc_rcv_saddr', '$k->__sk_common.skc_daddr')} }
  if ($fam == ${AF_INET6}) { ${print('$k->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8', '$k->__sk_common.skc_v6_daddr.in6_u.u6_addr8')} }`;
}

/** `N … protocol port address port address`: connected; `I …`: accepted; `U …`: a datagram was sent to an address. */
export function networkClauses({ wants, tracepoints }: Writing): readonly string[] {
  if (!wants('connections')) return [];
  const accepts = tracepoints('syscalls:sys_exit_accept', 'syscalls:sys_exit_accept4');
  return [
    `tracepoint:syscalls:sys_enter_connect { @connect[tid] = (uint64)args->fd + 1; }`,
    `tracepoint:syscalls:sys_exit_connect /@connect[tid]/ {
  if (args->ret == 0 || args->ret == ${EINPROGRESS}) { ${TASK} ${fileOf('@connect[tid] - 1')} ${SOCK}
  ${ends('N')} }
  delete(@connect[tid]); }`,
    `${accepts}
/args->ret >= 0/ { ${TASK} ${fileOf('args->ret')} ${SOCK}
  ${ends('I')} }`,
    `tracepoint:syscalls:sys_enter_sendto /args->addr != 0/ { @sendto[tid] = (uint64)args->addr; @sendfd[tid] = (uint64)args->fd; }`,
    // struct user_msghdr begins with the pointer to the address.
    `tracepoint:syscalls:sys_enter_sendmsg { $a = *(uint64 *)uptr((uint64)args->msg); if ($a != 0) { @sendto[tid] = $a; @sendfd[tid] = (uint64)args->fd; } }`,
    `tracepoint:syscalls:sys_exit_sendto, tracepoint:syscalls:sys_exit_sendmsg /@sendto[tid]/ { if (args->ret >= 0) {
  ${TASK} ${fileOf('@sendfd[tid]')} ${SOCK} $a = @sendto[tid]; $port = *(uint16 *)uptr($a + 2);
  if ($fam == ${AF_INET}) { $ip = *(uint32 *)uptr($a + 4);
    if (@sent[pid, (uint64)$ip, (uint64)$port] == 0) { @sent[pid, (uint64)$ip, (uint64)$port] = 1;
      printf("U ${WHO} %d %d %s %d %s", ${WHO_ARGS}, $k->sk_protocol, $k->__sk_common.skc_num, ntop($k->__sk_common.skc_rcv_saddr), $port, ntop($ip)); } }
  if ($fam == ${AF_INET6}) { $hi = *(uint64 *)uptr($a + 8); $lo = *(uint64 *)uptr($a + 16);
    if (@sent[pid, $hi ^ $lo, (uint64)$port] == 0) { @sent[pid, $hi ^ $lo, (uint64)$port] = 1;
      printf("u ${WHO} %d %d %s %d %llx %llx", ${WHO_ARGS}, $k->sk_protocol, $k->__sk_common.skc_num, ntop($k->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8), $port, $hi, $lo); } } }
  delete(@sendto[tid]); delete(@sendfd[tid]); }`,
    `interval:s:60 { clear(@sent); }`,
  ];
}
