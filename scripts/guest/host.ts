/** What the guest needs of the machine it is built on. */
import { spawnSync } from 'node:child_process';

const PACKAGES: readonly { readonly name: string; readonly command: string; readonly for: string }[] = [
  { name: 'qemu-system-x86', command: 'qemu-system-x86_64', for: 'the emulated machine' },
  { name: 'mmdebstrap', command: 'mmdebstrap', for: 'the root tree of the guest' },
  { name: 'e2fsprogs', command: 'debugfs', for: 'writing and reading disks without mounting them' },
  { name: 'gcc', command: 'gcc', for: 'the injector and its target' },
  { name: 'libc6-dev', command: 'gcc', for: 'linking them statically' },
];

const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/**
 * Sees to the packages that the guest is built with: installed by apt where they are missing and we are root.
 * Throws an Error of one sentence where that can't be done.
 */
export function needHost(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `the guest is an x86-64 Linux and is built on one; this is ${process.platform} ${process.arch}`,
    );
  }
  const root = process.getuid?.() === 0;
  const missing = PACKAGES.filter(({ command }) => !has(command));
  if (missing.length === 0 && root) return;
  const names = missing.map(({ name }) => name).join(' ');
  if (!root) {
    throw new Error(
      `building the guest's root tree needs root${names === '' ? '' : `, and these packages: ${names}`}; run npm run test:guest as root`,
    );
  }
  if (!has('apt-get'))
    throw new Error(`the guest needs these Debian packages: ${names}; there is no apt-get here`);
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing.map(({ name }) => name)]);
}

/** Runs a program to its end and gives its standard output. Throws an Error with what it said on failure. */
export function run(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.slice(0, 3).join(' ')} failed: ${error?.message ?? stderr.slice(-2000)}`,
  );
}
