/** Who: the groups of an answer, projected from those of the tally onto the fields that the question shows. */
import { formatTime, typeKey } from '../events/index.ts';
import { compareText, type Group, type Tally } from '../tally/index.ts';
import type { AnswerGroup } from './answer.ts';
import { type HitCounter, type HostSlots, occasionsOf } from './hits.ts';
import type { QuestionFacts } from './question-facts.ts';
import { mostFrequent } from './watched-host.ts';

/** What stands for a field that an event does not have. */
const MISSING = '-';
/** The value of every field in the one group that holds what a tally counted past its limit of groups. */
const OTHERS = '(others)';

/** Sorted by events, most first, then by the values, then by event id. Groups without an event in time are left out. */
export function groupsOf(
  shown: readonly (readonly Group[])[],
  tally: Tally,
  counter: HitCounter,
  question: QuestionFacts,
): AnswerGroup[] {
  const groups: AnswerGroup[] = [];
  const add = (eventId: number, key: AnswerGroup['key'], counts: readonly HostSlots[]): void => {
    const hits = counter.hitsOf(counts);
    if (hits.events === 0) return;
    const [first, last] = counter.spanOf(counts) ?? [Number.NaN, Number.NaN];
    groups.push({
      eventId,
      key,
      events: hits.events,
      occasions: occasionsOf(hits),
      hosts: hits.hosts.size,
      byPhase: hits.byPhase,
      first: formatTime(first),
      last: formatTime(last),
    });
  };
  for (const members of shown) {
    const [{ eventId, channel }] = members as readonly [Group];
    const values = spellingOf(members, tally, question);
    const fields = question.by.get(typeKey(channel, eventId)) ?? [];
    const key = Object.fromEntries(fields.map((field, index) => [field, values[index] ?? MISSING]));
    add(
      eventId,
      key,
      members.flatMap(({ hosts: slots }) => [...slots]),
    );
  }
  const only = question.eventIds.length === 1 ? question.eventIds[0] : undefined;
  const types = [...question.by.keys()].sort();
  const fields = new Set(types.flatMap((type) => question.by.get(type) ?? []));
  add(only ?? 0, Object.fromEntries([...fields].map((field) => [field, OTHERS])), [...tally.others]);
  return groups.sort((a, b) => b.events - a.events || compareKeys(a.key, b.key) || a.eventId - b.eventId);
}

/** The groups of the tally, those together that look the same by the fields that the question shows. */
export function shownGroups(tally: Tally, question: QuestionFacts): (readonly Group[])[] {
  const projections = new Map<string, Group[]>();
  for (const group of tally.groups.values()) {
    const key = JSON.stringify([group.channel, group.eventId, project(group, group.key, tally, question)]);
    const members = projections.get(key);
    if (members) members.push(group);
    else projections.set(key, [group]);
  }
  return [...projections.values()];
}

/** The values of the fields that the question shows; a missing field is `-`, as Sysmon has it. */
function project(
  { channel, eventId }: Pick<Group, 'channel' | 'eventId'>,
  values: readonly (string | null)[],
  tally: Tally,
  question: QuestionFacts,
): string[] {
  const type = typeKey(channel, eventId);
  const grouped = tally.by.get(type) ?? [];
  return (question.by.get(type) ?? []).map((field) => values[grouped.indexOf(field)] ?? MISSING);
}

/** The values as most often written together. */
function spellingOf(members: readonly Group[], tally: Tally, question: QuestionFacts): readonly string[] {
  const spellings = new Map<string, number>();
  for (const group of members) {
    for (const [text, count] of group.spellings) {
      const projected = JSON.stringify(project(group, parse(text) ?? group.key, tally, question));
      spellings.set(projected, (spellings.get(projected) ?? 0) + count);
    }
  }
  const [group] = members as readonly [Group];
  const best = mostFrequent(spellings);
  return best === undefined ? project(group, group.key, tally, question) : (JSON.parse(best) as string[]);
}

/** Null for a spelling that is not what `JSON.stringify` makes of a list: tally files come from outside. */
function parse(text: string): (string | null)[] | null {
  try {
    const values: unknown = JSON.parse(text);
    const isList =
      Array.isArray(values) && values.every((value) => value === null || typeof value === 'string');
    return isList ? values : null;
  } catch {
    return null;
  }
}

/** By the values in the order of the fields, by code units. */
function compareKeys(a: AnswerGroup['key'], b: AnswerGroup['key']): number {
  const [left, right] = [Object.values(a), Object.values(b)];
  for (const [index, value] of left.entries()) {
    const order = compareText(value, right[index] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
