/**
 * What tuning a question came to: exactly the `noisefloor.tuning/1` of `tune --json` (a frozen contract: extend it,
 * never rename). Parts that are lacking are null or empty, never absent.
 */
import type { Answer, QuestionSummary } from '../answer.ts';
import type { AllowCondition } from '../../predicate/index.ts';
import type { Room } from '../../room/index.ts';
import type { TuningRate } from './tuning-rate.ts';
import type { Virtual } from './virtual.ts';

/** An event as plain text: `EventID`, and the fields that are not `-`. */
export type WitnessEvent = Readonly<Record<string, string>>;

export interface TunedEntry {
  readonly eventId: number;
  /** Folded channel of events that are not Sysmon's; empty for Sysmon's. */
  readonly channel: string;
  /** All must hold. */
  readonly conditions: readonly AllowCondition[];
  /** What it hides, whatever else is in the list. */
  readonly suppresses: { readonly events: number; readonly occasions: number; readonly hosts: number };
  readonly room: Room;
  readonly gain: string;
  /** Who can meet it, and how. */
  readonly reason: string;
  /** ATT&CK id of the way in. */
  readonly technique: string;
  /** An event that meets it; which fields an attacker fills, the rung says. */
  readonly witness: WitnessEvent;
  /** The shortest way, by what the logs show, from an ordinary program to this entry's source; empty where none is seen. */
  readonly reach: readonly (readonly [source: string, target: string])[];
  /** Always 0: an entry that hides a labelled attack is refused. */
  readonly hidesAttacks: number;
}

/** An entry that would have been worth its place, and hides a labelled attack. */
export interface RefusedEntry {
  readonly eventId: number;
  readonly conditions: readonly AllowCondition[];
  readonly suppresses: { readonly events: number };
  readonly hides: { readonly events: number; readonly example: Readonly<Record<string, string>> };
}

export interface Tuning {
  readonly schema: 'noisefloor.tuning/1';
  readonly question: QuestionSummary;
  readonly read: Answer['read'];
  readonly exposure: Answer['exposure'];
  /** Benign events alone, before any entry. */
  readonly before: TuningRate;
  readonly allowList: readonly TunedEntry[];
  readonly after: { readonly inSample: TuningRate; readonly heldOut: TuningRate | null };
  /** How the held-out residual was found, or why there is none; for a person. */
  readonly heldOutBy: string;
  readonly attacks: {
    readonly events: number;
    readonly hidden: number;
    /** Events of the logs themselves that are attacks, by labels or because they stand in the attack logs. */
    readonly amongLogs: number;
    /** What the attacks given do and do not show; for a person. */
    readonly coverage: string;
    readonly kinds: readonly { readonly key: Readonly<Record<string, string>>; readonly events: number }[];
  };
  readonly refused: readonly RefusedEntry[];
  /** Benign groups that no entry hides, because only one that anyone may meet could, or only one that hides an attack. */
  readonly left: {
    readonly groups: number;
    readonly events: number;
    readonly byText: number;
    readonly byAttack: number;
    /** Groups past those with the most events, which tuning looks at. */
    readonly notLookedAt: number;
  };
  readonly optimality: { readonly entries: number; readonly lowerBound: number };
  readonly tradeOff: readonly {
    readonly entries: number;
    readonly inSample: TuningRate;
    readonly heldOut: TuningRate | null;
    /** Weakest room of the list; empty for a list without entries. */
    readonly room: Room | '';
  }[];
  readonly budget: { readonly text: string; readonly limit: number; readonly upper: number | null } | null;
  readonly promise: 'met' | 'not met' | 'cannot say';
  /** Why, and what would help; for a person. */
  readonly promiseReason: string;
  readonly virtual: Virtual;
  readonly diagnostics: Answer['diagnostics'];
}
