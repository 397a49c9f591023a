/** RuleNames, compared for themselves: the events are logged as before, and are called otherwise. */
import { type Coverage, coverageOf } from './coverage.ts';
import type { Position } from './document.ts';
import type { Meaning } from './meaning.ts';
import type { Unit } from './unit.ts';

/** A filter, a Rule, or the part of it that changed. */
export interface FilterSide extends Position {
  readonly text: string;
  /** Name that events get from it; empty for none. */
  readonly name: string;
}

/** How one of the two configurations writes a unit. */
export type Side = (unit: Unit) => FilterSide;

/** The same events, logged under another RuleName. */
export interface NameChange {
  readonly eventIds: readonly number[];
  readonly old: FilterSide;
  readonly new: FilterSide;
}

/** Units that log in both, under another name: what named their events before, and what names them now. */
export function nameChanges(
  eventId: number,
  old: Meaning,
  now: Meaning,
  oldSide: Side,
  newSide: Side,
): NameChange[] {
  const [before, after] = [old, now].map(({ names }) => ({ names, covers: coverageOf(names) }));
  const changes = new Map<string, NameChange>();
  const add = (unit: Unit, cover: Unit): void => {
    if (unit.name !== cover.name) {
      changes.set(`${unit.source.start} ${cover.source.start}`, {
        eventIds: [eventId],
        old: oldSide(unit),
        new: newSide(cover),
      });
    }
  };
  const firstBefore = firstByKey(before!.names);
  const firstAfter = firstByKey(after!.names);
  for (const [key, unit] of firstBefore) {
    const same = firstAfter.get(key);
    if (same) add(unit, same);
    else {
      const cover = after!.covers.coverOf(unit);
      if (cover && !isShadowed(unit, before!)) add(unit, cover);
    }
  }
  for (const [key, unit] of firstAfter) {
    if (firstBefore.has(key) || isShadowed(unit, after!)) continue;
    const cover = before!.covers.coverOf(unit);
    if (cover) add(cover, unit);
  }
  return [...changes.values()];
}

function firstByKey(units: readonly Unit[]): Map<string, Unit> {
  return new Map(units.toReversed().map((unit) => [unit.key, unit]));
}

/** Whether a unit before it takes all its events, so that its name is never seen. */
function isShadowed(
  unit: Unit,
  { names, covers }: { readonly names: readonly Unit[]; readonly covers: Coverage },
): boolean {
  const cover = covers.coverOf(unit);
  return cover !== null && names.indexOf(cover) < names.indexOf(unit);
}
