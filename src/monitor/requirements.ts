/** What the sensor needs of a machine. Each thing that is missing is one sentence, and says what to do. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readlinkSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MonitorError } from './error.ts';

/** The program that traces. */
export interface Tracer {
  readonly path: string;
  /** Such as `0.17.0`. */
  readonly version: string;
}

/** Major and minor. Older ones lack what the program needs; none was tried. */
const OLDEST_BPFTRACE: readonly [number, number] = [0, 17];

/** Throws MonitorError on another system than Linux. */
export function requireLinux(): void {
  if (process.platform === 'linux') return;
  throw new MonitorError(
    'monitor-platform',
    `expected Linux or Windows, found ${process.platform}: there is no sensor for it`,
  );
}

/** Throws MonitorError where the process is not root's. `doing` is what is refused, such as `install`. */
export function requireRoot(doing: string): void {
  if (process.getuid?.() === 0) return;
  throw new MonitorError('monitor-root', `${doing} needs root: run it with sudo`);
}

/** Of the processes' numbers that the kernel itself uses (PROC_PID_INIT_INO of include/linux/proc_ns.h). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/**
 * Throws MonitorError in a container: the kernel tells of processes by the numbers that they have outside, and they could
 * not be found in /proc. `root` stands before the kernel's path (tests).
 */
function requireFirstPidNamespace(root: string): void {
  let namespace: string;
  try {
    namespace = readlinkSync(`${root}/proc/self/ns/pid`);
  } catch {
    return;
  }
  if (namespace === FIRST_PID_NAMESPACE) return;
  throw new MonitorError(
    'monitor-container',
    'expected the machine itself, found a container with process ids of its own: run it outside, and it sees inside, too',
  );
}

/**
 * Finds bpftrace, and what of the kernel it can't do without. `root` stands before the kernel's paths (tests).
 * Throws MonitorError: in a container, none on PATH, too old, a kernel without BTF, tracefs not mounted.
 */
export function requireTracer(root = ''): Tracer {
  requireFirstPidNamespace(root);
  const path = onPath('bpftrace');
  if (path === null) {
    throw new MonitorError(
      'monitor-bpftrace',
      'expected bpftrace 0.17 or newer, found none on PATH: install it (apt install bpftrace, dnf install bpftrace)',
    );
  }
  const version = bpftraceVersion(path);
  if (!existsSync(`${root}/sys/kernel/btf/vmlinux`)) {
    throw new MonitorError(
      'monitor-btf',
      'expected /sys/kernel/btf/vmlinux, found none: this kernel does not describe its types (CONFIG_DEBUG_INFO_BTF)',
    );
  }
  // The folder may be there with nothing mounted on it.
  const mounted = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'].some((folder) =>
    existsSync(`${root}${folder}/events`),
  );
  if (!mounted) {
    throw new MonitorError(
      'monitor-tracefs',
      'expected tracefs at /sys/kernel/tracing, found none: mount -t tracefs tracefs /sys/kernel/tracing',
    );
  }
  return { path, version };
}

function bpftraceVersion(path: string): string {
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  const found = /v?(\d+)\.(\d+)(?:\.\d+)?/.exec(stdout ?? '');
  if (!found) {
    const reason = error ? error.message : 'its --version says none';
    throw new MonitorError('monitor-bpftrace', `${path}: expected the version of bpftrace, but ${reason}`);
  }
  const [major, minor] = [Number(found[1]), Number(found[2])];
  const [oldestMajor, oldestMinor] = OLDEST_BPFTRACE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor))
    return found[0].replace('v', '');
  throw new MonitorError(
    'monitor-bpftrace',
    `expected bpftrace 0.17 or newer, found ${found[0]} at ${path}: install a newer one`,
  );
}

/** The first program of this name on PATH. */
function onPath(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    // An empty or relative part means the working folder: not what a service should run.
    if (!folder.startsWith('/')) continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here.
    }
  }
  return null;
}
