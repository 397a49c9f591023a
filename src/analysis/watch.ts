/**
 * Watched time: when, on one host, an event of the question's types would have been recorded. Only the channels in
 * which Sysmon wrote tell of it. Marks of other channels may cut it, never extend it: a longer System log beside a
 * Sysmon log changes nothing, unless it shows down time within.
 */
import { ALWAYS_LOGGED } from '../events/index.ts';
import type { ChannelTally, HostTally, Interval } from '../tally/index.ts';
import type { ExposureMethod } from './answer.ts';
import { crashes, downtimes } from './downtime.ts';
import { clip, intersect, subtract, union } from './intervals.ts';
import { markChannel } from './mark-channel.ts';
import type { QuestionFacts } from './question-facts.ts';
import { recordedSessions, wholeSessions } from './sessions.ts';

export interface Watch {
  /** Time that was surely watched. */
  readonly least: readonly Interval[];
  /** Time that may have been watched: the same as `least`, but for a `bounded` watch. */
  readonly most: readonly Interval[];
  readonly method: Exclude<ExposureMethod, 'given'>;
}

/** The watched time of a host within `from` and `to`; null where Sysmon wrote in none of its channels. */
export function watchOf(host: HostTally, question: QuestionFacts): Watch | null {
  const starts = timesByChannel(host, 'sysmon-started');
  const stops = timesByChannel(host, 'sysmon-stopped');
  const machineStops = host.marks.filter(({ kind }) => kind === 'stop').map(({ time }) => time);
  const activity: (readonly Interval[])[] = [];
  const known: Interval[][] = [];
  const possible: Interval[][] = [];
  const methods = new Set<Watch['method']>();
  for (const [name, channel] of host.channels) {
    if (channel.sysmon === 0) continue;
    activity.push(channel.activity);
    const own = starts.get(name) ?? [];
    const held = heldBy(channel);
    const within = (sessions: Interval[]): Interval[] => (held ? intersect(sessions, held) : sessions);
    if (isBounded(channel, question)) {
      methods.add('bounded');
      possible.push(within(wholeSessions(own, [machineStops, stops.get(name) ?? []], channel.activity)));
    } else {
      methods.add(own.length > 0 ? 'marks' : 'activity');
      known.push(within(recordedSessions(own, channel.activity)));
    }
  }
  const [method, another] = methods;
  if (!method) return null;
  const claims = union([downtimes(host.marks), crashes(host.marks, union(activity))]);
  // A record proves its own time watched, whatever marks claim: claims cut sessions and spare activity.
  const watched = (sessions: readonly Interval[][]): Interval[] =>
    clip(union([...activity, subtract(union(sessions), claims)]), question.from, question.to);
  const least = watched(known);
  return {
    least,
    most: possible.length > 0 ? watched([...known, ...possible]) : least,
    method: another ? 'mixed' : method,
  };
}

/**
 * The times of which the channel still holds every record, because their ids follow one another; null where records
 * have no ids, so that nothing tells. Outside of these times a silence may be records that were lost or left out.
 */
function heldBy({ runs, withoutId }: ChannelTally): Interval[] | null {
  if (withoutId > 0 || runs.length === 0) return null;
  // Where ids began again, one run is two stretches of time, and what lies between them is not known.
  const once = runs.filter(({ first, last, from, to, records }) => from <= to && records <= last - first + 1);
  return union([once.map(({ from, to }): Interval => [from, to])]);
}

/** Whether nearly nothing but the question's own events shows that the machine was on: then silence says nothing. */
function isBounded(channel: ChannelTally, question: QuestionFacts): boolean {
  const count = (id: number): number => channel.byEventId.get(id) ?? 0;
  const always = [...ALWAYS_LOGGED].reduce((sum, id) => sum + count(id), 0);
  const asked = question.eventIds.filter((id) => !ALWAYS_LOGGED.has(id));
  const own = asked.reduce((sum, id) => sum + count(id), 0);
  return own * 2 > channel.records - always;
}

function timesByChannel(
  host: HostTally,
  kind: 'sysmon-started' | 'sysmon-stopped',
): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>();
  for (const mark of host.marks) {
    if (mark.kind !== kind) continue;
    const key = markChannel(mark);
    const list = times.get(key);
    if (!list) times.set(key, [mark.time]);
    else if (list.at(-1) !== mark.time) list.push(mark.time);
  }
  return times;
}
