/**
 * Flat objects as PowerShell scripts export them: the event's System values and its fields beside each other. Their
 * TimeCreated is often local 12-hour time with a false `Z`, and so is the `@timestamp` that some scripts copy from it.
 */
import { type Written, zoneIn } from '../written.ts';
import { isSysmonField, ownFields } from './flat.ts';
import { firstOf, type JsonObject, type Shape, textOf, timeIn, words } from './shape.ts';

const PROVIDER = ['SourceName', 'ProviderName', 'Provider', 'Source'] as const;
const CHANNEL = ['Channel', 'LogName', 'Log', 'EventLog'] as const;
const HOST = ['Hostname', 'Computer', 'ComputerName', 'MachineName'] as const;
const RECORD = ['RecordNumber', 'EventRecordID', 'RecordId', 'RecordID'] as const;
const TIME = ['TimeCreated', 'SystemTime', 'EventTime', 'TimeGenerated', '@timestamp'] as const;

const CONTAINER: ReadonlySet<string> = new Set([
  ...PROVIDER,
  ...CHANNEL,
  ...HOST,
  ...RECORD,
  ...TIME,
  ...words(
    'EventID Qualifiers Version Level LevelDisplayName Keywords KeywordsDisplayNames Task ' +
      'TaskDisplayName Opcode OpcodeDisplayName ProviderGuid ProviderId ThreadId UserId UserID ' +
      'ActivityId RelatedActivityId ContainerLog Message @version tags host port type path Properties ' +
      'MatchedQueryIds Bookmark',
  ),
]);

export const powershell: Shape = {
  name: 'flat',
  recognise: (object) =>
    'EventID' in object &&
    PROVIDER.some((key) => key in object) &&
    [...CHANNEL, ...HOST].some((key) => key in object) &&
    !('SourceModuleType' in object || 'SourceModuleName' in object || 'EventReceivedTime' in object) &&
    !('EventData' in object || 'ParameterXml' in object),
  written,
  head: (object) => ({
    record: firstOf(object, ...RECORD),
    host: textOf(object, ...HOST),
    provider: textOf(object, ...PROVIDER),
    channel: textOf(object, ...CHANNEL),
    eventId: object['EventID'],
    version: object['Version'],
  }),
  fields: (object, { provider }) => ownFields(object, provider, CONTAINER),
  line: {
    head: ['EventID', 'Version', ...PROVIDER, ...CHANNEL, ...HOST, ...RECORD, ...TIME],
    utcTime: 'UtcTime',
    others: null,
    drops: (name) => CONTAINER.has(name) && name !== 'EventID' && !isSysmonField(name),
  },
};

const DELAY = 60_000;

/** Local, unless a zone is named or a forwarder's `@timestamp` beside it tells how far local is from UTC. */
function written(object: JsonObject): Written {
  const value = firstOf(object, ...TIME);
  const own = timeIn(value);
  if (own.zone === 'utc') return own;
  const received = object['@timestamp'];
  if (typeof received === 'string' && received !== value) {
    const other = timeIn(received);
    const zone = other.zone === 'local' ? null : zoneIn(other.time - own.time, 0, DELAY);
    if (zone !== null && zone !== 0) return { time: own.time + zone, zone: 'utc', half: false };
  }
  return { ...own, zone: 'local' };
}
