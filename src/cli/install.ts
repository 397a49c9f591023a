import { realpathSync } from 'node:fs';
import { Command } from 'commander';
import { installService } from '../monitor/index.ts';
import { addWaitOption, interruption, sayLine } from './service.ts';

export function installCommand(): Command {
  return addWaitOption(new Command('install'))
    .summary('the monitor as a service')
    .description('Installs the monitor as a service that logs what a Sysmon configuration asks for.')
    .argument('<config>', 'Sysmon configuration')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor config 8 > question.xml
  sudo noisefloor install question.xml

Use the machine, with some reboots, then:
  sudo noisefloor ask question.xml /var/lib/noisefloor/events

It needs root, systemd and bpftrace 0.17 or newer (docs/install.md). What can't
be done to its end is undone.
Exit codes: 0 installed and watching; 2 not installed.`,
    )
    .action(run);
}

async function run(config: string, { wait }: { readonly wait: number }): Promise<void> {
  // Through links, so that the service does not depend on a link in somebody's folder.
  const main = realpathSync(process.argv[1]!);
  const { signal, done } = interruption();
  try {
    await installService({ config, main, say: sayLine, waitMs: wait * 1000, signal });
  } finally {
    done();
  }
}
