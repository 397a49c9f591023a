/** `dump`: logs in, their events out, as they are: nothing is dropped but what was not asked for. */
import type { Diagnostic, Event } from '../events/index.ts';
import type { LineFormat } from '../lines/index.ts';
export type { LineFormat } from '../lines/index.ts';
import { QuestionError } from '../predicate/index.ts';
import { findLogs, type FoundLogs, type Log, readLog } from '../sources/index.ts';
import { type DumpFilterOptions, dumpFilter, scannerFor } from './dump-filter.ts';
import { type DumpedLines, dumpLines } from './dump-lines.ts';

export interface DumpOptions extends DumpFilterOptions {
  readonly verify?: boolean;
  readonly recover?: boolean;
  /** At most this many threads. Default: one per core, of large logs. */
  readonly threads?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface DumpBatch {
  readonly source: string;
  /** Valid until the next batch is asked for. */
  readonly events: readonly Event[];
  readonly diagnostics: readonly Diagnostic[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface Dump {
  /** Event ids that were asked for; empty for all. */
  readonly eventIds: readonly number[];
  batches(): AsyncGenerator<DumpBatch>;
  /** The events as lines, in the same order. */
  lines(format: LineFormat): AsyncGenerator<DumpedLines>;
}

/** Prepares a dump. Throws QuestionError for what can't be asked. */
export function dump(logs: readonly string[], options: DumpOptions = {}): Dump {
  const filter = dumpFilter(options);
  const { eventIds, passes } = filter;
  const { verify = false, recover = false } = options;

  return {
    eventIds,
    async *batches() {
      const found = await findLogs(logs);
      const readable = withoutTallies(found);
      yield { source: '', events: [], diagnostics: found.problems, skipped: found.skipped };
      const total = readable.reduce((sum, log) => sum + log.size, 0);
      let done = 0;
      const scanner = scannerFor(filter);
      for (const log of readable) {
        for await (const batch of readLog(log, { verify, recover, range: null, scanner })) {
          const { source, diagnostics, skipped = [] } = batch;
          yield { source, events: passes ? batch.events.filter(passes) : batch.events, diagnostics, skipped };
          done += batch.bytes;
          options.onProgress?.(done, total);
        }
      }
    },
    async *lines(format) {
      const found = await findLogs(logs);
      const readable = withoutTallies(found);
      yield { pieces: [], events: 0, diagnostics: found.problems, skipped: found.skipped };
      const total = readable.reduce((sum, log) => sum + log.size, 0);
      let done = 0;
      const onBytes = (bytes: number): void => {
        done += bytes;
        options.onProgress?.(done, total);
      };
      yield* dumpLines(readable, format, { ...options, verify, recover, onBytes });
    },
  };
}

/** Only what holds events. Throws for a tally that the user names; what else is in a folder, readLog skips with a word. */
function withoutTallies({ logs }: Pick<FoundLogs, 'logs'>): readonly Log[] {
  const tally = logs.find(({ kind, explicit }) => kind === 'tally' && explicit);
  if (!tally) return logs;
  throw new QuestionError(
    'tally-no-events',
    `${tally.path}: a tally holds counts, not events: give the logs`,
  );
}
