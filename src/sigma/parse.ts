/** Text of a Sigma file -> rules, filters, correlations, and what is wrong with the rest. */
import type { Placeholders } from './modifiers.ts';
import { readCorrelation } from './correlation.ts';
import { readDetection } from './detection.ts';
import type {
  ParsedSigma,
  PlacedLogsource,
  SigmaCorrelation,
  SigmaDiagnostic,
  SigmaFilter,
  SigmaPlace,
  SigmaRule,
} from './rule.ts';
import { type Entry, readDocuments, type SigmaDocument } from './yaml.ts';
import type { Found } from './yaml-node.ts';

export interface ParseRuleOptions {
  /** Named in diagnostics. */
  readonly file?: string;
  /** Values for `|expand`. */
  readonly placeholders?: Placeholders;
}

/** One for all files: what was read with it is known again. */
const NO_PLACEHOLDERS: Placeholders = new Map();

/**
 * Reads a Sigma file: YAML, one document or several, each a rule, a filter or a correlation. A document that is none, or
 * that asks for what is not supported, is left out, and `diagnostics` say why, with line and column. Never throws on content.
 */
export function parseRule(
  text: string,
  { file = '', placeholders = NO_PLACEHOLDERS }: ParseRuleOptions = {},
): ParsedSigma {
  const { documents, diagnostics } = readDocuments(text.replace(/^\uFEFF/, ''), file);
  const rules: SigmaRule[] = [];
  const filters: SigmaFilter[] = [];
  const correlations: SigmaCorrelation[] = [];
  const all: SigmaDiagnostic[] = [...diagnostics];
  for (const document of documents) {
    const read = document.problems.length > 0 ? null : readDocument(document, placeholders);
    if (document.problems.length > 0) all.push(...document.problems);
    else if (read?.kind === 'rule') rules.push(read.rule);
    else if (read?.kind === 'filter') filters.push(read.filter);
    else if (read?.kind === 'correlation') correlations.push(read.correlation);
  }
  return { rules, filters, correlations, diagnostics: all };
}

type Read =
  | { readonly kind: 'rule'; readonly rule: SigmaRule }
  | { readonly kind: 'filter'; readonly filter: SigmaFilter }
  | { readonly kind: 'correlation'; readonly correlation: SigmaCorrelation };

function readDocument(document: SigmaDocument, placeholders: Placeholders): Read | null {
  const keys = document.keys(document.root, 'a Sigma document');
  if (!keys) return null;
  const action = keys.get('action');
  if (action) {
    document.say(
      'sigma-value',
      action.keyNode,
      'action: expected whole rules, found a part of a collection, which Sigma 2 has given up: write each rule out',
    );
    return null;
  }
  const described = describe(document, keys);
  const [correlation, filter, detection] = [
    keys.get('correlation'),
    keys.get('filter'),
    keys.get('detection'),
  ];
  if (correlation) {
    const read = readCorrelation(document, correlation.value);
    return read && { kind: 'correlation', correlation: { ...described, ...graded(document, keys), ...read } };
  }
  const logsource = readLogsource(document, keys.get('logsource'));
  if (filter) {
    const read = readDetection(document, filter.value, 'filter', placeholders, ['rules']);
    const rules = rulesOf(document, filter.value);
    return read && logsource && rules !== undefined
      ? { kind: 'filter', filter: { ...described, logsource, rules, detection: read } }
      : null;
  }
  if (!detection) {
    document.say(
      'sigma-missing',
      document.root,
      'expected a detection (of a rule), a correlation or a filter, found none of them',
    );
    return null;
  }
  const read = readDetection(document, detection.value, 'detection', placeholders);
  if (!read || !logsource) return null;
  const { line, column, title, id, name, description, file } = described;
  const { level, status, tags } = graded(document, keys);
  // Written out: there are thousands, and to spread objects takes many times as long.
  const rule: SigmaRule = {
    line,
    column,
    title,
    id,
    name,
    description,
    file,
    level,
    status,
    tags,
    logsource,
    detection: read,
  };
  return { kind: 'rule', rule };
}

type Keys = ReadonlyMap<string, Entry>;

function describe(
  document: SigmaDocument,
  keys: Keys,
): SigmaPlace & Record<'title' | 'id' | 'name' | 'description' | 'file', string> {
  const title = optional(document, keys, 'title');
  if (title === '') document.say('sigma-missing', document.root, 'expected a title, found none');
  const { line, column } = document.place(keys.get('title')?.keyNode ?? document.root);
  const [id, name, description] = [
    optional(document, keys, 'id'),
    optional(document, keys, 'name'),
    optional(document, keys, 'description'),
  ];
  return { line, column, title, id, name, description, file: document.file };
}

function graded(document: SigmaDocument, keys: Keys): Pick<SigmaRule, 'level' | 'status' | 'tags'> {
  const tags = keys.get('tags')?.value;
  const list = tags === undefined || tags === null ? [] : (document.list(tags) ?? []);
  const texts = list.map((node) => document.text(node, 'tags', 'text'));
  return {
    level: optional(document, keys, 'level'),
    status: optional(document, keys, 'status'),
    tags: texts.every((text) => text !== undefined) ? texts : [],
  };
}

/** Empty where there is none. */
function optional(document: SigmaDocument, keys: Keys, key: string): string {
  const entry = keys.get(key);
  if (!entry || document.written(entry.value)?.type === 'null') return '';
  return document.text(entry.value, key, 'text') ?? '';
}

function readLogsource(document: SigmaDocument, entry: Entry | undefined): PlacedLogsource | null {
  if (!entry) {
    document.say(
      'sigma-missing',
      document.root,
      'expected a logsource, found none: add category, product or service',
    );
    return null;
  }
  const keys = document.keys(entry.value, 'logsource');
  if (!keys) return null;
  const named = (key: string): string | null => optional(document, keys, key) || null;
  const { line, column } = document.place(entry.keyNode);
  return {
    line,
    column,
    category: named('category'),
    product: named('product'),
    service: named('service'),
  };
}

/** The rules that a filter is for: null for all; undefined, with a problem, for none. */
function rulesOf(document: SigmaDocument, node: Found): readonly string[] | null | undefined {
  const entry = document.entries(node, 'filter')?.find(({ key }) => key === 'rules');
  if (!entry) {
    document.say('sigma-missing', node, 'filter: expected rules (ids or names of rules, or any), found none');
    return undefined;
  }
  const rules = (document.list(entry.value) ?? []).flatMap(
    (one) => document.text(one, 'rules', 'the id or name of a rule, or any') ?? [],
  );
  if (rules.length === 1 && ['any', 'all', '*'].includes(rules[0]!.toLowerCase())) return null;
  if (rules.length > 0) return rules;
  document.say('sigma-missing', entry.keyNode, 'rules: expected at least one rule, found none');
  return undefined;
}
