/** How many threads read so many bytes. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const MIB = 1024 * 1024;
/** Where their number is asked for, each thread has so many bytes at least: before that it would be done when it begins. */
const LEAST = 32 * MIB;
/**
 * Unasked, so many: another thread reads the question and warms up for as long as the first one reads a quarter of a
 * gigabyte, and what is read goes through one memory.
 */
const WORTH = 256 * MIB;
/** Thousands of rules, which each thread reads itself, take it as long as some gigabytes of logs. */
const WORTH_WITH_RULES = 4096 * MIB;

/** `asked`: at most so many; without it one per core, where they gain anything. `question`: what each thread reads first. */
export function threadCount(bytes: number, asked: number | undefined, question = ''): number {
  const each = asked !== undefined ? LEAST : isFolder(question) ? WORTH_WITH_RULES : WORTH;
  return Math.max(1, Math.min(asked ?? availableParallelism(), Math.floor(bytes / each)));
}

function isFolder(path: string): boolean {
  return path !== '' && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}
