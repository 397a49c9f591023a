/** The detection of a rule, or of a filter: named searches and a condition over them. */
import { parseCondition } from './condition.ts';
import { anywhere, type FieldKey, ModifierError, type Placeholders, readKey } from './modifiers.ts';
import type { Condition, Detection, Item, Search } from './rule.ts';
import { type Entry, quote, type SigmaDocument } from './yaml.ts';
import type { Found } from './yaml-node.ts';

/** Lists and maps within one another. */
const MAX_DEPTH = 16;

/** Reads a detection; null, with problems in the document, for what is none. `skip` are keys of a filter's own. */
export function readDetection(
  document: SigmaDocument,
  node: Found,
  what: string,
  placeholders: Placeholders,
  skip: readonly string[] = [],
): Detection | null {
  const entries = document.entries(node, what);
  if (!entries) return null;
  const before = document.problems.length;
  const searches = new Map<string, Search>();
  let conditionEntry: Entry | undefined;
  for (const entry of entries) {
    const { key, value } = entry;
    if (skip.includes(key)) continue;
    if (key === 'condition') conditionEntry = entry;
    else if (key === 'timeframe') {
      document.say(
        'sigma-condition',
        entry.keyNode,
        'timeframe: expected searches and a condition, found a length of time, which Sigma has given up: write it as a correlation of this rule',
      );
    } else {
      const search = readSearch(document, value, key, placeholders, 0);
      if (search) searches.set(key, search);
    }
  }
  if (document.problems.length > before) return null;
  if (searches.size === 0) {
    document.say('sigma-missing', node, `${what}: expected at least one search, found none`);
    return null;
  }
  if (!conditionEntry) {
    document.say(
      'sigma-missing',
      node,
      `${what}: expected a condition, found none: add condition: ${[...searches.keys()][0]}`,
    );
    return null;
  }
  const condition = readCondition(document, conditionEntry.value, [...searches.keys()]);
  return condition && { searches, condition };
}

/** The fields that a detection asks for, in their order, each once. */
export function fieldsNamed(detection: Detection): string[] {
  return [...new Set(itemsOf(detection).flatMap(({ field }) => field ?? []))];
}

/** All items of its searches. */
export function itemsOf({ searches }: Detection): Item[] {
  const items = (search: Search): Item[] =>
    search.kind === 'item' ? [search.item] : search.of.flatMap(items);
  return [...searches.values()].flatMap(items);
}

/** One condition, or a list of which each is enough. */
function readCondition(document: SigmaDocument, node: Found, names: readonly string[]): Condition | null {
  const of: Condition[] = [];
  const list = document.list(node) ?? [];
  for (const one of list) {
    const text = document.text(one, 'condition', 'text such as "selection and not filter"');
    if (text === undefined) return null;
    const condition = parseCondition(text, names);
    if ('message' in condition) {
      const { line, column } = document.placeIn(one, text, condition.at);
      document.problems.push({
        code: 'sigma-condition',
        file: document.file,
        line,
        column,
        message: condition.message,
      });
      return null;
    }
    of.push(condition);
  }
  if (of.length === 0) {
    document.say('sigma-missing', node, 'condition: expected text, found an empty list');
    return null;
  }
  return of.length === 1 ? of[0]! : { kind: 'or', of };
}

/** A map: all of its keys; a list: one of its members; text that is no key's: a keyword. */
function readSearch(
  document: SigmaDocument,
  node: Found,
  name: string,
  placeholders: Placeholders,
  depth: number,
): Search | null {
  if (depth > MAX_DEPTH) {
    document.say(
      'sigma-too-large',
      node,
      `${name}: expected at most ${MAX_DEPTH} lists and maps within one another`,
    );
    return null;
  }
  if (document.isMap(node)) {
    const entries = document.entries(node, name);
    if (!entries) return null;
    if (entries.length === 0) {
      document.say('sigma-missing', node, `${name}: expected at least one field, found none`);
      return null;
    }
    const of = entries.map((entry): Search | null => {
      const item = readItem(document, entry.keyNode, entry.key, entry.value, placeholders);
      return item && { kind: 'item', item };
    });
    return together('and', of);
  }
  const members = document.isList(node) ? document.list(node) : [node];
  if (!members) return null;
  if (members.length === 0) {
    document.say('sigma-missing', node, `${name}: expected at least one value, found an empty list`);
    return null;
  }
  const of: (Search | null)[] = [];
  const keywords: Found[] = [];
  for (const member of members) {
    if (document.isMap(member) || document.isList(member))
      of.push(readSearch(document, member, name, placeholders, depth + 1));
    else keywords.push(member);
  }
  if (keywords.length > 0) {
    const item = readItem(document, node, '', keywords, placeholders);
    of.push(item && { kind: 'item', item });
  }
  return together('or', of);
}

/** Null where one of them is none: what was wrong with it was said, and nothing is made of the document. */
function together(kind: 'and' | 'or', of: readonly (Search | null)[]): Search | null {
  if (!of.every((one) => one !== null)) return null;
  return of.length === 1 ? of[0]! : { kind, of };
}

/** A key, its modifiers and its values. A key without a name holds keywords. */
function readItem(
  document: SigmaDocument,
  keyNode: Found,
  key: string,
  value: Found | readonly Found[],
  placeholders: Placeholders,
): Item | null {
  const { line, column } = document.place(keyNode);
  const values: readonly Found[] | null = Array.isArray(value)
    ? (value as readonly Found[])
    : document.list(value as Found);
  if (!values) return null;
  if (values.length === 0) {
    document.say('sigma-missing', keyNode, `${quote(key)}: expected at least one value, found an empty list`);
    return null;
  }
  let read: FieldKey;
  try {
    read = readKey(key, placeholders);
  } catch (error) {
    if (!(error instanceof ModifierError)) throw error;
    document.say(error.code, keyNode, `${quote(key)}: ${error.message}`);
    return null;
  }
  const { written, modifiers } = read;
  const field = read.field === '' ? null : read.field;
  const tests = values.map((one) => {
    const found = document.written(one);
    if (!found) {
      document.wrong(one, quote(key), 'a value');
      return null;
    }
    if (field === null && found.type === 'null') {
      document.wrong(one, 'keywords', 'text');
      return null;
    }
    try {
      const test = modifiers.test(found);
      return field === null ? anywhere(test) : test;
    } catch (error) {
      if (!(error instanceof ModifierError)) throw error;
      document.say(error.code, one ?? keyNode, `${quote(key)}: ${error.message}`);
      return null;
    }
  });
  if (!tests.every((test) => test !== null)) return null;
  const { all, negated } = modifiers;
  return { line, column, field, modifiers: written, all, negated, tests };
}
