#!/usr/bin/env node
/** The command line: options in, exit code out. */
import { Command, CommanderError } from 'commander';
import { expectThread } from '../run/index.ts';
import { commandsFor } from './commands.ts';
import { EXIT, reportFailure } from './exit.ts';
import { expectedTask } from './expected-thread.ts';
import { version } from './version.ts';

/** Commands that print as they read, and have no verdict: without a reader they have nothing left to do. */
const PRINTING: readonly (string | undefined)[] = ['dump', 'explain', 'watch'];
let isReaderGone = false;

// A reader that has seen enough (head, less) is no error. What a gate found is told by its exit code all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' && PRINTING.includes(process.argv[2])) process.exit(EXIT.answered);
  isReaderGone ||= error.code === 'EPIPE';
  if (isReaderGone) return;
  process.stderr.write(
    `noisefloor: output-failed: the system does not take the output (${error.code ?? error.message})\n`,
  );
  process.exit(EXIT.usage);
});

async function run(args: readonly string[]): Promise<void> {
  await expectThread(expectedTask(args));
  const program = new Command('noisefloor')
    .description('How often would this detection fire in normal use? Answers out of logs.')
    .version(version())
    .showHelpAfterError('(noisefloor --help tells more)')
    .configureHelp({
      helpWidth: 80,
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
    })
    .exitOverride();
  for (const command of await commandsFor(args)) program.addCommand(command.copyInheritedSettings(program));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has written its own message.
    process.exitCode =
      error instanceof CommanderError
        ? error.exitCode === 0
          ? EXIT.answered
          : EXIT.usage
        : reportFailure(error);
  }
}

// Not awaited here: the bundle is no module, and has no await outside of functions. A fault of our own still ends it.
void run(process.argv.slice(2));
