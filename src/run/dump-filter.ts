/** Which events `dump` writes. */
import { type Event, eventTypesNamed, isSysmon } from '../events/index.ts';
import { EVERY_RECORD, Scanner } from '../evtx/index.ts';
import { compileFieldTest, QuestionError } from '../predicate/index.ts';
import { timeRange } from './time-range.ts';

export interface DumpFilterOptions {
  /** Event ids of any provider, or names of Sysmon's event types. */
  readonly event?: readonly string[];
  readonly where?: readonly string[];
  readonly not?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

export interface DumpFilter {
  /** Event ids that were asked for; empty for all. */
  readonly eventIds: readonly number[];
  /** Null where all events pass. */
  readonly passes: ((event: Event) => boolean) | null;
}

/** Compiles the options. Throws QuestionError for what can't be asked. */
export function dumpFilter(options: DumpFilterOptions): DumpFilter {
  const wanted = (options.event ?? []).map((text) => eventFilter(text));
  const eventIds = wanted.flatMap(({ ids }) => ids);
  const typed = wanted.length > 0 && wanted.every(({ sysmon }) => sysmon) ? eventIds : [];
  const where = (options.where ?? []).map((text) => compileFieldTest(text, typed, '--where'));
  const not = (options.not ?? []).map((text) => compileFieldTest(text, typed, '--not'));
  const [from, to] = timeRange(options);
  if (wanted.length + where.length + not.length === 0 && from === -Infinity && to === Infinity) {
    return { eventIds, passes: null };
  }
  const passes = (event: Event): boolean =>
    (wanted.length === 0 || wanted.some((filter) => filter.passes(event))) &&
    // An event without a time can't be said to lie outside the range.
    !(event.time < from || event.time > to) &&
    where.every((test) => test(event)) &&
    !not.some((test) => test(event));
  return { eventIds, passes };
}

/** A reader of event logs for all of a dump; `kernel` as for Scanner. */
export function scannerFor({ eventIds }: DumpFilter, kernel = true): Scanner {
  const wanted = EVERY_RECORD.eventIds.map((_, id) => Number(eventIds.length === 0 || eventIds.includes(id)));
  return new Scanner(() => ({ eventIds: wanted, oneIn: 0 }), kernel);
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
