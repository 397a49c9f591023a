/** Who started, opened and injected into whom: a question of its own, asked of the same logs. */
import { REACH_FIELDS } from '../analysis/index.ts';
import { isSysmon } from '../events/index.ts';
import { READ_NOTHING } from '../evtx/index.ts';
import { type Question, questionText } from '../predicate/index.ts';

const EVENT_IDS: readonly number[] = Object.keys(REACH_FIELDS).map(Number);
const NONE: readonly number[] = [];
const MATCH: readonly number[] = [0];

/** Times in milliseconds since 1970 UTC. */
export function reachQuestion([from, to]: readonly [from: number, to: number]): Question {
  return {
    name: 'reach',
    kind: 'event-type',
    eventIds: EVENT_IDS,
    sources: [{ channel: null, eventIds: EVENT_IDS }],
    rules: [{ name: 'reach', id: '', file: '', line: 0, level: '', tags: [], sources: [] }],
    problems: [],
    decide: ({ eventId, provider }) => (eventId in REACH_FIELDS && isSysmon(provider) ? MATCH : NONE),
    correlations: [],
    counts: null,
    hides: null,
    concerns: null,
    from,
    to,
    by: ({ eventId }) => REACH_FIELDS[eventId] ?? [],
    filtered: null,
    tested: () => [],
    reads: () => READ_NOTHING,
    shows: (_, by) => by,
    text: questionText({ subject: 'reach', where: [], not: [], from, to }),
  };
}
