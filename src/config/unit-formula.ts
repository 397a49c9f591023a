/** Units as formulas, and the covers that units are for one another. */
import { type Covers, type Formula, type ReadField } from '../decide/index.ts';
import { buildLookup } from './filter-lookup.ts';
import { conditionFormula } from './formula.ts';
import type { Atom, Clause, Unit } from './unit.ts';

const ofAtoms = new WeakMap<Atom, Formula>();
const ofUnits = new WeakMap<readonly Clause[], Formula>();

function atomFormula(atom: Atom): Formula {
  let formula = ofAtoms.get(atom);
  if (!formula) ofAtoms.set(atom, (formula = conditionFormula(atom.field, atom.condition, atom.text)));
  return formula;
}

export function clauseFormula(clause: Clause): Formula {
  return clause.length === 1 ? atomFormula(clause[0]!) : { kind: 'or', of: clause.map(atomFormula) };
}

/** Whether an event meets the unit. */
export function unitFormula({ clauses }: Pick<Unit, 'clauses'>): Formula {
  let formula = ofUnits.get(clauses);
  if (!formula) {
    formula =
      clauses.length === 1 ? clauseFormula(clauses[0]!) : { kind: 'and', of: clauses.map(clauseFormula) };
    ofUnits.set(clauses, formula);
  }
  return formula;
}

/** Units as covers, by their index; those that may take an event are looked up by its values. */
export function unitCovers(units: readonly Unit[]): Covers {
  const formulaOf = (cover: number): Formula => unitFormula(units[cover]!);
  const all: number[] = [...units.keys()];
  const lookup = units.length < 8 ? null : buildLookup(units.map(gate));
  if (!lookup) return { formulaOf, near: () => all };
  return { formulaOf, near: (read: ReadField) => lookup((field) => read(field) || '-') };
}

/** Alternatives of which one must hold for the unit to: the clause that is looked up best. */
function gate({ clauses }: Unit): Clause {
  return clauses.toSorted((a, b) => rank(a) - rank(b))[0] ?? [];
}

/** Lower is better: what is no text to look for can't be looked up. */
function rank(clause: Clause): number {
  const open = clause.some(
    ({ pattern: { negative, shape } }) => negative || shape.kind === 'less' || shape.kind === 'more',
  );
  return open ? Number.MAX_SAFE_INTEGER : clause.length;
}
