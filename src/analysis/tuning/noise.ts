/** What tuning works on: the groups of benign events, and those of attacks, each with its fields and its 10-second slots. */
import { formatTime, typeKey } from '../../events/index.ts';
import { compareText, NO_SLOT, SLOT_MS, type Slots, type Tally } from '../../tally/index.ts';
import { isAsked } from '../hits.ts';
import type { QuestionFacts } from '../question-facts.ts';
import { mostFrequent } from '../watched-host.ts';

/** Events that are alike in all that tuning may use. */
export interface NoiseGroup {
  readonly eventId: number;
  /** Folded channel of events that are not Sysmon's; empty for Sysmon's. */
  readonly channel: string;
  readonly fields: readonly string[];
  /** Folded, in the order of the fields; null where the event has no such field. */
  readonly values: readonly (string | null)[];
  /** As most often written. */
  readonly spelling: readonly (string | null)[];
  readonly hosts: Map<string, Slots>;
}

/** A time on a host, or on all of them, in which what matches is an attack, or is benign whatever else is said. */
export interface Label {
  readonly name: string;
  readonly kind: 'attack' | 'benign';
  /** Host key; null for every host. */
  readonly host: string | null;
  /** Milliseconds since 1970 UTC, closed. */
  readonly from: number;
  readonly to: number;
  /** Whether it has tests of its own: then it goes before those that have none. */
  readonly narrow: boolean;
  /** Whether a group is meant: all that the label's tests ask for. */
  readonly concerns: (group: NoiseGroup) => boolean;
}

/** Two labels that say the opposite of the same event. */
export class LabelError extends Error {
  override readonly name: string = 'LabelError';

  /** `time`: milliseconds since 1970 UTC. */
  constructor(attack: string, benign: string, time: number) {
    super(
      `the label "${attack}" says that events at ${formatTime(time)} are an attack, and "${benign}" that they are benign: give one of them tests (where), or take one away`,
    );
  }
}

/**
 * The groups in the time that was asked for, whichever rules of the question their events matched; in an order of their
 * own, for what is chosen among equals must not depend on which log was read first.
 */
export function noiseOf(tally: Tally, question: QuestionFacts): NoiseGroup[] {
  const groups = new Map<string, NoiseGroup & { readonly spellings: Map<string, number> }>();
  for (const { eventId, channel, key, spellings, hosts } of tally.groups.values()) {
    const type = typeKey(channel, eventId);
    const id = JSON.stringify([type, ...key]);
    let group = groups.get(id);
    if (!group) {
      group = {
        eventId,
        channel,
        fields: tally.by.get(type) ?? [],
        values: key,
        spelling: key,
        hosts: new Map(),
        spellings: new Map(),
      };
      groups.set(id, group);
    }
    for (const [text, times] of spellings)
      group.spellings.set(text, (group.spellings.get(text) ?? 0) + times);
    for (const [host, slots] of hosts) {
      const asked = [...slots].filter(([slot]) => isAsked(slot, question));
      if (asked.length > 0) addTo(group.hosts, host, asked, 1);
    }
  }
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .filter(([, { hosts }]) => hosts.size > 0)
    .map(([, { spellings, ...group }]) => ({ ...group, spelling: spellingOf(spellings, group.values) }));
}

/** A spelling out of a tally file may be anything. */
function spellingOf(
  spellings: ReadonlyMap<string, number>,
  values: NoiseGroup['values'],
): NoiseGroup['values'] {
  try {
    const written: unknown = JSON.parse(mostFrequent(spellings) ?? 'null');
    const fits = Array.isArray(written) && written.length === values.length;
    return fits && written.every((value) => value === null || typeof value === 'string') ? written : values;
  } catch {
    return values;
  }
}

function addTo(
  hosts: Map<string, Slots>,
  host: string,
  counts: Iterable<readonly [number, number]>,
  sign: 1 | -1,
): void {
  const slots: Slots = hosts.get(host) ?? new Map();
  for (const [slot, events] of counts) {
    const sum = (slots.get(slot) ?? 0) + sign * events;
    if (sum > 0) slots.set(slot, sum);
    else slots.delete(slot);
  }
  if (slots.size > 0) hosts.set(host, slots);
  else hosts.delete(host);
}

/** Equal for groups of equal type and values. */
function idOf({ channel, eventId, fields, values }: NoiseGroup): string {
  return JSON.stringify([
    typeKey(channel, eventId),
    ...fields.flatMap((field, i) => (values[i] === null ? [] : [field, values[i]])),
  ]);
}

/**
 * Takes the attacks out of what was read. Labels go by slot: one that a label touches is the attack's as a whole, for
 * events have no finer time here. What stands in the attack logs as well counts as attack alone.
 */
export function separated(
  all: readonly NoiseGroup[],
  fromAttackLogs: readonly NoiseGroup[],
  labels: readonly Label[],
): {
  readonly benign: NoiseGroup[];
  readonly attacks: NoiseGroup[];
  /** Labels that speak of no event here. */
  readonly idle: readonly Label[];
} {
  const used = new Set<Label>();
  const known = new Map(fromAttackLogs.map((group) => [idOf(group), group]));
  const benign: NoiseGroup[] = [];
  const attacks = [...fromAttackLogs];
  for (const group of all) {
    const clean: NoiseGroup = { ...group, hosts: new Map() };
    const hostile: NoiseGroup = { ...group, hosts: new Map() };
    const concerned = labels.filter(({ concerns }) => concerns(group));
    const twin = known.get(idOf(group));
    for (const [host, slots] of group.hosts) {
      const given = concerned.filter((label) => label.host === null || label.host === host);
      for (const [slot, events] of slots) {
        const side = isAttack(slot, given, used) ? hostile : clean;
        addTo(side.hosts, host, [[slot, events]], 1);
      }
      const same = twin?.hosts.get(host);
      if (same && clean.hosts.has(host)) addTo(clean.hosts, host, same, -1);
    }
    if (clean.hosts.size > 0) benign.push(clean);
    if (hostile.hosts.size > 0) attacks.push(hostile);
  }
  return { benign, attacks, idle: labels.filter((label) => !used.has(label)) };
}

/** Of labels that touch the same events those that decide: with tests of their own, where any has some. */
export function decidingLabels<T extends Pick<Label, 'narrow'>>(touching: readonly T[]): readonly T[] {
  const narrow = touching.filter((label) => label.narrow);
  return narrow.length > 0 ? narrow : touching;
}

/** Throws LabelError where labels of both kinds touch, and neither is the narrower one. Adds to `used` those that touch. */
function isAttack(slot: number, labels: readonly Label[], used: Set<Label>): boolean {
  if (slot === NO_SLOT) return false;
  const touching = labels.filter(({ from, to }) => (slot + 1) * SLOT_MS > from && slot * SLOT_MS <= to);
  for (const label of touching) used.add(label);
  const deciding = decidingLabels(touching);
  const attack = deciding.find(({ kind }) => kind === 'attack');
  const benign = deciding.find(({ kind }) => kind === 'benign');
  if (attack && benign) throw new LabelError(attack.name, benign.name, slot * SLOT_MS);
  return attack !== undefined;
}

export function eventsOf({ hosts }: Pick<NoiseGroup, 'hosts'>): number {
  let sum = 0;
  for (const slots of hosts.values()) for (const events of slots.values()) sum += events;
  return sum;
}

/** The fields that are there, as written. */
export function fieldsOf({ fields, spelling }: NoiseGroup): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field, i) => (spelling[i] == null ? [] : [[field, spelling[i]]])),
  );
}
