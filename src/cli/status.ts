import { Command } from 'commander';
import { renderServiceStatus, serviceStatus } from '../monitor/index.ts';
import { EXIT } from './exit.ts';

export function statusCommand(): Command {
  return new Command('status')
    .summary('how the service is')
    .description('Tells how the installed monitor is: what it watches, what it logged and what it lost.')
    .option('--json', 'as JSON (noisefloor.service/1)')
    .addHelpText('after', '\nExit codes: 0 running; 1 installed, but not running; 2 not installed.')
    .action(run);
}

function run({ json = false }: { readonly json?: boolean }): void {
  const status = serviceStatus();
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
