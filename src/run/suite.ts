/** `test`: a suite of expectations in, what came of each of them out. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import {
  type Config,
  ConfigError,
  decideFor,
  explainFor,
  type Explanation,
  unknownFields,
} from '../config/index.ts';
import { type Diagnostic, eventType, formatTime, isSysmon } from '../events/index.ts';
import { QuestionError } from '../predicate/index.ts';
import type { SuiteProblem, SuiteResult, TestResult } from '../report/index.ts';
import { dump } from './dump.ts';
import { loadConfig } from './load-config.ts';
import { type EventTest, type LogTest, readSuite } from './suite-file.ts';

const MAX_BYTES = 16 * 1024 * 1024;

export interface SuiteOptions {
  /** Told what readers say of logs. */
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
}

/** Runs one suite. What keeps it from being run, such as a configuration that is rejected, stands in `problems`. */
export async function runSuite(path: string, options: SuiteOptions = {}): Promise<SuiteResult> {
  const failed = (problems: readonly SuiteProblem[], text = ''): SuiteResult => ({
    path,
    text,
    config: null,
    tests: [],
    problems,
    unreadable: false,
  });
  const plain = (error: unknown): SuiteProblem => {
    if (!(error instanceof QuestionError || error instanceof ConfigError)) throw error;
    return { code: error.code, line: 0, column: 0, message: error.message, span: null };
  };
  let text: string;
  try {
    text = suiteText(path);
  } catch (error) {
    return failed([plain(error)]);
  }
  const { suite, problems } = readSuite(text);
  if (!suite) return failed(problems, text);
  const configPath = beside(path, suite.config);
  let config: Config;
  try {
    ({ config } = loadConfig(configPath, suite.schema));
  } catch (error) {
    return failed([plain(error)], text);
  }
  const logTests = suite.tests.filter((test) => test.kind === 'log');
  const logs = await testLogs(config, path, logTests, options.onDiagnostic ?? (() => {}));
  return {
    path,
    text,
    config: { path: configPath, text: config.source.text },
    tests: suite.tests.map((test) =>
      test.kind === 'event' ? testEvent(config, test) : logs.results.get(test)!,
    ),
    problems: [],
    unreadable: logs.unreadable,
  };
}

function suiteText(path: string): string {
  try {
    if (statSync(path).size <= MAX_BYTES) return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new QuestionError('suite-unreadable', `${path}: expected a suite (YAML), but ${reason}`);
  }
  throw new QuestionError('suite-unreadable', `${path}: expected at most ${MAX_BYTES} bytes`);
}

/** A path in a suite is relative to the suite, and said the way the suite was given. */
function beside(suite: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(suite), path);
}

type Expected = Pick<TestResult, 'name' | 'line' | 'expected'>;

function expectedOf({ name, line, logged, rule }: EventTest | LogTest): Expected {
  return { name, line, expected: outcomeText(logged, rule) };
}

function outcomeText(logged: boolean, rule: string | null): string {
  if (!logged) return 'not logged';
  if (rule === null) return 'logged';
  return rule === '-' || rule === '' ? 'logged without a RuleName' : `logged, RuleName "${rule}"`;
}

interface Wanted {
  readonly logged: boolean;
  readonly rule: string | null;
}

function meets(
  found: { readonly logged: boolean; readonly ruleName: string },
  { logged, rule }: Wanted,
): boolean {
  // Sysmon writes an empty name as `-`.
  return found.logged === logged && (rule === null || found.ruleName === (rule || '-'));
}

function testEvent(config: Config, test: EventTest): TestResult {
  const { event } = test;
  const expected = expectedOf(test);
  const names = Object.keys(event).filter((name) => name !== 'EventID');
  const unknown = unknownFields(config, event.EventID, names);
  const read = (field: string): string | undefined => {
    const value = Object.hasOwn(event, field) ? event[field] : undefined;
    return value === undefined ? undefined : String(value);
  };
  const explanation = explainFor(config, event.EventID)(read);
  const { logged, ruleName } = explanation;
  // A test of what no filter can see would say nothing.
  const ok = meets(explanation, test) && unknown.length === 0;
  const found =
    unknown.length > 0
      ? `this Sysmon does not know ${unknown.join(', ')} in event ${event.EventID}`
      : outcomeText(logged, ruleName);
  return { ...expected, ok, found, events: 1, because: reasonOf(explanation), at: null };
}

function reasonOf({ because, span, sections }: Explanation): TestResult['because'] {
  const places = sections.map(({ line, column }) => `${line}:${column}`).join(', ');
  return { ...because, span, text: places === '' ? because.text : `${because.text} (${places})` };
}

interface LogResults {
  readonly results: ReadonlyMap<LogTest, TestResult>;
  readonly unreadable: boolean;
}

interface Progress {
  readonly test: LogTest;
  events: number;
  /** Events of the asked type, whatever `where` says of them. */
  ofType: number;
  wrong: number;
  first: Pick<TestResult, 'found' | 'because' | 'at'> | null;
}

/** Each log is read once for all tests that name it. */
async function testLogs(
  config: Config,
  suitePath: string,
  tests: readonly LogTest[],
  onDiagnostic: (diagnostic: Diagnostic) => void,
): Promise<LogResults> {
  const results = new Map<LogTest, TestResult>();
  let unreadable = false;
  for (const written of new Set(tests.map(({ log }) => log))) {
    const path = beside(suitePath, written);
    const all = tests
      .filter(({ log }) => log === written)
      .map((test): Progress => ({ test, events: 0, ofType: 0, wrong: 0, first: null }));
    let [read, broken] = [0, false];
    for await (const batch of dump([path]).batches()) {
      read += batch.events.length;
      for (const diagnostic of batch.diagnostics) {
        broken ||= diagnostic.severity === 'error';
        onDiagnostic(diagnostic);
      }
      for (const event of batch.events) {
        if (!isSysmon(event.provider)) continue;
        for (const progress of all) check(config, progress, batch.source, event);
      }
    }
    unreadable ||= broken && read === 0;
    for (const progress of all) results.set(progress.test, resultOf(progress, path));
  }
  return { results, unreadable };
}

type LogEvent = Parameters<LogTest['where'][number]>[0];

function check(config: Config, progress: Progress, source: string, event: LogEvent): void {
  const { test } = progress;
  if (!test.eventIds.includes(event.eventId)) return;
  progress.ofType += 1;
  if (!test.where.every((passes) => passes(event))) return;
  progress.events += 1;
  const read = (field: string): string | undefined => event.fields.get(field);
  const decision = decideFor(config, event.eventId)(read);
  if (meets(decision, test)) return;
  progress.wrong += 1;
  progress.first ??= {
    found: outcomeText(decision.logged, decision.ruleName),
    because: reasonOf(explainFor(config, event.eventId)(read)),
    at: { source, record: event.record, time: formatTime(event.time) || null },
  };
}

function resultOf({ test, events, ofType, wrong, first }: Progress, path: string): TestResult {
  const expected = { ...expectedOf(test), events };
  if (events === 0) {
    const type = eventType(test.eventIds[0]!)?.name ?? test.type;
    const found =
      ofType === 0
        ? `no event of type ${type} in ${path}`
        : `${ofType} of type ${type} in ${path}, but none passes where`;
    return { ...expected, ok: false, found: `${found}: nothing was tested`, because: null, at: null };
  }
  if (!first) return { ...expected, ok: true, found: '', because: null, at: null };
  return { ...expected, ok: false, ...first, found: `${wrong} of ${events} events: ${first.found}` };
}
