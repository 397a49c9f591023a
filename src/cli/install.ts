import { realpathSync } from 'node:fs';
import { Command } from 'commander';
import { installService, installSysmon } from '../monitor/index.ts';
import { addSysmonOption, addWaitOption, HAS_SYSMON, interruption, sayLine } from './service.ts';

export function installCommand(): Command {
  return addSysmonOption(addWaitOption(new Command('install')))
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

On Linux it needs root, systemd and bpftrace 0.17 or newer (docs/install.md);
what can't be done to its end is undone. On Windows it needs an administrator,
and drives the Sysmon that is there (docs/windows.md).
Exit codes: 0 installed and watching; 2 not installed.`,
    )
    .action(run);
}

interface InstallFlags {
  readonly wait: number;
  readonly sysmon?: string;
}

async function run(config: string, { wait, sysmon }: InstallFlags): Promise<void> {
  if (HAS_SYSMON) return await installSysmon({ config, sysmon, say: sayLine });
  // Through links, so that the service does not depend on a link in somebody's folder.
  const main = realpathSync(process.argv[1]!);
  const { signal, done } = interruption();
  try {
    await installService({ config, main, say: sayLine, waitMs: wait * 1000, signal });
  } finally {
    done();
  }
}
