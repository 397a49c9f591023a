/** Options that several commands share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DumpOptions } from '../run/index.ts';

/** Collects an option that may be given several times. */
export function repeated(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Options that narrow what is read, and how it is read. */
export function addReadingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--where <test>', 'only events that pass: Field|modifier=value').argParser(repeated),
    )
    .addOption(new Option('--not <test>', 'without events that pass (may be repeated)').argParser(repeated))
    .option('--from <time>', 'only from this time on (UTC)')
    .option('--to <time>', 'only up to this time (UTC)')
    .option('--verify', 'check all checksums of event logs')
    .option('--recover', 'read records that stand behind damage, too')
    .option('--strict', 'exit with 2 if anything could not be read');
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number from 1 on');
  return value;
}

/** What these options come to. */
export interface ReadingOptions extends Omit<DumpOptions, 'event' | 'onProgress'> {
  readonly strict?: boolean;
}
