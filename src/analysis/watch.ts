/**
 * Watched time: when, on one host, an event of the question's types would have been recorded. Only channels that can hold
 * such events tell of it. Marks of other channels may cut it, never extend it: a longer System log beside a Sysmon log
 * changes nothing, unless it shows down time within.
 */
import { ALWAYS_LOGGED } from '../events/index.ts';
import type { EventSource } from '../predicate/index.ts';
import { ACTIVITY_GAP_MS, type ChannelTally, type HostTally, type Interval } from '../tally/index.ts';
import type { ExposureMethod } from './answer.ts';
import { crashes, downtimes, lapses } from './downtime.ts';
import { isPicked } from './gaps.ts';
import { clip, intersect, subtract, union } from './intervals.ts';
import type { QuestionFacts } from './question-facts.ts';
import { beginOf, recordedSessions, wholeSessions } from './sessions.ts';
import { silences } from './silences.ts';
import { heldIds } from './sources.ts';

export interface Watch {
  /** Time that was surely watched. */
  readonly least: readonly Interval[];
  /** Time that may have been watched: the same as `least`, but for a `bounded` watch. */
  readonly most: readonly Interval[];
  readonly method: Exclude<ExposureMethod, 'given'>;
  /** Silences within sessions that were taken out, because the machine can't have been on. */
  readonly silences: readonly Interval[];
  /** Whether records were picked out of one of its channels. */
  readonly picked: boolean;
}

/**
 * The watched time of a host within `from` and `to`; null where none of its channels can hold events of these sources.
 * `matched` is the number of events on this host that the question matches.
 */
export function watchOf(
  host: HostTally,
  question: QuestionFacts,
  sources: readonly EventSource[],
  matched: number,
): Watch | null {
  const machineStops = host.marks.filter(({ kind }) => kind === 'stop').map(({ time }) => time);
  const activity: (readonly Interval[])[] = [];
  const known: Interval[][] = [];
  const possible: Interval[][] = [];
  const silent: Interval[][] = [];
  let picked = false;
  const methods = new Set<Watch['method']>();
  const names = new Set<string>();
  for (const [name, channel] of host.channels) {
    const ids = heldIds(name, channel, sources, question.logged);
    if (!ids) continue;
    names.add(name);
    activity.push(channel.activity);
    picked ||= isPicked(channel);
    if (beats(host, name)) {
      methods.add('marks');
      continue;
    }
    const isSysmons = channel.sysmon > 0;
    const own = isSysmons
      ? startsIn(host, name, 'sysmon-started').map((start) => beginOf(start, channel.activity))
      : startsIn(host, name, 'start');
    const stops = startsIn(host, name, isSysmons ? 'sysmon-stopped' : 'stop');
    const bounded = isBounded(channel, ids, question, matched);
    if (bounded) methods.add('bounded');
    else methods.add(own.length > 0 ? 'marks' : 'activity');
    const sessions = bounded
      ? wholeSessions(own, [machineStops, stops], channel.activity)
      : recordedSessions(own, channel.activity);
    // Activity is watched whatever else is known, and a log that was picked from is held in a thousand pieces.
    const beyond = subtract(sessions, channel.activity);
    const held = beyond.length > 0 ? heldBy(channel) : null;
    const kept = held ? intersect(beyond, held) : beyond;
    const quiet = silences(channel, bounded);
    silent.push(intersect(quiet, kept));
    (bounded ? possible : known).push(subtract(kept, quiet));
  }
  const [method, another] = methods;
  if (!method) return null;
  const active = union(activity);
  const claims = union([downtimes(host.marks), crashes(host.marks, active)]);
  // A record proves its own time watched, whatever marks claim, so activity is spared; but it is joined over gaps, and a
  // claim no longer than such a gap may stand in one.
  const short = claims.filter(([first, last]) => last - first <= ACTIVITY_GAP_MS);
  const unwatched = union([lapses(host.marks, names)]);
  const watched = (sessions: readonly Interval[][]): Interval[] =>
    clip(
      subtract(union([subtract(active, short), subtract(union(sessions), claims)]), unwatched),
      question.from,
      question.to,
    );
  const least = watched(known);
  return {
    least,
    most: possible.length > 0 ? watched([...known, ...possible]) : least,
    method: another ? 'mixed' : method,
    picked,
    silences: clip(subtract(union(silent), active), question.from, question.to),
  };
}

/**
 * The times of which the channel still holds every record, because their ids follow one another; null where records
 * have no ids, so that nothing tells. Outside of these times a silence may be records that were lost or left out.
 */
function heldBy({ runs, withoutId }: ChannelTally): Interval[] | null {
  const { first, last, from, to, records } = runs;
  if (withoutId > 0 || first.length === 0) return null;
  const held: Interval[] = [];
  for (let i = 0; i < first.length; i++) {
    // Where ids began again, one run is two stretches of time, and what lies between them is not known.
    const isOnce = records[i]! <= last[i]! - first[i]! + 1;
    if (isOnce && from[i]! <= to[i]!) held.push([from[i]!, to[i]!]);
  }
  return union([held]);
}

/**
 * Whether the sensor that writes a channel says every few minutes that it runs: then activity is all the time that was
 * watched, however little happens, and a silence is a machine that slept.
 */
function beats(host: HostTally, channel: string): boolean {
  return host.marks.some(
    (mark) => mark.kind === 'sysmon-started' && mark.boot !== '' && mark.channel === channel,
  );
}

/** Whether nearly nothing but the question's own events shows that the machine was on: then silence says nothing. */
function isBounded(
  channel: ChannelTally,
  ids: ReadonlySet<number> | null,
  question: QuestionFacts,
  matched: number,
): boolean {
  const count = (id: number): number => channel.byEventId.get(id) ?? 0;
  const always = [...ALWAYS_LOGGED].reduce((sum, id) => sum + count(id), 0);
  if (question.kind === 'sigma-rule' || question.kind === 'sigma-rules') {
    return matched * 2 > channel.records - always;
  }
  const asked = [...(ids ?? [])].filter((id) => !ALWAYS_LOGGED.has(id));
  return asked.reduce((sum, id) => sum + count(id), 0) * 2 > channel.records - always;
}

/** Times of marks of one kind in a channel, ascending, each once. */
function startsIn(
  host: HostTally,
  channel: string,
  kind: 'sysmon-started' | 'sysmon-stopped' | 'start' | 'stop',
): readonly number[] {
  const times: number[] = [];
  for (const mark of host.marks) {
    if (mark.kind === kind && mark.channel === channel && times.at(-1) !== mark.time) times.push(mark.time);
  }
  return times;
}
