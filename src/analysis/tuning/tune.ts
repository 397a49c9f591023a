/** Tally -> the allow-list that leaves an attacker the least room, with as few entries as do, and what is left after it. */
import { type Acl, gainOf, gradeEntry, ROOMS, type Room } from '../../room/index.ts';
import type { Tally } from '../../tally/index.ts';
import type { Answer } from '../answer.ts';
import { type Budget, upperOf } from '../budget.ts';
import { type Exposure, exposureOf } from '../exposure.ts';
import { ratesOfHits } from '../hit-rates.ts';
import { type HostSlots, HitCounter, matchedByHost, matchesOf, occasionsOf } from '../hits.ts';
import type { QuestionFacts } from '../question-facts.ts';
import { watchedHosts } from '../watched-host.ts';
import { attacksOf } from './attacks.ts';
import { countOf, hasBit } from './bits.ts';
import {
  type Candidate,
  graderOf,
  hiddenBy,
  LEAST_RANK,
  type Preference,
  type Problem,
  problemOf,
  type Says,
} from './candidates.ts';
import { type Folds, foldsOf } from './folds.ts';
import { type HeldOut, heldOut, problemsOf, slotsOf } from './held-out.ts';
import { type Lists, listsOf } from './lists.ts';
import { eventsOf, fieldsOf, type Label, type NoiseGroup, noiseOf, separated } from './noise.ts';
import { pathTo, type Reach, reachOf } from './reach.ts';
import { promiseOf } from './promise.ts';
import type { RefusedEntry, TunedEntry, Tuning } from './tuning.ts';
import type { TuningRate } from './tuning-rate.ts';
import { virtualOf } from './virtual.ts';
import { witnessOf } from './witness.ts';

export interface TuneInput {
  readonly tally: Tally;
  readonly question: QuestionFacts;
  /** The answer to the question over the same tally: what was read, and out of how much. */
  readonly answer: Answer;
  /** Tally of the attack logs; null where none were given. */
  readonly attacks: Tally | null;
  readonly labels: readonly Label[];
  readonly budget: Budget | null;
  readonly maxEntries: number | null;
  readonly acl: Acl | undefined;
  readonly says: Says;
  /** Tally of who started, opened or injected into whom (REACH_FIELDS); null where there is none. */
  readonly reach: Tally | null;
}

const PREFERENCES: readonly Preference[] = ['narrow', 'plain'];
const REFUSED_SHOWN = 20;

/** One way of making lists: with entries of at least this rank, and by this preference. */
interface Way {
  readonly rank: number;
  readonly preference: Preference;
  readonly problem: Problem;
  readonly lists: Lists;
  readonly heldOut: HeldOut | null;
  /** What is left, by the length of the list: worked out once, when it is asked for. */
  readonly left: Map<number, Left>;
}

/** Rates of what a list leaves; `heldOut` null where nothing could be held out. */
interface Left {
  readonly inSample: TuningRate;
  readonly heldOut: TuningRate | null;
}

/** Pure: the same input gives the same list. Throws LabelError where labels contradict. */
export function tune(input: TuneInput): Tuning {
  const { tally, question, answer, budget, maxEntries, acl } = input;
  const reach = input.reach && reachOf(input.reach);
  const { benign, attacks, idle } = separated(
    noiseOf(tally, question),
    input.attacks ? noiseOf(input.attacks, { ...question, from: -Infinity, to: Infinity }) : [],
    input.labels,
  );
  const others: HostSlots[] = [...tally.others];
  const measured = measure(tally, question);
  const folds = foldsOf(benign, measured.exposure);
  const judged =
    'cannot' in folds ? null : measure(tally, { ...question, from: Math.max(question.from, folds.from) });
  const grade = graderOf(acl);
  const problems = new Map(
    PREFERENCES.map((preference) => [preference, problemOf(benign, attacks, input.says, grade, preference)]),
  );
  const learned = new Map<Preference, readonly Problem[]>();
  const learnedBy = (from: Folds, preference: Preference): readonly Problem[] => {
    const known = learned.get(preference) ?? problemsOf(from, attacks, input.says, grade, preference);
    learned.set(preference, known);
    return known;
  };
  const ways = new Map<string, Way>();
  const wayOf = (rank: number, preference: Preference): Way => {
    const key = `${rank} ${preference}`;
    let way = ways.get(key);
    if (!way) {
      const problem = problems.get(preference)!;
      const out = 'cannot' in folds ? null : heldOut(folds, learnedBy(folds, preference), rank, preference);
      way = {
        rank,
        preference,
        problem,
        lists: listsOf(problem, rank, preference),
        heldOut: out,
        left: new Map(),
      };
      ways.set(key, way);
    }
    return way;
  };
  const lengthOf = ({ lists }: Way): number =>
    Math.min(lists.byLength.length - 1, maxEntries ?? Number.POSITIVE_INFINITY);
  const leftBy = (way: Way, length: number): Left => {
    let left = way.left.get(length);
    if (!left) {
      const stays = notHidden(way.problem, benign, way.lists.byLength[length]!);
      left = {
        inSample: measured.rate([...slotsOf(stays), ...others]),
        heldOut: way.heldOut && judged && judged.rate([...way.heldOut.left(length), ...others]),
      };
      way.left.set(length, left);
    }
    return left;
  };
  const ranks = ranksOf(problems.get('narrow')!);
  const chosen = choose(ranks, wayOf, lengthOf, leftBy, budget);
  const { way, length } = chosen;
  const list = way.lists.byLength[length]!;
  const after = leftBy(way, length);
  const held = after.heldOut;
  const cannot = 'cannot' in folds ? folds.cannot : null;
  const { promise, reason } = promiseOf(budget, held, after.inSample, judged?.exposure ?? null, cannot);
  const rows = [
    ...Array.from({ length: lengthOf(way) + 1 }, (_, at): [Way, number] => [way, at]),
    ...ranks
      .filter((rank) => rank !== way.rank)
      .map((rank): [Way, number] => [wayOf(rank, way.preference), lengthOf(wayOf(rank, way.preference))])
      .filter(([other, at]) => at > 0 && !isAmong(other.lists.byLength[at]!, way.lists.byLength)),
  ];
  const before = measured.rate([...slotsOf(benign), ...others]);
  return {
    schema: 'noisefloor.tuning/1',
    question: answer.question,
    read: answer.read,
    exposure: answer.exposure,
    before,
    allowList: list.map((candidate) => entryOf(candidate, list, way.problem, acl, reach, measured)),
    after,
    heldOutBy: 'cannot' in folds ? folds.cannot : folds.text,
    attacks: {
      ...attacksOf(attacks, question, input.attacks !== null || input.labels.length > 0),
      amongLogs: answer.matches.events - before.events,
    },
    refused: refusedOf(problems.get('plain')!),
    left: leftOf(way, list, benign, others),
    optimality: { entries: list.length, lowerBound: boundOf(way, length) },
    tradeOff: rows.map(([other, at]) => ({
      entries: at,
      ...leftBy(other, at),
      room: weakest(other.lists.byLength[at]!),
    })),
    budget: budget && {
      text: budget.text,
      limit: budget.limit,
      upper: held && upperOf(held.occasionsPerHostHour, budget.hours),
    },
    promise,
    promiseReason: reason,
    virtual: virtualOf(tally, input.reach, benign, measured.rateOn),
    diagnostics: [...answer.diagnostics, ...unsaid(benign, input.says), ...idle.map(idleLabel)],
  };
}

/** A list may be longer, or hide less, for what it can't ask. */
function unsaid(groups: readonly NoiseGroup[], says: Says): Tuning['diagnostics'] {
  const types = new Map(groups.map((group) => [group.eventId, group.fields]));
  return [...types].flatMap(([eventId, fields]) => {
    // As much as a value can be: an account, a path.
    const not = fields.filter((field) => !says(eventId, { field, condition: 'is', value: 'x\\y' }));
    if (not.length === 0) return [];
    const message = `no entry for event ${eventId} asks for ${not.join(', ')}: what the list is written for can't (a configuration by its schema, or the section that the entries go to)`;
    return [{ code: 'allow-fields' as const, severity: 'info' as const, message, where: {}, count: 1 }];
  });
}

/** A name that was mistyped, or a clock that was off, must not look as if there had been no attack. */
function idleLabel({ name }: Label): Tuning['diagnostics'][number] {
  const message = `the label "${name}" speaks of no event that was asked for: check its host, its times (UTC) and its tests`;
  return { code: 'label-idle', severity: 'warning', message, where: {}, count: 1 };
}

interface Measured {
  readonly exposure: Exposure;
  readonly rate: (slots: readonly HostSlots[]) => TuningRate;
  /** The same out of the exposure of these hosts alone. */
  readonly rateOn: (slots: readonly HostSlots[], hosts: ReadonlySet<string>) => TuningRate;
}

/** Rates out of the exposure of a question; hours in which any event fell count as watched, attacks among them. */
function measure(tally: Tally, question: QuestionFacts): Measured {
  const hosts = watchedHosts(tally.hosts, question, matchedByHost(tally));
  const counter = new HitCounter(hosts, question);
  const all = counter.hitsOf(matchesOf(tally));
  const exposure = exposureOf(hosts, all, question);
  const rateOf = (slots: readonly HostSlots[], out: Exposure): TuningRate => {
    const hits = counter.hitsOf(slots);
    const { occasionsPerHostHour, steadyOccasionsPerHostHour, eventsPerHostHour, occasionsPerBoot } =
      ratesOfHits(hits, out);
    return {
      events: hits.events,
      occasions: occasionsOf(hits),
      hosts: hits.hosts.size,
      occasionsPerHostHour,
      steadyOccasionsPerHostHour,
      eventsPerHostHour,
      occasionsPerBoot,
    };
  };
  return {
    exposure,
    rate: (slots) => rateOf(slots, exposure),
    rateOn: (slots, own) => {
      const only = new Map([...hosts].filter(([key]) => own.has(key)));
      const hits = { ...all, hosts: new Map([...all.hosts].filter(([key]) => own.has(key))) };
      return rateOf(
        slots.filter(([key]) => own.has(key)),
        exposureOf(only, hits, question),
      );
    },
  };
}

/** Rooms that entries have, strongest first. */
function ranksOf({ candidates }: Problem): number[] {
  const ranks = new Set(candidates.map(({ rank }) => rank).filter((rank) => rank >= LEAST_RANK));
  return [...ranks].sort((a, b) => b - a);
}

/**
 * The way with the least room that keeps the budget, and of it the shortest list; without a budget, or where none keeps
 * it, the least room that hides all that any entry may hide.
 */
function choose(
  ranks: readonly number[],
  wayOf: (rank: number, preference: Preference) => Way,
  lengthOf: (way: Way) => number,
  leftBy: (way: Way, length: number) => Left,
  budget: Budget | null,
): { readonly way: Way; readonly length: number } {
  if (budget) {
    for (const rank of ranks.length > 0 ? ranks : [LEAST_RANK]) {
      let best: { way: Way; length: number } | null = null;
      for (const preference of PREFERENCES) {
        const way = wayOf(rank, preference);
        for (
          let length = 0;
          length <= lengthOf(way) && length < (best?.length ?? Number.POSITIVE_INFINITY);
          length += 1
        ) {
          const upper = upperOf(leftBy(way, length).heldOut?.occasionsPerHostHour ?? null, budget.hours);
          if (upper !== null && upper <= budget.limit) best = { way, length };
        }
      }
      if (best) return best;
    }
  }
  const most = count(wayOf(LEAST_RANK, 'narrow').lists);
  const rank = ranks.find((one) => count(wayOf(one, 'narrow').lists) === most) ?? LEAST_RANK;
  const [narrow, plain] = PREFERENCES.map((preference) => wayOf(rank, preference)) as [Way, Way];
  const after = ([narrow, plain] as const).map((way) => leftBy(way, lengthOf(way)).heldOut?.occasions ?? 0);
  const way = after[1]! < after[0]! && lengthOf(plain) <= lengthOf(narrow) ? plain : narrow;
  return { way, length: lengthOf(way) };
}

/** Another way may come to the same list. */
function isAmong(list: readonly Candidate[], lists: readonly (readonly Candidate[])[]): boolean {
  const text = (of: readonly Candidate[]): string =>
    of
      .map(({ conditions }) => JSON.stringify(conditions))
      .sort()
      .join();
  return lists.some((other) => text(other) === text(list));
}

function count({ covered }: Lists): number {
  return countOf(covered);
}

/** Benign groups that no entry of the list hides. */
function notHidden(
  problem: Problem,
  benign: readonly NoiseGroup[],
  list: readonly Candidate[],
): NoiseGroup[] {
  const hidden = new Set(list.flatMap((candidate) => hiddenBy(problem, candidate)));
  return benign.filter((group) => !hidden.has(group));
}

function weakest(list: readonly Candidate[]): Room | '' {
  if (list.length === 0) return '';
  return ROOMS[Math.min(...list.map(({ rank }) => rank))]!;
}

/** No list that leaves as little has fewer entries. */
function boundOf({ lists, problem }: Way, length: number): number {
  // What a list hides of the rest was not looked for.
  if (problem.rest.length > 0) return Math.min(length, 1);
  if (length === lists.byLength.length - 1) return Math.min(length, lists.lowerBound);
  return lists.proved[length] ? length : Math.min(length, 1);
}

function entryOf(
  candidate: Candidate,
  list: readonly Candidate[],
  problem: Problem,
  acl: Acl | undefined,
  reach: Reach | null,
  { rate }: Measured,
): TunedEntry {
  const { eventId, channel, conditions, room } = candidate;
  const clauses = conditions.map((condition) => [condition]);
  const groups = hiddenBy(problem, candidate);
  const { events, occasions, hosts } = rate(slotsOf(groups));
  const { reason, technique } = gradeEntry(eventId, clauses, acl);
  return {
    eventId,
    channel,
    conditions,
    suppresses: { events, occasions, hosts },
    room,
    gain: gainOf(eventId, clauses).gain,
    reason,
    technique,
    witness: witnessOf(candidate, groups, list),
    reach: reach ? pathTo(reach, conditions) : [],
    hidesAttacks: 0,
  };
}

function refusedOf(problem: Problem): RefusedEntry[] {
  return problem.refused.slice(0, REFUSED_SHOWN).map(({ candidate, attacks }): RefusedEntry => ({
    eventId: candidate.eventId,
    conditions: candidate.conditions,
    suppresses: {
      events: hiddenBy(problem, candidate).reduce((sum, group) => sum + eventsOf(group), 0),
    },
    hides: {
      events: attacks.reduce((sum, attack) => sum + eventsOf(attack), 0),
      example: fieldsOf(attacks[0]!),
    },
  }));
}

function leftOf(
  { problem }: Way,
  list: readonly Candidate[],
  benign: readonly NoiseGroup[],
  others: readonly HostSlots[],
): Tuning['left'] {
  const left = notHidden(problem, benign, list);
  const index = new Map(problem.groups.map((group, at) => [group, at]));
  const coverable = (group: NoiseGroup, rank: number): boolean =>
    problem.candidates.some(
      (candidate) => candidate.rank >= rank && hasBit(candidate.covers, index.get(group) ?? -1),
    );
  const attacked = (group: NoiseGroup): boolean => hasBit(problem.attacked, index.get(group)!);
  const events = left.reduce((sum, group) => sum + eventsOf(group), 0);
  const unnamed = others.reduce((sum, [, slots]) => sum + [...slots.values()].reduce((a, b) => a + b, 0), 0);
  const no = left.filter((group) => index.has(group) && !coverable(group, LEAST_RANK));
  return {
    groups: left.length,
    events: events + unnamed,
    byText: no.filter((group) => !attacked(group) && coverable(group, 0)).length,
    byAttack: no.filter(attacked).length,
    notLookedAt: left.filter((group) => !index.has(group)).length,
  };
}
