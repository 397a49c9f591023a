/**
 * The answer to a question: exactly the `noisefloor.answer/1` of `ask --json` (a frozen contract: extend it, never
 * rename). Times are ISO 8601 UTC. Parts that a question lacks are null or empty, never absent.
 */
import type { Code, Place } from '../events/index.ts';

/** A rate or share with its interval. `high` is null where nothing bounds it from above. */
export interface Rate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number | null;
  readonly confidence: number;
  /** How the interval was found, such as `clopper-pearson` or `garwood`; says so when it is one-sided. */
  readonly method: string;
}

export type Phase = 'boot' | 'logon' | 'resume' | 'shutdown' | 'steady' | 'unknown';
export type ByPhase = Readonly<Record<Phase, number>>;

export interface QuestionSummary {
  readonly name: string;
  readonly kind: 'event-type' | 'sysmon-config' | 'sigma-rule' | 'sigma-rules';
  readonly eventIds: readonly number[];
}

export type ExposureMethod = 'marks' | 'activity' | 'bounded' | 'given' | 'mixed';

export interface HostExposure {
  readonly host: string;
  readonly hours: number;
  readonly hoursAtMost: number;
  readonly cells: number;
  readonly cellsAtMost: number;
  readonly boots: number;
  readonly method: ExposureMethod;
  readonly first: string;
  readonly last: string;
}

export interface Answer {
  readonly schema: 'noisefloor.answer/1';
  readonly question: QuestionSummary;
  readonly read: {
    readonly files: number;
    readonly bytes: number;
    readonly records: number;
    readonly unreadable: number;
    readonly duplicates: number;
    readonly recordIdGaps: number;
    readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  };
  readonly exposure: {
    readonly hosts: number;
    readonly hours: number;
    readonly hoursAtMost: number;
    readonly cells: number;
    readonly cellsAtMost: number;
    readonly boots: number;
    readonly method: ExposureMethod;
    readonly perHost: readonly HostExposure[];
  };
  readonly matches: {
    readonly events: number;
    readonly occasions: number;
    readonly hosts: number;
    readonly byPhase: ByPhase;
  };
  readonly rate: {
    readonly occasionsPerHostHour: Rate | null;
    readonly steadyOccasionsPerHostHour: Rate | null;
    readonly eventsPerHostHour: Rate | null;
    readonly occasionsPerBoot: Rate | null;
    readonly alertsPer1000HostsPerDay: Rate | null;
    readonly forecast: null;
  };
  readonly groups: readonly AnswerGroup[];
  readonly unseen: null;
  readonly timeline: readonly { readonly time: string; readonly events: number; readonly boots: number }[];
  readonly rules: readonly {
    readonly name: string;
    readonly id: string;
    readonly file: string;
    readonly line: number;
    readonly events: number;
    readonly occasions: number;
    readonly hosts: number;
  }[];
  readonly perType: readonly {
    readonly eventId: number;
    readonly events: number;
    readonly occasions: number;
  }[];
  /** What a configuration would write per host and day of 24 watched hours; null for other questions. */
  readonly volume: {
    readonly eventsPerHostDay: Rate;
    readonly jsonMbPerHostDay: number;
    readonly evtxMbPerHostDay: number;
    /** How the sizes were found. */
    readonly method: string;
  } | null;
  /** Types of the question that the log shows no sign of being able to hold, and why. */
  readonly blind: readonly { readonly eventId: number; readonly reason: string }[];
  /** What `--not` hid; null without `--not`. `occasions` are cells with at least one hidden event. */
  readonly excluded: {
    readonly events: number;
    readonly occasions: number;
    readonly byPhase: ByPhase;
    /** Occasions, steady occasions and their rates with the hidden events counted in: the answer before `--not`. */
    readonly before: {
      readonly events: number;
      readonly occasions: number;
      readonly occasionsPerHostHour: Rate | null;
      readonly steadyOccasionsPerHostHour: Rate | null;
      readonly eventsPerHostHour: Rate | null;
      readonly occasionsPerBoot: Rate | null;
    };
  } | null;
  readonly diagnostics: readonly {
    readonly code: Code;
    readonly severity: string;
    readonly message: string;
    readonly where: Place;
    readonly count: number;
  }[];
}

export interface AnswerGroup {
  readonly eventId: number;
  /** Values as most often written; `-` where the event has no such field. */
  readonly key: Readonly<Record<string, string>>;
  readonly events: number;
  readonly occasions: number;
  readonly hosts: number;
  readonly byPhase: ByPhase;
  readonly first: string;
  readonly last: string;
}
