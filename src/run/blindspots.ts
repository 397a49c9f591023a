/** `blindspots`: a configuration, and perhaps logs, attacks and rules, in; where an attacker hides in it out. */
import { basename } from 'node:path';
import {
  type Answer,
  type Blindspots,
  blindSpotsOf,
  type DeadDetection,
  fateOf,
  type NamedRule,
} from '../analysis/index.ts';
import { type Config, excludeEntries } from '../config/index.ts';
import type { Tally } from '../tally/index.ts';
import { type AskOptions, answerOf, factsOf, type ReadingOptions, tallyOf } from './ask.ts';
import { attackPaths, readable } from './attacks.ts';
import { loadConfig } from './load-config.ts';
import { readAcl } from './read-acl.ts';
import { type QuestionText, resolveQuestion } from './resolve.ts';
import { placedRules } from './sigma-rules.ts';
import { statedBy } from './stated.ts';

export interface BlindspotsOptions extends Pick<
  AskOptions,
  'from' | 'to' | 'exposure' | 'threads' | 'verify' | 'recover' | 'onProgress'
> {
  /** Logs of attacks, or YAML files of labels on the logs. */
  readonly attacks?: readonly string[];
  /** A Sigma rule or a folder of rules. */
  readonly sigma?: string;
  /** Output of icacls or accesschk. */
  readonly acl?: string;
}

/** Throws ConfigError for a configuration that Sysmon would not load, QuestionError for what else can't be read. */
export async function blindspots(
  path: string,
  logs: readonly string[] = [],
  { attacks = [], sigma, acl: aclPath, from, to, exposure, onProgress, ...reading }: BlindspotsOptions = {},
): Promise<Blindspots> {
  const { config } = loadConfig(path);
  const acl = aclPath === undefined ? undefined : readAcl(aclPath);
  const rules = sigma === undefined ? null : placedRules(sigma);
  const entries = excludeEntries(config);
  const time = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const asked: QuestionText = { question: path, about: 'excluded', ...time };
  const seen = logs.length === 0 ? null : await answerTo(asked, logs, { ...reading, onProgress }, exposure);
  const attacked = await attacksOn(asked, logs, attacks, reading);
  const hides = (index: number): number | null =>
    attacked && attacked.reduce((sum, answer) => sum + answer.rules[index]!.events, 0);
  const spots = blindSpotsOf(
    config,
    entries,
    (index) => {
      const rule = seen?.rules[index];
      const suppresses = rule ? { events: rule.events, occasions: rule.occasions, hosts: rule.hosts } : null;
      return { suppresses, hidesAttacks: hides(index) };
    },
    acl,
  );
  const total = attacked?.reduce((sum, answer) => sum + answer.matches.events, 0) ?? 0;
  const hidden = spots.reduce((sum, { hidesAttacks }) => sum + (hidesAttacks ?? 0), 0);
  const fates = rules && deadOf(config, entries, rules);
  return {
    schema: 'noisefloor.blindspots/1',
    config: path,
    entries: spots,
    deadDetections: fates?.dead ?? [],
    detections: fates?.counts ?? null,
    read: seen?.read ?? null,
    exposure: seen?.exposure ?? null,
    attacks: attacked && { events: total, hidden, coverage: coverageOf(total, hidden) },
    diagnostics: [
      ...(seen?.diagnostics.filter(({ severity, code }) => severity === 'error' || code.startsWith('evtx')) ??
        []),
      ...(rules?.problems ?? []).map(({ code, severity, message, where }) => ({
        code,
        severity,
        message,
        where,
        count: 1,
      })),
    ],
  };
}

async function answerTo(
  asked: QuestionText,
  logs: readonly string[],
  reading: ReadingOptions,
  exposure: readonly string[] | undefined,
  check: (tally: Tally, logs: readonly string[]) => Tally = (tally) => tally,
): Promise<Answer> {
  const question = await resolveQuestion(asked);
  const tally = check(await tallyOf(asked, question, logs, reading), logs);
  return answerOf(tally, factsOf(question, tally), await statedBy({ exposure }));
}

/** Of attack logs every event counts, of labels those that they name; null where neither was given. */
async function attacksOn(
  asked: QuestionText,
  logs: readonly string[],
  paths: readonly string[],
  reading: ReadingOptions,
): Promise<Answer[] | null> {
  if (paths.length === 0) return null;
  const given = attackPaths(paths);
  const answers: Answer[] = [];
  if (given.logs.length > 0)
    answers.push(await answerTo({ ...asked, attacks: [] }, given.logs, reading, undefined, readable));
  if (given.labels.length > 0 && logs.length > 0)
    answers.push(await answerTo({ ...asked, attacks: given.labels }, logs, reading, undefined));
  return answers;
}

function coverageOf(events: number, hidden: number): string {
  if (events === 0) return "The attacks given hold no event of Sysmon's: that none is hidden says nothing.";
  const counted = `${events} event${events === 1 ? '' : 's'} of attacks, ${hidden} of them hidden by an entry.`;
  return `${counted} What these attacks did not do, they do not show.`;
}

function deadOf(
  config: Config,
  entries: ReturnType<typeof excludeEntries>,
  { rules, placed }: ReturnType<typeof placedRules>,
): { dead: DeadDetection[]; counts: NonNullable<Blindspots['detections']> } {
  const fate = fateOf(config, entries);
  const dead: DeadDetection[] = [];
  const undecided: { id: string; title: string; file: string }[] = [];
  let [elsewhere, alive] = [0, 0];
  for (const [index, { id, title, file, level }] of rules.entries()) {
    const named: NamedRule = { ...placed[index]!, id, title, file, level };
    const found = fate(named);
    if (found.kind === 'dead') dead.push(found.detection);
    else if (found.kind === 'alive') alive += 1;
    else if (found.kind === 'elsewhere') elsewhere += 1;
    else undecided.push({ id, title, file: basename(file) });
  }
  return { dead, counts: { asked: rules.length, elsewhere, alive, undecided } };
}
