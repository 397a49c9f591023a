/** The emulated machine: one boot, from power on until the guest powers off or reboots. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import type { Disks } from './disks.ts';
import type { Base } from './tree.ts';

/** root=/dev/vda: disks in the order of -drive. panic=10: a kernel that dies ends the boot and does not hang it. */
const KERNEL_LINE =
  'root=/dev/vda rw console=ttyS0 panic=10 quiet systemd.show_status=0 tsc=reliable no_timer_check';

/**
 * One boot: resolves when the guest powered off or rebooted (both end the emulator). Rejects when it takes longer than
 * `limitMs`; the emulator is then ended and the last lines of the console are in the message.
 */
export async function boot(base: Base, disks: Disks, console: string, limitMs: number): Promise<void> {
  rmSync(console, { force: true });
  const drive = (file: string): string[] => ['-drive', `file=${file},format=raw,if=virtio,cache=unsafe`];
  // Software emulation, always: on some hosts /dev/kvm opens and then hangs. A processor without AVX: emulated, that is slow.
  const args = '-accel tcg,thread=multi,tb-size=256 -cpu Nehalem -smp 2 -m 1024'.split(' ');
  args.push('-kernel', base.kernel, '-initrd', base.initrd, '-append', KERNEL_LINE);
  args.push(...drive(disks.root), ...drive(disks.data), '-serial', `file:${console}`);
  args.push(...'-display none -vga none -monitor none -nic none -no-reboot'.split(' '));
  const machine = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  machine.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    machine.kill('SIGKILL');
  }, limitMs);
  const end = (): void => void machine.kill('SIGKILL');
  process.once('exit', end);
  const code = await new Promise<number | null>((resolve, reject) => {
    machine.once('error', reject);
    machine.once('close', resolve);
  }).finally(() => {
    clearTimeout(timer);
    process.off('exit', end);
  });
  if (late)
    throw new Error(`the boot was not over after ${limitMs / 1000} s; the console's end:\n${tail(console)}`);
  if (code !== 0) throw new Error(`the emulator ended with ${code}: ${said}\n${tail(console)}`);
}

function tail(console: string): string {
  try {
    return readFileSync(console, 'utf8').split('\n').slice(-40).join('\n');
  } catch {
    return '(no console log)';
  }
}
