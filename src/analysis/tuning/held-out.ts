/** Lists made from a part of the data, and what they leave of the rest. */
import type { HostSlots } from '../hits.ts';
import { type Bits, bitsOf, emptyBits, hasBit, or } from './bits.ts';
import {
  type Candidate,
  type Grader,
  type Preference,
  type Problem,
  problemOf,
  type Says,
} from './candidates.ts';
import type { Folds } from './folds.ts';
import { listsOf } from './lists.ts';
import { hidingTest } from './meets.ts';
import type { NoiseGroup } from './noise.ts';

/** What lists of one way of making them leave, by their length. */
export interface HeldOut {
  /** Events of each judged part that a list of this length, made from the others, does not hide. */
  left(length: number): HostSlots[];
}

/** The problem that each fold learns from: the same for lists of every room. */
export function problemsOf(
  { folds }: Folds,
  attacks: readonly NoiseGroup[],
  says: Says,
  grade: Grader,
  preference: Preference,
): readonly Problem[] {
  return folds.map(({ train }) => problemOf(train, attacks, says, grade, preference));
}

/** `problems` are those of the folds; `rank` and `preference` as in `listsOf`. */
export function heldOut(
  { folds }: Folds,
  problems: readonly Problem[],
  rank: number,
  preference: Preference,
): HeldOut {
  const made = folds.map(({ test }, index) => ({
    lists: listsOf(problems[index]!, rank, preference),
    test,
    // Lists of each length have much the same entries.
    hidden: new Map<Candidate, Bits>(),
  }));
  return {
    left: (length) =>
      made.flatMap(({ lists: { byLength }, test, hidden }) => {
        const list = byLength[Math.min(length, byLength.length - 1)]!;
        let all = emptyBits(test.length);
        for (const entry of list) {
          const own = hidden.get(entry) ?? hiddenBits(entry, test);
          hidden.set(entry, own);
          all = or(all, own);
        }
        return slotsOf(test.filter((_, index) => !hasBit(all, index)));
      }),
  };
}

/** Which of some groups an entry hides. */
function hiddenBits(entry: Candidate, groups: readonly NoiseGroup[]): Bits {
  const hides = hidingTest(entry);
  return bitsOf(
    groups.length,
    groups.flatMap((group, index) => (hides(group) ? [index] : [])),
  );
}

/** All slots of groups. */
export function slotsOf(groups: readonly NoiseGroup[]): HostSlots[] {
  return groups.flatMap(({ hosts }) => [...hosts]);
}
