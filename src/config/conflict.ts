/** Clauses that no event meets together: proved, pair by pair where that is enough, else by all of them at once. */
import { type Formula, satisfy, type Work } from '../decide/index.ts';
import type { ConfigElement } from './document.ts';
import { patternContradicts } from './implication.ts';
import type { Atom, Clause, Unit } from './unit.ts';
import { clauseFormula } from './unit-formula.ts';

/** Pairs of atoms that are compared in one search for a pair, at most. */
const PAIRS = 100_000;

/** What may be spent on one configuration; past it a unit is taken to be met by some event. */
const WORK = 10_000_000;

/** Conflicts of more clauses are not made smaller. */
const SHORTENED = 40;

interface Known {
  readonly work: Work;
  /** Keys of units that some event meets. */
  readonly met: Set<string>;
}

const byRoot = new WeakMap<ConfigElement, Known>();

/**
 * Clauses of the unit that no event meets together, the fewest that were found; null where some event meets it. Clauses
 * without an alternative are not looked at: the event has no such field, or the filter's text fits nothing.
 */
export function conflictOf({ clauses: all, key, source }: Unit): readonly Clause[] | null {
  const clauses = all.filter(({ length }) => length > 0);
  if (!sharesField(clauses)) return null;
  const { work, met } = knownOf(source);
  if (met.has(key)) return null;
  const found = pairApart(clauses) ?? decided(clauses, work);
  if (!found) met.add(key);
  return found;
}

/** Tests of different fields never get in each other's way; a name is not known yet, and no text at all. */
function sharesField(clauses: readonly Clause[]): boolean {
  const fields = new Set<string>();
  return clauses.some((clause) => {
    const own = new Set(clause.map(({ field }) => field));
    const shared = [...own].some((field) => fields.has(field) || field === 'RuleName');
    for (const field of own) fields.add(field);
    return shared;
  });
}

function knownOf(element: ConfigElement): Known {
  let root = element;
  while (root.parent) root = root.parent;
  let known = byRoot.get(root);
  if (!known) byRoot.set(root, (known = { work: { left: WORK }, met: new Set() }));
  return known;
}

function pairApart(clauses: readonly Clause[]): [Clause, Clause] | null {
  let pairs = 0;
  const apart = (a: Atom, b: Atom): boolean =>
    (pairs += 1) <= PAIRS && a.field === b.field && patternContradicts(a.pattern, b.pattern);
  for (const [i, one] of clauses.entries()) {
    for (let j = i + 1; j < clauses.length && (pairs += 1) <= PAIRS; j++) {
      const other = clauses[j]!;
      if (other[0]?.field === one[0]?.field && one.every((a) => other.every((b) => apart(a, b)))) {
        return [one, other];
      }
    }
  }
  return null;
}

function decided(clauses: readonly Clause[], work: Work): readonly Clause[] | null {
  const formulaOf = (of: readonly Clause[]): Formula => ({ kind: 'and', of: of.map(clauseFormula) });
  if (satisfy(formulaOf(clauses), { work }).kind !== 'none') return null;
  if (clauses.length > SHORTENED) return clauses;
  let kept = clauses;
  for (const one of clauses) {
    const rest = kept.filter((clause) => clause !== one);
    if (satisfy(formulaOf(rest), { work }).kind === 'none') kept = rest;
  }
  return kept;
}
