/** An event as the `dump` line, one JSON object: a frozen contract. */
import { type Event, formatTime } from '../events/index.ts';

/** DEL and C1 controls, separators, bidi and zero-width characters: JSON lets them stand, a terminal would obey or hide them. */
const OBEYED: RegExp = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON with `\uXXXX` for the characters that a terminal would obey or hide: it means the same. */
export function terminalSafe(json: string): string {
  return json.replace(OBEYED, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A text as JSON that a terminal shows as it is. */
export function jsonText(text: string): string {
  return terminalSafe(JSON.stringify(text));
}

/** Field names repeat on every line: how each is written, up to a bound, for their number is the log's choice. */
const names = new Map<string, string>();
const NAMES_KEPT = 4096;

/** A field's name as a key of JSON, with its colon. */
export function nameText(name: string): string {
  let text = names.get(name);
  if (text === undefined) {
    text = `${jsonText(name)}:`;
    if (names.size < NAMES_KEPT && name.length < 256) names.set(name, text);
  }
  return text;
}

/**
 * The event as `{"source","record","time","host","provider","channel","eventId","version","fields":{…}}`, without a
 * line break. `record`, `time` and `version` are null where they are not known; fields keep the record's order.
 */
export function dumpLine(source: string, event: Event): string {
  // Written by hand: an object would sort fields named by numbers, and take `__proto__` for its prototype.
  let fields = '';
  for (const [name, value] of event.fields)
    fields += `${fields === '' ? '' : ','}${nameText(name)}${JSON.stringify(value)}`;
  const time = formatTime(event.time);
  return terminalSafe(
    `{"source":${JSON.stringify(source)},"record":${event.record ?? 'null'},"time":${time === '' ? 'null' : `"${time}"`},` +
      `"host":${JSON.stringify(event.host)},"provider":${JSON.stringify(event.provider)},` +
      `"channel":${JSON.stringify(event.channel)},"eventId":${event.eventId},"version":${event.version ?? 'null'},` +
      `"fields":{${fields}}}`,
  );
}
