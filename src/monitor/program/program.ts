/**
 * Writes the bpftrace program: one record per line of output, in the shapes that `record.ts` reads. Tracepoints and BTF
 * only. Every record of something that happened begins `TAG nsecs pid tid uid start image`: the boot-based start of
 * the process in nanoseconds, and the number of the path of its program; what an attacker can choose stands last. Parts of a record that don't fit into one
 * (paths, arguments) are printed before it, on the same CPU.
 *
 * A clause has 512 bytes of stack, so each prints one string at most, and one event takes several clauses.
 */
import { fileClauses } from './files.ts';
import { injectionClauses } from './injections.ts';
import { loadClauses } from './loads.ts';
import { lookupClauses } from './lookups.ts';
import { networkClauses } from './network.ts';
import { processClauses } from './processes.ts';
import { syntaxOf } from './syntax.ts';
import type { ProgramOptions, Writing } from './writing.ts';

/** The program. Its first positional parameter is the process of the sensor, whose own doings are not told. */
export function writeProgram(options: ProgramOptions): string {
  const syntax = syntaxOf(options.version, options.kernel);
  const writing: Writing = {
    ...options,
    syntax,
    wants: (probe) => options.probes.includes(probe),
    tracepoints: (...names) => {
      const there = names.filter(options.has).map((name) => `tracepoint:${name}`);
      return there.length === 0 ? null : there.join(',\n');
    },
  };
  const clauses = [
    // Each CPU's records are read in their order: what has its tick behind it has been read.
    `profile:hz:10 { printf("T %d %llu", cpu, nsecs); }`,
    ...(syntax.countsRecords ? ['interval:s:1 { printf("# %lld", (int64)@made); }'] : []),
    // Paths are told once each; told again after this, so that one that was lost is not lost for good.
    `interval:s:60 { clear(@path); }`,
    ...processClauses(writing),
    ...fileClauses(writing),
    ...injectionClauses(writing),
    ...networkClauses(writing),
    ...loadClauses(writing),
    ...lookupClauses(writing),
    // A sensor that is killed can't end it.
    'tracepoint:sched:sched_process_exit /tid == $1/ { exit(); }',
    // The sensor makes this call to be seen: probes are attached in the order of the program.
    `tracepoint:syscalls:sys_enter_getpriority /pid == $1/ { printf("! %llu", nsecs); }`,
  ];
  const program = `${clauses.join('\n')}\n`;
  return syntax.countsRecords ? counting(program) : program;
}

/**
 * The program, with a count of its records: bpftrace has a map for each CPU behind it. Not of those that loops print (W, w,
 * A, P): counted, they make programs that are too large for the kernel. Where one of them is lost, its whole has a hole.
 */
function counting(program: string): string {
  return program.replace(/printf\("(?![WwAP] )/g, '@made = count(); printf("');
}
