/**
 * The fewest sets that cover all that can be covered (minimum set cover): exact by branch and bound where that is quick,
 * else greedy with a proved bound. Deterministic: ties go to the set that comes first.
 */
import {
  and,
  type Bits,
  bitsOf,
  countOf,
  emptyBits,
  hasBit,
  isEmpty,
  isWithin,
  membersOf,
  or,
  without,
} from './bits.ts';

export interface Cover {
  /** Indices of the sets, ascending. */
  readonly chosen: readonly number[];
  /** No cover has fewer sets. */
  readonly lowerBound: number;
}

/** Branches that are looked at, at most. */
const NODES = 50_000;

/** `size`: members are 0 to `size - 1`. Those that no set has are left out. */
export function smallestCover(sets: readonly Bits[], size: number): Cover {
  const all = sets.reduce(or, emptyBits(size));
  const live = sets.map((bits, index) => ({ bits, index })).filter(({ bits }) => !isEmpty(bits));
  const search = new Search(size);
  const { chosen, lowerBound } = search.run(undominated(live), all);
  return { chosen: chosen.toSorted((a, b) => a - b), lowerBound };
}

interface Numbered {
  readonly bits: Bits;
  readonly index: number;
}

/** Without sets that lie within others; of equal ones the first stays. */
function undominated(sets: readonly Numbered[]): Numbered[] {
  const bySize = sets
    .map((set) => ({ ...set, count: countOf(set.bits) }))
    .sort((a, b) => b.count - a.count || a.index - b.index);
  const kept: Numbered[] = [];
  for (const set of bySize) if (!kept.some(({ bits }) => isWithin(set.bits, bits))) kept.push(set);
  return kept.sort((a, b) => a.index - b.index);
}

/** One search: it lasts until all branches are seen, or too many were. */
class Search {
  private readonly size: number;
  private best: readonly number[] | null = null;
  private nodes = 0;

  constructor(size: number) {
    this.size = size;
  }

  run(sets: readonly Numbered[], wanted: Bits): { chosen: readonly number[]; lowerBound: number } {
    this.best = greedyCover(sets, wanted);
    const bound = this.boundOf(sets, wanted);
    this.branch(sets, wanted, []);
    const complete = this.nodes < NODES;
    return { chosen: this.best, lowerBound: complete ? this.best.length : Math.min(bound, this.best.length) };
  }

  private branch(given: readonly Numbered[], wantedBefore: Bits, chosenBefore: readonly number[]): void {
    if ((this.nodes += 1) >= NODES) return;
    let sets = given;
    let wanted = wantedBefore;
    let chosen = chosenBefore;
    for (;;) {
      if (chosen.length >= this.best!.length) return;
      const rarest = this.rarest(sets, wanted);
      if (rarest === null) {
        this.best = chosen;
        return;
      }
      const holders = sets.filter(({ bits }) => hasBit(bits, rarest));
      if (holders.length === 0) return;
      if (holders.length > 1) {
        if (chosen.length + this.boundOf(sets, wanted) >= this.best!.length) return;
        for (const holder of holders.toSorted(
          (a, b) => countOf(and(b.bits, wanted)) - countOf(and(a.bits, wanted)) || a.index - b.index,
        )) {
          const rest = without(wanted, holder.bits);
          this.branch(this.narrowed(sets, rest), rest, [...chosen, holder.index]);
          if (this.nodes >= NODES) return;
        }
        return;
      }
      // What only one set has must be taken from it: from all such sets at once, for they may be hundreds.
      const only = this.onlyHolders(sets, wanted);
      chosen = [...chosen, ...only.map(({ index }) => index)];
      wanted = only.reduce((rest, { bits }) => without(rest, bits), wanted);
      sets = this.narrowed(sets, wanted);
    }
  }

  /** Sets that have a wanted member which no other has. */
  private onlyHolders(sets: readonly Numbered[], wanted: Bits): Numbered[] {
    let [once, twice] = [emptyBits(this.size), emptyBits(this.size)];
    for (const { bits } of sets) {
      twice = or(twice, and(once, bits));
      once = or(once, bits);
    }
    const alone = and(without(once, twice), wanted);
    return sets.filter(({ bits }) => !isEmpty(and(bits, alone)));
  }

  /** The member that the fewest sets have; null where none is wanted. */
  private rarest(sets: readonly Numbered[], wanted: Bits): number | null {
    let best: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const member of membersOf(wanted)) {
      let holders = 0;
      for (const { bits } of sets) if (hasBit(bits, member) && (holders += 1) >= least) break;
      if (holders < least) [best, least] = [member, holders];
      if (least <= 1) break;
    }
    return best;
  }

  private narrowed(sets: readonly Numbered[], wanted: Bits): Numbered[] {
    const left = sets
      .map(({ bits, index }) => ({ bits: and(bits, wanted), index }))
      .filter(({ bits }) => !isEmpty(bits));
    return left.length > 400 ? left : undominated(left);
  }

  /** Members no two of which share a set need a set each. */
  private boundOf(sets: readonly Numbered[], wanted: Bits): number {
    let bound = 0;
    let left = wanted;
    const members = [...membersOf(wanted)].map((member) => {
      const holders = sets.filter(({ bits }) => hasBit(bits, member));
      return { member, reach: holders.map(({ bits }) => bits).reduce(or, emptyBits(this.size)) };
    });
    members.sort((a, b) => countOf(a.reach) - countOf(b.reach) || a.member - b.member);
    for (const { member, reach } of members) {
      if (!hasBit(left, member)) continue;
      bound += 1;
      left = without(left, reach);
    }
    return bound;
  }
}

/** Takes the set with the most that is still wanted, until nothing is. */
function greedyCover(sets: readonly Numbered[], wanted: Bits): number[] {
  const chosen: number[] = [];
  // What was found of each last: it never has more later, and most need not be looked at again.
  const gains = new Map<Numbered, number>();
  for (let left = wanted; !isEmpty(left);) {
    let best: Numbered | null = null;
    let most = 0;
    for (const set of sets) {
      if ((gains.get(set) ?? Number.POSITIVE_INFINITY) <= most) continue;
      const gain = countOf(and(set.bits, left));
      gains.set(set, gain);
      if (gain > most) [best, most] = [set, gain];
    }
    if (!best) break;
    chosen.push(best.index);
    left = without(left, best.bits);
  }
  return chosen;
}

/** All members of the chosen sets. */
export function coveredBy(sets: readonly Bits[], chosen: readonly number[], size: number): Bits {
  return chosen.map((index) => sets[index]!).reduce(or, bitsOf(size, []));
}
