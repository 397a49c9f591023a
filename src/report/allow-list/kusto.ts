/** An allow-list in Kusto's query language, for Sentinel and Log Analytics. */
import {
  type AllowCondition,
  type AllowEntry,
  allowNoteText,
  checkAllowEntry,
} from '../../predicate/index.ts';

const OPERATORS: Readonly<Record<AllowCondition['condition'], string>> = {
  is: '=~',
  'begin with': 'startswith',
  'end with': 'endswith',
  contains: 'contains',
};

/**
 * Lines `| where not(...)`, one for each entry, to be put behind a source of Sysmon's events that has its fields as
 * columns. The operators fold the case of letters.
 */
export function writeKql(entries: readonly AllowEntry[]): string {
  const lines = [
    '// Behind the source of your analytics rule, which must have the fields of Sysmon as columns of text, as',
    "// the parser Sysmon-AllVersions_Parser of Microsoft's Azure-Sentinel repository gives them.",
  ];
  for (const entry of entries) {
    checkAllowEntry(entry);
    const tests = entry.conditions.map(testOf);
    lines.push(`// ${allowNoteText(entry.note)}`);
    lines.push(`| where not(EventID == ${entry.eventId} and ${tests.join(' and ')})`);
  }
  return `${lines.join('\n')}\n`;
}

function testOf({ field, condition, value }: AllowCondition): string {
  // Names in brackets are never taken for a word of the language.
  const column = `['${field}']`;
  const test = `${column} ${OPERATORS[condition]} ${literal(value)}`;
  return condition === 'is' && value === '-' ? `(isempty(${column}) or ${test})` : test;
}

// eslint-disable-next-line no-control-regex
const SPECIAL = /["\\\0-\x1F\x7F-\x9F\uFFFE\uFFFF\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/** A string that holds these characters and runs nothing. */
function literal(value: string): string {
  const escaped = value.replace(SPECIAL, (found) =>
    found === '"' || found === '\\'
      ? `\\${found}`
      : [...Array(found.length).keys()]
          .map((i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`)
          .join(''),
  );
  return `"${escaped}"`;
}
