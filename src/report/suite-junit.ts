/** Results of suites as JUnit XML. */
import { type JunitCase, junitXml } from './junit.ts';
import { failureTexts, type SuiteResult, type TestResult } from './suite-text.ts';

/**
 * A `<testsuite>` for each suite: a test that failed holds a `<failure>`, a suite that could not be run a single test case
 * with an `<error>`.
 */
export function renderJunit(results: readonly SuiteResult[]): string {
  const suites = results.map((result) => {
    const { path, tests, problems } = result;
    const cases = problems.length > 0 ? [errorCase(result)] : tests.map((test) => testCase(result, test));
    return { name: path, cases };
  });
  return junitXml('noisefloor test', suites);
}

function testCase({ path, config }: SuiteResult, test: TestResult): JunitCase {
  const place = { name: test.name, classname: path };
  if (test.ok) return { ...place, problem: null };
  const detail = [['test', `${path}:${test.line}`], ...failureTexts(test, config!)].map(
    ([title, text]) => `${title}: ${text}`,
  );
  const message = `expected ${test.expected}, found ${test.found}`;
  return { ...place, problem: { kind: 'failure', message, type: 'expectation', detail } };
}

function errorCase({ path, problems }: SuiteResult): JunitCase {
  const detail = problems.map(
    ({ code, line, column, message }) =>
      `${code}: ${line > 0 ? `${path}:${line}:${column}: ` : ''}${message}`,
  );
  const [first] = problems;
  const problem = { kind: 'error' as const, message: first!.message, type: first!.code, detail };
  return { name: 'the suite can be run', classname: path, problem };
}
