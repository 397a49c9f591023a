/** The oldest schema version, and the oldest Sysmon, that a configuration is for. */
import { EVENT_TYPES } from '../../events/index.ts';
import { type Condition } from '../condition.ts';
import { sectionsOf } from '../blocks.ts';
import { type Grammar, grammarOf } from '../grammar.ts';
import { VERSIONS } from '../grammar-table.ts';
import type { Config } from '../load.ts';
import { filterElements } from './filter-elements.ts';

export interface MinimumSchema {
  /** The oldest schemaversion from 4.00 on whose grammar has all tags, fields and options; null: none has them all. */
  readonly schema: string | null;
  /** Schema of the oldest Sysmon that knows its conditions, Rules and RuleGroups as well. */
  readonly binary: string;
  /** Releases of Sysmon with that schema or a newer one, such as `13.30 or newer`. */
  readonly sysmon: string;
  /** What asks for `binary`, such as `ParentUser in ProcessCreate`. */
  readonly because: string;
}

/** The first release with each schema (sysmon-semantics, 2.3). */
const RELEASES: Readonly<Record<string, string>> = {
  '4.00': '7.0',
  '4.10': '8.0',
  '4.20': '9.0',
  '4.21': '10.0',
  '4.22': '10.4',
  '4.23': '10.42',
  '4.30': '11.0',
  '4.31': '11.10',
  '4.32': '11.11',
  '4.40': '12.0',
  '4.50': '13.0',
  '4.60': '13.10',
  '4.70': '13.20',
  '4.80': '13.30',
  '4.81': '13.31',
  '4.82': '14.0',
  '4.83': '14.1',
  '4.90': '15.0',
  '4.91': '15.2',
};

/** When conditions came that Sysmon 7 lacks (sysmon-semantics, 2.3). */
const CONDITION_SINCE: Readonly<Partial<Record<Condition, string>>> = {
  'contains any': '4.22',
  'contains all': '4.22',
  'excludes any': '4.23',
  'excludes all': '4.23',
  'is any': '4.31',
  'not begin with': '4.70',
  'not end with': '4.70',
};

const MODERN: readonly string[] = VERSIONS.filter((version) => version >= '4.00');

/** `Sysmon 13.30` for a schema version; the version itself where no release has it. */
export function releaseOf(schema: string): string {
  const release = RELEASES[schema];
  return release === undefined ? `schema ${schema}` : `Sysmon ${release}`;
}

/**
 * When a tag really came. Grammars from 4.00 on have FileDelete and ClipboardChange from a beta, with other events
 * behind them.
 */
const TAG_SINCE: ReadonlyMap<string, string> = new Map(
  EVENT_TYPES.flatMap(({ tag, layouts }): [string, string][] =>
    tag === null ? [] : [[tag, layouts.find((layout) => layout.tag === tag)?.since ?? '4.00']],
  ).reverse(),
);

/** The oldest modern schema version with a tag; null if none has it. */
export function tagSince(tag: string): string | null {
  return firstWith((grammar) => grammar.tags.has(tag), TAG_SINCE.get(tag));
}

/** The oldest modern schema version whose tag has this field; null if none has. */
export function fieldSince(tag: string, field: string): string | null {
  return firstWith((grammar) => grammar.tags.get(tag)?.includes(field) ?? false, TAG_SINCE.get(tag));
}

function firstWith(has: (grammar: Grammar) => boolean, notBefore = '4.00'): string | null {
  return MODERN.find((version) => version >= notBefore && has(grammarOf(version)!)) ?? null;
}

const byConfig = new WeakMap<Config, MinimumSchema>();

export function minimumSchema(config: Config): MinimumSchema {
  let minimum = byConfig.get(config);
  if (!minimum) byConfig.set(config, (minimum = compute(config)));
  return minimum;
}

function compute(config: Config): MinimumSchema {
  const { root } = config.document;
  let [binary, because] = ['4.00', 'nothing newer than schema 4.00'];
  const need = (since: string | null | undefined, what: string): void => {
    if (since && since > binary) [binary, because] = [since, what];
  };
  let least = '4.00';
  /** Parts that were removed again bound it from above. */
  let most = MODERN.at(-1)!;
  const grammarNeeds = (since: string | null, has: (grammar: Grammar) => boolean, what: string): void => {
    // What no schema has is a finding of its own: the rest still has a minimum.
    if (since === null) return;
    if (since > least) least = since;
    const last = MODERN.findLast((version) => has(grammarOf(version)!))!;
    if (last < most) most = last;
    need(since, what);
  };
  const seen = new Set<string>();
  const once = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;
  for (const { name } of root.children) {
    const has = ({ options }: Grammar): boolean => options.some(({ element }) => element === name);
    if (name !== 'EventFiltering' && once(`option ${name}`)) grammarNeeds(firstWith(has), has, name);
  }
  for (const { name, parent } of sectionsOf(root)) {
    if (parent?.name === 'RuleGroup') need('4.20', 'RuleGroup');
    if (once(`tag ${name}`)) grammarNeeds(tagSince(name), ({ tags }) => tags.has(name), name);
  }
  for (const { field, section, rule, condition } of filterElements(config)) {
    if (rule) need('4.22', 'Rule');
    if (condition && CONDITION_SINCE[condition]) need(CONDITION_SINCE[condition], `condition "${condition}"`);
    if (!once(`field ${section.name} ${field}`)) continue;
    const has = ({ tags }: Grammar): boolean => tags.get(section.name)?.includes(field) ?? false;
    grammarNeeds(fieldSince(section.name, field), has, `${field} in ${section.name}`);
  }
  return {
    schema: least <= most ? least : null,
    binary,
    sysmon: `${RELEASES[binary] ?? binary} or newer`,
    because,
  };
}
