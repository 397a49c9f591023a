/** Azure Sentinel and Log Analytics: the event's fields in `EventData`, which is JSON text, an object, or XML text. */
import { isSysmon } from '../../events/index.ts';
import { readEventData } from '../event-xml.ts';
import { isObject, parseObject } from '../json-value.ts';
import { firstOf, type JsonObject, type Shape, textOf, utcIn } from './shape.ts';

export const azure: Shape = {
  name: 'Azure',
  recognise: (object) => 'EventID' in object && ('EventData' in object || 'ParameterXml' in object),
  written: (object) => utcIn(firstOf(object, 'TimeCreated', 'TimeGenerated', 'TimeGenerated [UTC]')),
  head: (object) => ({
    record: firstOf(object, 'EventRecordId', 'SystemRecordId', 'RecordNumber', 'EventRecordID'),
    host: textOf(object, 'Computer', 'Hostname'),
    provider: textOf(object, 'Provider', 'Source', 'EventSourceName', 'SourceName'),
    channel: textOf(object, 'Channel', 'EventLog') || channelOf(object),
    eventId: object['EventID'],
    version: firstOf(object, 'Version', 'EventVersion'),
  }),
  fields: fieldsIn,
  // Whether an event can be read, its EventData tells, which may be XML.
  line: null,
};

/** Null where EventData holds something that is neither JSON nor XML. */
function fieldsIn(object: JsonObject): Iterable<readonly [string, unknown]> | null {
  const data = object['EventData'];
  if (isObject(data)) return Object.entries(data);
  const text = typeof data === 'string' ? data.trim() : '';
  if (text.startsWith('{')) {
    const parsed = parseObject(text);
    return parsed === null ? null : Object.entries(parsed);
  }
  if (text.startsWith('<')) return readEventData(text);
  if (text !== '') return null;
  return parametersOf(textOf(object, 'ParameterXml'));
}

/** `<Param>a</Param><Param>b</Param>`: values without names. */
function parametersOf(xml: string): Iterable<readonly [string, unknown]> | null {
  if (xml.trim() === '') return [];
  return readEventData(
    `<EventData>${xml.replaceAll('<Param>', '<Data>').replaceAll('</Param>', '</Data>')}</EventData>`,
  );
}

function channelOf(object: JsonObject): string {
  return isSysmon(textOf(object, 'Provider', 'Source')) ? 'Microsoft-Windows-Sysmon/Operational' : '';
}
