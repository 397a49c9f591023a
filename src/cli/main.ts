#!/usr/bin/env node
/** The command line: options in, exit code out. */
import { Command, CommanderError } from 'commander';
import { askCommand } from './ask.ts';
import { blindspotsCommand } from './blindspots.ts';
import { checkCommand } from './check.ts';
import { configCommand } from './config.ts';
import { diffCommand } from './diff.ts';
import { dumpCommand } from './dump.ts';
import { EXIT, reportFailure } from './exit.ts';
import { explainCommand } from './explain.ts';
import { installCommand } from './install.ts';
import { mergeCommand } from './merge.ts';
import { reloadCommand } from './reload.ts';
import { statusCommand } from './status.ts';
import { testCommand } from './test.ts';
import { tuneCommand } from './tune.ts';
import { uninstallCommand } from './uninstall.ts';
import { version } from './version.ts';
import { watchCommand } from './watch.ts';

const program = new Command('noisefloor')
  .description('How often would this detection fire in normal use? Answers out of logs.')
  .version(version())
  .showHelpAfterError('(noisefloor --help tells more)')
  .configureHelp({ helpWidth: 80 })
  .exitOverride();

for (const command of [
  askCommand(),
  blindspotsCommand(),
  checkCommand(),
  configCommand(),
  diffCommand(),
  dumpCommand(),
  explainCommand(),
  installCommand(),
  mergeCommand(),
  reloadCommand(),
  statusCommand(),
  testCommand(),
  tuneCommand(),
  uninstallCommand(),
  watchCommand(),
])
  program.addCommand(command.copyInheritedSettings(program));

// A reader that has seen enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.answered);
  process.stderr.write(
    `noisefloor: output-failed: the system does not take the output (${error.code ?? error.message})\n`,
  );
  process.exit(EXIT.usage);
});

try {
  await program.parseAsync();
} catch (error) {
  // Commander has written its own message.
  process.exitCode =
    error instanceof CommanderError
      ? error.exitCode === 0
        ? EXIT.answered
        : EXIT.usage
      : reportFailure(error);
}
