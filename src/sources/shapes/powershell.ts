/**
 * Flat objects as PowerShell scripts export them: the event's System values and its fields beside each other. Their
 * TimeCreated is often local 12-hour time with a false `Z`; Sysmon's own UtcTime overrides it.
 */
import { makeEvent } from '../rendering.ts';
import { ownFields } from './flat.ts';
import { firstOf, readTime, type Shape, textOf, words } from './shape.ts';

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
  toEvent: (object) => {
    const provider = textOf(object, ...PROVIDER);
    return makeEvent({
      record: firstOf(object, ...RECORD),
      time: readTime(firstOf(object, ...TIME)),
      host: textOf(object, ...HOST),
      provider,
      channel: textOf(object, ...CHANNEL),
      eventId: object['EventID'],
      version: object['Version'],
      fields: ownFields(object, provider, CONTAINER),
    });
  },
};
