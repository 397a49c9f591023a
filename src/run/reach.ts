/** Who started, opened and injected into whom: a question of its own, asked of the same logs. */
import { availableParallelism } from 'node:os';
import { REACH_FIELDS } from '../analysis/index.ts';
import { isSysmon } from '../events/index.ts';
import { type Question, questionText } from '../predicate/index.ts';
import { findLogs } from '../sources/index.ts';
import type { Tally } from '../tally/index.ts';
import type { ReadingOptions } from './ask.ts';
import { gather } from './gather.ts';

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
    shows: (_, by) => by,
    text: questionText({ subject: 'reach', where: [], not: [], from, to }),
  };
}

/** Reads the logs once more for it; null where none can be: tallies hold one question, and a stream is read but once. */
export async function readReach(
  logs: readonly string[],
  time: { readonly from?: string; readonly to?: string },
  question: Question,
  { threads, verify, recover }: ReadingOptions,
): Promise<Tally | null> {
  const found = await findLogs(logs);
  const files = found.logs.filter(({ kind }) => kind !== 'tally' && kind !== 'unknown');
  if (files.length === 0 || files.length < found.logs.filter(({ kind }) => kind !== 'tally').length)
    return null;
  const asked = { question: '', about: 'reach' as const, ...time };
  return await gather(asked, reachQuestion([question.from, question.to]), files, {
    threads: threads ?? availableParallelism(),
    verify: verify ?? false,
    recover: recover ?? false,
    onBytes: () => {},
  });
}
