/** Events that one configuration logs and another does not: evidence that they differ, checked by evaluating both. */
import type { BoundEvent, Filter } from './blocks.ts';
import { becauseOf, type Because, decideFor } from './evaluate.ts';
import type { Config } from './load.ts';
import type { Meaning } from './meaning.ts';
import type { Unit } from './unit.ts';
import { type Fields, findEvent } from './witness.ts';

export interface VerdictOf {
  readonly logged: boolean;
  readonly ruleName: string;
  readonly because: Because;
}

export interface Separation {
  readonly eventId: number;
  /** All others are `-`. */
  readonly fields: Fields;
  readonly old: VerdictOf;
  readonly new: VerdictOf;
}

/** Searches for one event type, at most; each is bounded itself. */
const SEARCHES = 60;

/** Events that are wanted for each direction. */
const WANTED = 2;

/** Alternatives that are tried for one unit, and include filters that are tried beside an exclude filter. */
const WAYS = 3;
const BESIDE = 6;

/** Up to two events that only the old configuration logs, and two that only the new one does, out of these units. */
export function separationsOf(
  old: { readonly config: Config; readonly meaning: Meaning },
  now: { readonly config: Config; readonly meaning: Meaning },
  event: BoundEvent,
  changed: readonly Unit[],
): Separation[] {
  const [before, after] = [decideFor(old.config, event.id), decideFor(now.config, event.id)];
  const found: Separation[] = [];
  const wanted = (logged: boolean): boolean =>
    found.filter((separation) => separation.new.logged === logged).length < WANTED;
  let searches = 0;
  const search = (must: readonly Filter[]): boolean => {
    searches += 1;
    const fields = findEvent([old.config, now.config], event.id, must, (candidate) => {
      const read = (field: string): string | undefined => candidate[field];
      const logged = after(read).logged;
      return before(read).logged !== logged && wanted(logged);
    });
    if (!fields) return false;
    const read = (field: string): string | undefined => fields[field];
    const verdict = (config: Config, decision: ReturnType<typeof before>): VerdictOf => ({
      logged: decision.logged,
      ruleName: decision.ruleName,
      because: becauseOf(config, decision),
    });
    found.push({
      eventId: event.id,
      fields,
      old: verdict(old.config, before(read)),
      new: verdict(now.config, after(read)),
    });
    return true;
  };
  if (old.meaning.rest !== now.meaning.rest) search([]);
  // Include filters first: an exclude filter is seen only through one of them.
  const includesFirst = changed.toSorted(
    (a, b) => Number(a.block.onmatch === 'exclude') - Number(b.block.onmatch === 'exclude'),
  );
  for (const unit of old.meaning.rest && now.meaning.rest ? changed : includesFirst) {
    if (searches >= SEARCHES || (!wanted(true) && !wanted(false))) break;
    if (waysOf(unit).some(search) || unit.block.onmatch === 'include') continue;
    // What is no longer hidden is logged only where an include filter names it.
    const includes = [...old.meaning.includes, ...now.meaning.includes].slice(0, BESIDE);
    for (const include of includes) {
      if (search([...waysOf(unit)[0]!, ...waysOf(include)[0]!])) break;
    }
  }
  return found;
}

/** Lists of tests that together meet the unit. */
export function waysOf({ clauses }: Unit): Filter[][] {
  const most = Math.min(WAYS, Math.max(1, ...clauses.map(({ length }) => length)));
  return Array.from({ length: most }, (_, way) =>
    clauses.map((clause) => {
      const { filter, condition, text } = clause[way % clause.length]!;
      return { ...filter, condition, text };
    }),
  );
}
