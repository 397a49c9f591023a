/** A configuration written anew, plainly: what Sysmon evaluates and nothing that it drops. */
import { type Block, combineOf, type Filter } from './blocks.ts';
import type { ConfigElement } from './document.ts';
import { versionText } from './grammar.ts';
import type { Config } from './load.ts';
import { type NewElement, renderElement } from './markup.ts';

/**
 * The text of a plain configuration with the same meaning as an accepted one: its sections in the order in which Sysmon
 * tries them by type, every filter with its condition and with the name that it has or inherits, the options that
 * Sysmon reads. Comments, ignored options and dropped sections are gone. To change a user's own file, edit it instead.
 */
export function printConfig(config: Config): string {
  const version = config.schemaVersion ?? { major: 4, minor: 0 };
  const { root } = config.document;
  const sections = config.active.map((block): NewElement => {
    const attributes = [['onmatch', block.onmatch]] as const;
    const section: NewElement = { name: block.tag, attributes, content: contentOf(block) };
    // Bare where the schema already combines so: a Sysmon older than RuleGroup takes that, too.
    if (combineOf({ ...root, name: block.tag, parent: null }, version) === block.combine) return section;
    return { name: 'RuleGroup', attributes: [['groupRelation', block.combine]], content: [section] };
  });
  const options = new Set(config.grammar?.options.map(({ element }) => element));
  const written = root.children.filter(({ name }) => options.has(name));
  const first = written.findIndex(({ text }) => text === '');
  const sysmon: NewElement = {
    name: 'Sysmon',
    attributes: [['schemaversion', versionText(version)]],
    content: [
      // The first option without a text ends the reading of options.
      ...(first < 0 ? written : written.slice(0, first + 1)).map(optionElement),
      { name: 'EventFiltering', attributes: [], content: sections },
    ],
  };
  const layout = { lineEnd: '\n', indent: '', step: '  ' };
  return `${renderElement(sysmon, layout, { encoding: 'utf-8', offset: 0 })}\n`;
}

function optionElement({ name, text }: ConfigElement): NewElement {
  return { name, attributes: [], content: text === '' ? [] : text };
}

/** Filters in order; those of one Rule inside of it. */
function contentOf({ filters }: Block): NewElement[] {
  const content: NewElement[] = [];
  for (let i = 0; i < filters.length;) {
    const { rule, ruleMode } = filters[i]!;
    if (rule === null) {
      content.push(filterElement(filters[i]!));
      i += 1;
      continue;
    }
    const inside: NewElement[] = [];
    for (; filters[i]?.rule === rule; i++) inside.push(filterElement(filters[i]!));
    content.push({ name: 'Rule', attributes: [['groupRelation', ruleMode]], content: inside });
  }
  return content;
}

function filterElement({ field, condition, text, name }: Filter): NewElement {
  const named = name === '' ? [] : ([['name', name]] as const);
  return { name: field, attributes: [...named, ['condition', condition]], content: text };
}
