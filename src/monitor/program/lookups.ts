/** Names looked up with the C library's getaddrinfo: programs that bring their own resolver are not seen. */
import type { Writing } from './writing.ts';
import { TASK, WHO, WHO_ARGS } from './parts.ts';

/** Addresses of one lookup that are told. */
const MAX_ADDRESSES = 16;

/**
 * `a tid index family high low`: one address, the four or sixteen bytes as numbers; `Q … status name`: the lookup.
 * struct addrinfo, netdb.h: ai_family at 4, ai_addr at 24, ai_next at 40; an address at 4 in sockaddr_in, 8 in sockaddr_in6.
 */
export function lookupClauses({ syntax, wants, libc }: Writing): readonly string[] {
  if (!wants('name-lookups') || libc === null) return [];
  return [
    `uprobe:${libc}:getaddrinfo /arg0 != 0/ { @name[tid] = (uint64)arg0; @result[tid] = (uint64)arg3; }`,
    `uretprobe:${libc}:getaddrinfo /@name[tid]/ { $status = (int64)retval; if ($status == 0) {
  $next = *(uint64 *)uptr(@result[tid]); $i = 0;
  while ($i < ${MAX_ADDRESSES} && $next != 0) {
    $family = *(uint32 *)uptr($next + 4); $address = *(uint64 *)uptr($next + 24);
    if ($family == 2) { $ip = *(uint32 *)uptr($address + 4); printf("a %d %d 2 0 %x", tid, $i, $ip); }
    if ($family == 10) { $hi = *(uint64 *)uptr($address + 8); $lo = *(uint64 *)uptr($address + 16); printf("a %d %d 10 %llx %llx", tid, $i, $hi, $lo); }
    $next = *(uint64 *)uptr($next + 40); $i++;
  } } }`,
    `uretprobe:${libc}:getaddrinfo /@name[tid]/ { ${TASK} $status = (int32)retval;
  printf("Q ${WHO} %d %s", ${WHO_ARGS}, $status, ${syntax.userText('@name[tid]')}); delete(@name[tid]); delete(@result[tid]); }`,
  ];
}
