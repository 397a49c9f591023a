/**
 * The tally: the sufficient statistic of everything that was read. Nothing in it is derived: phases, occasions and
 * exposure are computed from the merged tally, because a mark may come later, from another channel, another file or
 * another worker. No floating point. Plain data, so that it crosses threads and files as it is.
 */
import type { Code, Diagnostic } from '../events/index.ts';
import type { FieldsMet } from './fields-met.ts';
import type { Runs } from './runs.ts';

/** Closed interval of record times, milliseconds since 1970 UTC: `[first, last]`. */
export type Interval = readonly [first: number, last: number];

/**
 * What a mark says of its host. `announce`: a stop is about to come (User32 1074); `unwatched`: the sensor itself says that
 * it did not watch, or not all, from `since` to `time`.
 */
export type MarkKind =
  | 'start'
  | 'announce'
  | 'stop'
  | 'sleep'
  | 'resume'
  | 'logon'
  | 'logoff'
  | 'clock-set'
  | 'log-cleared'
  | 'sysmon-started'
  | 'sysmon-stopped'
  | 'sysmon-configured'
  | 'unwatched';

export interface Mark {
  /** Milliseconds since 1970 UTC. For a start the kernel's own start, where the record tells it. */
  readonly time: number;
  readonly kind: MarkKind;
  /** Folded channel of the record. */
  readonly channel: string;
  readonly eventId: number;
  /** Of a resume when the sleep began, of a clock that was set what it showed before, of unwatched time its start; null where nothing tells. */
  readonly since: number | null;
  /** Folded channel that was cleared; empty for other kinds. */
  readonly cleared: string;
  /** Of a start of a machine, or of the sensor on it, the id of the boot; empty where nothing tells. */
  readonly boot: string;
}

/** What was read of one channel of one host. */
export interface ChannelTally {
  /** Records, duplicates not counted. */
  records: number;
  /** Of these, written by Sysmon. */
  sysmon: number;
  /** Of the Sysmon records, per event id. */
  byEventId: Map<number, number>;
  /** Of all other records, per event id. */
  otherEventIds: Map<number, number>;
  /** Times of records, joined where the gap is 30 minutes or less; ascending, disjoint. */
  activity: Interval[];
  /** Ascending, disjoint and not adjacent. Records without an id leave no trace here. */
  runs: Runs;
  /** Records that stand in none of the runs: they had no id. */
  withoutId: number;
  /** Records whose time is more than a minute from the event's own, and the longest way, milliseconds. */
  late: number;
  delay: number;
}

/** Counts of events per 10-second slot: the key is `Math.floor(ms / SLOT_MS)`, or NO_SLOT. */
export type Slots = Map<number, number>;

/** The slot of events whose time is not known: they count, but are in no phase and no cell. */
export const NO_SLOT = -1;

export interface HostTally {
  /** How the host's name was written, with counts of records. */
  spellings: Map<string, number>;
  /** By the channel's name, folded. */
  channels: Map<string, ChannelTally>;
  /** Ascending by time, kind, source; each once. */
  marks: Mark[];
  /** Events that the question matched and `--not` hid. */
  excluded: Slots;
  /** By the machine part of Sysmon's ProcessGuid, which an installation keeps: first and last time that it was met. */
  machines: Map<string, Interval>;
  /** By the id that Linux gives to a boot: first and last time that it was met. */
  bootIds: Map<string, Interval>;
}

/** One group: rules of the question, an event type, and the values of its fields. */
export interface Group {
  /** Indices of the question's rules that matched its events, ascending: an event of several rules counts once. */
  readonly rules: readonly number[];
  readonly eventId: number;
  /** Folded channel of events that are not Sysmon's; empty for Sysmon's. */
  readonly channel: string;
  /** Folded values in the order of the fields; null where the event has no such field. */
  readonly key: readonly (string | null)[];
  /** How the values were written, with counts: `JSON.stringify` of the values as the key. */
  spellings: Map<string, number>;
  /** Per host key. */
  hosts: Map<string, Slots>;
}

/** One of the events of a sequence. */
export interface Sighting {
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
  readonly host: string;
  readonly value: string;
}

/** The events of one correlation with the same values of its fields. */
export interface Sequence {
  readonly rule: number;
  readonly key: readonly string[];
  readonly sightings: Sighting[];
}

export interface Tally {
  /** Canonical text of the question: tallies of different questions do not add up. */
  readonly question: string;
  /** Fields by which each event type that matched was grouped, by `typeKey`. */
  readonly by: Map<string, readonly string[]>;
  files: number;
  bytes: number;
  /** Records read, duplicates counted. */
  records: number;
  unreadable: number;
  duplicates: number;
  hosts: Map<string, HostTally>;
  /** Keyed by `groupKey`. Past a hundred thousand groups those with the smallest hashes stay and the rest is in `others`. */
  groups: Map<string, Group>;
  /** Groups are kept while their hash is below `2^32 / 2^halvings`. */
  halvings: number;
  /** Per host: events of the groups that were not kept. */
  others: Map<string, Slots>;
  /** Events that the question's correlations count. */
  sequences: Map<string, Sequence>;
  /** How many these are, and how many came past the bound: of those nothing is known. */
  sightings: number;
  sightingsMore: number;
  /** By code; at most a thousand places are kept, the rest is counted. */
  diagnostics: Map<Code, { count: number; lost: number; first: Diagnostic[] }>;
  /** Between one and two thousand at most, the first by path; the rest is counted. */
  skipped: { path: string; reason: string }[];
  skippedMore: number;
  /** Of the fields of Sysmon's events that the question tests. */
  readonly fieldsMet: FieldsMet;
  /** Zero where the question is no configuration. */
  readonly volume: VolumeTally;
}

/** What a configuration would have written: its events, 4, 16 and 255 among them, and their size. */
export interface VolumeTally {
  events: number;
  /** Bytes of `dump` lines without their source. */
  jsonBytes: number;
  /** Bytes in an event log: estimated, see volume.ts. */
  evtxBytes: number;
}

/** Length of a slot, milliseconds. */
export const SLOT_MS = 10_000;
/** Records at most this far apart are one stretch of activity, milliseconds. */
export const ACTIVITY_GAP_MS: number = 30 * 60_000;
