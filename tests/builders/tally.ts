/** Tallies and questions by hand, for the tests of analysis. Times are text such as `2024-03-04 08:00`, UTC. */
import type { QuestionFacts } from '../../src/analysis/index.ts';
import { parseTime } from '../../src/events/index.ts';
import {
  type ChannelTally,
  emptyTally,
  type Group,
  type HostTally,
  type Mark,
  type MarkKind,
  runsOf,
  SLOT_MS,
  type Slots,
  type Tally,
} from '../../src/tally/index.ts';

export const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
const BY: ReadonlyMap<string, readonly string[]> = new Map([['8', ['SourceImage', 'TargetImage']]]);

/** Milliseconds since 1970. */
export function at(text: string): number {
  const time = parseTime(text);
  if (Number.isNaN(time)) throw new Error(`not a time: ${text}`);
  return time;
}

/** A channel with these stretches of activity; `byEventId` are Sysmon's records, `others` those of other providers. */
export function channelOf(
  activity: readonly (readonly [string, string])[],
  byEventId: Readonly<Record<number, number>>,
  others = 0,
): ChannelTally {
  const counts = Object.entries(byEventId).map(([id, count]): [number, number] => [Number(id), count]);
  const sysmon = counts.reduce((sum, [, count]) => sum + count, 0);
  return {
    records: sysmon + others,
    sysmon,
    byEventId: new Map(counts),
    otherEventIds: new Map(),
    activity: activity.map(([first, last]) => [at(first), at(last)]),
    runs: runsOf([]),
    withoutId: sysmon + others,
    late: 0,
    delay: 0,
  };
}

/** A mark; Sysmon's own stand in its channel, all others in System unless `channel` says where. */
export function mark(kind: MarkKind, time: string, channel?: string, more: Partial<Mark> = {}): Mark {
  const home = kind.startsWith('sysmon-') ? SYSMON : 'System';
  return {
    kind,
    time: at(time),
    channel: (channel ?? home).toLowerCase(),
    eventId: kind.startsWith('sysmon-') ? 4 : 6005,
    since: null,
    cleared: '',
    boot: '',
    ...more,
  };
}

export function hostOf(
  channels: Readonly<Record<string, ChannelTally>>,
  marks: readonly Mark[] = [],
  more: Partial<HostTally> = {},
): HostTally {
  return {
    spellings: new Map(),
    excluded: new Map(),
    machines: new Map(),
    bootIds: new Map(),
    channels: new Map(Object.entries(channels).map(([name, channel]) => [name.toLowerCase(), channel])),
    marks: marks.toSorted((a, b) => a.time - b.time),
    ...more,
  };
}

export function slotsOf(counts: Readonly<Record<string, number>>): Slots {
  return new Map(Object.entries(counts).map(([time, count]) => [Math.floor(at(time) / SLOT_MS), count]));
}

/** A group of events 8, by host and time. */
export function groupOf(
  key: readonly (string | null)[],
  hosts: Readonly<Record<string, Readonly<Record<string, number>> | Slots>>,
  more: Partial<Group> = {},
): Group {
  return {
    rules: [0],
    eventId: 8,
    channel: '',
    key,
    spellings: new Map([[JSON.stringify(key), 1]]),
    hosts: new Map(
      Object.entries(hosts).map(([host, slots]) => [
        host,
        slots instanceof Map ? slots : slotsOf(slots as Record<string, number>),
      ]),
    ),
    ...more,
  };
}

export function tallyOf(
  hosts: Readonly<Record<string, HostTally>>,
  groups: readonly Group[] = [],
  more: Partial<Tally> = {},
): Tally {
  return {
    ...emptyTally('event 8'),
    by: new Map(BY),
    hosts: new Map(Object.entries(hosts)),
    groups: new Map(groups.map((group, index) => [String(index), group])),
    ...more,
  };
}

/** The question "CreateRemoteThread", with no option given. */
export function questionOf(more: Partial<QuestionFacts> = {}): QuestionFacts {
  return {
    name: 'CreateRemoteThread',
    kind: 'event-type',
    eventIds: [8],
    sources: [{ channel: null, eventIds: [8] }],
    rules: [{ name: 'CreateRemoteThread', id: '', file: '', line: 0, level: '', tags: [], sources: [] }],
    by: BY,
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    correlations: [],
    hides: false,
    logged: null,
    exposure: { all: null, perHost: new Map() },
    forecast: null,
    budget: null,
    ...more,
  };
}
