/** `ask`: a question and logs in, an answer out. */
import { analyse, type Answer } from '../analysis/index.ts';
import type { Question } from '../predicate/index.ts';
import { findLogs, type FoundLogs } from '../sources/index.ts';
import { addDiagnostics, addSkipped, type Tally, type TallyFacts } from '../tally/index.ts';
import { gathered, type Gathering, startGathering } from './gather.ts';
import { type QuestionText, resolveQuestion } from './resolve.ts';
import { type Stated, statedBy } from './stated.ts';
import { expectOutput } from './output-file.ts';

export interface AskOptions extends Omit<QuestionText, 'question'> {
  /** `120h` for every host, or `HOST=120h`: hours of exposure that are known from elsewhere. */
  readonly exposure?: readonly string[];
  /** `7d 2000 hosts`: what to expect in so many hours, days or weeks on so many hosts. */
  readonly forecast?: string;
  /** Path of the configuration that Sysmon had while the logs were written: types that it does not log have no exposure. */
  readonly logConfig?: string;
  /** At most so many. Default: one per core, of large logs. */
  readonly threads?: number;
  /** Check all checksums, and not only after an anomaly. */
  readonly verify?: boolean;
  /** Read what stands behind damage in event logs, too. */
  readonly recover?: boolean;
  /** Where to write the tally of all that was read (`noisefloor.tally/1`). */
  readonly tally?: string;
  /** Adds tallies up even where record ids stand in several: their events then count twice. */
  readonly allowOverlap?: boolean;
  /** Occasions that are allowed, such as `1/host-day`: the answer's `budget` says whether they are kept. */
  readonly budget?: string;
  /** Told how many of how many bytes are read. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Answers a question out of logs and tallies: files, folders, archives, `-`. Nothing in a log makes it throw: what could
 * not be read stands in the answer's `read` and `diagnostics`. Throws QuestionError or ConfigError for what can't be
 * asked, and for a tally that is broken, or can't tell what is asked.
 */
export async function ask(
  question: string,
  logs: readonly string[],
  options: AskOptions = {},
): Promise<Answer> {
  const {
    exposure,
    forecast,
    logConfig,
    threads,
    verify,
    recover,
    onProgress,
    tally: out,
    allowOverlap,
    budget,
    ...narrowed
  } = options;
  if (out !== undefined) expectOutput('--tally', out, 'tally');
  const asked: QuestionText = { question, ...narrowed, ...(out === undefined ? {} : { tunable: true }) };
  const reading = await startReading(asked, logs, { threads, verify, recover, onProgress, allowOverlap });
  try {
    const compiled = await resolveQuestion(asked);
    const stated = await statedBy({ exposure, forecast, logConfig, budget });
    const tally = await reading.tally(compiled);
    const facts = factsOf(compiled, tally);
    if (out !== undefined) (await import('./tallies.ts')).writeTally(out, { facts, tally });
    return answerOf(tally, facts, stated);
  } finally {
    await reading.stop();
  }
}

/** How logs are read. */
export type ReadingOptions = {
  readonly [K in 'threads' | 'verify' | 'recover' | 'onProgress' | 'allowOverlap']?:
    | AskOptions[K]
    | undefined;
};

/** Finds logs and tallies, and begins with reading them while the question may still be on its way. */
async function startReading(
  asked: QuestionText,
  logs: readonly string[],
  { threads, verify, recover, onProgress, allowOverlap }: ReadingOptions,
): Promise<Gathering> {
  const found = findLogs(logs);
  const events = found.logs.filter(({ kind }) => kind !== 'tally');
  const total = events.reduce((sum, log) => sum + log.size, 0);
  const gathering = await startGathering(asked, events, {
    threads,
    verify: verify ?? false,
    recover: recover ?? false,
    onRead: (bytes) => onProgress?.(bytes, total),
  });
  return {
    stop: gathering.stop,
    async tally(compiled) {
      const tallies = events.length === found.logs.length ? null : await import('./tallies.ts');
      const held = tallies?.sumOfTallies(compiled, found, allowOverlap ?? false);
      const tally = await gathering.tally(compiled);
      addFound(tally, { ...found, problems: [...compiled.problems, ...found.problems] });
      addSkipped(tally, held?.skipped ?? [], 0);
      if (held?.sum) tallies?.addTally(tally, held.sum, held.source, allowOverlap ?? false);
      return tally;
    },
  };
}

/** Reads logs and tallies into one tally of the question. */
export async function tallyOf(
  asked: QuestionText,
  compiled: Question,
  logs: readonly string[],
  options: ReadingOptions,
): Promise<Tally> {
  return await gathered(await startReading(asked, logs, options), compiled);
}

/** What the answer, and a tally file, has to know of a question. */
export function factsOf(question: Question, { by }: Tally): TallyFacts {
  const { name, kind, eventIds, sources, rules, correlations, from, to } = question;
  const shows = new Map([...by].map(([type, fields]) => [type, question.shows(type, fields)]));
  return {
    name,
    kind,
    eventIds,
    sources,
    rules,
    correlations,
    from,
    to,
    hides: question.hides !== null,
    shows,
  };
}

/** What finding the logs has to say. */
export function addFound(tally: Tally, found: Pick<FoundLogs, 'skipped' | 'problems'>): void {
  addSkipped(tally, [...found.skipped], 0);
  for (const problem of found.problems) {
    addDiagnostics(tally, problem.code, { count: 1, lost: problem.lost, first: [problem] });
  }
}

export function answerOf(
  tally: Tally,
  facts: TallyFacts,
  { exposure, forecast, logged, budget }: Stated,
): Answer {
  for (const host of exposure.perHost.keys()) {
    if (tally.hosts.has(host)) continue;
    // A host that wrote nothing may be meant; a name that was mistyped must not add hours unseen.
    const known = [...tally.hosts.keys()].sort().slice(0, 10).join(', ');
    const message = `--exposure names the host ${host}, which is in no log (they name ${known || 'none'}): its hours count all the same`;
    addDiagnostics(tally, 'exposure-host-unknown', {
      count: 1,
      lost: 0,
      first: [{ code: 'exposure-host-unknown', severity: 'warning', message, where: {}, lost: 0 }],
    });
  }
  return analyse(tally, { ...facts, by: facts.shows, exposure, forecast, logged, budget });
}
