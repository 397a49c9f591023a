/** What the commands about the service share. */
import { type Command, Option } from 'commander';
import { safeText } from '../report/index.ts';
import { positiveInteger } from './options.ts';

export function addWaitOption(command: Command): Command {
  return command.addOption(
    new Option('--wait <seconds>', 'how long the sensor may take until it watches')
      .argParser(positiveInteger)
      .default(180),
  );
}

/** `--sysmon`, for where the monitor is Sysmon. */
export function addSysmonOption(command: Command): Command {
  return command.option('--sysmon <path>', "on Windows: Sysmon's program, where it is not on PATH");
}

/** Whether the monitor of this machine is Sysmon, and not the sensor of noisefloor. */
export const HAS_SYSMON: boolean = process.platform === 'win32';

/** A step, on stdout. */
export function sayLine(line: string): void {
  process.stdout.write(`${safeText(line)}\n`);
}

/** Ctrl-C and its like as a signal, until `done`: what was begun is to be undone, and not left half. */
export function interruption(): { readonly signal: AbortSignal; readonly done: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, abort);
  return {
    signal: controller.signal,
    done: () => {
      for (const name of names) process.off(name, abort);
    },
  };
}
