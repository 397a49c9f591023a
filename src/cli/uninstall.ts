import { Command } from 'commander';
import { uninstallService, uninstallSysmon } from '../monitor/index.ts';
import { addSysmonOption, HAS_SYSMON, sayLine } from './service.ts';

export function uninstallCommand(): Command {
  return addSysmonOption(new Command('uninstall'))
    .summary('remove the service')
    .description('Stops and removes the installed monitor. What it logged stays.')
    .option('--purge', 'on Linux: remove the event log, too')
    .action(run);
}

interface UninstallFlags {
  readonly purge?: boolean;
  readonly sysmon?: string;
}

async function run({ purge = false, sysmon }: UninstallFlags): Promise<void> {
  // The event log is Windows' own: it is not for noisefloor to clear.
  if (HAS_SYSMON) await uninstallSysmon({ sysmon, say: sayLine });
  else await uninstallService({ say: sayLine, purge });
}
