import type { Correlation, EventSource, QuestionRule } from '../predicate/index.ts';
import type { QuestionSummary } from './answer.ts';
import type { Budget } from './budget.ts';

/** What `--forecast` asks for: so many days on so many hosts. */
export interface ForecastTarget {
  readonly days: number;
  readonly hosts: number;
}

/** What analysis needs to know of a question: plain data, so that a tally file can be answered without its logs. */
export interface QuestionFacts {
  readonly name: string;
  readonly kind: QuestionSummary['kind'];
  readonly eventIds: readonly number[];
  readonly rules: readonly QuestionRule[];
  readonly correlations: readonly Correlation[];
  /** Where its events come from. */
  readonly sources: readonly EventSource[];
  /** Fields to show of each event type, by `typeKey`; the tally may be grouped by more. */
  readonly by: ReadonlyMap<string, readonly string[]>;
  /** Milliseconds since 1970 UTC; -Infinity for no bound. */
  readonly from: number;
  /** Milliseconds since 1970 UTC; Infinity for no bound. */
  readonly to: number;
  /** Whether `--not` was given. */
  readonly hides: boolean;
  /**
   * How much of each of Sysmon's types its configuration logs, by `--log-config`: all, none, or what its filters let
   * through; null where that is not known.
   */
  readonly logged: ReadonlyMap<number, 'all' | 'part' | 'none'> | null;
  /** Hours of `--exposure`: `all` for each host, `perHost` by host key, which goes before `all`. */
  readonly exposure: { readonly all: number | null; readonly perHost: ReadonlyMap<string, number> };
  /** What `--forecast` asks for; null where it does not. */
  readonly forecast: ForecastTarget | null;
  /** What `--budget` asks for; null where it does not. */
  readonly budget: Budget | null;
}
