/** The machine's own logs, as files of this moment: for reading as logs, and to be removed afterwards. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonitorError } from '../error.ts';
import { channelDenied, channelError, fileOf, SYSMON_CHANNEL, SYSTEM_CHANNEL } from './channel.ts';
import { ACCESS_DENIED, type Machine, NO_SUCH_CHANNEL, thisMachine } from './machine.ts';
import { privateFolder } from './private-folder.ts';

export interface SnapshotLog {
  readonly channel: string;
  /** Path of the file. */
  readonly path: string;
}

export interface Snapshot {
  readonly logs: readonly SnapshotLog[];
  /** What could not be read beside, or not in the usual way. */
  readonly notices: readonly string[];
  /** Removes all files; safe to call twice. */
  remove(): void;
}

export interface SnapshotOptions {
  readonly machine?: Machine;
  /** Folder in which a folder of its own is made. Default: the system's for temporary files. */
  readonly within?: string;
}

/** A log of some gigabytes takes minutes to export. */
const EXPORT_MS = 30 * 60_000;

/**
 * Exports the channels of Sysmon and System into a folder of their own, which is removed by `remove`, and in any case
 * when the process ends. Without Sysmon's channel it throws MonitorError; without System's only a notice is left.
 */
export async function snapshotLive({
  machine = thisMachine(),
  within = tmpdir(),
}: SnapshotOptions = {}): Promise<Snapshot> {
  const { path: folder, remove } = privateFolder(within);
  const logs: SnapshotLog[] = [];
  const notices: string[] = [];
  try {
    for (const [channel, file] of [
      [SYSMON_CHANNEL, 'Sysmon.evtx'],
      [SYSTEM_CHANNEL, 'System.evtx'],
    ] as const) {
      const path = join(folder, file);
      try {
        const notice = await exportChannel(machine, channel, path);
        if (notice !== null) notices.push(notice);
        logs.push({ channel, path });
      } catch (error) {
        if (channel === SYSMON_CHANNEL || !(error instanceof MonitorError)) throw error;
        notices.push(`${error.message}; starts and stops of the machine are told by Sysmon's records alone`);
      }
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { logs, notices, remove };
}

/** Exports one channel, or copies its file where that fails. What there is to say of it, or null. */
async function exportChannel(machine: Machine, channel: string, path: string): Promise<string | null> {
  const ran = await machine.run('wevtutil', ['epl', channel, path, '/ow:true'], { timeoutMs: EXPORT_MS });
  if (ran.status === 0) return null;
  const error = await channelError(machine, channel, ran);
  if (ran.status === ACCESS_DENIED || ran.status === NO_SUCH_CHANNEL) throw error;
  const file = fileOf(machine, channel, null);
  try {
    await machine.copy(file, path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw channelDenied(channel);
    throw new MonitorError(error.code, `${error.message}; nor can its file be copied (${code ?? message})`);
  }
  return `${error.message}; its file was copied instead, in which the last records may still be missing`;
}
