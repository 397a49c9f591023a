/** Events as the XML that Event Viewer and wevtutil write; our own reader and others read it back. */
import { type Event, formatTime } from '../events/index.ts';

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event';

/** What stands before the first event and after the last. */
export const EVENTS_XML_START: string = '<?xml version="1.0" encoding="utf-8"?>\n<Events>\n';
export const EVENTS_XML_END: string = '</Events>\n';

/**
 * Markup; line ends and tabs, which XML would change; what a terminal would obey; and what no XML 1.0 can hold:
 * other C0 controls, U+FFFE, U+FFFF and unpaired surrogates.
 */
const ESCAPED: RegExp = /[&<>"'\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Cs}/gu;

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escape(text: string): string {
  return text.replace(ESCAPED, (found) => {
    const code = found.codePointAt(0)!;
    const lost = (code < 0x20 && !'\t\n\r'.includes(found)) || code >= 0xd800;
    return NAMED[found] ?? (lost ? `\\u{${code.toString(16)}}` : `&#x${code.toString(16).toUpperCase()};`);
  });
}

/**
 * One `<Event>` on a line of its own, with its line break. Fields become `<Data>` of `<EventData>` in their order,
 * whichever container they came from. Characters that XML 1.0 cannot hold are written as the text `\u{..}`.
 */
export function eventXml(event: Event): string {
  const time = formatTime(event.time);
  let data = '';
  for (const [name, value] of event.fields) data += `<Data Name="${escape(name)}">${escape(value)}</Data>`;
  return (
    `<Event xmlns="${NAMESPACE}"><System><Provider Name="${escape(event.provider)}"/>` +
    `<EventID>${event.eventId}</EventID>` +
    (event.version === null ? '' : `<Version>${event.version}</Version>`) +
    (time === '' ? '' : `<TimeCreated SystemTime="${time}"/>`) +
    (event.record === null ? '' : `<EventRecordID>${event.record}</EventRecordID>`) +
    `<Channel>${escape(event.channel)}</Channel><Computer>${escape(event.host)}</Computer></System>` +
    `<EventData>${data}</EventData></Event>\n`
  );
}
