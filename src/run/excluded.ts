/** What the exclude entries of a configuration hide of logs: a question with a rule for each entry. */
import { decideFor, entryOf, excludeEntries } from '../config/index.ts';
import { isSysmon } from '../events/index.ts';
import { type Question, type QuestionRule, questionText } from '../predicate/index.ts';
import { isLabelled, readLabels } from './labels.ts';
import { loadConfig } from './load-config.ts';

const NONE: readonly number[] = [];
const NO_FIELDS: readonly string[] = [];

/**
 * `rules` in the order of `excludeEntries`. An event is counted for the entry that decides it. With `attacks` (files of
 * labels; none: all events are attacks) attacks alone count, and one more rule for those that no entry hides. Times in
 * milliseconds since 1970 UTC.
 */
export function excludedQuestion(
  path: string,
  [from, to]: readonly [from: number, to: number],
  attacks: readonly string[] | null,
): Question {
  const { config } = loadConfig(path);
  const entries = excludeEntries(config);
  const indexOf = entryOf(entries);
  const lists = [...entries, null].map((_, index): readonly number[] => [index]);
  const others = attacks === null ? NONE : lists[entries.length]!;
  const labels = attacks?.flatMap(readLabels) ?? [];
  const eventIds = [...new Set(entries.flatMap((entry) => entry.eventIds))].sort((a, b) => a - b);
  return {
    name: path,
    kind: 'event-type',
    eventIds,
    sources: [{ channel: null, eventIds: null }],
    rules: [
      ...entries.map(({ element, tag }) => ruleOf(tag, path, config.positionOf(element.start).line)),
      ...(attacks === null ? [] : [ruleOf('not hidden', path, 0)]),
    ],
    problems: [],
    decide: (event) => {
      const { eventId, fields } = event;
      if (!isSysmon(event.provider)) return NONE;
      if (labels.length > 0 && !isLabelled(labels, event)) return NONE;
      const { logged, filter } = decideFor(config, eventId)((field) => fields.get(field));
      return logged || filter === null ? others : (lists[indexOf(filter)] ?? others);
    },
    correlations: [],
    counts: null,
    hides: null,
    concerns: null,
    from,
    to,
    by: () => NO_FIELDS,
    filtered: null,
    tested: () => [],
    reads: null,
    shows: () => NO_FIELDS,
    text: questionText({ subject: `excluded by ${config.source.text}`, where: [], not: [], from, to }),
  };
}

function ruleOf(name: string, file: string, line: number): QuestionRule {
  return { name, id: '', file, line, level: '', tags: [], sources: [] };
}
