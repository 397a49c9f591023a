/** What the writers of clauses share. */
import type { Probe } from './probes.ts';
import type { Syntax, TracerVersion } from './syntax.ts';

export interface ProgramOptions {
  readonly probes: readonly Probe[];
  readonly version: TracerVersion;
  /** Major and minor. */
  readonly kernel: TracerVersion;
  /** Whether the kernel has a tracepoint, such as `syscalls:sys_enter_creat`. */
  readonly has: (tracepoint: string) => boolean;
  /** Path of the C library whose getaddrinfo is probed; null where none was found. */
  readonly libc: string | null;
}

/** Options, and what follows from them. */
export interface Writing extends ProgramOptions {
  readonly syntax: Syntax;
  readonly wants: (probe: Probe) => boolean;
  /** `tracepoint:a, tracepoint:b` of those that the kernel has; null where it has none of them. */
  readonly tracepoints: (...names: readonly string[]) => string | null;
}
