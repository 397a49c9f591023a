import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { QuestionError } from '../predicate/index.ts';
import { renderAnswer, renderAnswerHtml, renderAnswerJson } from '../report/index.ts';
import { type Answer, ask } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';
import { addReadingOptions, positiveInteger, type ReadingOptions, repeated } from './options.ts';
import { startProgress } from './progress.ts';
import { version } from './version.ts';

interface AskFlags extends ReadingOptions {
  readonly json?: boolean;
  readonly html?: string;
  readonly by?: readonly string[];
  readonly exposure?: readonly string[];
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
    .addOption(new Option('--threads <n>', 'at most this many threads').argParser(positiveInteger))
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

Exit codes: 0 answered; 2 bad usage or nothing readable; 3 no exposure.`,
    )
    .action(run);
}

async function run(question: string, logs: readonly string[], flags: AskFlags): Promise<void> {
  const { json, html, strict, ...options } = flags;
  // Better known before reading for minutes than after.
  if (html !== undefined) writing(html, () => accessSync(dirname(html), constants.W_OK));
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
  if (html !== undefined && !nothing) {
    const command = process.argv.slice(2);
    const page = renderAnswerHtml(answer, { command, questionText: question, logs, version: version() });
    writing(html, () => writeFileSync(html, page));
  }
  if (nothing || (strict && (unreadable > 0 || answer.diagnostics.some(isError))))
    process.exitCode = EXIT.usage;
  else if (answer.exposure.hoursAtMost === 0) process.exitCode = EXIT.noExposure;
}

function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new QuestionError(
      'out-unwritable',
      `--html ${file}: expected a file that can be written (${code})`,
    );
  }
}

function isError({ severity }: { readonly severity: string }): boolean {
  return severity === 'error';
}
