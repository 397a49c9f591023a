/** A question, compiled: what is asked of each event. The waist between the languages and the engines. */
import type { Code, Event } from '../events/index.ts';

export interface QuestionRule {
  readonly name: string;
  readonly id: string;
  readonly file: string;
  /** Line in `file`, from 1; 0 where the rule has no place. */
  readonly line: number;
}

export interface Question {
  readonly name: string;
  readonly kind: 'event-type' | 'sysmon-config';
  readonly eventIds: readonly number[];
  readonly rules: readonly QuestionRule[];
  /** Index of the rule that decided, or -1 where the question does not match. */
  decide(event: Event): number;
  /** Whether `--not` hides a matching event; null without `--not`. */
  readonly hides: ((event: Event) => boolean) | null;
  /** Whether a record is of a host that was asked about; null for all. The exposure is of these hosts alone. */
  readonly concerns: ((event: Event) => boolean) | null;
  /** Milliseconds since 1970 UTC, closed; -Infinity and Infinity where nothing was asked for. */
  readonly from: number;
  readonly to: number;
  /** Fields by which each event type is grouped. */
  readonly by: Readonly<Record<number, readonly string[]>>;
  /** Canonical text: equal for equal questions. */
  readonly text: string;
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
