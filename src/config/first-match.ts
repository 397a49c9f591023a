/**
 * Which filter decides, without going through all of them. What can decide is numbered in the engine's order: a filter,
 * a Rule whose filters must all match, or a section whose filters must. Values are looked up in all of them at once, and
 * the lowest number that holds has decided.
 */
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { type CompiledBlock, filterTest, isBound, matchBlock, type Trace } from './block-match.ts';
import type { EventValues, FieldPlace, FieldReader } from './event-values.ts';
import type { NamelessDecision } from './evaluate.ts';
import { buildGates } from './filter-lookup.ts';

/** What can decide. */
interface Part {
  /** All of them must match; null for a section that is one part. */
  readonly filters: readonly Filter[] | null;
  readonly block: Block;
}

/**
 * Finds the decision of sections that are given in the engine's order; null where no filter decides. `compiled` gives a
 * section that must be gone through as a whole.
 */
export function firstMatch(
  blocks: readonly Block[],
  event: BoundEvent,
  values: EventValues,
  compiled: (block: Block) => CompiledBlock,
): (read: FieldReader, place: FieldPlace | null) => NamelessDecision | null {
  const parts = blocks.flatMap((block) => partsOf(block, event));
  const { fields, ungated, known } = buildGates(parts.map(({ filters }) => filters));
  const lookups = fields.map((gates) => ({ ...gates, slot: values.slotOf(gates.field) }));
  const ends = lookups.filter((gates) => gates.ends !== null).sort((a, b) => a.endsFrom - b.endsFrom);
  const insides = lookups
    .filter((gates) => gates.inside !== null)
    .sort((a, b) => a.insideFrom - b.insideFrom);
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
  return (read, place) => {
    values.start(read, place);
    best = Infinity;
    now += 1;
    if (now > 0xffffffff) {
      failed.fill(0);
      now = 1;
    }
    for (let i = 0; i < ends.length; i++) {
      const gates = ends[i]!;
      if (gates.endsFrom < best) gates.ends!(values.units(gates.slot), found);
    }
    for (let i = 0; i < insides.length; i++) {
      const gates = insides[i]!;
      if (gates.insideFrom < best) gates.inside!(values.units(gates.slot), found);
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
