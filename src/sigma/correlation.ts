/** The correlation part of a Sigma correlation rule. */
import type { CountBound, PlacedName, SigmaCorrelation } from './rule.ts';
import { type Entry, quote, type SigmaDocument } from './yaml.ts';
import type { Found } from './yaml-node.ts';

type Correlated = Pick<
  SigmaCorrelation,
  'type' | 'rules' | 'groupBy' | 'timespan' | 'bounds' | 'fields' | 'aliases' | 'generate'
>;

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const MAX_TIMESPAN = 366 * 86_400_000;
const BOUNDS: ReadonlySet<string> = new Set(['gt', 'gte', 'lt', 'lte', 'eq', 'neq']);

/** Null, with problems in the document, for what is none, or is not supported. */
export function readCorrelation(document: SigmaDocument, node: Found): Correlated | null {
  const keys = document.keys(node, 'correlation');
  if (!keys) return null;
  const before = document.problems.length;
  const type = document.text(keys.get('type')?.value, 'type', 'event_count or value_count') ?? '';
  if (type !== 'event_count' && type !== 'value_count') {
    if (document.problems.length === before) {
      document.say(
        'sigma-correlation',
        keys.get('type')!.value,
        `type: expected event_count or value_count, found ${quote(type)}, which is not counted here: ask for its rules one by one`,
      );
    }
    return null;
  }
  const rules = names(document, keys.get('rules')?.value, 'rules', 'the id or name of a rule');
  if (rules.length === 0)
    document.say('sigma-missing', node, 'rules: expected at least one rule, found none');
  const groupBy = keys.has('group-by')
    ? names(document, keys.get('group-by')!.value, 'group-by', 'the name of a field')
    : [];
  const timespan = readTimespan(document, keys.get('timespan') ?? keys.get('timeframe'), node);
  const { bounds, fields } = readBounds(document, keys.get('condition'), node, type);
  const aliases = readAliases(document, keys.get('aliases'));
  const generate = document.written(keys.get('generate')?.value)?.text.toLowerCase() === 'true';
  if (document.problems.length > before) return null;
  return { type, rules, groupBy, timespan, bounds, fields, aliases, generate };
}

function names(document: SigmaDocument, node: Found, what: string, expected: string): PlacedName[] {
  return (document.list(node) ?? []).flatMap((one) => {
    const text = document.text(one, what, expected);
    return text === undefined ? [] : [{ text, ...document.place(one) }];
  });
}

function readTimespan(document: SigmaDocument, entry: Entry | undefined, node: Found): number {
  const text = document.written(entry?.value)?.text ?? '';
  const match = /^\s*(\d{1,9})\s*([smhdw])\s*$/.exec(text);
  const length = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN);
  if (length > 0 && length <= MAX_TIMESPAN) return length;
  const found = entry ? quote(text) : 'nothing';
  document.say(
    'sigma-value',
    entry?.value ?? node,
    `timespan: expected a time such as 30s, 5m, 1h or 1d, at most a year, found ${found}`,
  );
  return 0;
}

function readBounds(
  document: SigmaDocument,
  entry: Entry | undefined,
  node: Found,
  type: Correlated['type'],
): Pick<Correlated, 'bounds' | 'fields'> {
  const entries = entry && document.entries(entry.value, 'condition');
  if (!entries) {
    if (!entry)
      document.say('sigma-missing', node, 'condition: expected a number such as gte: 10, found none');
    return { bounds: [], fields: [] };
  }
  const bounds: CountBound[] = [];
  let fields: PlacedName[] = [];
  for (const { key, keyNode, value } of entries) {
    const text = document.written(value)?.text ?? '';
    if (key === 'field' && type === 'value_count')
      fields = names(document, value, 'field', 'the name of a field');
    else if (!BOUNDS.has(key)) {
      document.say(
        'sigma-value',
        keyNode,
        `condition: expected one of ${[...BOUNDS].join(', ')}${type === 'value_count' ? ' or field' : ''}, found ${quote(key)}`,
      );
    } else if (!/^\d{1,15}$/.test(text)) document.wrong(value, key, 'a whole number');
    else bounds.push({ op: key as CountBound['op'], count: Number(text) });
  }
  if (bounds.length === 0)
    document.say('sigma-missing', entry.keyNode, 'condition: expected a number such as gte: 10, found none');
  else if (!bounds.some(({ op, count }) => (op === 'gte' || op === 'eq' ? count > 0 : op === 'gt'))) {
    document.say(
      'sigma-correlation',
      entry.keyNode,
      "condition: expected a least number (gt, gte or eq): that fewer events came can't be told from the events that came",
    );
  }
  if (type === 'value_count' && fields.length === 0)
    document.say(
      'sigma-missing',
      entry.keyNode,
      'condition: expected field, whose values are counted, found none',
    );
  return { bounds, fields };
}

function readAliases(document: SigmaDocument, entry: Entry | undefined): Correlated['aliases'] {
  const aliases = new Map<string, ReadonlyMap<string, string>>();
  if (!entry) return aliases;
  for (const { key, value } of document.entries(entry.value, 'aliases') ?? []) {
    const fields = (document.entries(value, key) ?? []).flatMap(
      ({ key: rule, value: field }): [string, string][] => {
        const text = document.text(field, key, 'the name of a field');
        return text === undefined ? [] : [[rule, text]];
      },
    );
    aliases.set(key, new Map(fields));
  }
  return aliases;
}
