/**
 * Makes room for alternatives in a section whose filters must all match, with what it means now unchanged. Adding a Rule
 * to it as it is would let it match less than before.
 */
import type { Block } from './blocks.ts';
import type { ConfigElement } from './document.ts';
import { setAttribute } from './element-splice.ts';
import type { Config } from './load.ts';
import { indentBefore, lineEndNear } from './markup.ts';
import { applySplices, type Splice } from './splice.ts';

/** Splices by which an `and` section combines its parts by `or` and means the same; null where it can't be said so. */
export function widened(config: Config, block: Block): Splice[] | null {
  const { section, filters } = block;
  const rules = new Set(filters.flatMap(({ rule }) => rule ?? []));
  const loose = filters.filter(({ rule }) => rule === null);
  const fields = new Set(loose.map(({ field }) => field));
  // One Rule, or loose filters on one field, which are alternatives already: `or` of them is the same.
  if (rules.size + fields.size <= 1) return inOrGroup(config, section);
  // Rules can't stand in a Rule, and there two filters on one field must both match.
  if (section.children.some(({ name }) => name === 'Rule') || fields.size < loose.length) return null;
  return [...inOrGroup(config, section), ...inRule(config, section)];
}

function inRule({ source: { text } }: Config, { children }: ConfigElement): Splice[] {
  const [first, last] = [children[0]!, children.at(-1)!];
  const indent = indentBefore(text, first.start);
  const line = indent === null ? '' : lineEndNear(text, first.start) + indent;
  return [
    { start: first.start, end: first.start, text: `<Rule groupRelation="and">${line}` },
    { start: last.end, end: last.end, text: `${line}</Rule>` },
  ];
}

/** Puts a section, and no other, into a RuleGroup with `or`; the groups around it keep their attributes. */
function inOrGroup(config: Config, section: ConfigElement): Splice[] {
  const { text } = config.source;
  const group = section.parent?.name === 'RuleGroup' ? section.parent : null;
  const line = (element: ConfigElement): string => {
    const indent = indentBefore(text, element.start);
    return indent === null ? '' : lineEndNear(text, element.start) + indent;
  };
  const close = '</RuleGroup>';
  const before = (tags: string): Splice => ({ start: section.start, end: section.start, text: tags });
  const behind = (tags: string): Splice => ({ start: section.end, end: section.end, text: tags });
  if (!group) {
    return [before(`<RuleGroup groupRelation="or">${line(section)}`), behind(`${line(section)}${close}`)];
  }
  const asOr = setAttribute(config, group, 'groupRelation', 'or');
  const at = group.children.indexOf(section);
  const splices: Splice[] = [];
  const opening = text.slice(group.start, group.contentStart);
  if (at === 0) {
    splices.push(...asOr);
  } else {
    const moved = asOr.map((splice) => ({
      ...splice,
      start: splice.start - group.start,
      end: splice.end - group.start,
    }));
    splices.push(before(`${close}${line(group)}${applySplices(opening, moved)}${line(section)}`));
  }
  if (at < group.children.length - 1) splices.push(behind(`${line(group)}${close}${line(group)}${opening}`));
  return splices;
}
