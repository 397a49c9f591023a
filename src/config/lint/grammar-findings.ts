/** Violations of the grammar, sorted into what went wrong and how to mend it (sysmon-semantics, section 3). */
import { foldAscii } from '../../events/index.ts';
import type { ConfigElement } from '../document.ts';
import { type Grammar, grammarOf, versionText } from '../grammar.ts';
import { OPTIONS, TAGS, VERSIONS } from '../grammar-table.ts';
import type { Config } from '../load.ts';
import type { Splice } from '../splice.ts';
import { type Violation, violationsOf } from '../validation.ts';
import { bareSectionsAnd } from './filter-elements.ts';
import { fieldSince, minimumSchema, releaseOf, tagSince } from './minimum-schema.ts';
import { nearest } from './nearest.ts';
import {
  attributeSpan,
  contentSpan,
  nameSpan,
  renameElement,
  setAttribute,
  startTagSpan,
  writtenAs,
} from './place.ts';
import type { Finding } from './rule.ts';

export type GrammarCode =
  | 'wrong-case'
  | 'schema-too-low'
  | 'unknown-element'
  | 'unknown-attribute'
  | 'misplaced-element'
  | 'group-relation'
  | 'attribute-value'
  | 'stray-text'
  | 'option-removed'
  | 'option-content';

const byConfig = new WeakMap<Config, ReadonlyMap<GrammarCode, readonly Finding[]>>();

/** The findings of one kind; a configuration without a grammar has none. */
export function grammarFindings(config: Config, code: GrammarCode): readonly Finding[] {
  let findings = byConfig.get(config);
  if (!findings) byConfig.set(config, (findings = classify(config)));
  return findings.get(code) ?? [];
}

/** What was meant is looked for this often at most: it takes time, and nobody reads more. */
const SUGGESTIONS = 1000;

function classify(config: Config): Map<GrammarCode, Finding[]> {
  const sorted = new Map<GrammarCode, Finding[]>();
  const { grammar, document } = config;
  if (!grammar) return sorted;
  for (const [index, violation] of violationsOf(document.root, grammar).entries()) {
    const [code, finding] = findingOf(config, grammar, violation, index < SUGGESTIONS);
    const list = sorted.get(code);
    if (list) list.push(finding);
    else sorted.set(code, [finding]);
  }
  return sorted;
}

type Sorted = readonly [GrammarCode, Finding];

function findingOf(config: Config, grammar: Grammar, violation: Violation, suggest: boolean): Sorted {
  const { element, kind } = violation;
  const { text } = config.source;
  switch (kind) {
    case 'element':
      return unknownElement(config, grammar, element, suggest);
    case 'attribute':
      return unknownAttribute(text, violation);
    case 'value':
      return wrongValue(text, violation);
    case 'missing':
      return missingRelation(text, element);
    case 'text':
      return strayText(text, grammar, element);
  }
}

/** What may stand in a parent by a grammar. */
function allowedIn(parent: ConfigElement | null, grammar: Grammar): string[] {
  const tags = [...grammar.tags.keys()];
  if (parent?.name === 'Sysmon') return ['EventFiltering', ...grammar.options.map(({ element }) => element)];
  if (parent?.name === 'EventFiltering') return ['RuleGroup', ...tags];
  if (parent?.name === 'RuleGroup') return tags;
  if (parent?.name === 'Rule')
    return grammar.tags.get(parent.parent?.name ?? '')?.slice() ?? [...grammar.tags.values()].flat();
  return ['Rule', ...(grammar.tags.get(parent?.name ?? '') ?? [])];
}

const ALL_TAGS: ReadonlySet<string> = new Set(TAGS.map(([tag]) => tag));
const ALL_OPTIONS: ReadonlySet<string> = new Set(OPTIONS.map(([element]) => element));

/** Names that people write for others. */
const MEANT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    group: 'RuleGroup',
    rulesgroup: 'RuleGroup',
    registry: 'RegistryEvent',
    registryevents: 'RegistryEvent',
    wmievents: 'WmiEvent',
    networkconnection: 'NetworkConnect',
    processterminated: 'ProcessTerminate',
    dnsevent: 'DnsQuery',
    imageloaded: 'ImageLoad',
    hashing: 'HashAlgorithms',
    targetfilename: 'TargetFilename',
  }),
);

function unknownElement(config: Config, grammar: Grammar, element: ConfigElement, suggest: boolean): Sorted {
  const { text } = config.source;
  const { name, parent } = element;
  const where = parent?.name ?? 'Sysmon';
  const place = nameSpan(element);
  const rename = (to: string, safe: boolean): Finding['fix'] => ({
    title: `rename ${name} to ${to}`,
    splices: renameElement(text, element, to),
    safe,
  });
  const container = ['Sysmon', 'EventFiltering', 'RuleGroup', 'Rule'].includes(where) || ALL_TAGS.has(where);
  if (!container) {
    const message = `expected text alone in ${where}, found the element ${name}: write < as &lt;, or move it out`;
    return ['misplaced-element', { ...place, message }];
  }
  const allowed = allowedIn(parent, grammar);
  const sameLetters = allowed.find((candidate) => foldAscii(candidate) === foldAscii(name));
  if (sameLetters !== undefined && sameLetters !== name) {
    const message = `there is no ${name} in ${where}: write ${sameLetters}, names are case-sensitive`;
    return ['wrong-case', { ...place, message, fix: rename(sameLetters, true)! }];
  }
  const since = sinceIn(parent, name);
  if (since !== null && since > grammar.version) return tooOld(config, grammar, element, since);
  if (ALL_OPTIONS.has(name) && where === 'Sysmon') {
    const last = VERSIONS.findLast((version) =>
      grammarOf(version)!.options.some((option) => option.element === name),
    )!;
    const message = `${name} was removed after schema ${last}: schema ${grammar.version} has no such option; remove it`;
    return ['option-removed', { ...place, message }];
  }
  if (/^CopyOnDelete/i.test(name) && where === 'Sysmon') {
    const message = `no schema from 4.30 on has ${name}, whatever the documentation says (only 4.00 to 4.23 had CopyOnDelete_PE and its like, with an underscore): remove it`;
    return ['option-removed', { ...place, message }];
  }
  const misplaced = misplacedHint(name, where);
  if (misplaced !== null) return ['misplaced-element', { ...place, message: misplaced }];
  const meant = MEANT.get(foldAscii(name));
  if (meant !== undefined && allowed.includes(meant)) {
    const message = `there is no ${name} in ${where}: write ${meant}`;
    return ['unknown-element', { ...place, message, fix: rename(meant, true)! }];
  }
  const near = suggest ? nearest(name, allowed) : null;
  const owners = TAGS.filter(([tag]) => grammar.tags.get(tag)?.includes(name)).map(([tag]) => tag);
  if (owners.length > 0 && ALL_TAGS.has(where) && !(near && near.distance < 2)) {
    const shown = owners.slice(0, 4).join(', ');
    const message = `${where} has no field ${name} (${shown}${owners.length > 4 ? ' and others have' : owners.length > 1 ? ' have' : ' has'} one): it has ${listed(allowed)}`;
    return ['unknown-element', { ...place, message }];
  }
  if (near) {
    const message = `schema ${grammar.version} has no ${name} in ${where}: did you mean ${near.name}?`;
    const safe = near.only && near.distance <= 2 && name.length >= 5;
    return ['unknown-element', { ...place, message, fix: rename(near.name, safe)! }];
  }
  const message = `schema ${grammar.version} has no ${name} in ${where}: expected ${listed(allowed)}`;
  return ['unknown-element', { ...place, message }];
}

function listed(names: readonly string[]): string {
  const some = names.filter((name) => name !== 'RuleName');
  return some.length > 30 ? `${some.slice(0, 30).join(', ')} and others` : some.join(', ');
}

/** The oldest schema that has this name in this parent; null if none has. */
function sinceIn(parent: ConfigElement | null, name: string): string | null {
  const where = parent?.name ?? '';
  if (where === 'Sysmon')
    return (
      VERSIONS.find(
        (version) => version >= '4.00' && grammarOf(version)!.options.some(({ element }) => element === name),
      ) ?? null
    );
  if (where === 'EventFiltering' || where === 'RuleGroup') return tagSince(name);
  if (where === 'Rule') return fieldSince(parent?.parent?.name ?? '', name);
  return fieldSince(where, name);
}

function tooOld(config: Config, grammar: Grammar, element: ConfigElement, since: string): Sorted {
  const { name, parent } = element;
  const message = `schema ${grammar.version} has no ${name} in ${parent!.name}: it came with schema ${since} (${releaseOf(since)})`;
  const { schema } = minimumSchema(config);
  if (schema === null) {
    return ['schema-too-low', { ...nameSpan(element), message: `${message}; raise schemaversion` }];
  }
  return [
    'schema-too-low',
    {
      ...nameSpan(element),
      message: `${message}; all of this configuration needs schemaversion="${schema}"`,
      fix: raiseSchema(config, schema),
    },
  ];
}

/** A fix that declares another schema version; safe unless sections outside a RuleGroup would turn from OR to AND. */
export function raiseSchema(config: Config, schema: string): NonNullable<Finding['fix']> {
  const { root } = config.document;
  const several = root.children
    .filter(({ name }) => name === 'EventFiltering')
    .flatMap(({ children }) => children)
    .some(({ name, children }) => name !== 'RuleGroup' && children.length > 1);
  const flips = !bareSectionsAnd(config) && schema > '4.10' && several;
  const splice: Splice = setAttribute(config.source.text, root, 'schemaversion', schema);
  return { title: `declare schemaversion="${schema}"`, splices: [splice], safe: !flips };
}

function misplacedHint(name: string, where: string): string | null {
  const known = name === 'EventFiltering' || name === 'RuleGroup' || name === 'Rule' || name === 'Sysmon';
  if (name === 'RuleGroup' && where === 'RuleGroup')
    return 'a RuleGroup must not stand in another RuleGroup: move it beside';
  if (name === 'Rule' && where === 'Rule') return 'a Rule must not stand in another Rule: move it beside';
  if (name === 'Rule')
    return `a Rule stands in the section of an event, such as ProcessCreate, not in ${where}`;
  if (ALL_TAGS.has(name)) {
    if (where === 'Sysmon')
      return `the section ${name} stands in EventFiltering, not in Sysmon: move it there`;
    return `the section ${name} must not stand in ${where}: close ${where} before it`;
  }
  if (ALL_OPTIONS.has(name) && where !== 'Sysmon')
    return `the option ${name} stands directly in Sysmon, not in ${where}: move it there`;
  return known ? `${name} must not stand in ${where}` : null;
}

function unknownAttribute(text: string, { element, name, message }: Violation): Sorted {
  const span = attributeSpan(text, element, name);
  const place = span ? { start: span.name.start, end: span.value.end + 1 } : startTagSpan(element);
  const allowed = message
    .slice(message.lastIndexOf('expected ') + 9)
    .split(', ')
    .filter((word) => word !== 'none');
  const near = nearest(name, allowed);
  const fix = (to: string, safe: boolean): Pick<Finding, 'fix'> =>
    span && !element.attributes.has(to)
      ? {
          fix: { title: `rename ${name} to ${to}`, splices: [{ ...span.name, text: to }], safe },
        }
      : {};
  if (near && foldAscii(near.name) === foldAscii(name)) {
    const says = `${element.name} has no attribute ${name}: write ${near.name}, names are case-sensitive`;
    return ['wrong-case', { ...place, message: says, ...fix(near.name, true) }];
  }
  const expected = allowed.length === 0 ? 'it has none; remove it' : `expected ${allowed.join(' or ')}`;
  const says = `${element.name} has no attribute ${name}: ${near ? `did you mean ${near.name}?` : expected}`;
  const safe = near !== null && near.only && near.distance <= 2;
  return ['unknown-attribute', { ...place, message: says, ...(near ? fix(near.name, safe) : {}) }];
}

function wrongValue(text: string, { element, name }: Violation): Sorted {
  const value = element.attributes.get(name) ?? '';
  const span = attributeSpan(text, element, name);
  const place = span ? span.value : startTagSpan(element);
  const allowed = name === 'groupRelation' ? ['and', 'or'] : ['include', 'exclude'];
  const plain = foldAscii(value);
  const same = allowed.find((candidate) => candidate === plain);
  const fix = (to: string, safe: boolean): Pick<Finding, 'fix'> => ({
    fix: {
      title: `write ${name}="${to}"`,
      splices: [setAttribute(text, element, name, to)],
      safe,
    },
  });
  if (same !== undefined) {
    const message = `expected ${name}="${same}" on ${element.name}, found "${value}": values are case-sensitive`;
    return ['wrong-case', { ...place, message, ...fix(same, true) }];
  }
  const near = nearest(value, allowed);
  const message = `expected ${name}="${allowed.join('" or "')}" on ${element.name}, found "${value}"`;
  return ['attribute-value', { ...place, message, ...(near ? fix(near.name, near.distance <= 2) : {}) }];
}

function missingRelation(text: string, element: ConfigElement): Sorted {
  // With one filter to a section, both relations mean the same.
  const single = element.children.every(({ children }) => children.length <= 1);
  const message =
    'RuleGroup has no groupRelation: write groupRelation="or" where any filter of a section is enough, "and" where all fields must match';
  // A misspelt one is a finding of its own, and its repair gives the name.
  if (writtenAs(element, 'groupRelation') !== null)
    return ['group-relation', { ...startTagSpan(element), message }];
  return [
    'group-relation',
    {
      ...startTagSpan(element),
      message,
      fix: {
        title: 'add groupRelation="or"',
        splices: [setAttribute(text, element, 'groupRelation', 'or')],
        safe: single,
      },
    },
  ];
}

function strayText(text: string, grammar: Grammar, element: ConfigElement): Sorted {
  const option = grammar.options.find(({ element: name }) => name === element.name);
  if (option && element.parent?.name === 'Sysmon') {
    const message = `${element.name} must be empty, as in <${element.name}/>, found content`;
    const span = contentSpan(text, element);
    const fix = { title: 'remove its content', splices: [{ ...span, text: '' }], safe: false };
    return ['option-content', { ...span, message, fix }];
  }
  const place = strayPlace(text, element);
  const found = text
    .slice(place.start, place.end)
    .split(/[\r\n]/)[0]!
    .trim()
    .slice(0, 60);
  const message = `expected elements alone in ${element.name}, found the text "${found}": a lost < or a lost tag?`;
  return ['stray-text', { ...place, message }];
}

/** Where text stands between the children of an element. */
function strayPlace(text: string, element: ConfigElement): { start: number; end: number } {
  const inside = contentSpan(text, element);
  let from = inside.start;
  for (let i = 0; i <= element.children.length; i++) {
    const child = element.children[i];
    const between = text
      .slice(from, child?.start ?? inside.end)
      .replaceAll(/<!--[^]*?-->|<\?[^]*?\?>/g, (part) => ' '.repeat(part.length));
    const at = between.search(/[^\t\n\r ]/);
    if (at >= 0) return { start: from + at, end: from + between.trimEnd().length };
    from = child?.end ?? from;
  }
  return startTagSpan(element);
}

/** The version of a configuration as text; null where it has none. */
export function declaredVersion({ schemaVersion }: Config): string | null {
  return schemaVersion && versionText(schemaVersion);
}
