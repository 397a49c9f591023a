/** What tells a process from every other: ProcessGuid and LogonGuid. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Identity {
  /** ProcessGuid of a process by its pid and start: the same however often the sensor was restarted since. */
  readonly processGuid: (pid: number, start: number) => string;
  readonly logonGuid: (session: number) => string;
  readonly bootId: string;
}

/** Starts are known to a hundredth of a second: /proc has no more. */
const TICK_NS = 1e7;

/** Start of a process in ticks of a hundredth of a second since the kernel's. */
export function ticksOf(start: number): number {
  return Math.floor(start / TICK_NS);
}

/**
 * `{machine-boot-ticks-pid}`: 32 bits each of hashes of machine and boot ids, 40 bits of the start, 24 bits of pid. The
 * first part is the machine's, as in Sysmon's own.
 */
export function identityOf(machineId: string, bootId: string): Identity {
  const machine = shortHash(machineId);
  const boot = shortHash(bootId);
  const guid = (rest: string): string =>
    `{${machine}-${boot.slice(0, 4)}-${boot.slice(4)}-${rest.slice(0, 4)}-${rest.slice(4)}}`;
  return {
    bootId,
    processGuid: (pid, start) => guid(hex(ticksOf(start) % 2 ** 40, 10) + hex(pid % 2 ** 24, 6)),
    logonGuid: (session) => guid(`${'0'.repeat(8)}${hex(session >>> 0, 8)}`),
  };
}

/** Of this machine, from /etc/machine-id and the kernel's boot id. */
export function ownIdentity(): Identity {
  return identityOf(
    firstOf('/etc/machine-id', '/var/lib/dbus/machine-id'),
    firstOf('/proc/sys/kernel/random/boot_id'),
  );
}

function firstOf(...paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      // The next one.
    }
  }
  return '';
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0');
}
