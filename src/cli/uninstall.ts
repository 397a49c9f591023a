import { Command } from 'commander';
import { uninstallService } from '../monitor/index.ts';
import { sayLine } from './service.ts';

export function uninstallCommand(): Command {
  return new Command('uninstall')
    .summary('remove the service')
    .description('Stops and removes the installed monitor. What it logged stays.')
    .option('--purge', 'remove the event log, too')
    .action(({ purge = false }: { readonly purge?: boolean }) => uninstallService({ say: sayLine, purge }));
}
