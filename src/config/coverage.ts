/** Which units make others needless: those all of whose events they take. */
import { coveredBy, type ReadField } from '../decide/index.ts';
import { grouped } from './grouped.ts';
import { patternImplies } from './implication.ts';
import type { Clause, Unit } from './unit.ts';
import { unitCovers, unitFormula } from './unit-formula.ts';

/** Whether each event that meets `narrow` meets `wide`: proved clause by clause. */
export function unitImplies(narrow: Unit, wide: Unit): boolean {
  return wide.clauses.every((clause) => narrow.clauses.some((own) => clauseImplies(own, clause)));
}

/** Atoms of two long lists that are compared one by one, at most; past that only equal ones are found. */
const ATOMS = 100_000;

function clauseImplies(own: Clause, clause: Clause): boolean {
  if (own.length * clause.length > ATOMS) {
    const keys = new Set(clause.map(({ key }) => key));
    return own.every(({ key }) => keys.has(key));
  }
  return own.every((a) => clause.some((b) => a.field === b.field && patternImplies(a.pattern, b.pattern)));
}

/** Finds units that are implied by others; work is bounded, and stops silently at its end. */
export interface Coverage {
  /** The first of the units that covers this one, itself aside. */
  readonly coverOf: (unit: Unit, passes?: (cover: Unit) => boolean) => Unit | null;
}

/** Pairs of units that are compared for one set of units, at most. */
const PAIRS = 1_000_000;

export function coverageOf(units: readonly Unit[]): Coverage {
  // A cover has all its fields among those of what it covers: its first field is enough to find it.
  const byField = grouped(units.entries(), ([, { clauses }]) => clauses[0]?.[0]?.field ?? '');
  let pairs = 0;
  return {
    coverOf(unit, passes = () => true) {
      const fields = new Set(['', ...unit.clauses.flatMap((clause) => clause.map(({ field }) => field))]);
      let best: readonly [number, Unit] | null = null;
      for (const field of fields) {
        for (const entry of byField.get(field) ?? []) {
          if (best && entry[0] > best[0]) break;
          if ((pairs += 1) > PAIRS) return best?.[1] ?? null;
          if (entry[1] === unit || !passes(entry[1]) || !unitImplies(unit, entry[1])) continue;
          best = entry;
          break;
        }
      }
      return best?.[1] ?? null;
    },
  };
}

/** What may be spent on one set of units; past it nothing is claimed. */
const WORK = 3_000_000;

/** Units that together take every event of another one. */
export interface UnionCoverage {
  /** In their order, as few as were found; null where some event is left, or that is not known. */
  readonly coversOf: (unit: Unit, passes?: (cover: Unit) => boolean) => readonly Unit[] | null;
}

/** As `coverageOf`, decided: also covers that take the events of a unit only together. */
export function unionOf(units: readonly Unit[]): UnionCoverage {
  const covers = unitCovers(units);
  const work = { left: WORK };
  return {
    coversOf(unit, passes = () => true) {
      if (units.length === 0 || work.left <= 0) return null;
      const near = function* (read: ReadField): Generator<number> {
        for (const one of covers.near(read)) {
          work.left -= 1;
          if (passes(units[one]!)) yield one;
        }
      };
      const verdict = coveredBy(unitFormula(unit), { ...covers, near }, { work });
      return verdict.kind === 'none' ? verdict.covers.map((cover) => units[cover]!) : null;
    },
  };
}
