/** `--attacks`: logs of attacks, and files of labels, told apart by content. */
import { QuestionError } from '../predicate/index.ts';
import { compareText, type Tally } from '../tally/index.ts';
import { looksLikeLabels } from './labels.ts';

export interface AttackPaths {
  readonly labels: readonly string[];
  readonly logs: readonly string[];
}

export function attackPaths(paths: readonly string[]): AttackPaths {
  const labels = paths.filter(looksLikeLabels);
  return { labels, logs: paths.filter((path) => !labels.includes(path)) };
}

/** Attack logs out of which nothing could be read prove nothing, and must not look as if they did. */
export function readable(tally: Tally, paths: readonly string[]): Tally {
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
