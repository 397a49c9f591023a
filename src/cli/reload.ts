import { Command } from 'commander';
import { MonitorError, reloadService, reloadSysmon } from '../monitor/index.ts';
import { EXIT } from './exit.ts';
import { addSysmonOption, addWaitOption, HAS_SYSMON, interruption, sayLine } from './service.ts';

export function reloadCommand(): Command {
  return addSysmonOption(addWaitOption(new Command('reload')))
    .summary('another configuration for the service')
    .description('Gives the installed monitor another configuration; a bad one leaves the old in force.')
    .argument('[config]', 'Sysmon configuration (default: the installed copy is read again)')
    .addHelpText(
      'after',
      '\nExit codes: 0 it is in force; 1 it is not; 2 bad usage, or nothing is installed.',
    )
    .action(run);
}

interface ReloadFlags {
  readonly wait: number;
  readonly sysmon?: string;
}

async function run(config: string | undefined, { wait, sysmon }: ReloadFlags): Promise<void> {
  if (HAS_SYSMON) {
    if (config === undefined)
      throw new MonitorError(
        'config-unreadable',
        'expected a configuration: Sysmon keeps no copy of the last one',
      );
    return await reloadSysmon({ config, sysmon, say: sayLine });
  }
  const { signal, done } = interruption();
  try {
    const inForce = await reloadService({ config, say: sayLine, waitMs: wait * 1000, signal });
    if (!inForce) process.exitCode = EXIT.gate;
  } finally {
    done();
  }
}
