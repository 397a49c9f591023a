import { Command, Option } from 'commander';
import { renderTuning, renderTuningJson, safeText } from '../report/index.ts';
import { tune, type Tuning } from '../run/index.ts';
import { diagnosticLine, EXIT, NOTHING_READABLE } from './exit.ts';
import { addReadingOptions, positiveInteger, type ReadingOptions, repeated } from './options.ts';
import { startProgress } from './progress.ts';

interface TuneFlags extends ReadingOptions {
  readonly json?: boolean;
  readonly attacks?: readonly string[];
  readonly acl?: string;
  readonly budget?: string;
  readonly out?: string;
  readonly owner?: string;
  readonly ticket?: string;
  readonly expires?: string;
  readonly maxEntries?: number;
  readonly exposure?: readonly string[];
  readonly logConfig?: string;
  readonly threads?: number;
  readonly allowOverlap?: boolean;
}

export function tuneCommand(): Command {
  const command = new Command('tune')
    .summary('the smallest allow-list, and its room')
    .description(
      'The allow-list that leaves an attacker the least room, with as few entries as do it, and what it leaves of hosts and days that it was not made from.',
    )
    .argument('<question>', 'an event type, a Sysmon configuration, a Sigma rule or a folder of them')
    .argument('<logs...>', 'files, folders, archives, tallies');
  return addReadingOptions(command)
    .addOption(
      new Option('--attacks <path>', 'logs of attacks, or labels (may be repeated)').argParser(repeated),
    )
    .option('--budget <n/unit>', 'occasions that may be left, such as 1/host-day')
    .addOption(new Option('--max-entries <n>', 'at most so many entries').argParser(positiveInteger))
    .option('--out <file>', 'write the list: .xml .yml .csv .json .spl .kql .ndjson')
    .option('--owner <name>', 'who answers for the entries')
    .option('--ticket <id>', 'where they were decided')
    .option('--expires <day>', 'YYYY-MM-DD or never; a year after the last record')
    .option('--acl <file>', 'output of icacls or accesschk from your own image')
    .addOption(new Option('--exposure <hours>', 'known exposure: 120h, 5d or HOST=120h').argParser(repeated))
    .option('--log-config <file>', 'the configuration with which the logs were written')
    .addOption(new Option('--threads <n>', 'at most this many threads').argParser(positiveInteger))
    .option('--allow-overlap', 'add up tallies even where records would count twice')
    .option('--json', 'the whole of it as JSON (noisefloor.tuning/1)')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor tune 8 logs/
  noisefloor tune 8 logs/ --attacks redteam.evtx --budget 1/host-day
  noisefloor tune sysmon.xml logs/ --attacks labels.yml --out tuned.xml
  noisefloor tune rule.yml logs/ --out filter.yml --owner "blue team"

Rooms, weakest first: text, place, start, same-user, service, protected, kernel.
An entry of room text, which anyone may meet, is never proposed.

Exit codes: 0 answered; 1 the budget is not kept or can't be promised; 2 bad
usage or nothing readable; 3 no exposure.`,
    )
    .action(run);
}

async function run(question: string, logs: readonly string[], flags: TuneFlags): Promise<void> {
  const { json, strict = false, ...options } = flags;
  const progress = startProgress();
  let tuning: Tuning;
  try {
    tuning = await tune(question, logs, { ...options, onProgress: progress.update });
  } finally {
    progress.end();
  }
  const { records, files, unreadable } = tuning.read;
  const errors = tuning.diagnostics.filter(({ severity }) => severity === 'error');
  const nothing = records === 0 && (files === 0 || unreadable > 0 || errors.length > 0);
  // What is wrong stands in the text; beside JSON, or where there is no text, it is said on stderr.
  if (json || nothing) for (const error of errors) process.stderr.write(diagnosticLine(error));
  const colour = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'];
  if (json) process.stdout.write(renderTuningJson(tuning));
  else if (!nothing) process.stdout.write(renderTuning(tuning, { colour, width: 80 }));
  if (nothing) {
    process.stderr.write(NOTHING_READABLE);
    process.exitCode = EXIT.usage;
    return;
  }
  if (options.out !== undefined && tuning.allowList.length === 0)
    process.stderr.write(
      `noisefloor: there is no entry to write, so ${safeText(options.out)} was not written\n`,
    );
  if (strict && (unreadable > 0 || errors.length > 0)) process.exitCode = EXIT.usage;
  else if (tuning.exposure.hoursAtMost === 0) process.exitCode = EXIT.noExposure;
  else if (tuning.budget && tuning.promise !== 'met') process.exitCode = EXIT.gate;
}
