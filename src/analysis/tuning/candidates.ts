/**
 * Entries that the data suggest: conditions on the program that acts, alone or with others of the group's fields. Values
 * are taken as they are; only where several that were seen differ in a part that varies from machine to machine, or lie
 * in one folder, is what they share a candidate as well.
 */
import { foldAscii, isCutKey, typeKey } from '../../events/index.ts';
import type { AllowCondition } from '../../predicate/index.ts';
import { type Acl, BREADTHS, gainOf, gradeEntry, ROOMS, type Room } from '../../room/index.ts';
import { and, type Bits, bitsOf, emptyBits, isEmpty, keyOf, membersOf, or } from './bits.ts';
import { hidingTest, valuesMeeting } from './meets.ts';
import { eventsOf, type NoiseGroup } from './noise.ts';
import { askFor, classOf, driveClassOf, folderOf } from './path-class.ts';

export interface Candidate {
  readonly eventId: number;
  readonly channel: string;
  readonly conditions: readonly AllowCondition[];
  readonly room: Room;
  /** Index of the room in ROOMS: higher asks more of an attacker. */
  readonly rank: number;
  /** How much the entry opens; less is better. */
  readonly breadth: number;
  /** The groups of the problem that it hides. */
  readonly covers: Bits;
}

/** What may be hidden, what must not be, and with which entries. */
export interface Problem {
  readonly groups: readonly NoiseGroup[];
  /** Those that no entries are made for. */
  readonly rest: readonly NoiseGroup[];
  /** One for each set of groups: the best of those that hide no attack. */
  readonly candidates: readonly Candidate[];
  /** Those of the plainest kind that would hide an attack, with the attacks. */
  readonly refused: readonly { readonly candidate: Candidate; readonly attacks: readonly NoiseGroup[] }[];
  /** Groups that an entry could hide which asks more than a text, if it did not hide an attack. */
  readonly attacked: Bits;
}

/** Of several that hide the same groups: the one that opens least, or the one that says least. */
export type Preference = 'narrow' | 'plain';

/** Fields of which at least one must be asked for: without the program that acts an entry is about its victims alone. */
const ANCHORS: Readonly<Record<number, readonly string[]>> = {
  1: ['Image'],
  6: ['ImageLoaded'],
  7: ['Image', 'ImageLoaded'],
  8: ['SourceImage'],
  10: ['SourceImage'],
  19: ['Name'],
  20: ['Name'],
  21: ['Consumer'],
};

/** An entry that anyone may meet is never proposed. */
export const LEAST_RANK: number = ROOMS.indexOf('place');

const USER = /User$/;

/** Groups that entries are made for, those with the most events first. */
export const MAX_GROUPS_TUNED = 4000;
/** Past so many groups fewer combinations are tried. */
const MANY = 400;
/** Combinations that are looked at, shared out among the groups: those of few conditions first. */
const MAX_COMBINATIONS = 30_000;
/** Of types with more fields than this, entries ask at most THREE at once. */
const FEW_FIELDS = 6;
const THREE = 3;

/** The grade of an entry, as far as it is compared. */
type Graded = Pick<Candidate, 'room' | 'rank' | 'breadth'>;
export type Grader = (eventId: number, conditions: readonly AllowCondition[]) => Graded;

/** Grades entries, each but once: lists are made many times over from much the same entries. */
export function graderOf(acl: Acl | undefined): Grader {
  const known = new Map<string, Graded>();
  return (eventId, conditions) => {
    const key = JSON.stringify([eventId, conditions]);
    let grade = known.get(key);
    if (!grade) {
      const clauses = conditions.map((condition) => [condition]);
      const { room } = gradeEntry(eventId, clauses, acl);
      const { breadth } = gainOf(eventId, clauses);
      grade = { room, rank: ROOMS.indexOf(room), breadth: BREADTHS.indexOf(breadth) };
      known.set(key, grade);
    }
    return grade;
  };
}

/** Whether an entry for events of an id can have a condition where it will stand. */
export type Says = (eventId: number, condition: AllowCondition) => boolean;

/** A test of one field: its conditions, and which groups and attacks meet it. */
interface FieldTest {
  /** Differs from that of every other test of the type. */
  readonly id: number;
  readonly field: string;
  readonly conditions: readonly AllowCondition[];
  readonly groups: Bits;
  readonly attacks: Bits;
}

export function problemOf(
  all: readonly NoiseGroup[],
  attacks: readonly NoiseGroup[],
  says: Says,
  grade: Grader,
  preference: Preference,
): Problem {
  const sorted = all.toSorted((a, b) => eventsOf(b) - eventsOf(a));
  const groups = sorted.slice(0, MAX_GROUPS_TUNED);
  const best = new Map<string, Candidate>();
  const refused = new Map<string, Problem['refused'][number]>();
  let attacked = emptyBits(groups.length);
  const most = Math.ceil(MAX_COMBINATIONS / Math.max(groups.length, 1));
  for (const type of new Set(groups.map(typeOf))) {
    const members = groups.flatMap((group, index) => (typeOf(group) === type ? [index] : []));
    const tests = testsOf(
      groups,
      members,
      attacks.map((attack) => (typeOf(attack) === type ? attack : null)),
      says,
    );
    const seen = new Set<string>();
    for (const index of members) {
      const group = groups[index]!;
      let looked = 0;
      for (const chosen of combinations(group, tests.get(index)!, groups.length > MANY)) {
        if ((looked += 1) > most) break;
        const key = `${type} ${chosen.map(({ id }) => id).join()}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const conditions = chosen.flatMap((test) => test.conditions);
        const covers = chosen.map((test) => test.groups).reduce(and);
        const hidden = chosen.map((test) => test.attacks).reduce(and);
        if (isEmpty(covers)) continue;
        const { eventId, channel } = group;
        const candidate = { eventId, channel, conditions, covers, ...grade(eventId, conditions) };
        if (!isEmpty(hidden)) {
          if (candidate.rank < LEAST_RANK) continue;
          attacked = or(attacked, covers);
          if (chosen.length === 1)
            refused.set(key, { candidate, attacks: attacks.filter((_, at) => bitAt(hidden, at)) });
          continue;
        }
        const known = best.get(keyOf(covers));
        if (!known || isBetter(candidate, known, preference)) best.set(keyOf(covers), candidate);
      }
    }
  }
  return {
    groups,
    rest: sorted.slice(MAX_GROUPS_TUNED),
    candidates: [...best.values()],
    refused: [...refused.values()],
    attacked,
  };
}

/** Of the rest, by entry: lists are looked at many times over. */
const hiddenOfRest = new WeakMap<Candidate, readonly NoiseGroup[]>();

/** All groups that an entry hides. */
export function hiddenBy({ groups, rest }: Problem, candidate: Candidate): readonly NoiseGroup[] {
  const more = hiddenOfRest.get(candidate) ?? rest.filter(hidingTest(candidate));
  hiddenOfRest.set(candidate, more);
  return [...[...membersOf(candidate.covers)].map((index) => groups[index]!), ...more];
}

function typeOf({ channel, eventId }: NoiseGroup): string {
  return typeKey(channel, eventId);
}

function bitAt(bits: Bits, at: number): boolean {
  return ((bits[at >>> 5]! >>> (at & 31)) & 1) === 1;
}

/** The higher room first, then as preferred; at last the text, so that the order in which they came is no matter. */
export function isBetter(a: Candidate, b: Candidate, preference: Preference): boolean {
  const order = (x: Candidate): number[] =>
    preference === 'narrow'
      ? [-x.rank, x.breadth, x.conditions.length]
      : [-x.rank, x.conditions.length, x.breadth];
  const [left, right] = [order(a), order(b)];
  for (const [i, value] of left.entries()) if (value !== right[i]) return value < right[i]!;
  return JSON.stringify(a.conditions) < JSON.stringify(b.conditions);
}

/** For each group, by field: the tests that it meets, the exact one first. */
type GroupTests = ReadonlyMap<string, readonly FieldTest[]>;

function testsOf(
  groups: readonly NoiseGroup[],
  members: readonly number[],
  attacks: readonly (NoiseGroup | null)[],
  says: Says,
): ReadonlyMap<number, GroupTests> {
  const { fields, eventId } = groups[members[0]!]!;
  let id = 0;
  const byGroup = new Map(members.map((index) => [index, new Map<string, FieldTest[]>()]));
  for (const [at, field] of fields.entries()) {
    const asks = asksOf(
      members.map((index) => groups[index]!.spelling[at] ?? null),
      field,
    );
    const own = byValue(members, (index) => groups[index]!.values[at] ?? null);
    const hostile = byValue(
      attacks.flatMap((attack, index) => (attack ? [index] : [])),
      (index) => attacks[index]!.values[attacks[index]!.fields.indexOf(field)] ?? null,
    );
    for (const conditions of asks) {
      if (!conditions.every((condition) => says(eventId, condition))) continue;
      const meets = valuesMeeting(conditions);
      const covered = likely(own, conditions).flatMap((value) =>
        meets(value) === 'yes' ? own.indices.get(value)! : [],
      );
      const test: FieldTest = {
        id: (id += 1),
        field,
        conditions,
        groups: bitsOf(groups.length, covered),
        // What may be an attack is taken for one.
        attacks: bitsOf(
          attacks.length,
          likely(hostile, conditions).flatMap((value) =>
            meets(value) === 'no' ? [] : hostile.indices.get(value)!,
          ),
        ),
      };
      for (const index of covered) {
        const tests = byGroup.get(index)!;
        tests.set(field, [...(tests.get(field) ?? []), test]);
      }
    }
  }
  return byGroup;
}

/** Indices by the value that each has, and the values that were cut. */
interface ByValue {
  readonly indices: ReadonlyMap<string | null, readonly number[]>;
  readonly cut: readonly string[];
}

function byValue(indices: readonly number[], valueOf: (index: number) => string | null): ByValue {
  const values = new Map<string | null, number[]>();
  const cut: string[] = [];
  for (const index of indices) {
    const value = valueOf(index);
    const known = values.get(value);
    if (known) known.push(index);
    else {
      values.set(value, [index]);
      if (value !== null && isCutKey(value)) cut.push(value);
    }
  }
  return { indices: values, cut };
}

/** Values that may meet conditions: a whole one is looked up, and only what was cut is looked through. */
function likely({ indices, cut }: ByValue, [first, ...more]: readonly AllowCondition[]): (string | null)[] {
  if (!first || first.condition !== 'is' || more.length > 0) return [...indices.keys()];
  const wanted = foldAscii(first.value);
  const whole = wanted === '-' ? [wanted, null] : [wanted];
  return [...whole.filter((value) => indices.has(value)), ...cut.filter((value) => value !== wanted)];
}

/** What may be asked of a field whose events were seen with these values. */
function asksOf(values: readonly (string | null)[], field: string): AllowCondition[][] {
  const distinct = new Map<string, string>();
  for (const value of values) {
    // What was cut, holds a line break, or a variable of Windows, can't be written down as it was.
    if (
      value !== null &&
      value !== '' &&
      !/\p{Cc}|…#|%[^%]+%/u.test(value) &&
      !distinct.has(value.toLowerCase())
    )
      distinct.set(value.toLowerCase(), value);
  }
  if (USER.test(field)) return asksOfUsers(distinct.values(), field);
  const asks: AllowCondition[][] = [...distinct.values()].map((value) => [{ field, condition: 'is', value }]);
  if (!/Image|Filename|Module|Object/.test(field)) return asks;
  const shared = (make: (value: string) => AllowCondition[] | null): void => {
    const found = new Map<string, { conditions: AllowCondition[]; times: number }>();
    for (const value of distinct.values()) {
      const conditions = make(value);
      if (!conditions) continue;
      const key = JSON.stringify(conditions).toLowerCase();
      const known = found.get(key);
      if (known) known.times += 1;
      else found.set(key, { conditions, times: 1 });
    }
    for (const { conditions, times } of found.values()) if (times > 1) asks.push(conditions);
  };
  const asked = (parts: readonly string[] | null): AllowCondition[] | null => parts && askFor(field, parts);
  shared((value) => asked(classOf(value)));
  shared((value) => asked(driveClassOf(value)));
  shared((value) => {
    const folder = folderOf(value);
    return folder === null ? null : [{ field, condition: 'begin with', value: folder }];
  });
  return asks;
}

/** A user's name is no part of an allow-list: it differs from host to host. Accounts of services are the same on all. */
function asksOfUsers(values: Iterable<string>, field: string): AllowCondition[][] {
  const services = [...values].filter(
    (value) => gradeEntry(1, [[{ field: 'User', condition: 'is', value }]]).room === 'service',
  );
  const asks: AllowCondition[][] = services.map((value) => [{ field, condition: 'is', value }]);
  for (const [folded, value] of new Map(
    services.map((one) => [authorityOf(one).toLowerCase(), authorityOf(one)]),
  )) {
    const members = services.filter((one) => one.toLowerCase().startsWith(folded));
    if (members.length > 1) asks.push([{ field, condition: 'begin with', value }]);
  }
  return asks;
}

/** `NT AUTHORITY\`, `Window Manager\DWM-`: what comes before the account, or the number of its session. */
function authorityOf(user: string): string {
  return user.slice(0, user.lastIndexOf('\\') + 1) + (/\\((?:DWM|UMFD)-)\d+$/i.exec(user)?.[1] ?? '');
}

/**
 * Sets of tests of different fields that a group meets, the smallest first; at least one of them is of a field that must
 * be asked for.
 */
function* combinations(group: NoiseGroup, tests: GroupTests, few: boolean): Generator<FieldTest[]> {
  const anchors = (group.channel === '' ? ANCHORS[group.eventId] : undefined) ?? group.fields.slice(0, 1);
  const fields = group.fields.filter((field) => tests.has(field));
  const most = few ? 2 : fields.length > FEW_FIELDS ? THREE : fields.length;
  function* extend(
    from: number,
    chosen: readonly FieldTest[],
    anchored: boolean,
    size: number,
  ): Generator<FieldTest[]> {
    if (chosen.length === size) {
      if (anchored) yield [...chosen];
      return;
    }
    for (let at = from; at <= fields.length - (size - chosen.length); at += 1) {
      const field = fields[at]!;
      const isAnchor = anchors.includes(field);
      const own = tests.get(field)!;
      // Elsewhere a value is taken as it is: two vague conditions are no narrow entry.
      for (const test of isAnchor || USER.test(field) ? own : own.slice(0, 1))
        yield* extend(at + 1, [...chosen, test], anchored || isAnchor, size);
    }
  }
  for (let size = 1; size <= most; size += 1) yield* extend(0, [], false, size);
}
