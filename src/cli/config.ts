import { Command } from 'commander';
import { expectOutput, questionConfig, writeOutput } from '../run/index.ts';

interface ConfigFlags {
  readonly schema?: string;
  readonly heartbeat?: boolean;
  readonly out?: string;
}

export function configCommand(): Command {
  return new Command('config')
    .summary('write the Sysmon configuration that asks the question')
    .description('A Sysmon configuration that logs these event types and nothing else.')
    .argument('<types...>', 'event types: names such as CreateRemoteThread, or ids such as 8')
    .option('--schema <version>', 'write for this schema version (default: the oldest that has the types)')
    .option('--heartbeat', 'also log a routine event, so that a silent log shows that the machine was on')
    .option('--out <file>', 'write to this file instead of stdout')
    .action(run);
}

function run(types: readonly string[], { out, ...options }: ConfigFlags): void {
  const { text, warnings } = questionConfig(types, options);
  for (const warning of warnings) process.stderr.write(`noisefloor: warning: ${warning}\n`);
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  expectOutput('--out', out, 'other');
  writeOutput('--out', out, text);
}
