/** `tune`: a question, logs and attacks in; the allow-list out, written and proved. */
import { readFileSync } from 'node:fs';
import { type Label, LabelError, tune as tuneTally, type Tuning } from '../analysis/index.ts';
import { decodeConfig } from '../config/index.ts';
import { QuestionError } from '../predicate/index.ts';
import { type Acl, parseAcl } from '../room/index.ts';
import { compareText, type Tally } from '../tally/index.ts';
import { answerOf, type AskOptions, factsOf, tallyOf } from './ask.ts';
import { looksLikeLabels, readLabels } from './labels.ts';
import { readReach } from './reach.ts';
import { type QuestionText, resolveQuestion } from './resolve.ts';
import { statedBy } from './stated.ts';

export interface TuneOptions extends Omit<AskOptions, 'forecast' | 'tally' | 'by'> {
  /** Logs of attacks, or YAML files of labels. */
  readonly attacks?: readonly string[];
  /** Output of icacls or accesschk. */
  readonly acl?: string;
  readonly maxEntries?: number;
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
  const compiled = resolveQuestion(asked);
  const stated = statedBy({ exposure, logConfig, budget });
  const acl = aclPath === undefined ? undefined : readAcl(aclPath);
  const labels = attacks.filter(looksLikeLabels).flatMap(readLabels);
  const attackLogs = attacks.filter((path) => !looksLikeLabels(path));
  const reading = { threads, verify, recover, allowOverlap };
  const tally = await tallyOf(asked, compiled, logs, { ...reading, onProgress });
  const attackTally =
    attackLogs.length === 0
      ? null
      : readable(await tallyOf(asked, compiled, attackLogs, reading), attackLogs);
  const { from, to } = narrowed;
  const time = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const reach = await readReach(logs, time, compiled, reading);
  const facts = factsOf(compiled, tally);
  const answer = answerOf(tally, facts, { ...stated, budget: null });
  try {
    return tuneTally({
      tally,
      question: {
        ...facts,
        by: facts.shows,
        exposure: stated.exposure,
        forecast: null,
        logged: stated.logged,
      },
      answer,
      attacks: attackTally,
      labels: labels satisfies readonly Label[],
      budget: stated.budget,
      maxEntries: maxEntries ?? null,
      acl,
      reach,
    });
  } catch (error) {
    if (error instanceof LabelError) throw new QuestionError('labels-contradict', error.message);
    throw error;
  }
}

/** Attack logs out of which nothing could be read prove nothing, and must not look as if they did. */
function readable(tally: Tally, paths: readonly string[]): Tally {
  if (tally.records > 0) return tally;
  const [first] = [...tally.diagnostics.values()]
    .flatMap((one) => one.first)
    .sort((a, b) => compareText(a.message, b.message));
  const why = first ? `: ${first.message}` : '';
  throw new QuestionError(
    'attacks-unreadable',
    `--attacks ${paths.join(' ')}: expected logs of attacks, or labels, and no record could be read${why}`,
  );
}

function readAcl(path: string): Acl {
  let text: string;
  try {
    text = decodeConfig(readFileSync(path)).text;
  } catch (error) {
    throw new QuestionError(
      'acl-unreadable',
      `--acl ${path}: expected a file that can be read: ${(error as Error).message}`,
    );
  }
  const { acl, problems } = parseAcl(text);
  const [problem] = problems;
  if (problem)
    throw new QuestionError('acl-syntax', `--acl ${path}: line ${problem.line}: ${problem.message}`);
  return acl;
}
