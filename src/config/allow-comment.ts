/** The comment above an allow-list entry in a configuration, written and read back. */
import { replaceLacking } from './encoding.ts';
import { type AllowNote, allowNoteText } from '../predicate/index.ts';

const MARK = 'noisefloor:';
/** The text of the comment, such as `noisefloor: updater | owner: ops | expires: 2027-01-01`. */
export function allowComment(note: AllowNote, encoding: string): string {
  const text = `${MARK} ${allowNoteText(note)}`;
  // No reference stands for a character in a comment, and `--` is no XML there.
  return replaceLacking(text, encoding, () => '?').replace(/-(?=-)/g, '- ');
}

/** What such a comment says; null for any other comment. Parts that it lacks are empty. */
export function readAllowComment(
  text: string,
): { readonly owner: string; readonly ticket: string; readonly expires: string } | null {
  const parts = text.trim().split('|');
  if (!parts[0]!.startsWith(MARK)) return null;
  const valueOf = (name: string): string => {
    const found = parts.slice(1).find((one) => one.trimStart().startsWith(`${name}:`));
    return found === undefined ? '' : found.slice(found.indexOf(':') + 1).trim();
  };
  return { owner: valueOf('owner'), ticket: valueOf('ticket'), expires: valueOf('expires') };
}
