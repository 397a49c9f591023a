import type { QuestionSummary } from './answer.ts';

/** What analysis needs to know of a question: plain data, so that a tally file can be answered without its logs. */
export interface QuestionFacts {
  readonly name: string;
  readonly kind: QuestionSummary['kind'];
  readonly eventIds: readonly number[];
  readonly rules: readonly {
    readonly name: string;
    readonly id: string;
    readonly file: string;
    readonly line: number;
  }[];
  /** Fields to show of each event type; the tally may be grouped by more. */
  readonly by: Readonly<Record<number, readonly string[]>>;
  /** Milliseconds since 1970 UTC; -Infinity for no bound. */
  readonly from: number;
  /** Milliseconds since 1970 UTC; Infinity for no bound. */
  readonly to: number;
  /** Whether `--not` was given. */
  readonly hides: boolean;
  /** Hours of `--exposure`: `all` for each host, `perHost` by host key, which goes before `all`. */
  readonly exposure: { readonly all: number | null; readonly perHost: ReadonlyMap<string, number> };
}
