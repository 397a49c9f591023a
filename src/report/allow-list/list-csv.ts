/** An allow-list as CSV, one line for each condition: what a spreadsheet or a lookup table takes. */
import { csvLine, isShownInCsv } from '../../lines/index.ts';
import { type AllowEntry, allowEntryText, checkAllowEntry, QuestionError } from '../../predicate/index.ts';

const HEADER = [
  'entry',
  'eventId',
  'field',
  'condition',
  'value',
  'reason',
  'evidence',
  'room',
  'owner',
  'ticket',
  'expires',
];

/**
 * RFC 4180. Lines with the same number (`entry`, from 1) are one entry: all of them must hold. A cell that a spreadsheet
 * would run has a `'` in front. Throws QuestionError for a value with characters that a cell shows in another way: no event
 * would meet it.
 */
export function writeCsv(entries: readonly AllowEntry[]): string {
  const lines = [csvLine(HEADER)];
  for (const [i, entry] of entries.entries()) {
    checkAllowEntry(entry);
    const { reason, evidence, room, owner, ticket, expires } = entry.note;
    for (const { field, condition, value } of entry.conditions) {
      if (!isShownInCsv(value)) {
        throw new QuestionError(
          'allow-unwritable',
          `${allowEntryText(entry)}: CSV shows characters of ${field} in another way, for a terminal would obey them: write JSON`,
        );
      }
      const cells = [String(i + 1), String(entry.eventId), field, condition, value];
      lines.push(csvLine([...cells, reason, evidence, room, owner, ticket, expires]));
    }
  }
  return lines.join('');
}
