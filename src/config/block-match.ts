/** How the engine goes through one section: filter after filter (sysmon-semantics, 6.3). */
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { compileCondition, compileUnfolded } from './condition.ts';
import type { EventValues } from './event-values.ts';

interface CompiledFilter {
  readonly filter: Filter;
  /** Null: this event has no such field where the block looks for it, so the filter never matches. */
  readonly match: (() => boolean) | null;
  /** End of the run of filters with the same Rule, exclusive; its own index + 1 for a loose one. */
  readonly runEnd: number;
  /** A loose filter on the same field follows. */
  readonly another: boolean;
}

export interface CompiledBlock {
  readonly block: Block;
  readonly filters: readonly CompiledFilter[];
}

/** What is left behind by filters that match. */
export interface Trace {
  /** The last name; empty if there is none. */
  name: string;
  /** The last filter. */
  last: Filter | null;
}

/** Compiles a section for one type of events, whose values are given. */
export function compileBlock(block: Block, event: BoundEvent, values: EventValues): CompiledBlock {
  const filters: CompiledFilter[] = Array.from({ length: block.filters.length });
  // From the end, so that what follows a filter is known: hostile sections have a hundred thousand.
  const following = new Set<string>();
  for (let i = filters.length - 1; i >= 0; i--) {
    const filter = block.filters[i]!;
    const next = filters[i + 1];
    filters[i] = {
      filter,
      match: isBound(filter, event) ? filterTest(filter, values) : null,
      runEnd: filter.rule && next?.filter.rule === filter.rule ? next.runEnd : i + 1,
      another: following.has(filter.field),
    };
    if (filter.rule === null) following.add(filter.field);
  }
  return { block, filters };
}

/** Whether this event has the filter's field where the block looks for it; if not, the filter never matches. */
export function isBound({ index, field }: Filter, event: BoundEvent): boolean {
  return event.fields[index] === field;
}

/** Compiles a filter, which folds no more of a value than it looks at. */
export function filterTest({ field, condition, text }: Filter, values: EventValues): () => boolean {
  const slot = values.slotOf(field);
  const unfolded = compileUnfolded(condition, text);
  if (unfolded) return () => unfolded(values.written(slot));
  const folded = compileCondition(condition, text);
  return () => folded(values.folded(slot));
}

export function matchBlock({ block, filters }: CompiledBlock, trace: Trace): boolean {
  if (filters.length === 0) return false;
  return block.combine === 'and' ? matchAnd(filters, trace) : matchOr(filters, trace);
}

function matchOr(filters: readonly CompiledFilter[], trace: Trace): boolean {
  for (let i = 0; i < filters.length; i = filters[i]!.runEnd) if (matchPart(filters, i, trace)) return true;
  return false;
}

function matchPart(filters: readonly CompiledFilter[], from: number, trace: Trace): boolean {
  const first = filters[from]!;
  return first.filter.rule ? matchRule(filters, from, trace) : matchFilter(first, trace);
}

function matchAnd(filters: readonly CompiledFilter[], trace: Trace): boolean {
  let passed: Set<string> | null = null;
  for (let i = 0; i < filters.length;) {
    const one = filters[i]!;
    const { field, rule } = one.filter;
    if (rule) {
      if (!matchRule(filters, i, trace)) return false;
    } else if (!passed?.has(field)) {
      // Loose filters on one field are alternatives, wherever they stand.
      if (matchFilter(one, trace)) (passed ??= new Set()).add(field);
      else if (!one.another) return false;
    }
    i = one.runEnd;
  }
  return true;
}

function matchRule(filters: readonly CompiledFilter[], from: number, trace: Trace): boolean {
  const { filter, runEnd } = filters[from]!;
  const any = filter.ruleMode === 'or';
  for (let i = from; i < runEnd; i++) {
    if (matchFilter(filters[i]!, trace) === any) return any;
  }
  return !any;
}

function matchFilter({ filter, match }: CompiledFilter, trace: Trace): boolean {
  if (match === null || !match()) return false;
  if (filter.name !== '') trace.name = filter.name;
  trace.last = filter;
  return true;
}
