/** Requests of ptrace(2) that matter: include/uapi/linux/ptrace.h; PEEKs and stops are no change of another process. */

/** Change the memory or the registers of another process. */
export const PTRACE_INJECTIONS: ReadonlyMap<number, string> = new Map([
  [4, 'POKETEXT'],
  [5, 'POKEDATA'],
  [6, 'POKEUSR'],
  [13, 'SETREGS'],
  [15, 'SETFPREGS'],
  [0x4205, 'SETREGSET'],
]);

/** Take hold of another process. */
export const PTRACE_ACCESSES: ReadonlyMap<number, string> = new Map([
  [16, 'ATTACH'],
  [0x4206, 'SEIZE'],
]);
