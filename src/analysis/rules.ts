/** Which of the question's rules and event types matched how often. */
import type { EventSource } from '../predicate/index.ts';
import type { Group, HostTally, Tally } from '../tally/index.ts';
import type { Answer } from './answer.ts';
import { countsOf, type HostSlots } from './hits.ts';
import { HOUR_MS } from './cells.ts';
import { duration } from './intervals.ts';
import type { QuestionFacts } from './question-facts.ts';
import { heldIds } from './sources.ts';
import { watchOf } from './watch.ts';

/** In the order of the question's rules, with those that nothing matched. */
export function rulesOf(
  tally: Tally,
  question: QuestionFacts,
  matched: ReadonlyMap<string, number>,
  hours: number,
): Answer['rules'] {
  const watched = new Watched(tally, question, matched);
  // Rules of one language share the question's sources; those of Sigma have their own.
  const shared = question.kind === 'event-type' || question.kind === 'sysmon-config';
  const counts = countsBy(tally, (group) => group.rules, question.rules.length === 1 ? 0 : null);
  return question.rules.map(({ name, id, file, line, level, tags, sources }, index) => {
    return {
      name,
      id,
      file,
      line,
      level,
      tags,
      hours: shared ? hours : watched.hours(sources),
      ...countsOf(counts.get(index) ?? [], question),
    };
  });
}

/** Watched hours by the sources of Sigma's rules, of which thousands ask for the same few channels. */
class Watched {
  readonly #tally: Tally;
  readonly #question: QuestionFacts;
  readonly #matched: ReadonlyMap<string, number>;
  readonly #bySources = new Map<readonly EventSource[], number>();
  /** Milliseconds by host and its channels that can hold events: of a rule of Sigma nothing else tells. */
  readonly #byChannels = new Map<string, number>();

  constructor(tally: Tally, question: QuestionFacts, matched: ReadonlyMap<string, number>) {
    this.#tally = tally;
    this.#question = question;
    this.#matched = matched;
  }

  hours(sources: readonly EventSource[]): number {
    let hours = this.#bySources.get(sources);
    if (hours === undefined) {
      let length = 0;
      for (const [key, host] of this.#tally.hosts) length += this.#ofHost(key, host, sources);
      hours = length / HOUR_MS;
      this.#bySources.set(sources, hours);
    }
    return hours;
  }

  #ofHost(key: string, host: HostTally, sources: readonly EventSource[]): number {
    const channels = [...host.channels].filter(
      ([name, channel]) => heldIds(name, channel, sources, this.#question.logged) !== null,
    );
    const told = JSON.stringify([key, ...channels.map(([name]) => name)]);
    let length = this.#byChannels.get(told);
    if (length === undefined) {
      const watch = watchOf(host, this.#question, sources, this.#matched.get(key) ?? 0);
      length = duration(watch?.least ?? []);
      this.#byChannels.set(told, length);
    }
    return length;
  }
}

/** In the order of the question's event types, with those that nothing matched. */
export function perTypeOf(tally: Tally, question: QuestionFacts): Answer['perType'] {
  const [only] = question.eventIds;
  const counts = countsBy(
    tally,
    (group) => [group.eventId],
    question.eventIds.length === 1 ? (only ?? null) : null,
  );
  return question.eventIds.map((eventId) => {
    const { events, occasions } = countsOf(counts.get(eventId) ?? [], question);
    return { eventId, events, occasions };
  });
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
