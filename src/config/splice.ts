/** Changes to a configuration's text: every byte outside of them stays. */
import { EditError } from './edit-error.ts';

/** Replaces the text from `start` to before `end` (UTF-16 units); an insertion where both are equal. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Makes all changes at once; places are those of `text` as it was. Insertions at one place keep their order, and stand
 * before what is replaced from there on. Throws EditError where two changes want the same characters, or one lies
 * outside of the text.
 */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const sorted = splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, text: replacement } of sorted) {
    if (!(start >= 0 && start <= end && end <= text.length)) {
      throw new EditError(
        'config-edit-overlap',
        start,
        `expected a change within 0 to ${text.length}, found one of ${start} to ${end}`,
      );
    }
    if (start < at) {
      throw new EditError(
        'config-edit-overlap',
        start,
        `two changes want the same characters: one ends at ${at}, the next begins at ${start}; make one after the other`,
      );
    }
    pieces.push(text.slice(at, start), replacement);
    at = end;
  }
  return pieces.join('') + text.slice(at);
}
