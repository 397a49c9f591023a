import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type Answer, ask } from '../run/index.ts';
import { expectReports, reportAnswer } from './answer.ts';
import { addReadingOptions, positiveInteger, type ReadingOptions, repeated } from './options.ts';
import { startProgress } from './progress.ts';

interface AskFlags extends ReadingOptions {
  readonly json?: boolean;
  readonly live?: boolean;
  readonly html?: string;
  readonly by?: readonly string[];
  readonly exposure?: readonly string[];
  readonly logConfig?: string;
  readonly forecast?: string;
  readonly threads?: number;
  readonly tally?: string;
  readonly allowOverlap?: boolean;
  readonly memo?: boolean;
  readonly budget?: string;
  readonly junit?: string;
}

export function askCommand(): Command {
  const command = new Command('ask')
    .summary('how often, when, who')
    .description('How often does it occur in these logs: when, from whom to whom, in how much exposure.')
    .argument('<question>', 'an event type (CreateRemoteThread, 8) or a Sysmon configuration')
    .argument('[logs...]', 'files, folders, archives, tallies, or - for standard input');
  return addReadingOptions(command)
    .addOption(
      new Option('--by <fields>', 'group by these fields (comma-separated)').argParser((text: string) =>
        text.split(','),
      ),
    )
    .addOption(new Option('--exposure <hours>', 'known exposure: 120h, 5d or HOST=120h').argParser(repeated))
    .option(
      '--live',
      "this machine's own log as it is now: Sysmon's on Windows, the installed sensor's on Linux",
    )
    .option('--log-config <file>', 'the configuration with which the logs were written')
    .option('--forecast <target>', "what to expect: '7d 2000 hosts', '24h 50 hosts'")
    .addOption(new Option('--threads <n>', 'at most this many threads').argParser(positiveInteger))
    .option('--no-memo', 'decide each event anew, though one like it was decided')
    .option('--budget <n/unit>', 'exit with 1 where more can be expected, such as 1/host-day')
    .option('--junit <file>', 'write the budget as JUnit XML, too')
    .option('--tally <file>', 'write the tally of all that was read')
    .option('--allow-overlap', 'add up tallies even where records would count twice')
    .option('--json', 'the answer as JSON (noisefloor.answer/1)')
    .option('--html <file>', 'the answer as a page for a browser, too: one file that needs no network')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor ask 8 .
  noisefloor ask CreateRemoteThread logs/ --not 'SourceImage|endswith=\\csrss.exe'
  noisefloor ask sysmon.xml Sysmon.evtx System.evtx --json
  noisefloor ask 8 . --html answer.html
  noisefloor ask CreateRemoteThread --live

  noisefloor ask sysmon.xml logs/ --budget '5/1000 host-day' --junit budget.xml
  noisefloor ask 8 Sysmon.evtx --tally host1.tally

A budget is N/[K ](host-hour|host-day|host-week) in occasions, and is compared
with the upper bound: a host-day is 24 watched hours.

Exit codes: 0 answered; 1 over budget; 2 bad usage or nothing readable; 3 no exposure.`,
    )
    .action(run);
}

async function run(
  question: string,
  logs: readonly string[],
  flags: AskFlags,
  command: Command,
): Promise<void> {
  const { json, html, strict, junit, live = false, ...options } = flags;
  if (logs.length === 0 && !live) command.error("error: missing required argument 'logs', or --live");
  expectReports({ html, junit });
  if (entriesIn(question, MANY_ENTRIES) >= MANY_ENTRIES) await expectRules();
  const own = live ? await (await import('./live.ts')).liveLogs() : null;
  const progress = startProgress();
  let answer: Answer;
  try {
    answer = await ask(question, [...logs, ...(own?.paths ?? [])], {
      ...options,
      onProgress: progress.update,
    });
  } finally {
    progress.end();
    own?.remove();
  }
  await reportAnswer(answer, {
    json,
    html,
    strict,
    junit,
    questionText: question,
    logs,
    options: optionsOf(flags),
  });
}

/** Options that a next command needs, too. */
function optionsOf({ where, not, from, to, by, exposure, logConfig }: AskFlags): [string, string][] {
  const each = (option: string, values: readonly (string | undefined)[] = []): [string, string][] =>
    values.flatMap((value) => (value === undefined ? [] : [[option, value]]));
  return [
    ...each('--from', [from]),
    ...each('--to', [to]),
    ...each('--where', where),
    ...each('--not', not),
    ...each('--by', by && [by.join(',')]),
    ...each('--exposure', exposure),
    ...each('--log-config', [logConfig]),
  ];
}

/** Entries of a folder whose rules take longer to read than to be asked. */
const MANY_ENTRIES = 300;

/** How many entries a folder has, up to about `most`; 0 for what is none, or can't be read: whoever reads it says so. */
function entriesIn(folder: string, most: number): number {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.reduce(
      (count, entry) =>
        count + (entry.isDirectory() && count < most ? entriesIn(join(folder, entry.name), most - count) : 0),
      entries.length,
    );
  } catch {
    return 0;
  }
}

/**
 * Reading thousands of rules is over when V8 has just compiled what reads them: it puts functions into one another until
 * each is large, and its compiler is busy all the time. With less of that, 3,000 rules are read and asked a sixth sooner
 * (Node 20, whole processes), and what is asked of logs after that is no slower. The process is ours alone here.
 */
async function expectRules(): Promise<void> {
  // First: what the build kept of it is good for the flags that it was compiled with.
  await import('../sigma/index.ts');
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=100');
}
