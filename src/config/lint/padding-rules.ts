/** Blanks in values, which count (sysmon-lint-rules, D32). */
import type { Config } from '../load.ts';
import { type FilterElement, filterElements, FREE_FIELDS, LIST_CONDITIONS } from './filter-elements.ts';
import { contentSpan, setText } from './place.ts';
import type { Finding, LintRule } from './rule.ts';

const FACT =
  'The text of a filter is used as it stands: no blank, tab or line break at its ends or beside a ; is trimmed (sysmon-semantics, 7.2 and 7.4).';

export const PADDING_RULES: readonly LintRule[] = [
  {
    code: 'value-padded',
    severity: 'warning',
    title: 'blanks or line breaks at the ends of a value',
    fact: FACT,
    *check({ config }) {
      for (const filter of filterElements(config)) {
        if (paddingOf(filter) === 'stray') yield trimmed(config, filter, true);
      }
    },
  },
  {
    code: 'value-edge-blank',
    severity: 'info',
    title: 'a blank at an end of a text that is looked for',
    fact: FACT,
    *check({ config }) {
      for (const filter of filterElements(config)) {
        if (paddingOf(filter) === 'doubtful') yield trimmed(config, filter, false);
      }
    },
  },
  {
    code: 'list-padded',
    severity: 'warning',
    title: 'blanks beside the ; of a list',
    fact: FACT,
    *check({ config }) {
      for (const filter of filterElements(config)) {
        const { condition, text, element, field } = filter;
        if (condition === undefined || !LIST_CONDITIONS.has(condition) || !text.includes(';')) continue;
        const items = text.split(';');
        const inner = items.map((item, i) => {
          const start = i > 0 ? item.trimStart() : item;
          return i < items.length - 1 ? start.trimEnd() : start;
        });
        if (inner.every((item, i) => item === items[i] || item === '')) continue;
        // In free text a blank may belong to an item, as in " -e ;"; a habit of writing "; " shows in every item.
        const habit =
          items.slice(1).every((item) => /^\s/.test(item)) &&
          !/^\s/.test(items[0]!) &&
          !items.some((item, i) => i < items.length - 1 && /\s$/.test(item));
        if (FREE_FIELDS.has(field) && !habit && !/[\t\n\r]/.test(text)) continue;
        const found = items.find((item, i) => item !== inner[i] && inner[i] !== '')!;
        const splice = setText(config.source.text, element, inner.join(';'));
        yield {
          ...contentSpan(config.source.text, element),
          message: `the item "${shown(found)}" of this list is looked for with its blanks: write the items without blanks beside the ;`,
          ...(splice
            ? {
                fix: {
                  title: 'remove the blanks beside ;',
                  splices: [splice],
                  safe: !FREE_FIELDS.has(field) || /[\t\n\r]/.test(text),
                },
              }
            : {}),
        };
      }
    },
  },
];

/** Whether blanks at the ends of a value are a slip (no value of the field can have them there), or may be meant. */
function paddingOf({ text, field, condition }: FilterElement): 'none' | 'stray' | 'doubtful' {
  if (text.trim() === text || text.trim() === '') return 'none';
  const ends = text.slice(0, text.length - text.trimStart().length) + text.slice(text.trimEnd().length);
  if (/[\t\n\r]/.test(ends)) return 'stray';
  // A blank may stand inside of what is looked for, at the side where the value goes on.
  const [before, behind] = [/^\s/.test(text), /\s$/.test(text)];
  const inside =
    condition === undefined ||
    /contains|excludes/.test(condition) ||
    (condition.includes('begin') && !before && behind) ||
    (condition.includes('end') && before && !behind);
  if (!FREE_FIELDS.has(field)) return inside && !/\.\w{2,4}\s+$/.test(text) ? 'doubtful' : 'stray';
  return condition === 'is' || condition === 'image' ? 'stray' : 'doubtful';
}

function trimmed(config: Config, { element, text, condition, field }: FilterElement, slip: boolean): Finding {
  const splice = setText(config.source.text, element, text.trim());
  const ends = [/^\s/.test(text) ? 'start' : '', /\s$/.test(text) ? 'end' : '']
    .filter((end) => end !== '')
    .join(' and ');
  const what = /[\t\n\r]/.test(text) ? 'blanks or line breaks' : 'blanks';
  const advice = slip ? 'remove them' : 'keep them only if they are meant';
  // A command line may end with a blank: "is" is a slip most often, yet not plainly.
  const safe = slip && (!FREE_FIELDS.has(field) || /[\t\n\r]/.test(text));
  return {
    ...contentSpan(config.source.text, element),
    message: `${condition ?? 'the condition'} compares with the ${what} at the ${ends} of "${shown(text)}": ${advice}`,
    ...(splice ? { fix: { title: 'trim the value', splices: [splice], safe } } : {}),
  };
}

function shown(text: string): string {
  const plain = text.replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return plain.length > 70 ? `${plain.slice(0, 30)}…${plain.slice(-30)}` : plain;
}
