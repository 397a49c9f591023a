/** Results of suites as JUnit XML, which CI systems show beside a change. */
import { failureTexts, type SuiteResult, type TestResult } from './suite-text.ts';
import { escapeXml } from './xml.ts';

/**
 * `<testsuites>` with a `<testsuite>` for each suite: a test that failed holds a `<failure>`, a suite that could not be
 * run a single test case with an `<error>`. No times: the same input gives the same bytes.
 */
export function renderJunit(results: readonly SuiteResult[]): string {
  const suites = results.map((result) => {
    const { path, tests, problems } = result;
    const failures = tests.filter(({ ok }) => !ok).length;
    const errors = problems.length > 0 ? 1 : 0;
    const cases = errors > 0 ? [errorCase(result)] : tests.map((test) => testCase(result, test));
    const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0"`;
    return `  <testsuite name="${escapeXml(path)}" ${counts}>\n${cases.join('')}  </testsuite>\n`;
  });
  const total = results.reduce(
    (sum, { tests, problems }) => sum + (problems.length > 0 ? 1 : tests.length),
    0,
  );
  const failed = results.flatMap(({ tests }) => tests).filter(({ ok }) => !ok).length;
  const errors = results.filter(({ problems }) => problems.length > 0).length;
  return (
    '<?xml version="1.0" encoding="utf-8"?>\n' +
    `<testsuites name="noisefloor test" tests="${total}" failures="${failed}" errors="${errors}">\n` +
    `${suites.join('')}</testsuites>\n`
  );
}

function testCase({ path, config }: SuiteResult, test: TestResult): string {
  const front = `    <testcase name="${escapeXml(test.name)}" classname="${escapeXml(path)}"`;
  if (test.ok) return `${front}/>\n`;
  const message = `expected ${test.expected}, found ${test.found}`;
  const detail = [[`test`, `${path}:${test.line}`], ...failureTexts(test, config!)]
    .map(([title, text]) => `${title}: ${text}`)
    .map(escape)
    .join('\n');
  return (
    `${front}>\n      <failure message="${escapeXml(message)}" type="expectation">${detail}</failure>\n` +
    '    </testcase>\n'
  );
}

function errorCase({ path, problems }: SuiteResult): string {
  const detail = problems
    .map(
      ({ code, line, column, message }) =>
        `${code}: ${line > 0 ? `${path}:${line}:${column}: ` : ''}${message}`,
    )
    .map(escape)
    .join('\n');
  return (
    `    <testcase name="the suite can be run" classname="${escapeXml(path)}">\n` +
    `      <error message="${escapeXml(problems[0]!.message)}" type="${problems[0]!.code}">${detail}</error>\n` +
    '    </testcase>\n'
  );
}
