/** Groups that were seen before: what is in none of them is new. */
import { boundKey, type Event, foldAscii, isSysmon, typeKey } from '../events/index.ts';
import { type Question, QuestionError } from '../predicate/index.ts';
import { findLogs } from '../sources/index.ts';
import type { Tally } from '../tally/index.ts';
import { tallyOf } from './ask.ts';
import type { QuestionText } from './resolve.ts';

/** What stands for a field that an event does not have. */
const MISSING = '-';

/** The fields by which a question shows an event, and their values as written. */
export function shownValues(question: Question, event: Event): [field: string, value: string][] {
  const fields = question.shows(typeOf(event), question.by(event));
  return fields.map((field) => [field, event.fields.get(field) ?? MISSING]);
}

/** Key of the group that an event belongs to, as the question shows groups. */
export function groupOf(question: Question, event: Event): string {
  const values = shownValues(question, event).map(([, value]) => boundKey(foldAscii(value)));
  return boundKey(JSON.stringify([typeOf(event), ...values]));
}

function typeOf({ provider, channel, eventId }: Event): string {
  return typeKey(isSysmon(provider) ? '' : boundKey(foldAscii(channel)), eventId);
}

/**
 * The keys of the groups that are in tallies or logs. Throws QuestionError for what can't be read, and for a tally of
 * another question or one that had more groups than it keeps apart: of the others it can't tell.
 */
export async function seenGroups(
  asked: QuestionText,
  question: Question,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  const { problems } = findLogs(paths);
  const [problem] = problems;
  if (problem) throw new QuestionError(problem.code, `--new: ${problem.message}`);
  const tally = await tallyOf(asked, question, paths, { threads: 1, allowOverlap: true });
  if (tally.others.size > 0) {
    throw new QuestionError(
      'watch-new',
      `--new ${paths.join(', ')}: expected groups that are all known, found more than a tally keeps apart: ask a narrower question`,
    );
  }
  return new Set(keysOf(question, tally));
}

function* keysOf(question: Question, tally: Tally): Generator<string> {
  for (const { channel, eventId, key } of tally.groups.values()) {
    const type = typeKey(channel, eventId);
    const grouped = tally.by.get(type) ?? [];
    const values = question.shows(type, grouped).map((field) => key[grouped.indexOf(field)] ?? MISSING);
    yield boundKey(JSON.stringify([type, ...values]));
  }
}
