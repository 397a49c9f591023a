/**
 * Whether any event meets a formula: an event that does, or the proof that none can. A model is made of what must hold so
 * far; the first alternative that it misses is branched on. So of hundreds of filters only those count that get in the way.
 */
import { type Atom, atomHolds, type Formula, holds } from './formula.ts';
import { type Literal, textFor, type Work } from './text.ts';

export type Verdict =
  /** Fields that are not named are missing. Checked against the formula. */
  | { readonly kind: 'witness'; readonly values: ReadonlyMap<string, string> }
  /** No event meets it; the tests of one field that can't hold together, where the last branch failed. */
  | { readonly kind: 'none'; readonly branches: number; readonly conflict: readonly Atom[] }
  /** Only what is not looked into (a regular expression, a number) could tell. */
  | { readonly kind: 'unknown' };

export interface SatisfyOptions {
  /** Texts to try first, by field. */
  readonly prefer?: ReadonlyMap<string, readonly string[]>;
  /** Folders that a file name is put into where nothing says which; of the first that fits. */
  readonly roots?: readonly string[];
  /** What may be spent; past it nothing is claimed. */
  readonly work?: Work;
}

const ROOTS: readonly string[] = ['C:\\Users\\u'];

/** Branches that are looked at, at most; past that nothing is claimed. */
const MOST_BRANCHES = 200_000;
/** Models that only what is not looked into stands against, before the answer is that it can't be told. */
const MOST_DOUBTS = 100;

/** Branches within branches, at most: each is a call within a call. */
const DEEPEST = 2000;

export function satisfy(formula: Formula, options: SatisfyOptions = {}): Verdict {
  return new Search(formula, options).run();
}

/** Whether each event that meets `a` meets `b`: `none` is the proof, a witness meets `a` alone. */
export function impliedBy(a: Formula, b: Formula, options: SatisfyOptions = {}): Verdict {
  return satisfy({ kind: 'and', of: [a, { kind: 'not', of: b }] }, options);
}

/** A formula that must hold, or must not. */
interface Goal {
  readonly formula: Formula;
  readonly wanted: boolean;
}

interface Must {
  readonly atom: Atom;
  readonly wanted: boolean;
}

type Value = { readonly value: string | undefined } | 'maybe' | 'none';

/** One search: it lasts until a model is found or all branches failed. */
class Search {
  private readonly formula: Formula;
  private readonly prefer: ReadonlyMap<string, readonly string[]>;
  private readonly roots: readonly string[];
  private readonly work: Work;
  private readonly values = new Map<string, Value>();
  private readonly ids = new Map<Atom['test'] | string, number>();
  private branches = 0;
  private doubts = 0;
  private conflict: readonly Atom[] = [];

  constructor(
    formula: Formula,
    { prefer = new Map(), roots = ROOTS, work = { left: Infinity } }: SatisfyOptions,
  ) {
    this.formula = formula;
    this.prefer = prefer;
    this.roots = roots;
    this.work = work;
  }

  run(): Verdict {
    const values = this.search(new Map(), [{ formula: this.formula, wanted: true }], [], 0);
    if (values) return { kind: 'witness', values };
    const cut = this.branches >= MOST_BRANCHES || this.work.left <= 0;
    if (this.doubts > 0 || cut) return { kind: 'unknown' };
    return { kind: 'none', branches: this.branches, conflict: this.conflict };
  }

  /** `must`: literals by field; `goals`: still to be taken apart; `ors`: alternatives, of which one each must hold. */
  private search(
    must: ReadonlyMap<string, readonly Must[]>,
    goals: readonly Goal[],
    ors: readonly (readonly Goal[])[],
    depth: number,
  ): ReadonlyMap<string, string> | null {
    if ((this.branches += 1) >= MOST_BRANCHES || this.doubts >= MOST_DOUBTS) return null;
    if ((this.work.left -= 1 + ors.length) <= 0) return null;
    if (depth > DEEPEST) {
      this.doubts += 1;
      return null;
    }
    const musts = new Map(must);
    const open = [...ors];
    const todo = [...goals];
    const touched = new Map<string, Must[]>();
    for (let goal = todo.pop(); goal; goal = todo.pop()) {
      const { formula, wanted } = goal;
      this.work.left -= 1;
      if (formula.kind === 'test') {
        let own = touched.get(formula.field);
        if (!own) {
          own = [...(musts.get(formula.field) ?? [])];
          touched.set(formula.field, own);
          musts.set(formula.field, own);
        }
        own.push({ atom: formula, wanted });
      } else if (formula.kind === 'not') todo.push({ formula: formula.of, wanted: !wanted });
      else if ((formula.kind === 'and') === wanted)
        for (const one of formula.of) todo.push({ formula: one, wanted });
      else if (formula.of.length === 1) todo.push({ formula: formula.of[0]!, wanted });
      else open.push(formula.of.map((one) => ({ formula: one, wanted })));
    }
    for (const [field, own] of touched) {
      if (this.valueOf(field, own) !== 'none') continue;
      this.conflict = own.map(({ atom }) => atom);
      return null;
    }
    const model = new Map<string, string>();
    let doubtful = false;
    for (const [field, literals] of musts) {
      const found = this.valueOf(field, literals);
      if (found === 'maybe') doubtful = true;
      else if (found !== 'none' && found.value !== undefined) model.set(field, found.value);
    }
    const read = (field: string): string | undefined => model.get(field);
    const missed = open.findIndex(
      (goalsOf) => !goalsOf.some(({ formula, wanted }) => holds(formula, read) === wanted),
    );
    if (missed < 0) {
      if (!doubtful && holds(this.formula, read)) return model;
      // With a value that nobody could make, whether the alternatives hold is not known either.
      this.doubts += 1;
      if (!doubtful) return null;
    }
    const [branch] = missed < 0 ? [] : open.splice(missed, 1);
    for (const goal of branch ?? []) {
      const found = this.search(musts, [goal], open, depth + 1);
      if (found) return found;
    }
    return null;
  }

  private valueOf(field: string, musts: readonly Must[]): Value {
    const key = `${field}\0${[...new Set(musts.map(({ atom, wanted }) => `${wanted ? '' : '-'}${this.idOf(atom)}`))].sort().join()}`;
    let value = this.values.get(key);
    if (value === undefined) this.values.set(key, (value = this.find(field, musts)));
    return value;
  }

  private idOf({ test, absent, empty }: Atom): string {
    const known = test.kind === 'opaque' ? test.key : test;
    let id = this.ids.get(known);
    if (id === undefined) this.ids.set(known, (id = this.ids.size));
    return `${id}${absent ? 'a' : ''}${empty ? 'e' : ''}`;
  }

  private find(field: string, musts: readonly Must[]): Value {
    const fits = (value: string | undefined): boolean =>
      musts.every(({ atom, wanted }) => atomHolds(atom, value) === wanted);
    for (const value of this.prefer.get(field) ?? []) if (fits(value)) return { value };
    if (fits(undefined)) return { value: undefined };
    if (fits('')) return { value: '' };
    const literals = musts.map(({ atom, wanted }): Literal => ({ test: atom.test, wanted }));
    const found = textFor(literals, this.roots, this.work);
    return typeof found === 'string' ? found : { value: found.text };
  }
}
