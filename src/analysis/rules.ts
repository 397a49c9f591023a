/** Which of the question's rules and event types matched how often. */
import type { EventSource } from '../predicate/index.ts';
import type { Group, Tally } from '../tally/index.ts';
import type { Answer } from './answer.ts';
import type { HitCounter, HostSlots } from './hits.ts';
import { HOUR_MS } from './cells.ts';
import { statedHours } from './exposure.ts';
import { duration } from './intervals.ts';
import type { QuestionFacts } from './question-facts.ts';
import { heldIds } from './sources.ts';
import { watchOf } from './watch.ts';
import type { WatchedHost } from './watched-host.ts';

/** In the order of the question's rules, with those that nothing matched. */
export function rulesOf(
  tally: Tally,
  question: QuestionFacts,
  counter: HitCounter,
  { hosts, matched, hours }: Watched & { readonly hours: number },
): Answer['rules'] {
  // Rules of one language share the question's sources; those of Sigma have their own.
  const isShared = question.kind === 'event-type' || question.kind === 'sysmon-config';
  const hoursOf = watchedHours(tally, question, { hosts, matched });
  const counts = countsByRule(tally, question);
  return question.rules.map(({ name, id, file, line, level, tags, sources }, index) => {
    return {
      name,
      id,
      file,
      line,
      level,
      tags,
      hours: isShared ? hours : hoursOf(sources),
      ...counter.countsOf(counts.get(index) ?? []),
    };
  });
}

/** How long hosts were watched, and how many events matched on each. */
interface Watched {
  readonly hosts: ReadonlyMap<string, WatchedHost>;
  readonly matched: ReadonlyMap<string, number>;
}

/** Watched hours by the sources of a rule of Sigma: thousands of them ask for the same few channels. */
function watchedHours(
  tally: Tally,
  question: QuestionFacts,
  { hosts, matched }: Watched,
): (sources: readonly EventSource[]) => number {
  const stated = statedHours(hosts, question);
  const keys = new Set([...tally.hosts.keys(), ...question.exposure.perHost.keys()]);
  const bySources = new Map<string, number>();
  // Milliseconds by host and its channels that can hold events: of a rule of Sigma nothing else tells.
  const byChannels = new Map<string, number>();
  const ofHost = (host: string, sources: readonly EventSource[]): number => {
    const own = tally.hosts.get(host);
    const channels = [...(own?.channels ?? [])].filter(
      ([name, channel]) => heldIds(name, channel, sources, question.logged) !== null,
    );
    const said = stated(host);
    // What is said of a host holds for a rule unless its logs show that they hold others' events alone.
    if (said !== null && (channels.length > 0 || !hosts.get(host)?.watch)) return said * HOUR_MS;
    const key = JSON.stringify([host, ...channels.map(([name]) => name)]);
    let length = byChannels.get(key);
    if (length === undefined) {
      const watch = own && watchOf(own, question, sources, matched.get(host) ?? 0);
      length = duration(watch?.least ?? []);
      byChannels.set(key, length);
    }
    return length;
  };
  return (sources) => {
    const key = JSON.stringify(sources);
    let hours = bySources.get(key);
    if (hours === undefined) {
      let length = 0;
      for (const host of keys) length += ofHost(host, sources);
      bySources.set(key, (hours = length / HOUR_MS));
    }
    return hours;
  };
}

/** In the order of the question's event types, with those that nothing matched. */
export function perTypeOf(tally: Tally, question: QuestionFacts, counter: HitCounter): Answer['perType'] {
  const [only] = question.eventIds;
  const counts = countsBy(
    tally,
    (group) => [group.eventId],
    question.eventIds.length === 1 ? (only ?? null) : null,
  );
  return question.eventIds.map((eventId) => {
    const { events, occasions } = counter.countsOf(counts.get(eventId) ?? []);
    return { eventId, events, occasions };
  });
}

/** Slots of the groups by their rules; those that nothing matched have none. */
export function countsByRule(tally: Tally, { rules }: QuestionFacts): ReadonlyMap<number, HostSlots[]> {
  return countsBy(tally, (group) => group.rules, rules.length === 1 ? 0 : null);
}

/** Slots of the groups by numbers of theirs. What was counted past the limit of groups has none, unless there is one only. */
function countsBy(
  tally: Tally,
  numbersOf: (group: Group) => readonly number[],
  ofOthers: number | null,
): ReadonlyMap<number, HostSlots[]> {
  const counts = new Map<number, HostSlots[]>();
  const add = (number: number, hosts: Iterable<HostSlots>): void => {
    const list = counts.get(number) ?? [];
    for (const host of hosts) list.push(host);
    counts.set(number, list);
  };
  for (const group of tally.groups.values()) {
    for (const number of numbersOf(group)) add(number, group.hosts);
  }
  if (ofOthers !== null) add(ofOthers, tally.others);
  return counts;
}
