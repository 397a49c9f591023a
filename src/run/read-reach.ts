/** Logs -> the tally of who started, opened and injected into whom. */
import type { Question } from '../predicate/index.ts';
import { findLogs } from '../sources/index.ts';
import type { Tally } from '../tally/index.ts';
import type { ReadingOptions } from './ask.ts';
import { gathered, startGathering } from './gather.ts';
import { reachQuestion } from './reach.ts';

/** Reads the logs once more for the question of reach; null where none can be: tallies hold one question, and a stream is read but once. */
export async function readReach(
  logs: readonly string[],
  time: { readonly from?: string; readonly to?: string },
  question: Question,
  { threads, verify, recover }: ReadingOptions,
): Promise<Tally | null> {
  const found = findLogs(logs);
  const files = found.logs.filter(({ kind }) => kind !== 'tally' && kind !== 'unknown');
  if (files.length === 0 || files.length < found.logs.filter(({ kind }) => kind !== 'tally').length)
    return null;
  const asked = { question: '', about: 'reach' as const, ...time };
  const gathering = await startGathering(asked, files, {
    threads,
    verify: verify ?? false,
    recover: recover ?? false,
    onRead: () => {},
  });
  return await gathered(gathering, reachQuestion([question.from, question.to]));
}
