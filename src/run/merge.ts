/** `merge`: tallies of hosts, shards or days in, their sum out: as a file, as an answer. */
import type { Answer } from '../analysis/index.ts';
import { QuestionError } from '../predicate/index.ts';
import { findLogs } from '../sources/index.ts';
import type { FiledTally, TallyFacts } from '../tally/index.ts';
import { addFound, answerOf, type AskOptions } from './ask.ts';
import { statedBy } from './stated.ts';
import { addTally, differenceOf, readTally, writeTally } from './tallies.ts';
import { expectOutput } from './output-file.ts';

/** `tally`: where to write the sum. */
export type MergeOptions = Pick<
  AskOptions,
  'tally' | 'allowOverlap' | 'exposure' | 'forecast' | 'logConfig' | 'budget'
>;

/**
 * Adds up tally files of one question, and gives the answer that `ask` would give out of all their logs. Throws
 * QuestionError for what is no tally, for tallies of different questions, and where record ids stand in several of them.
 */
export async function merge(paths: readonly string[], options: MergeOptions = {}): Promise<Answer> {
  const { tally: out, allowOverlap = false } = options;
  if (out !== undefined) expectOutput('--out', out, 'tally');
  const stated = await statedBy(options);
  const found = findLogs(paths);
  // A sum that lacks a part would look like any other.
  const [problem] = found.problems;
  if (problem) throw new QuestionError(problem.code, problem.message);
  const other = found.logs.find(({ kind, explicit }) => kind !== 'tally' && explicit);
  if (other) {
    throw new QuestionError(
      'tally-no-logs',
      `${other.path}: expected a tally file, found a log, or a tally that was cut: write it with noisefloor ask --tally, or give logs and tallies to ask`,
    );
  }
  let sum: FiledTally | null = null;
  for (const { path, kind } of found.logs) {
    if (kind === 'tally') sum = add(sum, readTally(path), path, allowOverlap);
  }
  if (!sum) throw noTally(paths);
  const logs = found.logs.filter(({ kind }) => kind !== 'tally');
  const reason = 'a log, and no tally';
  addFound(sum.tally, {
    ...found,
    skipped: [...found.skipped, ...logs.map(({ path }) => ({ path, reason }))],
  });
  if (out !== undefined) writeTally(out, sum);
  return answerOf(sum.tally, sum.facts, stated);
}

function add(sum: FiledTally | null, filed: FiledTally, path: string, allowOverlap: boolean): FiledTally {
  if (!sum) return filed;
  const difference = differenceOf(sum.tally.question, filed.tally.question, path);
  if (difference !== null)
    throw new QuestionError('tally-question', `${path}, beside those before it, ${difference}`);
  addTally(sum.tally, filed.tally, path, allowOverlap);
  return { tally: sum.tally, facts: shown(sum, filed) };
}

/** What both show, by the fields that are left. */
function shown({ facts, tally }: FiledTally, added: FiledTally): TallyFacts {
  const shows = [...tally.by].map(([type, fields]): [string, readonly string[]] => {
    const wanted = facts.shows.get(type) ?? added.facts.shows.get(type) ?? fields;
    return [type, wanted.filter((field) => fields.includes(field))];
  });
  return { ...facts, shows: new Map(shows) };
}

function noTally(paths: readonly string[]): QuestionError {
  return new QuestionError(
    'tally-no-logs',
    `expected tally files, found none in ${paths.join(', ')}: write them with noisefloor ask --tally`,
  );
}
