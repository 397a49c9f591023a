/** An allow-list as JSON: noisefloor.allow-list/1. */
import { type AllowEntry, checkAllowEntry } from '../../predicate/index.ts';
import { terminalSafe } from '../../lines/index.ts';

/** Text of `{schema, entries: [{eventId, conditions, note}]}`, with its line break at the end. */
export function writeJson(entries: readonly AllowEntry[]): string {
  for (const entry of entries) checkAllowEntry(entry);
  const list = {
    schema: 'noisefloor.allow-list/1',
    entries: entries.map(({ eventId, conditions, note }) => ({
      eventId,
      conditions: conditions.map(({ field, condition, value }) => ({ field, condition, value })),
      note: {
        reason: note.reason,
        evidence: note.evidence,
        room: note.room,
        owner: note.owner,
        ticket: note.ticket,
        expires: note.expires,
      },
    })),
  };
  return `${terminalSafe(JSON.stringify(list, null, 2))}\n`;
}
