/** An allow-list as CSV, one line for each condition: what a spreadsheet or a lookup table takes. */
import { type AllowEntry, checkAllowEntry } from '../../predicate/index.ts';
import { csvLine } from '../../lines/index.ts';

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
 * would run has a `'` in front.
 */
export function writeCsv(entries: readonly AllowEntry[]): string {
  const lines = [csvLine(HEADER)];
  for (const [i, entry] of entries.entries()) {
    checkAllowEntry(entry);
    const { reason, evidence, room, owner, ticket, expires } = entry.note;
    for (const { field, condition, value } of entry.conditions) {
      const cells = [String(i + 1), String(entry.eventId), field, condition, value];
      lines.push(csvLine([...cells, reason, evidence, room, owner, ticket, expires]));
    }
  }
  return lines.join('');
}
