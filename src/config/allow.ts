/**
 * Allow-list entries, spliced into a configuration: events that meet one are no longer logged, and nothing else changes.
 * Each entry is a Rule whose filters must all match, below a comment that says why it is there.
 */
import { fieldsOf } from '../events/index.ts';
import { type AllowCondition, type AllowEntry, checkAllowEntry, NO_NOTE } from '../predicate/index.ts';
import { allowComment } from './allow-comment.ts';
import { type AllowFilters, allowFilters, refusal } from './allow-filters.ts';
import { widened } from './allow-widening.ts';
import type { Block, BoundEvent } from './blocks.ts';
import { sectionsOf } from './blocks.ts';
import type { ConfigElement } from './document.ts';
import { edit } from './edit.ts';
import { EditError } from './edit-error.ts';
import { insertInto } from './element-splice.ts';
import { grouped } from './grouped.ts';
import type { Config, ParseOptions } from './load.ts';
import type { NewElement, NewNode } from './markup.ts';
import type { Splice } from './splice.ts';

/**
 * The new text: every other byte stays, but for RuleGroups and Rules around filters that would otherwise be narrowed.
 * Throws EditError where an entry can't be added without changing what happens to other events, and QuestionError for an
 * entry that says nothing. `options` as the configuration was parsed with.
 */
export function addAllowEntries(
  config: Config,
  entries: readonly AllowEntry[],
  options: ParseOptions = {},
): string {
  for (const entry of entries) checkAllowEntry(entry);
  let now = reread(config, [], options);
  const written = entries.map((entry) => allowFilters(now, entry));
  for (const [tag, own] of grouped(written, ({ event }) => event.tag)) {
    for (let rest = own; rest.length > 0;) {
      const target = targetOf(now, tag, rest[0]!);
      const taken = target.take(rest);
      now = target.place(now, taken, options);
      rest = rest.filter((one) => !taken.includes(one));
    }
  }
  return now.source.text;
}

/**
 * Which conditions an allow-list entry for events of an id can have in this configuration. Where it can ask for no field
 * at all, that is not for a field's sake: all are said to be fine, and `addAllowEntries` says what stands in the way.
 */
export function allowsConditions(config: Config, eventId: number): (condition: AllowCondition) => boolean {
  const filtersOf = (condition: AllowCondition): AllowFilters =>
    allowFilters(config, { eventId, conditions: [condition], note: NO_NOTE });
  const isTaken = (make: () => unknown): boolean => {
    try {
      make();
      return true;
    } catch (error) {
      if (error instanceof EditError) return false;
      throw error;
    }
  };
  const hasPlace = (field: string): boolean =>
    isTaken(() => {
      const filters = filtersOf({ field, condition: 'is', value: 'x' });
      return targetOf(config, filters.event.tag, filters);
    });
  const fields = new Set([...(fieldsOf(eventId)?.keys() ?? [])].filter(hasPlace));
  return (condition) =>
    fields.size === 0 || (fields.has(condition.field) && isTaken(() => filtersOf(condition)));
}

function reread(config: Config, splices: readonly Splice[], options: ParseOptions): Config {
  const { accepted, config: next, diagnostics } = edit(config, splices, options);
  if (accepted && next) return next;
  const error = diagnostics.find(({ severity }) => severity === 'error');
  throw new EditError(
    'config-edit-allow',
    error?.offset ?? 0,
    `Sysmon would not load this configuration, so nothing can be added to it: ${error?.message ?? 'see check'}`,
  );
}

interface Target {
  /** Those that can stand with the first, in their order. */
  readonly take: (entries: readonly AllowFilters[]) => AllowFilters[];
  readonly place: (config: Config, entries: readonly AllowFilters[], options: ParseOptions) => Config;
}

/** Where an entry goes: the last exclude section that can hold it, or a new one where that changes nothing else. */
function targetOf(config: Config, tag: string, first: AllowFilters): Target {
  const blocks = config.active.filter((block) => block.tag === tag);
  const sections = sectionsOf(config.document.root).filter(({ name }) => name === tag);
  const excludes = blocks.filter(({ onmatch }) => onmatch === 'exclude').reverse();
  const shared = config.events.filter((event) => event.tag === tag);
  const fitting = excludes.filter((block) => fits(shared, block, first));
  const ready =
    fitting.find(({ combine }) => combine === 'or') ??
    fitting.find((block) => widened(config, block) !== null);
  if (ready) {
    const at = sections.indexOf(ready.section);
    return {
      take: (entries) => together(shared, ready, entries),
      place: (now, entries, options) => {
        const widening = ready.combine === 'and' ? widened(now, ready)! : [];
        const wide = widening.length > 0 ? reread(now, widening, options) : now;
        const section = sectionsOf(wide.document.root).filter(({ name }) => name === tag)[at]!;
        return reread(wide, [insertInto(wide, section, rulesFor(wide, section, entries))], options);
      },
    };
  }
  const { entry } = first;
  if (blocks.length === 0 && shared.some((event) => event.default === 'exclude'))
    throw refusal(entry, `this configuration does not log ${tag}: there is nothing to hide`);
  if (blocks.length > 0 && blocks.every(({ onmatch, filters }) => onmatch === 'include' && !filters.length))
    throw refusal(entry, `this configuration logs no ${tag}: there is nothing to hide`);
  if (blocks.length === 1 && excludes.length === 1) {
    const { section } = excludes[0]!;
    throw refusal(
      entry,
      fitting.length === 0
        ? `its fields would bind the only exclude section of ${tag} to another event, so its filters would look at other fields: ask for fields that all events of ${tag} have`
        : `all filters of the only exclude section of ${tag} must match, and it has several Rules or several filters on one field: write them as one Rule with groupRelation="and" in a RuleGroup with groupRelation="or" first. A second exclude section would silence the type`,
      section.start,
    );
  }
  const dropped = sections.filter(hasPolarity).length > blocks.length;
  if (dropped) {
    throw refusal(
      entry,
      `Sysmon drops a section of ${tag} because of a field that is not in the event, and all later ones with it: mend that first (see check)`,
      sections[0]!.start,
    );
  }
  if (!fits(shared, null, first)) {
    throw refusal(
      entry,
      `a section of ${tag} with these fields would look for them in another event: ask for fields that all events of ${tag} have`,
    );
  }
  return {
    take: (entries) => together(shared, null, entries),
    place: (now, entries, options) => reread(now, [newSection(now, tag, entries)], options),
  };
}

function hasPolarity({ attributes }: ConfigElement): boolean {
  return attributes.has('onmatch') !== attributes.has('default');
}

/**
 * Whether a section, or a new one, means what it meant with this entry in it. Sysmon binds a section to the first event
 * of its tag that has all of its fields, and looks for them where that event has them (sysmon-semantics, 9).
 */
function fits(
  shared: readonly BoundEvent[],
  block: Pick<Block, 'filters' | 'eventId'> | null,
  { event, filters }: AllowFilters,
  beside: readonly AllowFilters[] = [],
): boolean {
  const added = [...beside.flatMap((other) => other.filters), ...filters].map(({ field }) => field);
  const old = block?.filters.map(({ field }) => field) ?? [];
  const bound = shared.find(({ fields }) => [...old, ...added].every((field) => fields.includes(field)));
  if (!bound || (block && old.length > 0 && bound.id !== block.eventId)) return false;
  const sees = (seen: BoundEvent, field: string): boolean =>
    seen.fields[bound.fields.indexOf(field)] === field;
  return (
    filters.every(({ field }) => sees(event, field)) &&
    beside.every((other) => other.filters.every(({ field }) => sees(other.event, field)))
  );
}

/** The first entry, and those that can stand beside it. */
function together(
  shared: readonly BoundEvent[],
  block: Block | null,
  entries: readonly AllowFilters[],
): AllowFilters[] {
  // Where all events have the same fields, any two can.
  if (shared.length === 1) return [...entries];
  const taken: AllowFilters[] = [];
  for (const one of entries) if (fits(shared, block, one, taken)) taken.push(one);
  return taken;
}

function rulesFor(config: Config, section: ConfigElement, entries: readonly AllowFilters[]): NewNode[] {
  const group = section.parent?.name === 'RuleGroup' ? section.parent : null;
  return rules(config, entries, (group?.attributes.get('name') ?? '') !== '');
}

function rules(config: Config, entries: readonly AllowFilters[], named: boolean): NewNode[] {
  const { encoding } = config.source;
  return entries.flatMap(({ entry, filters }): NewNode[] => {
    const rule: NewElement = {
      name: 'Rule',
      // A Rule that matches in part leaves its name to events that another section logs: it gets none.
      attributes: [...(named ? ([['name', '']] as const) : []), ['groupRelation', 'and']],
      content: filters.map(({ field, condition, text }) => ({
        name: field,
        attributes: [['condition', condition]] as const,
        content: text,
      })),
    };
    return [{ comment: allowComment(entry.note, encoding) }, rule];
  });
}

/** In a RuleGroup of its own: outside of one, the filters of newer schemas must all match. */
function newSection(config: Config, tag: string, entries: readonly AllowFilters[]): Splice {
  const { root } = config.document;
  const section: NewElement = {
    name: tag,
    attributes: [['onmatch', 'exclude']],
    content: rules(config, entries, false),
  };
  const group: NewElement = {
    name: 'RuleGroup',
    attributes: [['groupRelation', 'or']],
    content: [section],
  };
  const filtering = root.children.findLast(({ name }) => name === 'EventFiltering');
  if (filtering) return insertInto(config, filtering, [group]);
  return insertInto(config, root, [{ name: 'EventFiltering', attributes: [], content: [group] }]);
}
