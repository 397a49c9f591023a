/** NXLog's im_msvistalog: flat, `Hostname` the machine, `host` the forwarder that took it in. */
import { EVENT_TYPE_TEXTS, isSysmon, parseTime } from '../../events/index.ts';
import { FARTHEST, type Written, zoneIn } from '../written.ts';
import { isSysmonField, ownFields } from './flat.ts';
import { type JsonObject, type Shape, textOf, timeIn, words } from './shape.ts';

const CONTAINER: ReadonlySet<string> = new Set(
  words(
    '@timestamp @version tags host port type path EventTime EventReceivedTime Hostname Keywords ' +
      'Severity SeverityValue EventID SourceName ProviderGuid Version Task Category Opcode OpcodeValue ' +
      'RecordNumber ActivityID RelatedActivityID ExecutionProcessID ExecutionThreadID ThreadID Channel ' +
      'Domain AccountName AccountType UserID Message FullMessage SourceModuleName SourceModuleType ' +
      'MessageSourceAddress EventXML EventType EventTypeOrignal EventTypeOriginal Flags Level ' +
      'LevelValue',
  ),
);
/** Older versions name the writing process so; where it has its newer name, ProcessID is the event's own. */
const CONTAINER_BEFORE_5: ReadonlySet<string> = new Set([...CONTAINER, 'ProcessID']);

/** By these the fields are told from the rest. */
const NEEDED: ReadonlySet<string> = new Set(
  words('EventID ExecutionProcessID EventType EventTypeOrignal EventTypeOriginal'),
);

/** What NXLog itself writes to EventType, over a field of the event with that name. */
const SEVERITIES: ReadonlySet<string> = new Set(
  words('CRITICAL ERROR WARNING INFO VERBOSE DEBUG AUDIT_SUCCESS AUDIT_FAILURE'),
);

export const nxlog: Shape = {
  name: 'NXLog',
  recognise: (object) =>
    'EventID' in object &&
    ('SourceModuleType' in object || 'SourceModuleName' in object || 'EventReceivedTime' in object),
  written: eventTime,
  head: (object) => ({
    record: object['RecordNumber'],
    host: textOf(object, 'Hostname'),
    provider: textOf(object, 'SourceName'),
    channel: textOf(object, 'Channel'),
    eventId: object['EventID'],
    version: object['Version'],
  }),
  fields: (object, { provider }) => fieldsIn(object, provider),
  line: {
    head: words(
      'RecordNumber Hostname SourceName Channel EventID Version @timestamp EventTime EventReceivedTime',
    ),
    utcTime: 'UtcTime',
    others: null,
    drops: (name) => CONTAINER.has(name) && !NEEDED.has(name) && !isSysmonField(name),
  },
};

function* fieldsIn(object: JsonObject, provider: string): Generator<[name: string, value: unknown]> {
  const container = 'ExecutionProcessID' in object ? CONTAINER : CONTAINER_BEFORE_5;
  for (const [name, value] of ownFields(object, provider, container)) {
    if (name !== 'EventType') yield [name, typeof value === 'string' ? unescapeXml(value) : value];
  }
  const type = ownEventType(object, provider);
  if (type !== null) yield ['EventType', type];
}

/** The event's own EventType where NXLog, or a filter behind it, has kept it, or where its id tells; else it is missing. */
function ownEventType(object: JsonObject, provider: string): string | null {
  for (const key of ['EventType', 'EventTypeOrignal', 'EventTypeOriginal']) {
    const value = object[key];
    if (typeof value === 'string' && value !== '' && !SEVERITIES.has(value) && isSysmon(provider))
      return value;
  }
  const [only, another] = EVENT_TYPE_TEXTS[Number(object['EventID'])] ?? [];
  return only !== undefined && another === undefined && isSysmon(provider) ? only : null;
}

const ENTITY = /&(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[\da-f]{1,6});/gi;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** NXLog escapes values as for XML. A value with any other `&` was not escaped, and stays. */
function unescapeXml(value: string): string {
  if (!value.includes('&') || value.replace(ENTITY, '').includes('&')) return value;
  return value.replace(ENTITY, (entity) => {
    const name = entity.slice(1, -1).toLowerCase();
    if (!name.startsWith('#')) return NAMED[name] ?? entity;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}

const DELAY = 60_000;

/** EventTime, which is local unless it names a zone; how far local is from UTC, the two times of receipt tell. */
function eventTime(object: JsonObject): Written {
  const received = parseTime(textOf(object, '@timestamp'));
  const own = timeIn(textOf(object, 'EventTime'));
  if (Number.isNaN(own.time)) return { time: received, zone: 'utc', half: false };
  if (own.zone !== 'local' || Number.isNaN(received)) return own;
  const zone = zoneIn(received - parseTime(textOf(object, 'EventReceivedTime')), DELAY, DELAY);
  if (zone === null || Math.abs(zone) > FARTHEST) return own;
  return { time: own.time + zone, zone: 'utc', half: false };
}
