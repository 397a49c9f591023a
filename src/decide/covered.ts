/**
 * Whether some formulas together take every event of another one. Of thousands only those are looked at that get in the
 * way: an event of the one is made, what takes it is forbidden from then on, and so on until nothing takes an event
 * (that is the witness) or none is left (what was forbidden takes them all).
 */
import { type Formula, holds } from './formula.ts';
import { satisfy, type SatisfyOptions } from './satisfy.ts';

export type Covered =
  /** Meets the formula, and none of the others. */
  | { readonly kind: 'witness'; readonly values: ReadonlyMap<string, string> }
  /** Proved: these of the others take them all; few, but not always the fewest. */
  | { readonly kind: 'none'; readonly covers: readonly number[] }
  | { readonly kind: 'unknown' };

export type ReadField = (field: string) => string | undefined;

/** Formulas that may take events, by their number. */
export interface Covers {
  readonly formulaOf: (cover: number) => Formula;
  /** Those that may take an event, ascending; more than take it may be named, none may be left out. */
  readonly near: (read: ReadField) => Iterable<number>;
}

/** Rounds of one search, at most. */
const ROUNDS = 2000;

export function coveredBy(formula: Formula, covers: Covers, options: SatisfyOptions = {}): Covered {
  const forbidden: number[] = [];
  const goals: Formula[] = [formula];
  for (let round = 0; round < ROUNDS; round += 1) {
    const verdict = satisfy({ kind: 'and', of: goals }, options);
    if (verdict.kind === 'unknown') return verdict;
    if (verdict.kind === 'none') return { kind: 'none', covers: needed(formula, forbidden, covers, options) };
    const read: ReadField = (field) => verdict.values.get(field);
    let taken = -1;
    for (const cover of covers.near(read)) {
      if (options.work) options.work.left -= 1;
      if (!holds(covers.formulaOf(cover), read)) continue;
      taken = cover;
      break;
    }
    if (taken < 0) return verdict;
    forbidden.push(taken);
    goals.push({ kind: 'not', of: covers.formulaOf(taken) });
  }
  return { kind: 'unknown' };
}

/** Proofs with more parts are not made shorter. */
const SHORTENED = 40;

/** Of those that take all events together, those without which some event is left. */
function needed(
  formula: Formula,
  all: readonly number[],
  { formulaOf }: Covers,
  options: SatisfyOptions,
): number[] {
  let kept = [...all];
  if (all.length <= SHORTENED) {
    for (const one of all) {
      const rest = kept.filter((cover) => cover !== one);
      const of = [formula, ...rest.map((cover): Formula => ({ kind: 'not', of: formulaOf(cover) }))];
      if (satisfy({ kind: 'and', of }, options).kind === 'none') kept = rest;
    }
  }
  return kept.sort((a, b) => a - b);
}
