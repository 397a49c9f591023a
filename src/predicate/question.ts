/** A question, resolved: what is asked of each event, and what is needed to read the answer. */
import type { Event } from '../events/index.ts';

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
  readonly from: number;
  readonly to: number;
  /** Fields by which each event type is grouped. */
  readonly by: Readonly<Record<number, readonly string[]>>;
  /** Canonical text: equal for equal questions. */
  readonly text: string;
}
