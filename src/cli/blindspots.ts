import { Command, Option } from 'commander';
import { renderBlindspots, renderBlindspotsJson } from '../report/index.ts';
import { type Blindspots, blindspots } from '../run/index.ts';
import { diagnosticLine, EXIT, NOTHING_READABLE } from './exit.ts';
import { positiveInteger, repeated } from './options.ts';
import { startProgress } from './progress.ts';

interface BlindspotsFlags {
  readonly attacks?: readonly string[];
  readonly sigma?: string;
  readonly acl?: string;
  readonly from?: string;
  readonly to?: string;
  readonly exposure?: readonly string[];
  readonly threads?: number;
  readonly verify?: boolean;
  readonly recover?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

export function blindspotsCommand(): Command {
  return new Command('blindspots')
    .summary('where an attacker hides in a configuration')
    .description(
      'Where an attacker hides in a Sysmon configuration: who can meet each exclude entry, what that opens, and which detections it kills.',
    )
    .argument('<config>', 'a Sysmon configuration')
    .argument('[logs...]', 'files, folders, archives: what each entry hides of them')
    .addOption(
      new Option('--attacks <path>', 'logs of attacks, or labels (may be repeated)').argParser(repeated),
    )
    .option('--sigma <path>', 'a Sigma rule or a folder of them: which can no longer fire')
    .option('--acl <file>', 'output of icacls or accesschk from your own image')
    .option('--from <time>', 'only from this time on (UTC)')
    .option('--to <time>', 'only up to this time (UTC)')
    .addOption(new Option('--exposure <hours>', 'known exposure: 120h, 5d or HOST=120h').argParser(repeated))
    .addOption(new Option('--threads <n>', 'at most this many threads').argParser(positiveInteger))
    .option('--verify', 'check all checksums of event logs')
    .option('--recover', 'read records that stand behind damage, too')
    .option('--strict', 'exit with 2 if anything could not be read')
    .option('--json', 'the whole of it as JSON (noisefloor.blindspots/1)')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor blindspots sysmon.xml
  noisefloor blindspots sysmon.xml logs/ --attacks attacks/ --sigma rules/windows

A log holds what its own configuration let through: of what that one hid, the
counts know nothing. Give logs of a wider configuration.

Exit codes: 0 answered; 2 bad usage, a rejected configuration or nothing readable.`,
    )
    .action(run);
}

async function run(config: string, logs: readonly string[], flags: BlindspotsFlags): Promise<void> {
  const { json, strict = false, ...options } = flags;
  const progress = startProgress();
  let found: Blindspots;
  try {
    found = await blindspots(config, logs, { ...options, onProgress: progress.update });
  } finally {
    progress.end();
  }
  const colour = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'];
  process.stdout.write(json ? renderBlindspotsJson(found) : renderBlindspots(found, { colour, width: 80 }));
  const { read, diagnostics } = found;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const nothing = read !== null && read.records === 0;
  // What is wrong stands in the text; beside JSON, or where nothing was read, it is said on stderr.
  if (json || nothing) for (const error of errors) process.stderr.write(diagnosticLine(error));
  if (nothing) process.stderr.write(NOTHING_READABLE);
  if (nothing || (strict && read && read.unreadable > 0)) process.exitCode = EXIT.usage;
}
