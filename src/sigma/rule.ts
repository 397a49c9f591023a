/** What a Sigma file says, with the meaning of its modifiers worked out and its places kept. */
import type { Pattern } from '../decide/index.ts';
import type { Code } from '../events/index.ts';

/** Where something stands in its file; both from 1. */
export interface SigmaPlace {
  readonly line: number;
  readonly column: number;
}

/** Which events a rule is about; names as written, null where the rule gives none. */
export interface Logsource {
  readonly category: string | null;
  readonly product: string | null;
  readonly service: string | null;
}

export interface PlacedLogsource extends Logsource, SigmaPlace {}

interface Described extends SigmaPlace {
  readonly title: string;
  /** Empty where there is none. */
  readonly id: string;
  /** By which other documents may name it; empty where there is none. */
  readonly name: string;
  readonly description: string;
  readonly file: string;
}

export interface SigmaRule extends Described {
  readonly level: string;
  readonly status: string;
  readonly tags: readonly string[];
  readonly logsource: PlacedLogsource;
  readonly detection: Detection;
}

/** Sigma filters, 2.1: the rules that are named, where they are of the filter's logsource, ask for its condition, too. */
export interface SigmaFilter extends Described {
  readonly logsource: PlacedLogsource;
  /** Ids or names of rules; null for every rule of the logsource. */
  readonly rules: readonly string[] | null;
  readonly detection: Detection;
}

/** Sigma correlation rules, 2.1. */
export interface SigmaCorrelation extends Described {
  readonly level: string;
  readonly status: string;
  readonly tags: readonly string[];
  readonly type: 'event_count' | 'value_count';
  /** Ids or names of the rules whose events are counted. */
  readonly rules: readonly PlacedName[];
  readonly groupBy: readonly PlacedName[];
  /** Milliseconds. */
  readonly timespan: number;
  /** Every bound must hold. */
  readonly bounds: readonly CountBound[];
  /** The fields whose different values are counted; empty for event_count. */
  readonly fields: readonly PlacedName[];
  /** Alias -> name of a rule -> field of that rule's events. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Whether the rules it names also stand for themselves. */
  readonly generate: boolean;
}

export interface PlacedName extends SigmaPlace {
  readonly text: string;
}

export interface CountBound {
  readonly op: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
  readonly count: number;
}

/** Named searches, and how they are put together. */
export interface Detection {
  readonly searches: ReadonlyMap<string, Search>;
  /** A list of conditions has become an `or`. Every name in it is one of `searches`. */
  readonly condition: Condition;
}

export type Condition =
  | { readonly kind: 'search'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] };

/** A map is `and`, a list of maps is `or`. Never empty. */
export type Search =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Search[] }
  | { readonly kind: 'item'; readonly item: Item };

/** One key with its values. */
export interface Item extends SigmaPlace {
  /** null for keywords: any value of the event. */
  readonly field: string | null;
  /** As written, in their order. */
  readonly modifiers: readonly string[];
  /** Whether all of `tests` must hold (`|all`), or one. Never empty. */
  readonly all: boolean;
  /** `|neq`: the field is there, and the tests do not hold. */
  readonly negated: boolean;
  readonly tests: readonly Test[];
}

/**
 * What one value asks of a field. Text is compared with A to Z folded unless `cased`. A field that the event lacks meets
 * none but `null` and `exists` false; a value that has become several (`windash`, `base64offset`, `expand`) is an `or`.
 */
export type Test =
  | { readonly kind: 'pattern'; readonly pattern: Pattern; readonly cased: boolean }
  /** The event lacks the field. An empty field is `''`, a pattern without parts. */
  | { readonly kind: 'null' }
  | { readonly kind: 'exists'; readonly exists: boolean }
  /** Found anywhere in the value. `flags` of i, m, s. */
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  /** `bits` leading bits of `address` (4 or 16 bytes). */
  | { readonly kind: 'cidr'; readonly address: readonly number[]; readonly bits: number }
  /** Numbers as text: decimal digits, perhaps a sign and a fraction. */
  | { readonly kind: 'compare'; readonly op: 'lt' | 'lte' | 'gt' | 'gte'; readonly number: string }
  /** The value is, begins with, ends with or contains that of another field. */
  | {
      readonly kind: 'field';
      readonly field: string;
      readonly place: 'whole' | 'begin' | 'end' | 'inside';
      readonly cased: boolean;
    }
  /** A part of a time, in UTC; `week` is that of ISO 8601. */
  | { readonly kind: 'time'; readonly part: TimePart; readonly number: number }
  | { readonly kind: 'or'; readonly of: readonly Test[] };

export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** Why a document is no rule. The message says what was expected, what was found and what to do. */
export interface SigmaDiagnostic extends SigmaPlace {
  readonly code: Code;
  readonly file: string;
  readonly message: string;
}

/** All that a text holds. A document with a diagnostic is left out. */
export interface ParsedSigma {
  readonly rules: readonly SigmaRule[];
  readonly filters: readonly SigmaFilter[];
  readonly correlations: readonly SigmaCorrelation[];
  readonly diagnostics: readonly SigmaDiagnostic[];
}
