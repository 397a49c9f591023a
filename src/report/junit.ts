/** Results as JUnit XML, which CI systems show beside a change. No times: the same input gives the same bytes. */
import { escapeXml } from '../lines/index.ts';

export interface JunitCase {
  readonly name: string;
  readonly classname: string;
  /** What it failed on, or why it could not be run; null where it passed. */
  readonly problem: {
    readonly kind: 'failure' | 'error';
    readonly message: string;
    readonly type: string;
    /** Lines below the message. */
    readonly detail: readonly string[];
  } | null;
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** `<testsuites>` with a `<testsuite>` for each suite. */
export function junitXml(name: string, suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  return (
    '<?xml version="1.0" encoding="utf-8"?>\n' +
    `<testsuites name="${escapeXml(name)}" ${counts(all)}>\n` +
    `${suites.map(suiteXml).join('')}</testsuites>\n`
  );
}

function suiteXml({ name, cases }: JunitSuite): string {
  const front = `  <testsuite name="${escapeXml(name)}" ${counts(cases)} skipped="0">\n`;
  return `${front}${cases.map(caseXml).join('')}  </testsuite>\n`;
}

function counts(cases: readonly JunitCase[]): string {
  const of = (kind: string): number => cases.filter(({ problem }) => problem?.kind === kind).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}"`;
}

function caseXml({ name, classname, problem }: JunitCase): string {
  const front = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(classname)}"`;
  if (!problem) return `${front}/>\n`;
  const { kind, message, type, detail } = problem;
  const text = detail.map(escapeXml).join('\n');
  return (
    `${front}>\n      <${kind} message="${escapeXml(message)}" type="${escapeXml(type)}">${text}</${kind}>\n` +
    '    </testcase>\n'
  );
}
