/** Which thread a command line is about to need, as far as can be told before anything is loaded. */
import { statSync } from 'node:fs';
import { type Task, threadCount } from '../run/index.ts';

/** Arguments that are looked at: with thousands of files a thread begins when they were found. */
const MAX_ARGUMENTS = 16;

/** A wrong guess costs time alone: a thread that nobody needs, or one that begins later. */
export function expectedTask([command, ...rest]: readonly string[]): Task | null {
  if ((command !== 'ask' && command !== 'dump') || rest.length > MAX_ARGUMENTS) return null;
  const bytes = rest.reduce((sum, argument) => sum + sizeOf(argument), 0);
  if (threadCount(bytes, threadsIn(rest), command === 'ask' ? rest[0] : undefined) === 1) return null;
  return command === 'ask' ? 'count' : 'dump';
}

function threadsIn(args: readonly string[]): number | undefined {
  const [, given] = /(?:^| )--threads[= ](\d+)(?: |$)/.exec(args.join(' ')) ?? [];
  return given === undefined ? undefined : Number(given);
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? found.size : 0;
  } catch {
    return 0;
  }
}
