/** Allow-list entries as a Sigma filter (specification 2.1): rules that it names ask for its condition, too. */
import { createHash } from 'node:crypto';
import { Document, isMap, type Pair, Scalar, visit } from 'yaml';
import { eventType } from '../events/index.ts';
import {
  type AllowCondition,
  type AllowEntry,
  allowEntryText,
  allowNoteText,
  QuestionError,
  checkAllowEntry,
} from '../predicate/index.ts';
import { SYSMON_CATEGORIES } from './logsource-table.ts';
import type { Logsource } from './rule.ts';

export interface SigmaFilterText {
  readonly title: string;
  /** Default: made of the content, so that the same filter has the same id. */
  readonly id?: string;
  readonly description?: string;
  /** Ids or names of the rules that it is for; null for all of the logsource. */
  readonly rules: readonly string[] | null;
  /** Default: the one of the entries' event types. A filter is for rules of its own logsource alone. */
  readonly logsource?: Logsource;
  /** At least one. */
  readonly entries: readonly AllowEntry[];
}

/** Categories that name one type of Sysmon better than others do. */
const PREFERRED: readonly string[] = ['registry_set', 'registry_rename', 'registry_event', 'file_delete'];

/**
 * A YAML document, lines ending with LF. Each entry is a search of its own with a comment; none of them may hold.
 * Throws QuestionError where entries are of several logsources and none was given.
 */
export function writeSigmaFilter(filter: SigmaFilterText): string {
  const { title, description, rules, entries } = filter;
  for (const entry of entries) checkAllowEntry(entry);
  if (entries.length === 0)
    throw new QuestionError('allow-unwritable', 'a Sigma filter needs at least one entry: found none');
  const logsource = filter.logsource ?? logsourceOf(entries);
  const ids = idsOf(logsource);
  const other = entries.find(({ eventId }) => ids !== null && !ids.includes(eventId));
  if (other) throw unwritable(other, `the filter is for ${logsource.category}, which has no such event`);
  const many = ids === null || ids.length > 1;
  const searches = entries.map((entry) => searchOf(entry, many));
  const body = { title, description: description ?? '', logsource, rules, searches };
  const written: Record<string, unknown> = {
    title: line(title) || 'Allow-list',
    id: filter.id ?? contentId(JSON.stringify(body)),
    ...(description ? { description: line(description) } : {}),
    logsource: Object.fromEntries(
      (['product', 'category', 'service'] as const).flatMap((key) =>
        logsource[key] === null ? [] : [[key, logsource[key]]],
      ),
    ),
    filter: {
      rules: rules === null ? 'any' : [...rules],
      ...Object.fromEntries(searches.map((search, i) => [nameOf(i), search])),
      condition: entries.length === 1 ? `not ${nameOf(0)}` : 'not 1 of allowed_*',
    },
  };
  const document = new Document(written, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (key, node) => {
      // Plain text may read as another type, or in another version of YAML: values are always quoted.
      if (key !== 'key' && typeof node.value === 'string') node.type = quoting(node.value);
    },
  });
  const found = document.get('filter');
  if (isMap(found)) {
    for (const [i, entry] of entries.entries()) {
      const pair = found.items.find((one: Pair) => isNamed(one, nameOf(i)));
      if (pair?.key instanceof Scalar) pair.key.commentBefore = ` ${allowNoteText(entry.note)}`;
    }
  }
  return document.toString({ lineWidth: 0 });
}

function isNamed({ key }: Pair, name: string): boolean {
  return key instanceof Scalar && key.value === name;
}

function nameOf(index: number): string {
  return `allowed_${index + 1}`;
}

// eslint-disable-next-line no-control-regex
const UNFIT = /[\0-\x1F\x7F-\x9F\uFFFE\uFFFF]|\p{Cf}|\p{Zl}|\p{Zp}|\p{Surrogate}/gu;

/** Words on one line, and nothing that hides what they say. */
function line(text: string): string {
  return text.slice(0, 3000).replace(UNFIT, ' ').replace(/\s+/g, ' ').trim();
}

function quoting(text: string): 'QUOTE_SINGLE' | 'QUOTE_DOUBLE' {
  return text.search(UNFIT) < 0 ? 'QUOTE_SINGLE' : 'QUOTE_DOUBLE';
}

const MODIFIERS: Readonly<Record<AllowCondition['condition'], string>> = {
  is: '',
  'begin with': '|startswith',
  'end with': '|endswith',
  contains: '|contains',
};

type Value = string | null;

/** A map of fields, all of which must hold; `|all` where one field is asked for twice in one way. */
function searchOf(entry: AllowEntry, many: boolean): Record<string, Value | number | readonly Value[]> {
  const byKey = new Map<string, Value[]>();
  for (const { field, condition, value } of entry.conditions) {
    const key = field + MODIFIERS[condition];
    const values = byKey.get(key) ?? [];
    byKey.set(key, values);
    values.push(...valuesOf(entry, field, condition, value));
    if (values.length > 1 && condition === 'is' && values[0] !== MISSING[0])
      throw unwritable(entry, `${field} can't be two values: expected one condition "is" of a field`);
  }
  const search: Record<string, Value | number | readonly Value[]> = many ? { EventID: entry.eventId } : {};
  for (const [key, values] of byKey) {
    if (values.length === 1) search[key] = values[0]!;
    else search[key.includes('|') ? `${key}|all` : key] = values;
  }
  return search;
}

/** What Sysmon has nothing to write of: `-` now, once empty, and some who pass its events on leave the field out. */
const MISSING: readonly Value[] = ['-', '', null];

/** Values that stand for themselves: wildcards and backslashes are escaped (specification, "Escaping"). */
function valuesOf(
  entry: AllowEntry,
  field: string,
  condition: AllowCondition['condition'],
  value: string,
): readonly Value[] {
  if (/\p{Surrogate}/u.test(value))
    throw unwritable(entry, `${field} holds half a character, which YAML can't say`);
  if (condition === 'is' && value === '-') return MISSING;
  return [value.replace(/[\\*?]/g, '\\$&')];
}

function unwritable(entry: AllowEntry, why: string): QuestionError {
  return new QuestionError('allow-unwritable', `${allowEntryText(entry)}: ${why}`);
}

/** Null where the logsource does not say. */
function idsOf({ category }: Logsource): readonly number[] | null {
  return category === null ? null : (SYSMON_CATEGORIES[category] ?? null);
}

/** Windows, and the category that holds all of the entries' event types and the fewest others. */
function logsourceOf(entries: readonly AllowEntry[]): Logsource {
  const asked = [...new Set(entries.map(({ eventId }) => eventId))];
  const fitting = Object.entries(SYSMON_CATEGORIES)
    .filter(([, ids]) => asked.every((id) => ids.includes(id)))
    .toSorted(([a, one], [b, other]) => one.length - other.length || rank(a) - rank(b) || (a < b ? -1 : 1));
  const [best] = fitting;
  // registry_add and registry_delete are both 12: only the wider category holds the whole type.
  const category = best && asked.includes(12) ? 'registry_event' : best?.[0];
  if (category === undefined) {
    const names = asked.map((id) => eventType(id)?.name ?? String(id)).join(', ');
    throw new QuestionError(
      'allow-unwritable',
      `a Sigma filter has one logsource, found entries for ${names}: write a filter for each event type`,
    );
  }
  return { product: 'windows', category, service: null };
}

function rank(category: string): number {
  const at = PREFERRED.indexOf(category);
  return at < 0 ? PREFERRED.length : at;
}

/** A UUID of version 8 (RFC 9562) out of a hash: the same for the same content. */
function contentId(content: string): string {
  const hash = createHash('sha256').update(`noisefloor sigma filter\n${content}`).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
