/** The filters of a document as they are written, whether Sysmon would load it or not. */
import { EVENT_TYPES } from '../../events/index.ts';
import { sectionsOf } from '../blocks.ts';
import { type Condition, conditionNamed } from '../condition.ts';
import type { ConfigElement } from '../document.ts';
import { compareVersions } from '../grammar.ts';
import type { Config } from '../load.ts';
import { writtenAs } from './place.ts';

export interface FilterElement {
  readonly element: ConfigElement;
  readonly section: ConfigElement;
  /** The Rule that it stands in, or null. */
  readonly rule: ConfigElement | null;
  readonly field: string;
  /** As written; empty where it is not. */
  readonly written: string;
  /** Undefined: there is no such condition. */
  readonly condition: Condition | undefined;
  readonly text: string;
  /** Alternatives on the same field may stand beside it: it is loose, or its Rule is of mode or. */
  readonly alternatives: boolean;
}

const byConfig = new WeakMap<Config, readonly FilterElement[]>();

/** Filters in document order. */
export function filterElements(config: Config): readonly FilterElement[] {
  let filters = byConfig.get(config);
  if (!filters) byConfig.set(config, (filters = collect(config)));
  return filters;
}

function collect(config: Config): FilterElement[] {
  const filters: FilterElement[] = [];
  const add = (element: ConfigElement, section: ConfigElement, rule: ConfigElement | null): void => {
    const written = element.attributes.get(writtenAs(element, 'condition') ?? '') ?? '';
    const relation = rule?.attributes.get('groupRelation');
    filters.push({
      element,
      section,
      rule,
      field: element.name,
      written,
      condition: conditionNamed(written),
      text: element.text,
      alternatives: rule === null || relation === undefined || relation.toLowerCase() === 'or',
    });
  };
  for (const section of sectionsOf(config.document.root)) {
    for (const child of section.children) {
      if (child.name !== 'Rule') add(child, section, null);
      else for (const field of child.children) add(field, section, child);
    }
  }
  return filters;
}

/** Conditions whose text is a list split at `;`. */
export const LIST_CONDITIONS: ReadonlySet<string> = new Set<Condition>([
  'is any',
  'contains any',
  'contains all',
  'excludes any',
  'excludes all',
]);

/** The list condition with the same meaning item by item; those not named here have none. */
export const LIST_OF: ReadonlyMap<string, Condition> = new Map<Condition, Condition>([
  ['is', 'is any'],
  ['contains', 'contains any'],
  ['excludes', 'excludes any'],
]);

/** The items of a filter's text: split at `;` for a list condition, else the text alone. */
export function itemsOf({ condition, text }: FilterElement): string[] {
  return condition !== undefined && LIST_CONDITIONS.has(condition) ? text.split(';') : [text];
}

/** Whether a condition is about the whole value, its start or its end, not about a part anywhere. */
export function isAnchored({ condition }: FilterElement): boolean {
  return condition !== undefined && !/contains|excludes/.test(condition);
}

/** Fields with the full path of a program, a module or a file. */
export const PATH_FIELDS: ReadonlySet<string> = new Set([
  'Image',
  'ParentImage',
  'SourceImage',
  'TargetImage',
  'ImageLoaded',
  'TargetFilename',
]);

/** Fields with the path of a program alone. */
export const IMAGE_FIELDS: ReadonlySet<string> = new Set([
  'Image',
  'ParentImage',
  'SourceImage',
  'TargetImage',
]);

/** Fields in which people, files or the registry may put any text: blanks, separators and wildcards may be meant. */
export const FREE_FIELDS: ReadonlySet<string> = new Set([
  'CommandLine',
  'ParentCommandLine',
  'Details',
  'Contents',
  'ClientInfo',
  'Query',
  'Destination',
  'Description',
  'Product',
  'Company',
]);

const types: ReadonlyMap<string, string> = new Map(
  EVENT_TYPES.flatMap(({ layouts }) =>
    layouts.at(-1)!.fields.map(([name, type]): [string, string] => [name, type]),
  ),
);

/** The value type of a field, as in the newest layouts; the same in all events that have it. */
export function fieldType(field: string): string | undefined {
  return types.get(field);
}

/** Whether sections outside a RuleGroup combine their filters with AND at this schema version (sysmon-semantics, 6.2). */
export function bareSectionsAnd({ schemaVersion }: Config): boolean {
  return schemaVersion !== null && compareVersions(schemaVersion, { major: 4, minor: 10 }) > 0;
}
