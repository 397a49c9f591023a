/** `dump`: logs in, their events out, as they are: nothing is dropped but what was not asked for. */
import { type Diagnostic, type Event, eventTypesNamed, isSysmon } from '../events/index.ts';
import { compileFieldTest, QuestionError } from '../predicate/index.ts';
import { findLogs, type FoundLogs, type Log, readLog } from '../sources/index.ts';
import { timeRange } from './time-range.ts';

export interface DumpOptions {
  /** Event ids of any provider, or names of Sysmon's event types. */
  readonly event?: readonly string[];
  readonly where?: readonly string[];
  readonly not?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly verify?: boolean;
  readonly recover?: boolean;
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
}

/** Prepares a dump. Throws QuestionError for what can't be asked. */
export function dump(logs: readonly string[], options: DumpOptions = {}): Dump {
  const wanted = (options.event ?? []).map((text) => eventFilter(text));
  const eventIds = wanted.flatMap(({ ids }) => ids);
  const typed = wanted.length > 0 && wanted.every(({ sysmon }) => sysmon) ? eventIds : [];
  const where = (options.where ?? []).map((text) => compileFieldTest(text, typed, '--where'));
  const not = (options.not ?? []).map((text) => compileFieldTest(text, typed, '--not'));
  const [from, to] = timeRange(options);
  const passes = (event: Event): boolean =>
    (wanted.length === 0 || wanted.some((filter) => filter.passes(event))) &&
    // An event without a time can't be said to lie outside the range.
    !(event.time < from || event.time > to) &&
    where.every((test) => test(event)) &&
    !not.some((test) => test(event));
  const filtered = wanted.length + where.length + not.length > 0 || from > -Infinity || to < Infinity;

  return {
    eventIds,
    async *batches() {
      const found = await findLogs(logs);
      const readable = withoutTallies(found);
      yield { source: '', events: [], diagnostics: found.problems, skipped: found.skipped };
      const total = readable.reduce((sum, log) => sum + log.size, 0);
      let done = 0;
      for (const log of readable) {
        const reading = { verify: options.verify ?? false, recover: options.recover ?? false, range: null };
        for await (const batch of readLog(log, reading)) {
          const events = filtered ? batch.events.filter(passes) : batch.events;
          yield {
            source: batch.source,
            events,
            diagnostics: batch.diagnostics,
            skipped: batch.skipped ?? [],
          };
          done += batch.bytes;
          options.onProgress?.(done, total);
        }
      }
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

function eventFilter(text: string): { ids: number[]; sysmon: boolean; passes: (event: Event) => boolean } {
  if (/^\s*\d{1,5}\s*$/.test(text)) {
    const id = Number(text);
    return { ids: [id], sysmon: false, passes: (event) => event.eventId === id };
  }
  const ids = eventTypesNamed(text).map((type) => type.id);
  if (ids.length === 0) {
    throw new QuestionError(
      'event-unknown',
      `--event ${text}: expected an event id or the name of a Sysmon event type such as CreateRemoteThread`,
    );
  }
  return { ids, sysmon: true, passes: (event) => ids.includes(event.eventId) && isSysmon(event.provider) };
}
