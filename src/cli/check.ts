import { Command, Option } from 'commander';
import { ASK_SCHEMAS } from '../config/index.ts';
import { renderCheck, renderCheckJson, renderSarif } from '../report/index.ts';
import { check, type CheckOutcome } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';
import { version } from './version.ts';

type Format = 'text' | 'json' | 'sarif';

interface CheckFlags {
  readonly format: Format;
  readonly schema: string;
  readonly fix?: boolean;
  readonly strict?: boolean;
}

export function checkCommand(): Command {
  const command = new Command('check')
    .summary('would Sysmon load it, and does it mean what it says')
    .description('Would Sysmon load these configurations, and do they mean what they say.')
    .argument('<configs...>', 'Sysmon configurations, folders of them, or - for standard input')
    .addOption(
      new Option('--format <format>', 'how to tell it').choices(['text', 'json', 'sarif']).default('text'),
    )
    .addOption(
      new Option('--schema <version>', 'schema of the Sysmon to check for')
        .choices(ASK_SCHEMAS)
        .default(ASK_SCHEMAS.at(-1)),
    )
    .option('--fix', 'make the safe repairs, and write the files back')
    .option('--strict', 'exit with 1 for warnings, too')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor check sysmon.xml
  noisefloor check configs/ --format sarif > check.sarif
  noisefloor check sysmon.xml --schema 4.50 --fix

Every finding's code is explained in docs/lint.md.
Exit codes: 0 nothing wrong; 1 an error (with --strict: a warning); 2 bad usage
or a file that can't be read.`,
    );
  return command.action((paths: readonly string[], flags: CheckFlags) => {
    if (flags.fix && paths.includes('-'))
      command.error('error: --fix writes files back, and - is none: name the file');
    run(paths, flags);
  });
}

function run(paths: readonly string[], { format, schema, fix = false, strict = false }: CheckFlags): void {
  const outcome = check(paths, { schema, fix });
  for (const diagnostic of outcome.unreadable) process.stderr.write(diagnosticLine(diagnostic));
  process.stdout.write(render(outcome, format));
  const gate = outcome.files.some(
    ({ result: { counts, accepted } }) => !accepted || counts.error > 0 || (strict && counts.warning > 0),
  );
  if (outcome.unreadable.length > 0) process.exitCode = EXIT.usage;
  else if (gate) process.exitCode = EXIT.gate;
}

function render(outcome: CheckOutcome, format: Format): string {
  switch (format) {
    case 'json':
      return renderCheckJson(outcome);
    case 'sarif':
      return renderSarif(outcome, version());
    case 'text': {
      const colour = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'];
      const { columns, isTTY = false } = process.stdout;
      return renderCheck(outcome, { colour, width: columns || 80, wrapped: isTTY });
    }
  }
}
