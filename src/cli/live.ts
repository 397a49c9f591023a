/** `--live`: the machine's own log, as paths that can be read like any other log. */
import { existsSync } from 'node:fs';
import { MonitorError, servicePaths, snapshotLive } from '../monitor/index.ts';
import { safeText } from '../report/index.ts';

export interface LiveLogs {
  readonly paths: readonly string[];
  /** Removes what was made for reading. */
  remove(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SIGNALLED = 128;
const NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };

/** On Windows files of this moment, gone when they were read or the process was interrupted; on Linux the event log. */
export async function liveLogs(): Promise<LiveLogs> {
  if (process.platform !== 'win32') return { paths: [sensorLog()], remove: () => undefined };
  // An ending by a signal runs no handler of the process's end unless somebody listens.
  const leave = (signal: (typeof SIGNALS)[number]): void => process.exit(SIGNALLED + NUMBERS[signal]);
  for (const signal of SIGNALS) process.on(signal, leave);
  const { logs, notices, remove } = await snapshotLive();
  for (const notice of notices) process.stderr.write(`noisefloor: ${safeText(notice)}\n`);
  return {
    paths: logs.map(({ path }) => path),
    remove: () => {
      for (const signal of SIGNALS) process.off(signal, leave);
      remove();
    },
  };
}

/** Folder of the installed sensor's event log. */
function sensorLog(): string {
  const { log } = servicePaths();
  if (existsSync(log)) return log;
  throw new MonitorError(
    'live-nothing-installed',
    `there is no event log ${log} on this machine: noisefloor install CONFIG begins one`,
  );
}
