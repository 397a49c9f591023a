import { Command, Option } from 'commander';
import { renderAnswer, renderAnswerJson } from '../report/index.ts';
import { type Answer, ask } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';
import { addReadingOptions, positiveInteger, type ReadingOptions, repeated } from './options.ts';
import { startProgress } from './progress.ts';

interface AskFlags extends ReadingOptions {
  readonly json?: boolean;
  readonly by?: readonly string[];
  readonly exposure?: readonly string[];
  readonly forecast?: string;
  readonly threads?: number;
}

export function askCommand(): Command {
  const command = new Command('ask')
    .summary('how often, when, who')
    .description('How often does it occur in these logs: when, from whom to whom, in how much exposure.')
    .argument('<question>', 'an event type (CreateRemoteThread, 8) or a Sysmon configuration')
    .argument('<logs...>', 'files, folders, archives, or - for standard input');
  return addReadingOptions(command)
    .addOption(
      new Option('--by <fields>', 'group by these fields (comma-separated)').argParser((text: string) =>
        text.split(','),
      ),
    )
    .addOption(new Option('--exposure <hours>', 'known exposure: 120h, 5d or HOST=120h').argParser(repeated))
    .option('--forecast <target>', "what to expect: '7d 2000 hosts', '24h 50 hosts'")
    .addOption(new Option('--threads <n>', 'at most this many threads').argParser(positiveInteger))
    .option('--json', 'the answer as JSON (noisefloor.answer/1)')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor ask 8 .
  noisefloor ask CreateRemoteThread logs/ --not 'SourceImage|endswith=\\csrss.exe'
  noisefloor ask sysmon.xml Sysmon.evtx System.evtx --json

Exit codes: 0 answered; 2 bad usage or nothing readable; 3 no exposure.`,
    )
    .action(run);
}

async function run(question: string, logs: readonly string[], flags: AskFlags): Promise<void> {
  const { json, strict, ...options } = flags;
  const progress = startProgress();
  let answer: Answer;
  try {
    answer = await ask(question, logs, { ...options, onProgress: progress.update });
  } finally {
    progress.end();
  }
  const { records, files, unreadable } = answer.read;
  const nothing = records === 0 && (files === 0 || unreadable > 0 || answer.diagnostics.some(isError));
  // What is wrong stands in the text of an answer; beside JSON, or where there is no answer, it is said on stderr.
  for (const diagnostic of json || nothing ? answer.diagnostics : []) {
    const placed = diagnostic.where.source !== undefined;
    if (isError(diagnostic) || (nothing && placed)) process.stderr.write(diagnosticLine(diagnostic));
  }
  if (nothing)
    process.stderr.write('noisefloor: nothing-readable: no record could be read from these logs\n');
  if (json) process.stdout.write(renderAnswerJson(answer));
  else if (!nothing) {
    const colour = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'];
    process.stdout.write(renderAnswer(answer, { colour, width: 80, logs, questionText: question }));
  }
  if (nothing || (strict && (unreadable > 0 || answer.diagnostics.some(isError))))
    process.exitCode = EXIT.usage;
  else if (answer.exposure.hoursAtMost === 0) process.exitCode = EXIT.noExposure;
}

function isError({ severity }: { readonly severity: string }): boolean {
  return severity === 'error';
}
