/** Why an event is logged or not, as one JSON object: a frozen contract, extended and never renamed. */
import type { Explanation } from '../config/index.ts';
import { type Event, formatTime } from '../events/index.ts';
import { terminalSafe } from '../lines/index.ts';

/**
 * `{"source","record","eventId","logged","ruleName","because":{"line","column","text","kind"},…}` without a line break.
 * `record` and `time` are null where they are not known; lists are empty where there is nothing to say.
 */
export function explainLine(
  source: string,
  event: Event,
  explanation: Explanation,
  unknownFields: readonly string[],
): string {
  const { logged, ruleName, because, together, nameFrom, also, alsoMore, sections } = explanation;
  const { line, column, text, kind } = because;
  return terminalSafe(
    JSON.stringify({
      source,
      record: event.record,
      eventId: event.eventId,
      logged,
      ruleName,
      because: { line, column, text, kind },
      together,
      nameFrom,
      also,
      alsoMore,
      sections,
      unknownFields,
      time: formatTime(event.time) || null,
      host: event.host,
    }),
  );
}
