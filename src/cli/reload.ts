import { Command } from 'commander';
import { reloadService } from '../monitor/index.ts';
import { EXIT } from './exit.ts';
import { addWaitOption, interruption, sayLine } from './service.ts';

export function reloadCommand(): Command {
  return addWaitOption(new Command('reload'))
    .summary('another configuration for the service')
    .description('Gives the installed monitor another configuration; a bad one leaves the old in force.')
    .argument('[config]', 'Sysmon configuration (default: the installed copy is read again)')
    .addHelpText(
      'after',
      '\nExit codes: 0 it is in force; 1 it is not; 2 bad usage, or nothing is installed.',
    )
    .action(run);
}

async function run(config: string | undefined, { wait }: { readonly wait: number }): Promise<void> {
  const { signal, done } = interruption();
  try {
    const inForce = await reloadService({ config, say: sayLine, waitMs: wait * 1000, signal });
    if (!inForce) process.exitCode = EXIT.gate;
  } finally {
    done();
  }
}
