/**
 * What the sections of a tag say about one event type, without regard to how they are written. An event is decided by
 * units: any unit of an exclude section hides it, else any unit of an include section logs it, else the rest is logged
 * or not. A unit holds when all its clauses do, a clause when any of its atoms does (sysmon-semantics, section 6).
 */
import { foldAscii } from '../events/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { type Condition, listItems } from './condition.ts';
import { conflictOf } from './conflict.ts';
import { coverageOf } from './coverage.ts';
import type { ConfigElement } from './document.ts';
import { grouped } from './grouped.ts';
import { meetsAll, meetsNothing, patternOf } from './implication.ts';
import type { Config } from './load.ts';
import type { Atom, Clause, Unit } from './unit.ts';

export interface Meaning {
  /** Whether an event that no unit names is logged. */
  readonly rest: boolean;
  /** Empty where nothing could be logged anyway. */
  readonly excludes: readonly Unit[];
  /** Empty where the rest is logged anyway. */
  readonly includes: readonly Unit[];
  /** All that may name an event that is logged, in the order of evaluation. */
  readonly names: readonly Unit[];
}

/** Units of a block for one event of its tag, those that no event can meet left out, in the order of evaluation. */
export function unitsOf(block: Block, event: BoundEvent): Unit[] {
  return rawUnits(block, event).filter(
    (unit) => unit.clauses.every(({ length }) => length > 0) && conflictOf(unit) === null,
  );
}

/** As unitsOf, with the units that can never hold. */
export function rawUnits(block: Block, event: BoundEvent): Unit[] {
  const runs: { rule: ConfigElement | null; filters: Filter[] }[] = [];
  for (const filter of block.filters) {
    const last = runs.at(-1);
    if (filter.rule && last?.rule === filter.rule) last.filters.push(filter);
    else runs.push({ rule: filter.rule, filters: [filter] });
  }
  if (block.combine === 'or') {
    return runs.flatMap(({ rule, filters }) => {
      const [first] = filters;
      if (rule && first!.ruleMode === 'and') return split(block, rule, filters, allOf(filters, event));
      return filters.flatMap((filter) => split(block, filter.element, [filter], allOf([filter], event)));
    });
  }
  if (runs.length === 0) return [];
  const loose = grouped(
    runs.filter(({ rule }) => rule === null).flatMap(({ filters }) => filters),
    ({ field }) => field,
  );
  const clauses = [
    ...[...loose.values()].flatMap((filters) => anyOf(filters, event)),
    ...runs
      .filter(({ rule }) => rule !== null)
      .flatMap(({ filters }) =>
        filters[0]!.ruleMode === 'and' ? allOf(filters, event) : anyOf(filters, event),
      ),
  ];
  return split(block, block.section, block.filters, clauses);
}

/** A single clause is as good as a unit for each of its atoms. */
function split(block: Block, source: ConfigElement, filters: readonly Filter[], clauses: Clause[]): Unit[] {
  const real = clauses.filter((clause) => !clause.some(({ pattern }) => meetsAll(pattern)));
  const kept = real.map((clause) => clause.filter(({ pattern }) => !meetsNothing(pattern)));
  const [only] = kept;
  const name = filters.findLast((filter) => filter.name !== '')?.name ?? '';
  if (kept.length !== 1 || only!.length <= 1) return [makeUnit(source, block, filters, name, kept)];
  return only!.map((atom) => {
    const whole = source.name === 'Rule' || filters.length === 1;
    return makeUnit(
      whole ? source : atom.filter.element,
      block,
      whole ? filters : [atom.filter],
      whole ? name : atom.filter.name,
      [[atom]],
    );
  });
}

function makeUnit(
  source: ConfigElement,
  block: Block,
  filters: readonly Filter[],
  name: string,
  clauses: readonly Clause[],
): Unit {
  const key = [
    ...new Set(clauses.map((clause) => [...new Set(clause.map((atom) => atom.key))].sort().join('\u0001'))),
  ]
    .sort()
    .join('\u0002');
  return { source, block, filters, name, clauses, key };
}

/** One clause: any of these filters. A single filter may be several clauses, as `contains all` is. */
function anyOf(filters: readonly Filter[], event: BoundEvent): Clause[] {
  if (filters.length === 1) return clausesOf(filters[0]!, event);
  return [
    filters.flatMap((filter): Clause => {
      const clauses = clausesOf(filter, event);
      if (clauses.length === 1) return clauses[0]!;
      return [atomOf(filter, filter.condition, normalList(filter.text))];
    }),
  ];
}

function allOf(filters: readonly Filter[], event: BoundEvent): Clause[] {
  return filters.flatMap((filter) => clausesOf(filter, event));
}

/** A filter as clauses of plain atoms; one without atoms where the event has no such field in that place. */
function clausesOf(filter: Filter, event: BoundEvent): Clause[] {
  const { condition, text } = filter;
  if (event.fields[filter.index] !== filter.field) return [[]];
  if (patternOf(condition, text).variable !== null) return [[atomOf(filter, condition, text)]];
  const each = (name: Condition, items: readonly string[]): Atom[] =>
    items.map((item) => atomOf(filter, name, item));
  switch (condition) {
    case 'is any':
      return [each('is', text.split(';'))];
    case 'contains any':
      return [each('contains', listItems(text))];
    case 'excludes all':
      return [each('excludes', listItems(text))];
    case 'contains all':
      return each('contains', listItems(text)).map((atom) => [atom]);
    case 'excludes any':
      return each('excludes', listItems(text)).map((atom) => [atom]);
    case 'image':
      if (text === '') return [each('end with', ['\\'])];
      return [each(text.includes('\\') ? 'is' : 'image', [text])];
    default:
      return [each(condition, [text])];
  }
}

/** Lists with the same items read the same; one with empty items depends on its order, and stays. */
function normalList(text: string): string {
  const items = foldAscii(text).split(';');
  return items.includes('') ? items.join(';') : [...new Set(items)].sort().join(';');
}

function atomOf(filter: Filter, condition: Condition, text: string): Atom {
  const { field } = filter;
  return {
    field,
    condition,
    text,
    pattern: patternOf(condition, text),
    filter,
    key: `${field}\0${condition}\0${foldAscii(text)}`,
  };
}

/** The blocks of an event's tag in the order in which the engine tries them. */
export function inOrder(config: Config, event: BoundEvent): Block[] {
  const blocks = config.active.filter(({ tag }) => tag === event.tag).reverse();
  return [
    ...blocks.filter(({ onmatch }) => onmatch === 'exclude'),
    ...blocks.filter(({ onmatch }) => onmatch === 'include'),
  ];
}

/** The meaning for one event type, with nothing in it that makes no difference. */
export function meaningOf(config: Config, event: BoundEvent): Meaning {
  const blocks = inOrder(config, event);
  const units = (onmatch: Block['onmatch']): Unit[] =>
    blocks.filter((block) => block.onmatch === onmatch).flatMap((block) => unitsOf(block, event));
  const [excludes, includes] = [units('exclude'), units('include')];
  const all = includes.some(({ clauses }) => clauses.length === 0);
  const [only] = blocks;
  const rest =
    all ||
    (blocks.length === 0 ? event.default === 'include' : blocks.length === 1 && only!.onmatch === 'exclude');
  if (excludes.some(({ clauses }) => clauses.length === 0))
    return { rest: false, excludes: [], includes: [], names: [] };
  const hidden = coverageOf(excludes);
  const names = includes.filter((unit) => hidden.coverOf(unit) === null);
  if (rest) return { rest, excludes, includes: [], names };
  return { rest, excludes: names.length === 0 ? [] : excludes, includes: names, names };
}

/** The unit in words, with the texts as written. */
export function unitText({ clauses }: Unit): string {
  if (clauses.length === 0) return 'every event';
  return clauses
    .map((clause) => {
      const atoms = clause.map(atomText).join(' or ');
      return clause.length > 1 && clauses.length > 1 ? `(${atoms})` : atoms;
    })
    .join(' and ');
}

export function atomText({ field, condition, text }: Pick<Atom, 'field' | 'condition' | 'text'>): string {
  return `${field} ${condition} "${text}"`;
}
