/** A question, compiled: what is asked of each event. The waist between the languages and the engines. */
import type { Code, Diagnostic, Event, EventKind } from '../events/index.ts';
import type { Filter } from '../evtx/index.ts';

export interface QuestionRule {
  readonly name: string;
  readonly id: string;
  readonly file: string;
  /** Line in `file`, from 1; 0 where the rule has no place. */
  readonly line: number;
  /** Sigma's level; empty where the language has none. */
  readonly level: string;
  /** Such as `attack.t1055`; empty where the language has none. */
  readonly tags: readonly string[];
  /** Where its events come from: the places in which the rule could have seen something. */
  readonly sources: readonly EventSource[];
}

/** In place of a channel: every one, for records that are not Sysmon's. */
export const ANY_CHANNEL = '*';

/** Where events of a question come from. A host was watched while it kept one of these. */
export interface EventSource {
  /** Folded name of the channel, or ANY_CHANNEL; null for whichever channel Sysmon writes to. */
  readonly channel: string | null;
  /** The ids in question; null for every record of the channel. */
  readonly eventIds: readonly number[] | null;
  /** Of Sysmon's records those of Windows, or of Linux, alone. */
  readonly system?: 'windows' | 'linux';
}

/** Whether a source is records of this channel, folded; null for those of Sysmon, whichever they stand in. */
export function isOfChannel({ channel: named }: EventSource, channel: string | null): boolean {
  return named === channel || (named === ANY_CHANNEL && channel !== null);
}

/** Whether a source is records of this channel and event id. */
export function isOfKind(source: EventSource, channel: string | null, eventId: number): boolean {
  return (source.eventIds?.includes(eventId) ?? true) && isOfChannel(source, channel);
}

export interface Question {
  readonly name: string;
  readonly kind: 'event-type' | 'sysmon-config' | 'sigma-rule' | 'sigma-rules';
  /** Ids of all that it asks for, ascending. */
  readonly eventIds: readonly number[];
  readonly sources: readonly EventSource[];
  readonly rules: readonly QuestionRule[];
  /** Parts of the question that can't be asked, each with its reason: the others are. */
  readonly problems: readonly Diagnostic[];
  /**
   * Indices of the rules that match, ascending; empty where the question does not. A configuration has one that
   * decided; of Sigma rules several may match.
   */
  decide(event: Event): readonly number[];
  readonly correlations: readonly Correlation[];
  /** What an event counts for; null where nothing is correlated. To be asked after `decide`, of the same event. */
  readonly counts: ((event: Event) => readonly Counted[]) | null;
  /** Whether `--not` hides a matching event; null without `--not`. */
  readonly hides: ((event: Event) => boolean) | null;
  /** Whether a record is of a host that was asked about; null for all. The exposure is of these hosts alone. */
  readonly concerns: ((event: Event) => boolean) | null;
  /** Milliseconds since 1970 UTC, closed; -Infinity and Infinity where nothing was asked for. */
  readonly from: number;
  readonly to: number;
  /** Fields by which a matching event is grouped: the same for all events of one type (`typeKey`). */
  by(event: EventKind): readonly string[];
  /**
   * How much `decide`, `counts` and `hides` may read of a field of events of a kind (READ_…, evtx/alike.ts): of two events
   * of one kind and computer of which that is the same they say the same. Null where they may read anything.
   */
  readonly reads: ((kind: EventKind, field: string) => number) | null;
  /** Fields of Sysmon's events of a kind that the question tests; none of other events. */
  tested(kind: EventKind): readonly string[];
  /** What decides by itself, before `decide` is asked; null where nothing does. */
  readonly filtered: FilteredKind | null;
  /** Fields that the answer shows of a type (`typeKey`) that was grouped by these: all of them, or a part. */
  shows(type: string, by: readonly string[]): readonly string[];
  /** Canonical text (`questionText`): equal for equal questions. */
  readonly text: string;
}

/** A filter for the events of each kind. */
export interface FilteredKind {
  /** In what it lets out `decide` finds nothing; null where there is none for a kind. */
  filterOf(kind: EventKind): Filter | null;
  /** As `Question.reads`, of events for which the same part decided. */
  readonly reads: Question['reads'];
}

/** An event that a correlation counts, and for what. */
export interface Counted {
  /** Index of the correlation among the question's rules. */
  readonly rule: number;
  /** Values of the fields by which it groups, folded. */
  readonly key: readonly string[];
  /** The value that it counts; empty where it counts events. */
  readonly value: string;
}

/** A rule that fires when enough events of others come within a time. */
export interface Correlation {
  /** Its index among the question's rules. */
  readonly rule: number;
  readonly type: 'event_count' | 'value_count';
  /** Milliseconds. */
  readonly timespan: number;
  /** All of them must hold. */
  readonly bounds: readonly {
    readonly op: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
    readonly count: number;
  }[];
  /** The fields by which it groups. */
  readonly by: readonly string[];
}

/** A question that can't be asked. */
export class QuestionError extends Error {
  override readonly name: string = 'QuestionError';
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}
