import { Command, Option } from 'commander';
import { type Answer, merge } from '../run/index.ts';
import { expectReports, reportAnswer } from './answer.ts';
import { repeated } from './options.ts';

interface MergeFlags {
  readonly out?: string;
  readonly tally?: string;
  readonly allowOverlap?: boolean;
  readonly exposure?: readonly string[];
  readonly html?: string;
  readonly logConfig?: string;
  readonly forecast?: string;
  readonly budget?: string;
  readonly junit?: string;
  readonly json?: boolean;
}

export function mergeCommand(): Command {
  return new Command('merge')
    .summary('add up tallies from hosts or shards')
    .description('Adds up tallies of one question: writes the sum with --out, or prints the answer.')
    .argument('<tallies...>', 'tally files, or folders of them')
    .option('--out <file>', 'write the sum as a tally')
    .addOption(new Option('--tally <file>', 'the same, by the name it has in ask').conflicts('out'))
    .option('--allow-overlap', 'add up even where records would count twice')
    .addOption(new Option('--exposure <hours>', 'known exposure: 120h, 5d or HOST=120h').argParser(repeated))
    .option('--log-config <file>', 'the configuration with which the logs were written')
    .option('--forecast <target>', "what to expect: '7d 2000 hosts', '24h 50 hosts'")
    .option('--budget <n/unit>', 'exit with 1 where more can be expected, such as 1/host-day')
    .option('--junit <file>', 'write the budget as JUnit XML, too')
    .option('--html <file>', 'write the answer as a page, too')
    .option('--json', 'the answer as JSON (noisefloor.answer/1)')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor merge host1.tally host2.tally
  noisefloor merge tallies/ --out fleet.tally

Exit codes: 0 answered or written; 1 over budget; 2 bad usage, or tallies that do
not add up; 3 no exposure.`,
    )
    .action(run);
}

async function run(tallies: readonly string[], flags: MergeFlags): Promise<void> {
  const { out, tally = out, json, junit, html, ...options } = flags;
  expectReports({ html, junit });
  const answer = await merge(tallies, { ...options, ...(tally === undefined ? {} : { tally }) });
  await reportAnswer(answer, {
    json,
    junit,
    html,
    silent: tally !== undefined,
    questionText: questionText(answer),
    logs: tallies,
  });
}

/** What would be typed to ask it; a path is not known. */
function questionText({ question }: Answer): string {
  return question.kind === 'event-type' ? question.name : 'QUESTION';
}
