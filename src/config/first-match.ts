/**
 * Which filter decides, without going through all of them. What can decide is numbered in the engine's order: a filter,
 * a Rule whose filters must all match, or a section whose filters must. Values are looked up in all of them at once, and
 * the lowest number that holds has decided.
 */
import { type FoldingMatcher, Recall } from '../predicate/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { type CompiledBlock, filterTest, isBound, matchBlock, type Trace } from './block-match.ts';
import type { EventValues, FieldReader, PlacedValues } from './event-values.ts';
import type { NamelessDecision } from './evaluate.ts';
import { buildGates, type FieldGates } from './filter-lookup.ts';

/** Values of one field are looked up among what parts ask of it. */
interface Lookup {
  readonly slot: number;
  /** The lowest part that it may find. */
  readonly from: number;
  readonly matcher: FoldingMatcher;
  readonly recall: Recall;
}

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
): (read: FieldReader, placed: PlacedValues | null) => NamelessDecision | null {
  const parts = blocks.flatMap((block) => partsOf(block, event));
  const { fields, ungated, known } = buildGates(parts.map(({ filters }) => filters));
  const lookups = (
    select: (gates: FieldGates) => readonly [FoldingMatcher | null, number],
  ): readonly Lookup[] =>
    fields
      .flatMap((gates) => {
        const [matcher, from] = select(gates);
        const slot = values.slotOf(gates.field);
        return matcher === null ? [] : [{ slot, from, matcher, recall: new Recall(matcher) }];
      })
      .sort((a, b) => a.from - b.from);
  // Ends are told sooner than what stands inside.
  const all = [
    ...lookups((gates) => [gates.ends, gates.endsFrom]),
    ...lookups((gates) => [gates.inside, gates.insideFrom]),
  ];
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
  return (read, placed) => {
    values.start(read, placed);
    best = Infinity;
    now += 1;
    if (now > 0xffffffff) {
      failed.fill(0);
      now = 1;
    }
    for (let i = 0; i < all.length; i++) {
      const { slot, from, matcher, recall } = all[i]!;
      if (from > best) continue;
      const number = values.textNumber(slot);
      if (number < 0) {
        matcher(values.units(slot), found);
        continue;
      }
      const told = recall.of(number) ?? recall.look(values.units(slot), number);
      for (let j = 0; j < told.length; j++) found(told[j]!);
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
