/** Units: what a section says, without regard to how it is written. */
import type { Block, Filter } from './blocks.ts';
import type { Condition } from './condition.ts';
import type { ConfigElement } from './document.ts';
import type { Pattern } from './implication.ts';

/** One test, in the plainest spelling that means the same: lists are taken apart where that is possible. */
export interface Atom {
  readonly field: string;
  readonly condition: Condition;
  readonly text: string;
  readonly pattern: Pattern;
  readonly filter: Filter;
  readonly key: string;
}

export type Clause = readonly Atom[];

export interface Unit {
  /** What a person would have to change: a filter, a Rule, or a whole section. */
  readonly source: ConfigElement;
  readonly block: Block;
  readonly filters: readonly Filter[];
  /** RuleName of an event that it logs; empty for none. */
  readonly name: string;
  /** None: it holds for each event. */
  readonly clauses: readonly Clause[];
  /** Equal for units with equal clauses. */
  readonly key: string;
}
