/**
 * Changes to configurations, as splices: every other byte stays. Splices of several changes to one configuration can be
 * made together; those that want the same characters (two filters into one empty section) one after the other.
 */
import { combineOf, type Filter, sectionsOf } from './blocks.ts';
import { conditionNamed } from './condition.ts';
import type { ConfigElement } from './document.ts';
import { EditError } from './edit-error.ts';
import { CONDITIONS } from './grammar-table.ts';
import { type Config, type ParsedConfig, parseConfig, type ParseOptions } from './load.ts';
import { escapingAt, insertInto, removeElement, setAttribute, setContent } from './element-splice.ts';
import { escapeText, type NewElement } from './markup.ts';
import { applySplices, type Splice } from './splice.ts';

export interface NewFilter {
  readonly field: string;
  /** Such as `contains any`. */
  readonly condition: string;
  readonly text: string;
  readonly name?: string;
}

export interface NewRule {
  readonly groupRelation: 'and' | 'or';
  readonly name?: string;
  /** At least one: a Rule with nothing in it crashes Sysmon. */
  readonly filters: readonly NewFilter[];
}

export interface NewSection {
  readonly tag: string;
  readonly onmatch: 'include' | 'exclude';
  /** How the filters combine, with a RuleGroup or Rule around them where that takes one; otherwise as the schema says. */
  readonly groupRelation?: 'and' | 'or';
  readonly filters?: readonly NewFilter[];
}

/** Applies splices and parses again. The encoding and the byte order mark stay: `encodeConfig(config.source)`. */
export function edit(config: Config, splices: readonly Splice[], options: ParseOptions = {}): ParsedConfig {
  const text = applySplices(config.source.text, splices);
  // A mark of our own in front, so that one in the text stays where it is.
  const parsed = parseConfig(`\uFEFF${text}`, options);
  return { ...parsed, config: parsed.config && { ...parsed.config, source: { ...config.source, text } } };
}

/** Adds a filter at the end of a section or Rule. */
export function addFilter(config: Config, into: ConfigElement, filter: NewFilter): Splice[] {
  const section = into.name === 'Rule' ? into.parent! : into;
  return [insertInto(config, into, [filterElement(config, section, filter)])];
}

/** Adds a Rule at the end of a section. */
export function addRule(config: Config, section: ConfigElement, rule: NewRule): Splice[] {
  return [insertInto(config, section, [ruleElement(config, section, rule)])];
}

/**
 * Adds a section to the last EventFiltering. Sysmon logs nothing that no filter matches as soon as a type has two
 * sections, so a section of this tag and polarity that exists gets the filters instead; the last one, where there are
 * several. Throws EditError where that would not mean what was asked: an `and` section can't be widened. An include
 * beside a lone exclude of the tag changes what happens to events that neither matches: they are no longer logged.
 */
export function addSection(config: Config, section: NewSection): Splice[] {
  const { tag, onmatch, groupRelation, filters = [] } = section;
  const { root } = config.document;
  if (config.grammar && !config.grammar.tags.has(tag)) {
    const tags = [...config.grammar.tags.keys()].join(', ');
    throw refused(root, `schema ${config.grammar.version} has no section ${tag}: expected one of ${tags}`);
  }
  const version = config.schemaVersion ?? { major: 0, minor: 0 };
  const existing = sectionsOf(root).findLast((other) => other.name === tag && polarityOf(other) === onmatch);
  if (existing) {
    if (filters.length === 0) return [];
    const combine = combineOf(existing, version);
    if (groupRelation === undefined || groupRelation === combine || filters.length === 1) {
      if (combine === 'and' && groupRelation === 'or' && existing.children.length > 0)
        throw unwidenable(existing);
      return [
        insertInto(
          config,
          existing,
          filters.map((filter) => filterElement(config, existing, filter)),
        ),
      ];
    }
    // A Rule of its own: the one alternative of an empty `and` section, or one more of an `or` section.
    if (combine === 'and' && existing.children.length > 0) throw unwidenable(existing);
    return addRule(config, existing, { groupRelation, filters });
  }
  const added: NewElement = {
    name: tag,
    attributes: [['onmatch', onmatch]],
    content: filters.map((filter) => filterElement(config, { ...root, name: tag }, filter)),
  };
  const grouped: NewElement =
    groupRelation === undefined
      ? added
      : { name: 'RuleGroup', attributes: [['groupRelation', groupRelation]], content: [added] };
  const filtering = root.children.findLast(({ name }) => name === 'EventFiltering');
  if (filtering) return [insertInto(config, filtering, [grouped])];
  return [insertInto(config, root, [{ name: 'EventFiltering', attributes: [], content: [grouped] }])];
}

/** Removes a filter; with the last one of a Rule goes the Rule, for an empty one crashes Sysmon. */
export function removeFilter(config: Config, filter: Filter | ConfigElement): Splice[] {
  const element = elementOf(filter);
  const { parent } = element;
  return removeElement(config, parent?.name === 'Rule' && parent.children.length === 1 ? parent : element);
}

/** Changes what a filter asks. `name: null` takes its name away, so that it has the Rule's or RuleGroup's. */
export function changeCondition(
  config: Config,
  filter: Filter | ConfigElement,
  change: { readonly condition?: string; readonly text?: string; readonly name?: string | null },
): Splice[] {
  const element = elementOf(filter);
  const splices: Splice[] = [];
  if (change.condition !== undefined) {
    known(element, change.condition);
    splices.push(...setAttribute(config, element, 'condition', change.condition));
  }
  if (change.name !== undefined) splices.push(...setAttribute(config, element, 'name', change.name));
  if (change.text !== undefined) {
    const text = escapeText(change.text, escapingAt(config, element));
    splices.push(setContent(config, element, text));
  }
  return splices;
}

function polarityOf({ attributes }: ConfigElement): string | undefined {
  const legacy = attributes.get('default');
  if (legacy === undefined) return attributes.get('onmatch');
  return legacy === 'include' ? 'exclude' : 'include';
}

function elementOf(filter: Filter | ConfigElement): ConfigElement {
  return 'element' in filter ? filter.element : filter;
}

function refused({ start }: ConfigElement, message: string): EditError {
  return new EditError('config-edit-target', start, message);
}

function unwidenable(section: ConfigElement): EditError {
  return refused(
    section,
    `the filters of this ${section.name} section must all match: expected a section with groupRelation="or" to add alternatives to`,
  );
}

function known(element: ConfigElement, condition: string): void {
  if (conditionNamed(condition) === undefined) {
    throw refused(element, `there is no condition "${condition}": expected ${CONDITIONS.join(', ')}`);
  }
}

function filterElement(config: Config, section: ConfigElement, filter: NewFilter): NewElement {
  const { field, condition, text, name } = filter;
  known(section, condition);
  const fields = config.grammar?.tags.get(section.name);
  if (fields ? !fields.includes(field) : !/^[A-Za-z]+$/.test(field)) {
    throw refused(
      section,
      `${section.name} has no field ${field}: expected ${fields?.join(', ') ?? 'a name'}`,
    );
  }
  const named = name === undefined ? [] : ([['name', name]] as const);
  return { name: field, attributes: [...named, ['condition', condition]], content: text };
}

function ruleElement(config: Config, section: ConfigElement, rule: NewRule): NewElement {
  const { groupRelation, name, filters } = rule;
  if (filters.length === 0)
    throw refused(section, 'a Rule with nothing in it crashes Sysmon: expected a filter');
  const named = name === undefined ? [] : ([['name', name]] as const);
  return {
    name: 'Rule',
    attributes: [...named, ['groupRelation', groupRelation]],
    content: filters.map((filter) => filterElement(config, section, filter)),
  };
}
