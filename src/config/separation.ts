/** Events that one configuration logs and another does not: evidence that they differ, checked by evaluating both. */
import { coveredBy, type Covers, type Formula, TRUE, type Work } from '../decide/index.ts';
import type { BoundEvent, Filter } from './blocks.ts';
import { becauseOf, type Because, decideFor } from './evaluate.ts';
import type { Config } from './load.ts';
import type { Meaning } from './meaning.ts';
import type { Unit } from './unit.ts';
import { unitCovers, unitFormula } from './unit-formula.ts';
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

/** One of two configurations, and what it says of an event type. */
export interface Compared {
  readonly config: Config;
  readonly meaning: Meaning;
}

export interface Separations {
  /** Proved: each event is logged by both or by none. */
  readonly same: boolean;
  /** Up to two events that only the old configuration logs, and two that only the new one does. */
  readonly found: readonly Separation[];
}

/** Decides whether any event of this type tells the configurations apart; past what may be spent it is only looked for. */
export function separationsOf(
  old: Compared,
  now: Compared,
  event: BoundEvent,
  changed: readonly Unit[],
  work: Work,
): Separations {
  const judge = judgeOf(old.config, now.config, event);
  const [lost, gained] = [
    onlyLogged(old.meaning, now.meaning, work),
    onlyLogged(now.meaning, old.meaning, work),
  ];
  const found = [...lost.events, ...gained.events].flatMap((fields) => judge(fields) ?? []);
  const decided =
    lost.decided && gained.decided && found.length === lost.events.length + gained.events.length;
  if (decided || found.length > 0) return { same: decided && found.length === 0, found };
  return { same: false, found: searched(old, now, event, changed, judge) };
}

type Judge = (fields: Fields) => Separation | null;

/** What both make of an event; null where both log it or none does. */
function judgeOf(old: Config, now: Config, event: BoundEvent): Judge {
  const [before, after] = [decideFor(old, event.id), decideFor(now, event.id)];
  const verdict = (config: Config, decision: ReturnType<typeof before>): VerdictOf => ({
    logged: decision.logged,
    ruleName: decision.ruleName,
    because: becauseOf(config, decision),
  });
  return (fields) => {
    const read = (field: string): string | undefined => fields[field];
    const logged = before(read).logged;
    if (logged === after(read).logged) return null;
    return {
      eventId: event.id,
      fields,
      old: verdict(old, before(read)),
      new: verdict(now, after(read)),
    };
  };
}

/**
 * Events that `one` logs and `other` does not: those that an include filter of the one takes and none of the other, and
 * those that an exclude filter of the other hides; neither is hidden by the one. Of equal units nothing is left over.
 */
function onlyLogged(
  one: Meaning,
  other: Meaning,
  work: Work,
): { readonly events: Fields[]; readonly decided: boolean } {
  const events = new Map<string, Fields>();
  let decided = true;
  const escapes = (formula: Formula, covers: Covers): boolean => {
    const verdict = coveredBy(formula, covers, { work });
    if (verdict.kind === 'unknown') decided = false;
    if (verdict.kind !== 'witness') return false;
    const fields = Object.fromEntries([...verdict.values].filter(([, value]) => value !== ''));
    events.set(JSON.stringify(fields), fields);
    return true;
  };
  const [keys, hidden] = [keysOf(other.includes), keysOf(one.excludes)];
  const sources = one.rest ? [TRUE] : one.includes.map(unitFormula);
  if (!other.rest) {
    const covers = unitCovers([...one.excludes, ...other.includes]);
    for (const [index, source] of sources.entries()) {
      if (events.size >= WANTED) break;
      if (one.rest || !keys.has(one.includes[index]!.key)) escapes(source, covers);
    }
  }
  const covers = unitCovers(one.excludes);
  for (const unit of other.excludes) {
    if (events.size >= WANTED || work.left <= 0) break;
    if (hidden.has(unit.key)) continue;
    const formula = unitFormula(unit);
    // Where all its events are hidden anyway, the include filters need not be tried one by one.
    if (!one.rest && coveredBy(formula, covers, { work }).kind === 'none') continue;
    sources.some((source) => escapes({ kind: 'and', of: [formula, source] }, covers));
  }
  return { events: [...events.values()].slice(0, WANTED), decided: decided && work.left > 0 };
}

function keysOf(units: readonly Unit[]): Set<string> {
  return new Set(units.map(({ key }) => key));
}

/** Events that tell them apart, out of these units; that none is found proves nothing. */
function searched(
  old: Compared,
  now: Compared,
  event: BoundEvent,
  changed: readonly Unit[],
  judge: Judge,
): Separation[] {
  const found: Separation[] = [];
  const wanted = (logged: boolean): boolean =>
    found.filter((separation) => separation.new.logged === logged).length < WANTED;
  let searches = 0;
  const search = (must: readonly Filter[]): boolean => {
    searches += 1;
    let told: Separation | null = null;
    findEvent([old.config, now.config], event.id, must, (candidate) => {
      told = judge(candidate);
      return told !== null && wanted(told.new.logged);
    });
    if (told === null || !wanted((told as Separation).new.logged)) return false;
    found.push(told);
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
