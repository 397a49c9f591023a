/** `tune`: a question, logs and attacks in; the allow-list out, written and proved. */
import { type Answer, LabelError, tune as tuneTally, type Tuning } from '../analysis/index.ts';
import { EVENT_TYPE_TEXTS, isDay, parseTime } from '../events/index.ts';
import { type Question, QuestionError } from '../predicate/index.ts';
import { findLogs } from '../sources/index.ts';
import type { Tally } from '../tally/index.ts';
import { answerOf, type AskOptions, factsOf, type ReadingOptions, tallyOf } from './ask.ts';
import { attackPaths, readable } from './attacks.ts';
import { checkLabelFields, readLabels } from './labels.ts';
import { readAcl } from './read-acl.ts';
import { readReach } from './read-reach.ts';
import { type QuestionText, resolveQuestion } from './resolve.ts';
import { statedBy } from './stated.ts';
import { checkFormat, conditionsSaid, inFolder, writtenList, type WrittenList } from './write-allow-list.ts';
import { expectOutput, writeOutput } from './output-file.ts';

export interface TuneOptions extends Omit<AskOptions, 'forecast' | 'tally' | 'by'> {
  /** Logs of attacks, or YAML files of labels. */
  readonly attacks?: readonly string[];
  /** Output of icacls or accesschk. */
  readonly acl?: string;
  readonly maxEntries?: number;
  /** Where to write the list; the end of its name says in which format. */
  readonly out?: string;
  readonly owner?: string;
  readonly ticket?: string;
  /** `YYYY-MM-DD`, or `never`. Default: a year after the last record that was read. */
  readonly expires?: string;
}

/**
 * Tunes a question. Throws QuestionError or ConfigError for what can't be asked, and for labels that can't be read or
 * contradict one another. With no exposure the list is still there, and its rates are null.
 */
export async function tune(
  question: string,
  logs: readonly string[],
  {
    attacks = [],
    acl: aclPath,
    maxEntries,
    out,
    owner,
    ticket,
    expires,
    exposure,
    logConfig,
    budget,
    threads,
    verify,
    recover,
    onProgress,
    allowOverlap,
    ...narrowed
  }: TuneOptions = {},
): Promise<Tuning> {
  const asked: QuestionText = { question, ...narrowed, tunable: true };
  const compiled = await resolveQuestion(asked);
  const stated = await statedBy({ exposure, logConfig, budget });
  // Better known before reading for minutes than after.
  checkExpiry(expires);
  if (out !== undefined) {
    checkFormat(out, compiled.kind);
    expectOutput('--out', out, 'other');
  }
  const acl = aclPath === undefined ? undefined : readAcl(aclPath);
  const given = attackPaths(attacks);
  const labels = given.labels.flatMap(readLabels);
  const reading = { threads, verify, recover, allowOverlap };
  const tally = await tallyOf(asked, compiled, logs, { ...reading, onProgress });
  checkLabelFields(labels, tally.by);
  const { from, to, ...tests } = narrowed;
  const attackTally =
    given.logs.length === 0
      ? null
      : await attacksIn(given.logs, { question, ...tests, tunable: true }, reading);
  const time = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const reach = await readReach(logs, time, compiled, reading);
  const facts = factsOf(compiled, tally);
  const answer = answerOf(tally, facts, { ...stated, budget: null });
  const tuning = tuned({
    tally,
    question: {
      ...facts,
      by: facts.shows,
      exposure: stated.exposure,
      forecast: null,
      budget: null,
      logged: stated.logged,
    },
    answer,
    attacks: attackTally,
    labels,
    budget: stated.budget,
    maxEntries: maxEntries ?? null,
    acl,
    reach,
    says: out === undefined ? () => true : conditionsSaid(out, compiled, question),
  });
  if (out !== undefined && tuning.allowList.length > 0) {
    const ownership = { owner: owner ?? '', ticket: ticket ?? '', expires: expiryOf(expires, answer) };
    const written = writtenList(out, tuning, compiled, question, ownership);
    await prove(written, tuning, tally, asked, logs, reading);
    writeOutput('--out', out, written.bytes);
  }
  return tuning;
}

function tuned(input: Parameters<typeof tuneTally>[0]): Tuning {
  try {
    return tuneTally(input);
  } catch (error) {
    if (error instanceof LabelError) throw new QuestionError('labels-contradict', error.message);
    throw error;
  }
}

const DAY_MS = 86_400_000;

/** Throws QuestionError for what is no day. */
function checkExpiry(given: string | undefined): void {
  if (given === undefined || given === 'never' || isDay(given)) return;
  throw new QuestionError(
    'allow-unwritable',
    `--expires ${given}: expected a day such as 2027-01-31 on which the entries end, or never`,
  );
}

/** A day, so that nobody forgets why an entry is there; it depends on the logs and not on the clock. */
function expiryOf(given: string | undefined, { exposure }: Answer): string {
  if (given === 'never') return '';
  if (given !== undefined) return given;
  const last = Math.max(
    ...exposure.perHost.map((host) => parseTime(host.last)).filter((time) => !Number.isNaN(time)),
  );
  return Number.isFinite(last) ? new Date(last + 365 * DAY_MS).toISOString().slice(0, 10) : '';
}

/** Asks the question again with the written list in force: as many events as promised must be left. */
async function prove(
  { asQuestion }: WrittenList,
  { before, after }: Tuning,
  tally: Tally,
  asked: QuestionText,
  logs: readonly string[],
  reading: ReadingOptions,
): Promise<void> {
  const found = findLogs(logs);
  // A tally holds no events, and a stream is gone.
  if (!asQuestion || found.logs.some(({ kind }) => kind === 'tally' || kind === 'unknown')) return;
  await inFolder(async (folder) => {
    const again: QuestionText = { ...asked, question: asQuestion(folder) };
    const question = await resolveQuestion(again);
    const left = eventsIn(await tallyOf(again, question, logs, reading));
    const promised = eventsIn(tally) - (before.events - after.inSample.events);
    if (left === promised) return;
    const why = needsEventType(question)
      ? 'a configuration tells the events of one tag apart by EventType, and where these logs lack it (Sysmon before schema 4.21, or a container that lost it) it can say no more: write a list of another format, such as .yml'
      : 'this is a fault of noisefloor, please report it';
    throw new QuestionError(
      'allow-unproved',
      `the list as written leaves ${left} events, and ${promised} were promised: it was not written; ${why}`,
    );
  });
}

/** Whether it is a configuration for events that share their tag with others. */
function needsEventType({ kind, eventIds }: Question): boolean {
  return kind === 'sysmon-config' && eventIds.some((id) => id === 12 || EVENT_TYPE_TEXTS[id] !== undefined);
}

/** Attacks are held against the list whenever they were: the time that is asked about is that of the logs. */
async function attacksIn(
  logs: readonly string[],
  asked: QuestionText,
  reading: ReadingOptions,
): Promise<Tally> {
  return readable(await tallyOf(asked, await resolveQuestion(asked), logs, reading), logs);
}

function eventsIn({ groups, others }: Tally): number {
  let sum = 0;
  for (const hosts of [...[...groups.values()].map((group) => group.hosts), others]) {
    for (const slots of hosts.values()) for (const events of slots.values()) sum += events;
  }
  return sum;
}
