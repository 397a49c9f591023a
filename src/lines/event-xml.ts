/** Events as the XML that Event Viewer and wevtutil write; our own reader and others read it back. */
import { type Event, formatTime } from '../events/index.ts';
import { escapeXml } from './xml.ts';

export const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event';

/** What stands before the first event and after the last. */
export const EVENTS_XML_START: string = '<?xml version="1.0" encoding="utf-8"?>\n<Events>\n';
export const EVENTS_XML_END: string = '</Events>\n';

/**
 * One `<Event>` on a line of its own, with its line break. Fields become `<Data>` of `<EventData>` in their order,
 * whichever container they came from. Characters that XML 1.0 cannot hold are written as the text `\u{..}`.
 */
export function eventXml(event: Event): string {
  const time = formatTime(event.time);
  let data = '';
  for (const [name, value] of event.fields)
    data += `<Data Name="${escapeXml(name)}">${escapeXml(value)}</Data>`;
  return (
    `<Event xmlns="${NAMESPACE}"><System><Provider Name="${escapeXml(event.provider)}"/>` +
    `<EventID>${event.eventId}</EventID>` +
    (event.version === null ? '' : `<Version>${event.version}</Version>`) +
    (time === '' ? '' : `<TimeCreated SystemTime="${time}"/>`) +
    (event.record === null ? '' : `<EventRecordID>${event.record}</EventRecordID>`) +
    `<Channel>${escapeXml(event.channel)}</Channel><Computer>${escapeXml(event.host)}</Computer></System>` +
    `<EventData>${data}</EventData></Event>\n`
  );
}
