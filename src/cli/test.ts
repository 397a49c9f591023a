import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { QuestionError } from '../predicate/index.ts';
import {
  type PageOptions,
  renderJunit,
  renderSuite,
  renderSuiteProblems,
  type SuiteResult,
  suiteSummary,
} from '../report/index.ts';
import { expectReplaceable, runSuite } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';

interface TestFlags {
  readonly junit?: string;
}

export function testCommand(): Command {
  return new Command('test')
    .summary('expectations about a configuration, for CI')
    .description('Checks expectations about a configuration: events, and what Sysmon would do with them.')
    .argument('<suites...>', 'suites (YAML)')
    .option('--junit <file>', 'write the results as JUnit XML, too')
    .addHelpText(
      'after',
      `
A suite:
  config: sysmon.xml
  tests:
    - name: csrss.exe is left out
      event: { EventID: 8, SourceImage: 'C:\\Windows\\System32\\csrss.exe' }
      logged: false
    - name: nothing of what rundll32.exe did is lost
      log: Sysmon.evtx
      event: CreateRemoteThread
      where: ['SourceImage|endswith=\\rundll32.exe']
      logged: all

Exit codes: 0 all were met; 1 some were not; 2 a suite, its configuration or a
log could not be read.`,
    )
    .action(run);
}

async function run(suites: readonly string[], { junit }: TestFlags): Promise<void> {
  const page = (stream: NodeJS.WriteStream): PageOptions => ({
    colour: stream.isTTY && stream.hasColors() && !process.env['NO_COLOR'],
    width: Math.min(stream.columns || 80, 120),
  });
  if (junit !== undefined) expectReplaceable('--junit', junit, 'junit');
  const results: SuiteResult[] = [];
  for (const path of suites) {
    const result = await runSuite(path, {
      onDiagnostic: (diagnostic) => {
        if (diagnostic.severity !== 'info') process.stderr.write(diagnosticLine(diagnostic));
      },
    });
    process.stderr.write(renderSuiteProblems(result, page(process.stderr)));
    if (result.problems.length === 0) process.stdout.write(renderSuite(result, page(process.stdout)));
    results.push(result);
  }
  process.stdout.write(suiteSummary(results));
  if (junit !== undefined) writeJunit(junit, results);
  if (results.some(({ problems, unreadable }) => unreadable || problems.length > 0)) {
    process.exitCode = EXIT.usage;
  } else if (results.some(({ tests }) => tests.some(({ ok }) => !ok))) process.exitCode = EXIT.gate;
}

function writeJunit(path: string, results: readonly SuiteResult[]): void {
  try {
    writeFileSync(path, renderJunit(results));
  } catch (error) {
    const { message } = error as Error;
    throw new QuestionError(
      'suite-junit',
      `--junit ${path}: expected a file that can be written: ${message}`,
    );
  }
}
