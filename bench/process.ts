/** Whole processes, timed as whoever starts them sees them. */
import { spawnSync } from 'node:child_process';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Exit codes that are no failure. Default: 0. */
  readonly codes?: readonly number[];
}

/** The command line as it is installed. */
export const NOISEFLOOR = 'dist/bin/noisefloor.cjs';

export function noisefloor(...args: readonly string[]): Program {
  // 3: answered, but there is no exposure. A log that was grown or cut may have none.
  return { file: process.execPath, args: [NOISEFLOOR, ...args], codes: [0, 3] };
}

/** Seconds from start to end; what it prints goes nowhere. */
export function timed({ file, args, codes = [0] }: Program): number {
  const start = performance.now();
  const { status, error } = spawnSync(file, args, { stdio: 'ignore' });
  const seconds = (performance.now() - start) / 1000;
  if (error || !codes.includes(status ?? -1))
    throw failed(file, args, error?.message ?? `exit code ${status}`);
  return seconds;
}

/** What a program prints on standard output. */
export function output({ file, args, codes = [0] }: Program): string {
  const { status, error, stdout, stderr } = spawnSync(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (error || !codes.includes(status ?? -1))
    throw failed(file, args, error?.message ?? stderr.slice(0, 500));
  return stdout;
}

/** The kernel's own figure where there is one: that of `resourceUsage` starts from the memory of who started the process. */
const REPORT = `import { readFileSync, writeSync } from 'fs';
import { isMainThread } from 'worker_threads';
if (isMainThread) process.on('exit', () => {
  let peak;
  try {
    peak = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1];
  } catch {
    peak = process.resourceUsage().maxRSS;
  }
  writeSync(3, String(peak));
});`;

/** Peak of resident memory in MB of a program of Node, which says so itself at its end. */
export function peakMegabytes({ file, args, codes = [0] }: Program): number {
  const { status, output: streams } = spawnSync(
    file,
    ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`, ...args],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  if (!codes.includes(status ?? -1)) throw failed(file, args, `exit code ${status}`);
  return (Number(String(streams[3])) * 1024) / 1e6;
}

/** Whether a program is on PATH. */
export function isOnPath(name: string): boolean {
  return spawnSync(name, ['-h'], { stdio: 'ignore' }).error === undefined;
}

function failed(file: string, args: readonly string[], reason: string): Error {
  return new Error(`${[file, ...args].join(' ')}: ${reason}`);
}
