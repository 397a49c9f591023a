/** Entries of an allow-list: what is known to be benign, and who answers for it. Plain data; every format is written from it. */
import { isDay } from '../events/index.ts';
import { QuestionError } from './question.ts';

/** A condition in Sysmon's words. The text is literal, as most often spelt; it is compared with A to Z folded. */
export interface AllowCondition {
  readonly field: string;
  readonly condition: 'is' | 'begin with' | 'end with' | 'contains';
  readonly value: string;
}

/** Why an entry is there. All free text; empty where nothing is known. */
export interface AllowNote {
  readonly reason: string;
  readonly evidence: string;
  readonly owner: string;
  readonly ticket: string;
  /** `YYYY-MM-DD`, the last day on which the entry holds, or empty: no end. */
  readonly expires: string;
  /** What an attacker needs to meet the entry (design, ROOM). */
  readonly room: string;
}

export const NO_NOTE: AllowNote = { reason: '', evidence: '', owner: '', ticket: '', expires: '', room: '' };

export interface AllowEntry {
  /** Of a Sysmon event. */
  readonly eventId: number;
  /** All of them must hold. */
  readonly conditions: readonly AllowCondition[];
  readonly note: AllowNote;
}

/** An entry as one line for messages, such as `event 8, Image is "C:\a.exe"`. */
export function allowEntryText({ eventId, conditions }: AllowEntry): string {
  const said = conditions.map(({ field, condition, value }) => `${field} ${condition} "${value}"`);
  const text = `event ${eventId}, ${said.join(' and ')}`;
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** Characters of each part of a note; it is read by people. */
const MAX_PART = 300;

/** What ends a line, or hides what stands on it. */
// eslint-disable-next-line no-control-regex
const UNFIT = /[\0-\x1F\x7F-\x9F\uFFFE\uFFFF]|\p{Cf}|\p{Zl}|\p{Zp}|\p{Surrogate}/gu;

/** A note on one line for comments, such as `updater | evidence: 82 events | owner: ops | expires: 2027-01-01`. */
export function allowNoteText({ reason, evidence, room, owner, ticket, expires }: AllowNote): string {
  const parts = [onOneLine(reason) || 'allowed'];
  for (const [name, text] of Object.entries({ evidence, room, owner, ticket, expires })) {
    const said = onOneLine(text);
    if (said !== '') parts.push(`${name}: ${said}`);
  }
  return parts.join(' | ');
}

function onOneLine(text: string): string {
  const plain = text.slice(0, 10 * MAX_PART).replace(UNFIT, ' ');
  // `|` parts the note.
  const points = [...plain.replaceAll('|', '/').replace(/\s+/g, ' ').trim()];
  return points.length > MAX_PART ? `${points.slice(0, MAX_PART).join('')}...` : points.join('');
}

/** Throws QuestionError for an entry that would allow far more than was meant: each one must say something. */
export function checkAllowEntry(entry: AllowEntry): void {
  const { conditions, note } = entry;
  if (note.expires !== '' && !isDay(note.expires))
    throw new QuestionError(
      'allow-unwritable',
      `expected a day such as 2027-01-31 on which an entry ends, found "${note.expires.slice(0, 80)}"`,
    );
  if (conditions.length === 0) {
    throw new QuestionError(
      'allow-unwritable',
      `an allow-list entry for event ${entry.eventId} has no conditions: expected at least one, or nothing of the type is left`,
    );
  }
  for (const { field, condition, value } of conditions) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(field))
      throw new QuestionError(
        'allow-unwritable',
        `expected the name of a field, found "${field.slice(0, 80)}"`,
      );
    if (value === '') {
      throw new QuestionError(
        'allow-unwritable',
        `${field} ${condition} "" in an allow-list entry for event ${entry.eventId}: expected a text; write "-" for what Sysmon leaves out`,
      );
    }
  }
}
