/** An allow-list as a search macro of Splunk: a stanza of macros.conf. */
import {
  type AllowCondition,
  type AllowEntry,
  allowEntryText,
  QuestionError,
  allowNoteText,
  checkAllowEntry,
} from '../../predicate/index.ts';

/**
 * A stanza whose definition is a fragment of a search: `NOT (... OR ...)`. Comparisons of fields in a search fold the
 * case of letters. Throws QuestionError for what a search can't say literally: there, nothing escapes `*` or a backtick.
 */
export function writeSpl(entries: readonly AllowEntry[], name: string = 'noisefloor_allow_list'): string {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(name))
    throw new QuestionError(
      'allow-unwritable',
      `expected the name of a macro (letters, digits, _), found "${name.slice(0, 80)}"`,
    );
  const terms = entries.map(termOf);
  // A line of a .conf file that ends with a backslash goes on in the next.
  const comments = entries.map(({ note }, i) => `# ${i + 1}: ${allowNoteText(note).replace(/\\+$/, '')}`);
  // A search for nothing but what is not there is all events.
  const lines = terms.length === 0 ? ['*'] : ['NOT ( \\', `  ${terms.join(' OR \\\n  ')} )`];
  return [...comments, `[${name}]`, `definition = ${lines.join('\n')}`, 'iseval = 0', ''].join('\n');
}

function termOf(entry: AllowEntry): string {
  checkAllowEntry(entry);
  const tests = entry.conditions.map((condition) => testOf(entry, condition));
  return `(EventCode=${entry.eventId} ${tests.join(' ')})`;
}

function testOf(entry: AllowEntry, { field, condition, value }: AllowCondition): string {
  // eslint-disable-next-line no-control-regex
  const bad = /[*`\0-\x1F\x7F]|\p{Surrogate}/u.exec(value);
  if (bad) {
    const point = bad[0].codePointAt(0)!;
    const shown = point > 32 && point < 127 ? bad[0] : `U+${point.toString(16).padStart(4, '0')}`;
    throw new QuestionError(
      'allow-unwritable',
      `${allowEntryText(entry)}: a Splunk search can't look for ${shown} itself: use a part of the value without it, or write a Sigma filter`,
    );
  }
  // What Sysmon leaves out is "-", or not extracted at all.
  if (condition === 'is' && value === '-') return `(${field}="-" OR NOT ${field}=*)`;
  const text = value.replace(/[\\"]/g, '\\$&');
  const before = condition === 'end with' || condition === 'contains' ? '*' : '';
  const behind = condition === 'begin with' || condition === 'contains' ? '*' : '';
  return `${field}="${before}${text}${behind}"`;
}
