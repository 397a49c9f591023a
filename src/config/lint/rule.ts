/** What a lint rule is. A rule is data and one function; all rules stand in rules.ts. */
import type { Block } from '../blocks.ts';
import type { ParsedConfig } from '../load.ts';
import type { Splice } from '../splice.ts';

export type Severity = 'error' | 'warning' | 'info';

export interface LintRule {
  /** Stable, kebab-case, such as `condition-unknown`. */
  readonly code: string;
  readonly severity: Severity;
  /** One line: what is wrong. */
  readonly title: string;
  /** The fact about the engine that makes it wrong, with its section of sysmon-semantics. */
  readonly fact: string;
  readonly check: (context: LintContext) => Iterable<Finding>;
}

export interface LintContext {
  readonly parsed: ParsedConfig;
  /** Never null: a text that is no XML has no lint. */
  readonly config: NonNullable<ParsedConfig['config']>;
  /** What the engine evaluates, in its order; empty where the configuration is rejected. */
  readonly blocks: readonly Block[];
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string;
}

export interface Finding {
  /** UTF-16 units in the text. */
  readonly start: number;
  readonly end: number;
  /** What was found here and what to do, in full. */
  readonly message: string;
  /** A repair, where one is known; `safe` ones keep the meaning that the engine sees, or restore what was plainly meant. */
  readonly fix?: { readonly title: string; readonly splices: readonly Splice[]; readonly safe: boolean };
  /** Proof where the finding is about what can never match: an event that shows it, by field. */
  readonly witness?: Readonly<Record<string, string>>;
}
