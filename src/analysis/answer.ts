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

/** What the intervals of occasions stand on. */
export interface Clustering {
  /** `none`: cells are taken as independent. */
  readonly by: 'none' | 'host-day' | 'host';
  /**
   * Variance of hit cells over host-days (over hosts where `by` says so), over what independent cells would have
   * (Pearson's X^2 over its degrees of freedom); null where it can't be told.
   */
  readonly dispersion: number | null;
  /** How likely independent cells are to scatter as much, or alike hosts with such days; null where it can't be told. */
  readonly pValue: number | null;
  /** One sentence for a person. */
  readonly reason: string;
}

/** What to expect on other hosts, or later: alerts, as occasions. */
export interface Forecast {
  readonly days: number;
  readonly hosts: number;
  /** Null where the data do not carry it. */
  readonly alerts: Rate | null;
  /** Why not, as a sentence; null where `alerts` are said. */
  readonly cannotSay: string | null;
}

export interface Unseen {
  /** Groups seen. */
  readonly groups: number;
  /** The chance that the next watched cell on these hosts brings a group never seen. */
  readonly nextCell: Rate | null;
  /** The chance that the first cells of a new host, as long as hosts were watched here, bring one. */
  readonly nextHost: Rate | null;
  /** Groups still unseen, at least (Chao2). */
  readonly groupsAtLeast: number;
  /** Groups over watched cells; `extrapolated` past what was watched, to twice of it at most. */
  readonly curve: readonly {
    readonly cells: number;
    readonly groups: number;
    readonly low: number;
    readonly high: number;
    readonly extrapolated: boolean;
  }[];
  /** One sentence for a person. */
  readonly sentence: string;
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
    /** What the gaps in record ids are, by host and channel; `records` are missing ids. The first thousand. */
    readonly gaps: readonly {
      readonly host: string;
      readonly channel: string;
      /** `wrapped`: older records were overwritten; `filtered`: records were picked. */
      readonly class: 'cleared' | 'wrapped' | 'filtered' | 'loss';
      readonly gaps: number;
      readonly records: number;
    }[];
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
    /** False where records were picked out of a log: then nothing tells how long anyone watched. */
    readonly sample: boolean;
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
    /** The mean over hosts of each host's own occasions per watched hour; null with fewer than two hosts. */
    readonly meanOfHosts: Rate | null;
    /** Whether occasions clump, and so what their intervals stand on; null where nothing was watched. */
    readonly clustering: Clustering | null;
    /** Null where none was asked for. */
    readonly forecast: Forecast | null;
  };
  /** Null without `--budget`. */
  readonly budget: AnswerBudget | null;
  readonly groups: readonly AnswerGroup[];
  /** Whether anyone has watched long enough; null where the groups were capped, nothing was watched, or records were picked out. */
  readonly unseen: Unseen | null;
  readonly timeline: readonly { readonly time: string; readonly events: number; readonly boots: number }[];
  readonly rules: readonly {
    readonly name: string;
    readonly id: string;
    readonly file: string;
    readonly line: number;
    /** Sigma's level; empty for other languages. */
    readonly level: string;
    /** Sigma's tags, such as `attack.t1055`; empty for other languages. */
    readonly tags: readonly string[];
    /** Hours in which the logs could have held its events. */
    readonly hours: number;
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

/** What `--budget` asked for, and whether the answer keeps it. */
export interface AnswerBudget {
  /** Such as `5/1000 host-day`. */
  readonly text: string;
  /** Occasions allowed in the budget's time. */
  readonly limit: number;
  /** Upper bound of the occasions in that time; null where nothing bounds them. */
  readonly upper: number | null;
  readonly met: boolean;
  /** Further watched host-hours without an occasion that would do; null where it is met, or they would not. */
  readonly moreHostHours: number | null;
  /** The same for each rule alone, in the order of `rules`. */
  readonly rules: readonly { readonly upper: number | null; readonly met: boolean }[];
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
