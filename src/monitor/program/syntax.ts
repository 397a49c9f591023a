/** What differs between versions of bpftrace: the one place that knows. docs/sensor.md says which of them were run. */

/** Major and minor version, such as `[0, 17]`. */
export type TracerVersion = readonly [major: number, minor: number];

/** How one version of bpftrace wants to be spoken to. */
export interface Syntax {
  /** A string in the kernel's or the caller's memory, CHUNK characters at most. */
  readonly kernelText: (pointer: string) => string;
  readonly userText: (pointer: string) => string;
  /** Strings of arguments that one loop may print: newer versions make larger programs of it, and the kernel has a limit. */
  readonly argumentStrings: number;
  /** Whether the program has to count its records itself, because lost ones are told of one CPU alone. */
  readonly countsRecords: boolean;
  /** Environment of the child. */
  readonly environment: (limits: Limits) => Readonly<Record<string, string>>;
}

export interface Limits {
  readonly mapKeys: number;
  /** Pages of the buffer of one CPU: a power of two. */
  readonly bufferPages: number;
}

/** Bytes of arguments in one string. */
export const ARGUMENT_BYTES: number = 192;
/** Characters of text in one string: with more, a clause of 0.17 has no room left on its stack. */
export const CHUNK: number = 191;
/** Newer versions keep four bytes of it for themselves. */
const STRING_BYTES = ARGUMENT_BYTES + 4;

/** The version in the output of `bpftrace --version` (`bpftrace v0.17.0`); null for other text. */
export function tracerVersion(output: string): TracerVersion | null {
  const match = /bpftrace v?(\d+)\.(\d+)/.exec(output);
  return match ? [Number(match[1]), Number(match[2])] : null;
}

export function isAtLeast(version: TracerVersion, least: TracerVersion): boolean {
  return version[0] > least[0] || (version[0] === least[0] && version[1] >= least[1]);
}

/** Strings of arguments where the kernel or the tracer takes no more: 12 KiB. */
const FEW_STRINGS = 64;
/** 131 KiB. That of Debian 12 (6.1) refuses such a program; kernels between were not tried. */
const MANY_STRINGS = 700;
const MANY_SINCE: TracerVersion = [6, 18];

/** Major and minor version of the kernel in what `uname -r` says; 0.0 for other text. */
export function kernelVersion(release: string): TracerVersion {
  const match = /^(\d+)\.(\d+)/.exec(release);
  return match ? [Number(match[1]), Number(match[2])] : [0, 0];
}

export function syntaxOf(version: TracerVersion, kernel: TracerVersion): Syntax {
  const renamed = isAtLeast(version, [0, 20]);
  // From 0.20 on the length counts the terminating NUL.
  const length = renamed ? CHUNK + 1 : CHUNK;
  return {
    kernelText: (pointer) => `str(kptr(${pointer}), ${length})`,
    userText: (pointer) => `str(uptr(${pointer}), ${length})`,
    argumentStrings: !renamed && isAtLeast(kernel, MANY_SINCE) ? MANY_STRINGS : FEW_STRINGS,
    countsRecords: isAtLeast(version, [0, 24]),
    environment: ({ mapKeys, bufferPages }) => ({
      [renamed ? 'BPFTRACE_MAX_STRLEN' : 'BPFTRACE_STRLEN']: String(STRING_BYTES),
      [renamed ? 'BPFTRACE_MAX_MAP_KEYS' : 'BPFTRACE_MAP_KEYS_MAX']: String(mapKeys),
      BPFTRACE_PERF_RB_PAGES: String(bufferPages),
      // Else newer versions end a string that is cut with two dots.
      BPFTRACE_STR_TRUNC_TRAILER: '',
    }),
  };
}
