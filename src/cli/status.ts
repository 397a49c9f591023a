import { Command } from 'commander';
import { renderServiceStatus, serviceStatus, sysmonStatus } from '../monitor/index.ts';
import { EXIT } from './exit.ts';
import { version } from './version.ts';
import { addSysmonOption, HAS_SYSMON, sayLine } from './service.ts';

export function statusCommand(): Command {
  return addSysmonOption(new Command('status'))
    .summary('how the service is')
    .description('Tells how the installed monitor is: what it watches, what it logged and what it lost.')
    .option('--json', 'as JSON (noisefloor.service/1; on Windows noisefloor.sysmon-status/1)')
    .addHelpText('after', '\nExit codes: 0 running; 1 installed, but not running; 2 not installed.')
    .action(run);
}

interface StatusFlags {
  readonly json?: boolean;
  readonly sysmon?: string;
}

async function run({ json = false, sysmon }: StatusFlags): Promise<void> {
  if (HAS_SYSMON) return await sysmonRun(json, sysmon);
  const status = serviceStatus(version());
  const { stdout } = process;
  const colour = stdout.isTTY && stdout.hasColors() && !process.env['NO_COLOR'];
  stdout.write(
    json
      ? `${JSON.stringify(status, null, 2)}\n`
      : renderServiceStatus(status, { colour, width: stdout.columns || 80, now: Date.now() }),
  );
  if (!status.installed) process.exitCode = EXIT.usage;
  else if (!status.running) process.exitCode = EXIT.gate;
}

async function sysmonRun(json: boolean, sysmon: string | undefined): Promise<void> {
  const status = await sysmonStatus({ sysmon, say: json ? () => undefined : sayLine });
  if (json) process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  if (status.service === null) process.exitCode = EXIT.usage;
  else if (status.service.state !== 'RUNNING') process.exitCode = EXIT.gate;
}
