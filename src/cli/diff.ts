import { Command } from 'commander';
import { renderDiff, renderDiffJson } from '../report/index.ts';
import { diff } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';
import { addReadingOptions, type ReadingOptions } from './options.ts';
import { startProgress } from './progress.ts';

interface DiffFlags extends ReadingOptions {
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

export function diffCommand(): Command {
  const command = new Command('diff')
    .summary('what changed in meaning between two configurations')
    .description(
      'What changed in meaning between two configurations; with logs, which events are gained and lost. Order, layout and spelling that change no verdict are no differences.',
    )
    .argument('<old>', 'a Sysmon configuration')
    .argument('<new>', 'the one to compare with')
    .argument('[logs...]', 'files, folders, archives, or - for standard input');
  return addReadingOptions(command)
    .option('--json', 'the whole comparison as JSON')
    .option('--exit-code', 'exit with 1 if the meaning differs')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor diff old.xml new.xml
  noisefloor diff old.xml new.xml Sysmon.evtx --exit-code

Exit codes: 0 answered; 1 the meaning differs (with --exit-code); 2 bad usage,
a rejected configuration or nothing readable.`,
    )
    .action(run);
}

async function run(
  oldPath: string,
  newPath: string,
  logs: readonly string[],
  { json = false, exitCode = false, strict = false, ...options }: DiffFlags,
): Promise<void> {
  const progress = startProgress();
  let failed = false;
  const difference = await diff(oldPath, newPath, logs, {
    ...options,
    onProgress: progress.update,
    onDiagnostic: (diagnostic) => {
      failed ||= diagnostic.severity === 'error';
      if (diagnostic.severity !== 'info') process.stderr.write(diagnosticLine(diagnostic));
    },
  });
  progress.end();
  const { columns } = process.stdout;
  const page = {
    colour: process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'],
    width: columns || 80,
  };
  process.stdout.write(json ? renderDiffJson(difference) : renderDiff(difference, page));
  const { log, comparison } = difference;
  if (log && ((log.types.length === 0 && failed) || (strict && log.lost > 0))) process.exitCode = EXIT.usage;
  else if (exitCode && (!comparison.same || (log && log.renamed.length > 0))) process.exitCode = EXIT.gate;
}
