/** What an argument of `watch` is: told by what stands in the file, never by its name. */
import { readFileSync, statSync } from 'node:fs';
import { eventTypesNamed } from '../events/index.ts';
import { findLogs } from '../sources/index.ts';
import { hasRules, looksLikeSigma } from './sigma-files.ts';

/** `config`: what a sensor can be started with; `question`: an event type, or Sigma rules; `log`: anything else. */
export type WatchArgument = 'config' | 'question' | 'log';

export async function watchArgument(text: string): Promise<WatchArgument> {
  if (eventTypesNamed(text).length > 0) return 'question';
  const stats = statSync(text, { throwIfNoEntry: false });
  if (!stats) return 'log';
  if (stats.isDirectory()) return hasRules(text) ? 'question' : 'log';
  const { logs, problems } = findLogs([text]);
  if (logs.length > 0 || problems[0]?.code !== 'log-unknown-kind') return 'log';
  if (looksLikeSigma(text)) return 'question';
  const start = readFileSync(text).subarray(0, 4096).toString('latin1').replaceAll('\0', '');
  return /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*</.test(start) ? 'config' : 'log';
}
