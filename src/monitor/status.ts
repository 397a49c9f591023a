/** What the running sensor says of itself, once a second, in a file that anyone may read. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { LogState } from './event-log/index.ts';

/** `noisefloor.status/1`. Times are ISO 8601 in UTC; counters count from the sensor's start. */
export interface SensorStatus {
  readonly schema: 'noisefloor.status/1';
  readonly pid: number;
  /** Of noisefloor. */
  readonly version: string;
  readonly started: string;
  /** Of the kernel: /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
  readonly bootTime: string;
  readonly state: 'starting' | 'watching' | 'stopping';
  /** The configuration in force. */
  readonly config: {
    readonly path: string;
    /** Of the file's bytes, as 64 hexadecimal digits. */
    readonly sha256: string;
    /** The event types that are captured for it. */
    readonly eventIds: readonly number[];
    /** When it came into force. */
    readonly loaded: string;
  };
  readonly tracer: {
    readonly name: 'bpftrace';
    readonly version: string;
    /** null between two of them. */
    readonly pid: number | null;
    readonly restarts: number;
    readonly probes: number;
  };
  readonly counters: {
    readonly received: number;
    readonly logged: number;
    /** Records that the kernel's buffer had no room for. */
    readonly lost: number;
    /** Came after the reorder window, and were taken all the same. */
    readonly late: number;
    /** Left out because the queue was full. */
    readonly shed: number;
    readonly truncated: number;
    /** Could not be written to the event log. */
    readonly unlogged: number;
    readonly gaps: number;
  };
  /** From the kernel's time of the newest event to when it was handled. */
  readonly lagMs: number;
  /** Resident, of sensor and tracer together. */
  readonly memoryMb: number;
  /** null where events are only shown. */
  readonly log: {
    readonly folder: string;
    readonly segments: number;
    readonly bytes: number;
    readonly firstRecord: number;
    readonly lastRecord: number;
    readonly state: LogState;
  } | null;
  /** What became of the last SIGHUP. */
  readonly lastReload: {
    readonly time: string;
    readonly config: string;
    readonly accepted: boolean;
    readonly message: string;
  } | null;
}

/** The status in a file; null where there is none, or something else. */
export function readStatus(path: string): SensorStatus | null {
  try {
    const status = JSON.parse(readFileSync(path, 'utf8')) as SensorStatus | null;
    return status?.schema === 'noisefloor.status/1' ? status : null;
  } catch {
    return null;
  }
}

/** Writes it so that a reader finds the old one or the new one, whole. Throws what the file system says. */
export function writeStatus(path: string, status: SensorStatus): void {
  // Not flushed: it says nothing after a reboot, and its folder is memory.
  writeFileSync(`${path}.new`, `${JSON.stringify(status)}\n`, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
