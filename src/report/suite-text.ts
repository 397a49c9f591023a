/** What came of a suite: `ok` and `not ok` lines, and below a failure what was expected, what was found, and why. */
import type { Because } from '../config/index.ts';
import type { Code } from '../events/index.ts';
import { excerptLines } from './excerpt.ts';
import type { ConfigSource } from './explain-text.ts';
import { counted } from './numbers.ts';
import { type Line, type PageOptions, pageWidth, paragraph, printPage } from './page.ts';
import { safeText } from './terminal.ts';

/** Something that keeps a suite from being run. Line 0: the message says where. */
export interface SuiteProblem {
  readonly code: Code;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** UTF-16 units in the suite's text. */
  readonly span: { readonly start: number; readonly end: number } | null;
}

export interface TestResult {
  readonly name: string;
  /** In the suite, from 1. */
  readonly line: number;
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
  /** How many events were tested. */
  readonly events: number;
  /** What decided the event, or the first one that failed. */
  readonly because: (Because & { readonly span: SuiteProblem['span'] }) | null;
  /** The first event of a log that failed. */
  readonly at: {
    readonly source: string;
    readonly record: number | null;
    readonly time: string | null;
  } | null;
}

export interface SuiteResult {
  readonly path: string;
  readonly text: string;
  /** Null where the suite could not be run. */
  readonly config: ConfigSource | null;
  readonly tests: readonly TestResult[];
  readonly problems: readonly SuiteProblem[];
  /** A log of a test could not be read at all. */
  readonly unreadable: boolean;
}

/** One suite: its path, then a line for each test. */
export function renderSuite({ path, config, tests }: SuiteResult, options: PageOptions): string {
  const width = pageWidth(options);
  const title = config ? `${safeText(path)} (${safeText(config.path)})` : safeText(path);
  const lines: Line[] = paragraph(title, width, 0).map((text): Line => [{ text, style: 'bold' }]);
  for (const [index, test] of tests.entries()) {
    const [first = '', ...rest] = paragraph(safeText(test.name), width - 10, 0);
    const front = `${test.ok ? 'ok' : 'not ok'} ${index + 1}`;
    lines.push([{ text: front, style: test.ok ? 'green' : 'red' }, { text: ` - ${first}` }]);
    lines.push(...rest.map((text) => `    ${text}`));
    if (!test.ok) lines.push(...failureLines(test, config!, width));
  }
  return printPage(lines, options);
}

function failureLines(test: TestResult, config: ConfigSource, width: number): Line[] {
  const lines: Line[] = [];
  for (const [title, text] of failureTexts(test, config)) {
    const [first = '', ...rest] = paragraph(safeText(text), width - 14, 0);
    lines.push(`    ${title.padEnd(10)}${first}`, ...rest.map((more) => `${' '.repeat(14)}${more}`));
  }
  const { because } = test;
  if (because?.span) lines.push(...excerptLines(config.text, because.span, because.line, width));
  return lines;
}

/** What there is to say of a failure, without an excerpt; not yet safe for anything. */
export function failureTexts(
  { expected, found, at, because }: TestResult,
  config: ConfigSource,
): [title: string, text: string][] {
  const texts: [string, string][] = [
    ['expected', expected],
    ['found', found],
  ];
  if (at) {
    const record = at.record === null ? '' : `, record ${at.record}`;
    texts.push(['first', `${at.source}${record}${at.time === null ? '' : `, ${at.time}`}`]);
  }
  if (because) {
    const place = because.line > 0 ? `${config.path}:${because.line}:${because.column}: ` : '';
    texts.push(['because', place + because.text]);
  }
  return texts;
}

/** Problems for stderr, with an excerpt of the suite. */
export function renderSuiteProblems({ path, text, problems }: SuiteResult, options: PageOptions): string {
  return problems
    .map(({ code, line, column, message, span }) => {
      const place = line > 0 ? `${path}:${line}:${column}: ` : '';
      const excerpt = span && line > 0 ? excerptLines(text, span, line, pageWidth(options)) : [];
      // The message is one line, however long, as all others on stderr are.
      return `noisefloor: ${code}: ${safeText(place + message)}\n${printPage(excerpt, options)}`;
    })
    .join('');
}

/** The last line: how many were met. */
export function suiteSummary(results: readonly SuiteResult[]): string {
  const tests = results.flatMap((result) => result.tests);
  const failed = tests.filter(({ ok }) => !ok).length;
  const broken = results.filter(({ problems }) => problems.length > 0).length;
  const suites = broken > 0 ? `; ${counted(broken, 'suite')} could not be run` : '';
  return `${counted(tests.length, 'test')}: ${tests.length - failed} ok, ${failed} not ok${suites}\n`;
}
