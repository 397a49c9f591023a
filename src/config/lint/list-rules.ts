/** Lists of values (sysmon-lint-rules, D33 to D35). */
import type { Config } from '../load.ts';
import type { Splice } from '../splice.ts';
import {
  type FilterElement,
  filterElements,
  FREE_FIELDS,
  LIST_CONDITIONS,
  LIST_OF,
} from './filter-elements.ts';
import { contentSpan, escapeXml, removeElement, setAttribute, setText, valueSpan } from './place.ts';
import type { Finding, LintRule } from './rule.ts';

export const LIST_RULES: readonly LintRule[] = [
  {
    code: 'list-in-single',
    severity: 'warning',
    title: 'a ; list in a condition for a single value',
    fact: 'Only is any, contains any, contains all, excludes any and excludes all split their text at ;. Every other condition compares with the whole text, separators included (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const filter of filterElements(config)) {
        const { condition, text, field } = filter;
        if (condition === undefined || LIST_CONDITIONS.has(condition) || !text.includes(';')) continue;
        const items = text
          .split(';')
          .map((item) => item.trim())
          .filter((item) => item !== '');
        // A command, a script or a query may hold a ; of its own.
        if (items.length < 2 || (FREE_FIELDS.has(field) && !looksLikeList(text))) continue;
        yield singleFinding(config, filter, items, condition);
      }
    },
  },
  {
    code: 'list-empty-item',
    severity: 'warning',
    title: 'an empty item in a list',
    fact: 'In contains any, contains all, excludes any and excludes all an empty last item (a trailing ;) is contained in every value, so contains any matches everything and excludes any nothing; an empty item before the last is looked for as the rest of the list from its ; on (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const filter of filterElements(config)) {
        const { condition, text, element } = filter;
        if (condition === undefined || !LIST_CONDITIONS.has(condition) || !text.includes(';')) continue;
        const items = text.split(';');
        if (!items.includes('')) continue;
        const full = items.filter((item) => item !== '');
        const splice = full.length > 0 ? setText(config.source.text, element, full.join(';')) : null;
        yield {
          ...contentSpan(config.source.text, element),
          message: `${emptyEffect(condition, items)}: remove the superfluous ;`,
          ...(splice ? { fix: { title: 'remove empty items', splices: [splice], safe: true } } : {}),
        };
      }
    },
  },
  {
    code: 'list-of-one',
    severity: 'info',
    title: 'a list condition with a single item',
    fact: 'Items of a list are split at ; alone: a text with blanks is one item, and a single item means the same as the condition without "any" or "all" (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const { condition, text, element } of filterElements(config)) {
        if (condition === undefined || !LIST_CONDITIONS.has(condition) || text === '' || text.includes(';'))
          continue;
        const [single] = condition.split(' ') as ['is' | 'contains' | 'excludes'];
        const several = /\S[\s,|]+\S/.test(text.trim());
        yield {
          ...contentSpan(config.source.text, element),
          message:
            `${condition} has a single item: ${several ? 'was a ; forgotten? Otherwise' : ''} ${single} means the same`.replace(
              ':  ',
              ': ',
            ),
          fix: {
            title: `write condition="${single}"`,
            splices: [setAttribute(config.source.text, element, 'condition', single)],
            safe: !several,
          },
        };
      }
    },
  },
];

/** In free text: at least three items without blanks around, as nobody writes commands. */
function looksLikeList(text: string): boolean {
  const items = text.split(';');
  return items.length >= 2 && items.every((item) => item !== '' && !/[\s"'$(){}=]/.test(item));
}

function singleFinding(
  config: Config,
  filter: FilterElement,
  items: readonly string[],
  condition: string,
): Finding {
  const span = valueSpan(config.source.text, filter.element);
  const list = LIST_OF.get(condition);
  const what = `${condition} takes one value and compares with all of this text, its ${items.length - 1} ; included`;
  if (list !== undefined) {
    const both = condition === 'contains' ? 'contains any or contains all' : list;
    const rewritten = setText(config.source.text, filter.element, items.join(';'));
    if (!rewritten) return { ...span, message: `${what}: write ${both}` };
    const splices = [setAttribute(config.source.text, filter.element, 'condition', list), rewritten];
    // No path, name or address holds a ";", so the list was meant; whether any or all was meant of contains is open.
    const safe = condition === 'is' && !FREE_FIELDS.has(filter.field);
    return {
      ...span,
      message: `${what}: write ${both}`,
      fix: { title: `write condition="${list}"`, splices, safe },
    };
  }
  const advice = `there is no list form of ${condition}: write one filter for each value`;
  const message = `${what}; ${advice}`;
  const positive = !/not|than/.test(condition);
  const copies = positive && filter.alternatives ? copiesOf(config, filter, items) : null;
  if (!copies) return { ...span, message };
  const fix = {
    title: `split into ${items.length} filters`,
    splices: [copies],
    safe: !FREE_FIELDS.has(filter.field),
  };
  return { ...span, message, fix };
}

/** The element once for each value, on lines of their own where it has one; null where it holds more than text. */
function copiesOf(config: Config, { element }: FilterElement, items: readonly string[]): Splice | null {
  const { text } = config.source;
  if (!setText(text, element, '')) return null;
  const content = contentSpan(text, element);
  const whole = removeElement(text, element);
  const alone = whole.start < element.start || whole.end > element.end;
  const lineStart =
    Math.max(text.lastIndexOf('\n', element.start - 1), text.lastIndexOf('\r', element.start - 1)) + 1;
  const lineBreak = /(?:\r\n|\n|\r)$/.exec(text.slice(0, lineStart))?.[0] ?? '\n';
  const between = alone ? lineBreak + text.slice(lineStart, element.start) : '';
  const copies = items.map(
    (item) =>
      text.slice(element.start, content.start) + escapeXml(item) + text.slice(content.end, element.end),
  );
  return { start: element.start, end: element.end, text: copies.join(between) };
}

function emptyEffect(condition: string, items: readonly string[]): string {
  if (condition === 'is any') return 'an empty item of is any equals nothing';
  if (items.at(-1) !== '') return 'an empty item is looked for as the rest of the list from its ; on';
  switch (condition) {
    case 'contains any':
      return 'the trailing ; makes contains any match every value';
    case 'excludes any':
      return 'the trailing ; keeps excludes any from matching any value';
    default:
      return 'the trailing ; adds an item that every value contains';
  }
}
