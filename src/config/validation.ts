/**
 * What Sysmon's generated DTD allows, by the grammar of a schema version (sysmon-semantics, section 3). Everything is
 * case-sensitive. All violations are told, as the engine does.
 */
import type { ConfigElement } from './document.ts';
import type { Grammar } from './grammar.ts';

export interface Violation {
  readonly element: ConfigElement;
  readonly message: string;
  /** What a repair needs to know. */
  readonly kind: 'element' | 'attribute' | 'value' | 'text' | 'missing';
  /** Name of the offending element or attribute. */
  readonly name: string;
}

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  onmatch: ['include', 'exclude'],
  default: ['include', 'exclude'],
  groupRelation: ['and', 'or'],
};

const FIELD_ATTRIBUTES: readonly string[] = ['condition', 'name'];

/** All that the grammar does not allow in a document; empty if it is valid. */
export function violationsOf(root: ConfigElement, grammar: Grammar): Violation[] {
  const found: Violation[] = [];
  const options = new Map(grammar.options.map((option) => [option.element, option]));
  const anyField = new Set([...grammar.tags.values()].flat());

  const say = (element: ConfigElement, kind: Violation['kind'], name: string, message: string): void =>
    void found.push({ element, kind, name, message });

  const attributes = (
    element: ConfigElement,
    allowed: readonly string[],
    enumerated: readonly string[] = [],
  ): void => {
    for (const [name, value] of element.attributes) {
      if (!allowed.includes(name)) {
        const expected = allowed.length === 0 ? 'none' : allowed.join(', ');
        say(element, 'attribute', name, `${element.name} has no attribute ${name}: expected ${expected}`);
      } else if (enumerated.includes(name) && !ENUMS[name]!.includes(value)) {
        say(
          element,
          'value',
          name,
          `expected ${name}="${ENUMS[name]!.join('" or "')}" on ${element.name}, found "${value}"`,
        );
      }
    }
  };
  const noText = (element: ConfigElement): void => {
    if (element.hasText)
      say(element, 'text', element.name, `expected elements alone in ${element.name}, found text`);
  };
  const unknown = (element: ConfigElement, parent: string, expected: string): void =>
    say(
      element,
      'element',
      element.name,
      `schema ${grammar.version} has no ${element.name} in ${parent}: expected ${expected}`,
    );
  const noChildren = (element: ConfigElement): void => {
    for (const child of element.children) unknown(child, element.name, 'text alone');
  };

  const field = (element: ConfigElement): void => {
    // Nearly all are as they should be, and there are thousands.
    const { children, attributes: own } = element;
    const known = (own.has('condition') ? 1 : 0) + (own.has('name') ? 1 : 0);
    if (children.length === 0 && own.size === known) return;
    attributes(element, FIELD_ATTRIBUTES);
    noChildren(element);
  };
  const rule = (element: ConfigElement): void => {
    attributes(element, ['groupRelation', 'name']);
    noText(element);
    for (const child of element.children) {
      if (anyField.has(child.name)) field(child);
      else unknown(child, 'Rule', 'a field of an event');
    }
  };
  const section = (element: ConfigElement, names: readonly string[]): void => {
    const fields = new Set(names);
    attributes(element, ['onmatch', 'default'], ['onmatch', 'default']);
    noText(element);
    for (const child of element.children) {
      if (child.name === 'Rule') rule(child);
      else if (fields.has(child.name)) field(child);
      else unknown(child, element.name, 'Rule or one of its fields');
    }
  };
  const sections = (element: ConfigElement, groups: boolean): void => {
    noText(element);
    for (const child of element.children) {
      const fields = grammar.tags.get(child.name);
      if (fields) section(child, fields);
      else if (groups && child.name === 'RuleGroup') group(child);
      else unknown(child, element.name, groups ? 'RuleGroup or the tag of an event' : 'the tag of an event');
    }
  };
  const group = (element: ConfigElement): void => {
    attributes(element, ['groupRelation', 'name'], ['groupRelation']);
    if (!element.attributes.has('groupRelation')) {
      say(
        element,
        'missing',
        'groupRelation',
        'expected groupRelation="and" or "or" on RuleGroup, found none',
      );
    }
    sections(element, false);
  };

  attributes(root, ['schemaversion']);
  noText(root);
  for (const child of root.children) {
    const option = options.get(child.name);
    if (child.name === 'EventFiltering') {
      attributes(child, []);
      sections(child, true);
    } else if (!option) {
      unknown(child, 'Sysmon', 'EventFiltering or an option');
    } else {
      attributes(child, []);
      noChildren(child);
      if (option.content === 'empty' && !child.empty) {
        say(child, 'text', child.name, `expected nothing inside ${child.name}, found content`);
      }
    }
  }
  return found;
}
