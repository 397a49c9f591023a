/** What a configuration's exclude sections leave out, entry by entry: what a person would have to take away. */
import { type Formula } from '../decide/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import type { ConfigElement } from './document.ts';
import { blockFormula, filterFormula } from './formula.ts';
import type { Config } from './load.ts';
import { unitsOf } from './meaning.ts';
import type { Condition } from './condition.ts';

export interface ExcludeEntry {
  /** A filter, a Rule, or a whole section whose filters must all match. */
  readonly element: ConfigElement;
  readonly tag: string;
  /** Events of the tag that it can meet. */
  readonly eventIds: readonly number[];
  readonly filters: readonly Filter[];
  /** Ways to meet it: of each, all clauses must hold, each by one of its conditions. For the first of its events. */
  readonly ways: readonly (readonly (readonly EntryCondition[])[])[];
}

export interface EntryCondition {
  readonly field: string;
  readonly condition: Condition;
  readonly value: string;
}

/** All of them, by event id and then by place. */
export function excludeEntries(config: Config): ExcludeEntry[] {
  const entries = new Map<
    ConfigElement,
    ExcludeEntry & { eventIds: number[]; ways: ExcludeEntry['ways'][number][] }
  >();
  for (const event of config.events) {
    for (const block of config.active.filter(
      ({ tag, onmatch }) => tag === event.tag && onmatch === 'exclude',
    )) {
      for (const unit of unitsOf(block, event)) {
        const element = elementOf(block, unit.filters[0]);
        let entry = entries.get(element);
        if (!entry) {
          const filters = filtersOf(block, element);
          entries.set(element, (entry = { element, tag: event.tag, eventIds: [], filters, ways: [] }));
        }
        if (!entry.eventIds.includes(event.id)) entry.eventIds.push(event.id);
        if (entry.eventIds[0] !== event.id) continue;
        entry.ways.push(
          unit.clauses.map((clause) =>
            clause.map(({ field, condition, text }) => ({ field, condition, value: text })),
          ),
        );
      }
    }
  }
  return [...entries.values()];
}

/** What stands or falls together: the section where all must match, the Rule where its filters must, else the filter. */
function elementOf(block: Block, filter: Filter | undefined): ConfigElement {
  if (block.combine === 'and' || !filter) return block.section;
  return filter.rule && filter.ruleMode === 'and' ? filter.rule : filter.element;
}

function filtersOf(block: Block, element: ConfigElement): Filter[] {
  if (element === block.section) return [...block.filters];
  return block.filters.filter((filter) => filter.rule === element || filter.element === element);
}

/** The entry that a filter belongs to, for events that its section hides. */
export function entryOf(entries: readonly ExcludeEntry[]): (filter: Filter) => number {
  const byFilter = new Map(
    entries.flatMap((entry, index) => entry.filters.map((filter) => [filter, index] as const)),
  );
  return (filter) => byFilter.get(filter) ?? -1;
}

/** Whether an event of this type meets an entry. */
export function entryFormula(entry: ExcludeEntry, event: BoundEvent, config: Config): Formula {
  const block = config.active.find(({ section }) => section === entry.element);
  if (block) return blockFormula(block, event);
  return { kind: 'and', of: entry.filters.map((filter) => filterFormula(filter, event)) };
}

/** The same configuration without one entry, for events of its tag. */
export function withoutEntry(config: Config, entry: ExcludeEntry): Config {
  const gone = new Set(entry.filters);
  return {
    ...config,
    active: config.active
      .filter(({ tag }) => tag === entry.tag)
      .map((block) => ({ ...block, filters: block.filters.filter((filter) => !gone.has(filter)) })),
  };
}
