/** Lists made from a part of the data, and what they leave of the rest. */
import type { Acl } from '../../room/index.ts';
import type { HostSlots } from '../hits.ts';
import { type Preference, problemOf } from './candidates.ts';
import type { Folds } from './folds.ts';
import { type Lists, listsOf } from './lists.ts';
import { groupMeets } from './meets.ts';
import type { NoiseGroup } from './noise.ts';

/** What lists of one way of making them leave, by their length. */
export interface HeldOut {
  /** Events of each judged part that a list of this length, made from the others, does not hide. */
  left(length: number): HostSlots[];
}

/** `rank` and `preference` as in `listsOf`. */
export function heldOut(
  { folds }: Folds,
  attacks: readonly NoiseGroup[],
  acl: Acl | undefined,
  rank: number,
  preference: Preference,
): HeldOut {
  const made = folds.map(({ train, test }): { lists: Lists; test: readonly NoiseGroup[] } => ({
    lists: listsOf(problemOf(train, attacks, acl, preference), rank, preference),
    test,
  }));
  return {
    left: (length) =>
      made.flatMap(({ lists: { byLength }, test }) => {
        const list = byLength[Math.min(length, byLength.length - 1)]!;
        return slotsOf(
          test.filter(
            (group) =>
              !list.some(
                ({ eventId, channel, conditions }) =>
                  group.eventId === eventId &&
                  group.channel === channel &&
                  groupMeets(group, conditions) === 'yes',
              ),
          ),
        );
      }),
  };
}

/** All slots of groups. */
export function slotsOf(groups: readonly NoiseGroup[]): HostSlots[] {
  return groups.flatMap(({ hosts }) => [...hosts]);
}
