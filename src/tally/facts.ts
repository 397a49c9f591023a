import type { Question } from '../predicate/index.ts';

/** What a tally file says of its question, beside the tally: enough to answer it without its logs. */
export interface TallyFacts extends Pick<
  Question,
  'name' | 'kind' | 'eventIds' | 'sources' | 'rules' | 'from' | 'to'
> {
  /** Whether `--not` was given. */
  readonly hides: boolean;
  /** Fields that the answer shows of each event type, by `typeKey`; the tally may be grouped by more. */
  readonly shows: ReadonlyMap<string, readonly string[]>;
}
