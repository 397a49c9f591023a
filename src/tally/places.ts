/** Which places of a diagnostic are kept: the first thousand, in an order of their own. */
import type { Diagnostic, Place } from '../events/index.ts';
import { compareText } from './marks.ts';

/** Places of one code that are told apart; a tally may keep twice as many on its way, and counts the rest. */
export const MAX_PLACES = 1000;

/** By place, then by message. */
export function compareDiagnostics(
  a: Pick<Diagnostic, 'where' | 'message'>,
  b: Pick<Diagnostic, 'where' | 'message'>,
): number {
  return comparePlaces(a.where, b.where) || compareText(a.message, b.message);
}

/** By source, then by place; what has no source comes last. */
function comparePlaces(a: Place, b: Place): number {
  if (a.source === undefined || b.source === undefined) {
    return Number(a.source === undefined) - Number(b.source === undefined);
  }
  const within = (place: Place): number => place.offset ?? place.line ?? place.record ?? 0;
  return compareText(a.source, b.source) || within(a) - within(b);
}
