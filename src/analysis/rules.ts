/** Which of the question's rules and event types matched how often. */
import type { EventSource } from '../predicate/index.ts';
import type { Group, Tally } from '../tally/index.ts';
import type { Answer } from './answer.ts';
import { countsOf, type HostSlots } from './hits.ts';
import { HOUR_MS } from './cells.ts';
import { duration } from './intervals.ts';
import type { QuestionFacts } from './question-facts.ts';
import { watchOf } from './watch.ts';

/** In the order of the question's rules, with those that nothing matched. */
export function rulesOf(
  tally: Tally,
  question: QuestionFacts,
  matched: ReadonlyMap<string, number>,
  hours: number,
): Answer['rules'] {
  const own = new Map<string, number>();
  // Rules of one language share the question's sources; those of Sigma have each their own, of which many are alike.
  const hoursOf = (sources: readonly EventSource[]): number => {
    if (question.kind === 'event-type' || question.kind === 'sysmon-config') return hours;
    const key = JSON.stringify(sources);
    let known = own.get(key);
    if (known === undefined) own.set(key, (known = hoursWatched(tally, question, sources, matched)));
    return known;
  };
  const counts = countsBy(tally, (group) => group.rules, question.rules.length === 1 ? 0 : null);
  return question.rules.map(({ name, id, file, line, level, tags, sources }, index) => {
    return {
      name,
      id,
      file,
      line,
      level,
      tags,
      hours: hoursOf(sources),
      ...countsOf(counts.get(index) ?? [], question),
    };
  });
}

function hoursWatched(
  { hosts }: Tally,
  question: QuestionFacts,
  sources: readonly EventSource[],
  matched: ReadonlyMap<string, number>,
): number {
  let length = 0;
  for (const [key, host] of hosts) {
    length += duration(watchOf(host, question, sources, matched.get(key) ?? 0)?.least ?? []);
  }
  return length / HOUR_MS;
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
