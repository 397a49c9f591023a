/**
 * Which filter decides, without going through all of them. What can decide is numbered in the engine's order: a filter,
 * a Rule whose filters must all match, or a section whose filters must. Values are looked up in all of them at once, and
 * the lowest number that holds has decided.
 */
import {
  type Filter as PlainFilter,
  type FilterPart,
  OUT,
  type TextTable,
  type TextTest,
} from '../evtx/index.ts';
import { type FoldingMatcher, matcherOf } from '../predicate/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { type CompiledBlock, filterTest, isBound, matchBlock, type Trace } from './block-match.ts';
import { textTestOf } from './condition.ts';
import type { EventValues, FieldReader } from './event-values.ts';
import type { NamelessDecision } from './evaluate.ts';
import { buildGates, type FieldGates, type Gates } from './filter-lookup.ts';

/** Values of one field are looked up among what parts ask of it. */
interface Lookup {
  readonly slot: number;
  /** The lowest part that it may find. */
  readonly from: number;
  readonly matcher: FoldingMatcher;
}

/** What can decide. */
interface Part {
  /** All of them must match; null for a section that is one part. */
  readonly filters: readonly Filter[] | null;
  readonly block: Block;
}

export interface FirstMatch {
  /** The decision for an event; null where no filter decides. */
  readonly find: (read: FieldReader) => NamelessDecision | null;
  /** The same by a plain filter, with the decision where no part holds. */
  readonly plain: (otherwise: NamelessDecision) => PlainDecider;
}

/** Decisions by a plain filter. */
export interface PlainDecider {
  readonly filter: PlainFilter;
  /** The decision where the part of a number is the first that holds; null for what is let out: that is not logged. */
  readonly decided: (part: number) => NamelessDecision | null;
}

/** Compiles sections that are given in the engine's order. `compiled` gives one that must be gone through as a whole. */
export function firstMatch(
  blocks: readonly Block[],
  event: BoundEvent,
  values: EventValues,
  compiled: (block: Block) => CompiledBlock,
): FirstMatch {
  const parts = blocks.flatMap((block) => partsOf(block, event));
  const gates = buildGates(parts.map(({ filters }) => filters));
  const { ungated, known } = gates;
  const all = lookupsOf(gates).map(({ field, from, tables }): Lookup => {
    return { slot: values.slotOf(field), from, matcher: matcherOf(tables)! };
  });
  const decisions: (NamelessDecision | undefined)[] = Array.from({ length: parts.length });
  const tests: ((() => boolean)[] | undefined)[] = Array.from({ length: parts.length });
  // A part that does not hold for this event carries the event's number, and is not tried again.
  const failed = new Uint32Array(parts.length);
  let now = 0;
  let best = Infinity;
  const decided = (part: number): NamelessDecision => {
    const { filters, block } = parts[part]!;
    // Of a Rule whose filters must all match, the last one has decided.
    return (decisions[part] ??= decisionOf(filters!.at(-1)!, block));
  };
  const holds = (part: number): boolean => {
    // What its gate has shown already is not tested again.
    const own = (tests[part] ??= parts[part]!.filters!.flatMap((filter, i) =>
      i === known[part] ? [] : [filterTest(filter, values)],
    ));
    for (let i = 0; i < own.length; i++) if (!own[i]!()) return false;
    return true;
  };
  const found = (part: number): void => {
    if (part >= best || failed[part] === now) return;
    if (holds(part)) best = part;
    else failed[part] = now;
  };
  const find: FirstMatch['find'] = (read) => {
    values.start(read);
    best = Infinity;
    now += 1;
    if (now > 0xffffffff) {
      failed.fill(0);
      now = 1;
    }
    for (let i = 0; i < all.length; i++) {
      const { slot, from, matcher } = all[i]!;
      if (from <= best) matcher(values.units(slot), found);
    }
    for (let i = 0; i < ungated.length && ungated[i]! < best; i++) {
      const part = ungated[i]!;
      const { filters, block } = parts[part]!;
      if (filters === null) {
        const trace: Trace = { name: '', last: null };
        if (matchBlock(compiled(block), trace)) return decisionOf(trace.last!, block);
      } else if (holds(part)) return decided(part);
    }
    return best === Infinity ? null : decided(best);
  };
  return {
    find,
    plain: (otherwise) => {
      const last = parts.length;
      return {
        filter: plainFilter(parts, gates, event, otherwise),
        decided: (part) => (part === OUT ? null : part === last ? otherwise : decided(part)),
      };
    },
  };
}

interface FieldLookup {
  readonly field: string;
  /** The lowest part that it may find. */
  readonly from: number;
  readonly tables: readonly TextTable[];
}

/** In the order in which values are looked up: ends are told sooner than what stands inside. */
function lookupsOf({ fields }: Gates): FieldLookup[] {
  const lookups = (select: (gates: FieldGates) => FieldLookup): FieldLookup[] =>
    fields
      .map(select)
      .filter(({ tables }) => tables.length > 0)
      .sort((a, b) => a.from - b.from);
  return [
    ...lookups(({ field, ends, endsFrom }) => ({ field, from: endsFrom, tables: ends })),
    ...lookups(({ field, inside, insideFrom }) => ({ field, from: insideFrom, tables: inside })),
  ];
}

/** Behind the parts stands one that always holds. */
function plainFilter(
  parts: readonly Part[],
  gates: Gates,
  event: BoundEvent,
  otherwise: NamelessDecision,
): PlainFilter {
  const names = new Map<string, number>();
  const fieldOf = (name: string): number => {
    const known = names.get(name) ?? names.size;
    names.set(name, known);
    return known;
  };
  const testOf = ({ field, condition, text }: Filter): TextTest => ({
    field: fieldOf(field),
    ...textTestOf(condition, text),
  });
  const impossible = new Set<number>();
  const plain = parts.map(({ filters, block }, number): FilterPart => {
    const clauses =
      filters === null
        ? clausesOf(block, event)
        : filters.filter((_, i) => i !== gates.known[number]).map((filter) => [filter]);
    if (clauses.some(({ length }) => length === 0)) impossible.add(number);
    // Which filter of a whole section has decided is told by going through it.
    const logged = filters === null ? 'undecided' : 'in';
    return {
      clauses: clauses.map((alternatives) => alternatives.map(testOf)),
      outcome: block.onmatch === 'exclude' ? 'out' : logged,
    };
  });
  plain.push({ clauses: [], outcome: otherwise.logged ? 'in' : 'out' });
  const lookups = lookupsOf(gates).flatMap(({ field, from, tables }) =>
    tables.map((table) => ({ field: fieldOf(field), from, table })),
  );
  // RuleName is known only when the filters are through: what a log says is the name of another configuration.
  const fields = [...names.keys()].map((name) => (name === 'RuleName' ? null : name));
  const ungated = gates.ungated.filter((number) => !impossible.has(number));
  return { fields, lookups, parts: plain, ungated: [...ungated, parts.length] };
}

/**
 * What a section asks whose filters must match: of each item one. Loose filters on one field are alternatives, as are
 * those of a Rule in which one is enough; filters that this event has no field for match nothing.
 */
function clausesOf({ filters }: Block, event: BoundEvent): Filter[][] {
  const clauses = new Map<unknown, Filter[]>();
  for (const filter of filters) {
    const { rule, ruleMode, field } = filter;
    const key = rule === null ? field : ruleMode === 'or' ? rule : filter;
    const alternatives = clauses.get(key) ?? [];
    clauses.set(key, alternatives);
    if (isBound(filter, event)) alternatives.push(filter);
  }
  return [...clauses.values()];
}

function decisionOf(filter: Filter, block: Block): NamelessDecision {
  return { logged: block.onmatch === 'include', filter, block, kind: 'filter' };
}

function partsOf(block: Block, event: BoundEvent): Part[] {
  const { combine, filters } = block;
  if (filters.length === 0) return [];
  if (combine === 'and') return [{ filters: null, block }];
  const parts: Part[] = [];
  for (let i = 0; i < filters.length;) {
    const { rule, ruleMode } = filters[i]!;
    let end = i + 1;
    if (rule) while (filters[end]?.rule === rule) end += 1;
    const own = filters.slice(i, end);
    // Of a Rule in which one filter is enough, each is as good as one that stands alone.
    const alone = rule && ruleMode === 'and' ? [own] : own.map((filter) => [filter]);
    for (const one of alone) {
      if (one.every((filter) => isBound(filter, event))) parts.push({ filters: one, block });
    }
    i = end;
  }
  return parts;
}
