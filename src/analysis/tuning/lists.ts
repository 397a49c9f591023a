/** Allow-lists of each length for one problem, out of entries that ask at least so much of an attacker. */
import { NO_SLOT } from '../../tally/index.ts';
import { cellOfSlot } from '../cells.ts';
import { type Bits, bitsOf, emptyBits, hasBit, isEmpty, isWithin, membersOf, or, without } from './bits.ts';
import { type Candidate, isBetter, type Preference, type Problem } from './candidates.ts';
import { coveredBy, smallestCover } from './cover.ts';
import { eventsOf, type NoiseGroup } from './noise.ts';

export interface Lists {
  /** By their length, from none on; the last covers all that can be covered, with the fewest entries. */
  readonly byLength: readonly (readonly Candidate[])[];
  /** No list that covers as much has fewer. */
  readonly lowerBound: number;
  /** By length: whether it is proved that no shorter list leaves as little. */
  readonly proved: readonly boolean[];
  /** The groups that the last one hides. */
  readonly covered: Bits;
}

/** Lists of one length that are all looked at; past that the best of them is found step by step. */
const ALL_LISTS = 20_000;
/** Past so many entries times groups, shorter lists are the beginnings of the longest: each step would look at all. */
const MANY = 40_000;

/** `rank`: the least that an entry may ask, as an index into ROOMS. */
export function listsOf(problem: Problem, rank: number, preference: Preference): Lists {
  const size = problem.groups.length;
  const usable = problem.candidates.filter((candidate) => candidate.rank >= rank);
  const sets = usable.map(({ covers }) => covers);
  const { chosen, lowerBound } = smallestCover(sets, size);
  const left = remaining(problem.groups);
  const tight = (indices: readonly number[]): Candidate[] =>
    inOrder(
      tightened(
        indices.map((index) => usable[index]!),
        usable,
        preference,
      ),
      size,
      left,
    );
  const most = chosen.length;
  if (usable.length * size > MANY) {
    const picked = chosen.map((index) => usable[index]!);
    const longest = byEvents(tightened(picked, usable, preference), problem.groups);
    return {
      byLength: Array.from({ length: most + 1 }, (_, length) => longest.slice(0, length)),
      lowerBound,
      proved: Array.from(
        { length: most + 1 },
        (_, length) => length === 0 || (length === most && lowerBound === most),
      ),
      covered: coveredBy(sets, chosen, size),
    };
  }
  const byLength: (readonly Candidate[])[] = [[]];
  const proved = [true];
  let step: number[] = [];
  let before = left(emptyBits(size));
  for (let length = 1; length < most; length += 1) {
    step = [...step, bestNext(sets, step, size, left)];
    const all = combinationsOf(sets.length, length) <= ALL_LISTS;
    const best = all ? bestOf(sets, length, size, left) : step;
    const now = left(coveredBy(sets, best, size));
    // The best of all lists with one entry less leaves more.
    proved.push(all && less(now, before));
    before = now;
    byLength.push(tight(best));
  }
  if (most > 0) byLength.push(tight(chosen));
  proved.push(lowerBound === most);
  return { byLength, lowerBound, proved, covered: coveredBy(sets, chosen, size) };
}

/** Occasions and events of the groups that are not covered. */
type Remaining = (covered: Bits) => readonly [occasions: number, events: number];

export function remaining(groups: readonly NoiseGroup[]): Remaining {
  const numbers = new Map<string, number>();
  const cells = groups.map(({ hosts }) => {
    const own = new Set<number>();
    for (const [host, slots] of hosts) {
      for (const slot of slots.keys()) {
        if (slot === NO_SLOT) continue;
        const cell = `${cellOfSlot(slot)} ${host}`;
        if (!numbers.has(cell)) numbers.set(cell, numbers.size);
        own.add(numbers.get(cell)!);
      }
    }
    return Uint32Array.from(own);
  });
  const events = groups.map(eventsOf);
  const seen = new Uint32Array(numbers.size);
  let turn = 0;
  return (covered) => {
    turn += 1;
    let occasions = 0;
    let left = 0;
    for (const [index, own] of cells.entries()) {
      if (hasBit(covered, index)) continue;
      left += events[index]!;
      for (const cell of own) {
        if (seen[cell] === turn) continue;
        seen[cell] = turn;
        occasions += 1;
      }
    }
    return [occasions, left];
  };
}

function less(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function bestNext(sets: readonly Bits[], chosen: readonly number[], size: number, left: Remaining): number {
  const covered = coveredBy(sets, chosen, size);
  let best = -1;
  let least: readonly [number, number] = [Infinity, Infinity];
  for (const [index, bits] of sets.entries()) {
    if (chosen.includes(index)) continue;
    const found = left(or(covered, bits));
    if (less(found, least)) [best, least] = [index, found];
  }
  return best;
}

/** The lists of one length, all of them. */
function bestOf(sets: readonly Bits[], length: number, size: number, left: Remaining): number[] {
  let best: readonly number[] = [];
  let least: readonly [number, number] = [Infinity, Infinity];
  const extend = (from: number, chosen: readonly number[], covered: Bits): void => {
    if (chosen.length === length) {
      const found = left(covered);
      if (less(found, least)) [best, least] = [chosen, found];
      return;
    }
    for (let index = from; index <= sets.length - (length - chosen.length); index += 1)
      extend(index + 1, [...chosen, index], or(covered, sets[index]!));
  };
  extend(0, [], emptyBits(size));
  return [...best];
}

function combinationsOf(n: number, k: number): number {
  let product = 1;
  for (let i = 0; i < k; i += 1) product = (product * (n - i)) / (i + 1);
  return product;
}

/** Each entry for the best one that hides what no other of the list does. */
function tightened(
  list: readonly Candidate[],
  usable: readonly Candidate[],
  preference: Preference,
): Candidate[] {
  const now = [...list];
  const size = 32 * (list[0]?.covers.length ?? 0);
  /** How many entries of the list hide each group. */
  const hiders = new Uint32Array(size);
  const count = ({ covers }: Candidate, times: 1 | -1): void => {
    for (const group of membersOf(covers)) hiders[group]! += times;
  };
  for (const entry of list) count(entry, 1);
  for (const [index, entry] of list.entries()) {
    const needed = bitsOf(
      size,
      [...membersOf(entry.covers)].filter((group) => hiders[group] === 1),
    );
    if (isEmpty(needed)) continue;
    let best = entry;
    for (const other of usable)
      if (isWithin(needed, other.covers) && isBetter(other, best, preference)) best = other;
    count(entry, -1);
    count(best, 1);
    now[index] = best;
  }
  return now;
}

/** What takes away the most first. */
function inOrder(list: readonly Candidate[], size: number, left: Remaining): Candidate[] {
  const sets = list.map(({ covers }) => covers);
  const order: number[] = [];
  while (order.length < list.length) order.push(bestNext(sets, order, size, left));
  return order.map((index) => list[index]!);
}

/** What takes away the most events first: quicker than by occasions, for very many. */
function byEvents(list: readonly Candidate[], groups: readonly NoiseGroup[]): Candidate[] {
  const events = groups.map(eventsOf);
  // With the events that each was found to take away last: it never takes more later.
  const rest = new Map(list.map((candidate) => [candidate, Number.POSITIVE_INFINITY]));
  const order: Candidate[] = [];
  let covered = emptyBits(groups.length);
  while (rest.size > 0) {
    let best: Candidate | null = null;
    let most = -1;
    for (const [candidate, atMost] of rest) {
      if (atMost <= most) continue;
      let hidden = 0;
      for (const index of membersOf(without(candidate.covers, covered))) hidden += events[index]!;
      rest.set(candidate, hidden);
      if (hidden > most) [best, most] = [candidate, hidden];
    }
    rest.delete(best!);
    order.push(best!);
    covered = or(covered, best!.covers);
  }
  return order;
}
