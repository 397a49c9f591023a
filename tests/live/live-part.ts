/** What live tests need of a machine. Where a part is missing they are skipped by name, with this reason. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

function missingPart(): string | null {
  if (process.platform !== 'linux') return 'the sensor is for Linux';
  if (process.getuid?.() !== 0) return 'tracing the kernel needs root';
  if (!has('bpftrace')) return 'bpftrace is not installed';
  if (!has('gcc')) return 'gcc is not installed, and the triggers are C';
  if (!existsSync('/sys/kernel/btf/vmlinux')) return 'the kernel has no BTF (/sys/kernel/btf/vmlinux)';
  if (!existsSync('/sys/kernel/tracing/events') && !existsSync('/sys/kernel/debug/tracing/events'))
    return 'tracefs is not mounted (mount -t tracefs tracefs /sys/kernel/tracing)';
  return null;
}

/** Why live tests cannot run here, or false: what `test` takes as `skip`. */
export const SKIP_LIVE: string | false = missingPart() ?? false;
