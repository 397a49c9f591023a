// Generated from spec/schemas.json by scripts/generate-event-table.ts; do not edit.

/** Schema versions that the facts cover, oldest first. */
export const VERSIONS = ['2.00', '3.10', '3.20', '3.30', '3.40', '4.00', '4.10', '4.20', '4.21', '4.22', '4.23', '4.30', '4.31', '4.32', '4.40', '4.50', '4.60', '4.70', '4.80', '4.81', '4.82', '4.83', '4.90', '4.91'] as const;

/** A value from a schema version on, until the next; null: there is none. */
type Changes = readonly (readonly [since: string, value: string | null])[];

/** Option elements: name of the element, of the option, and what it may hold (text, empty). */
export const OPTIONS: readonly (readonly [element: string, name: string, content: Changes])[] = [
  ['HashAlgorithms', 'HashAlgorithms', [['2.00', 'text']]],
  ['DriverName', 'DriverName', [['2.00', 'text']]],
  ['ArchiveDirectory', 'ArchiveDirectory', [['2.00', 'text']]],
  ['CopyOnDelete_Processes', 'CopyOnDelete_Processes', [['2.00', 'text'], ['4.30', null]]],
  ['CopyOnDelete_PE', 'CopyOnDelete_PE', [['2.00', 'empty'], ['4.30', null]]],
  ['CopyOnDelete_SIDs', 'CopyOnDelete_SIDs', [['2.00', 'text'], ['4.30', null]]],
  ['CopyOnDelete_Extensions', 'CopyOnDelete_Extensions', [['2.00', 'text'], ['4.30', null]]],
  ['CaptureClipboard', 'CaptureClipboard', [['2.00', 'empty']]],
  ['ServiceArchiveDirectory', 'ServiceArchiveDirectory', [['2.00', 'text'], ['4.90', null]]],
  ['ProcessAccessConfig', 'ProcessAccess', [['3.10', 'text']]],
  ['CheckRevocation', 'CheckRevocation', [['3.10', 'text']]],
  ['PipeMonitoringConfig', 'PipeMonitoring', [['3.30', 'text']]],
  ['DnsLookup', 'DnsLookup', [['4.30', 'text']]],
  ['InternalRepresentation', 'InternalRepresentation', [['4.50', 'text'], ['4.90', null]]],
  ['OutputRules', 'OutputRules', [['4.50', 'text'], ['4.90', null]]],
  ['TraceEvents', 'TraceEvents', [['4.50', 'text'], ['4.90', null]]],
  ['FieldSizes', 'FieldSizes', [['4.81', 'text']]],
  ['DriverQueueSize', 'DriverQueueSize', [['4.91', 'text']]],
  ['SigningQueueSize', 'SigningQueueSize', [['4.91', 'text']]],
];

/** Tags of sections, with their fields. */
export const TAGS: readonly (readonly [tag: string, fields: Changes])[] = [
  ['ProcessCreate', [['2.00', 'SequenceNumber UtcTime ProcessGuid ProcessId Image CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine'], ['3.10', 'UtcTime ProcessGuid ProcessId Image CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine'], ['4.00', 'UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine'], ['4.21', 'RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser']]],
  ['FileCreateTime', [['2.00', 'SequenceNumber UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime PreviousCreationUtcTime'], ['3.10', 'UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime PreviousCreationUtcTime'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime PreviousCreationUtcTime'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime PreviousCreationUtcTime User']]],
  ['NetworkConnect', [['2.00', 'SequenceNumber UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName'], ['3.10', 'UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName']]],
  ['ProcessTerminate', [['2.00', 'SequenceNumber UtcTime ProcessGuid ProcessId Image'], ['3.10', 'UtcTime ProcessGuid ProcessId Image'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image User']]],
  ['DriverLoad', [['2.00', 'SequenceNumber UtcTime ImageLoaded Hashes Signed Signature'], ['3.10', 'UtcTime ImageLoaded Hashes Signed Signature'], ['3.20', 'UtcTime ImageLoaded Hashes Signed SignatureStatus Signature'], ['3.30', 'UtcTime ImageLoaded Hashes Signed Signature SignatureStatus'], ['4.10', 'RuleName UtcTime ImageLoaded Hashes Signed Signature SignatureStatus']]],
  ['ImageLoad', [['2.00', 'SequenceNumber UtcTime ProcessGuid ProcessId Image ImageLoaded Hashes Signed Signature'], ['3.10', 'UtcTime ProcessGuid ProcessId Image ImageLoaded Hashes Signed Signature'], ['3.20', 'UtcTime ProcessGuid ProcessId Image ImageLoaded Hashes Signed SignatureStatus Signature'], ['3.30', 'UtcTime ProcessGuid ProcessId Image ImageLoaded Hashes Signed Signature SignatureStatus'], ['4.00', 'UtcTime ProcessGuid ProcessId Image ImageLoaded FileVersion Description Product Company Hashes Signed Signature SignatureStatus'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image ImageLoaded FileVersion Description Product Company Hashes Signed Signature SignatureStatus'], ['4.21', 'RuleName UtcTime ProcessGuid ProcessId Image ImageLoaded FileVersion Description Product Company OriginalFileName Hashes Signed Signature SignatureStatus'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image ImageLoaded FileVersion Description Product Company OriginalFileName Hashes Signed Signature SignatureStatus User']]],
  ['CreateRemoteThread', [['2.00', 'SequenceNumber UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage NewThreadId'], ['3.10', 'UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage NewThreadId StartAddress StartModule StartFunction'], ['4.10', 'RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage NewThreadId StartAddress StartModule StartFunction'], ['4.80', 'RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage NewThreadId StartAddress StartModule StartFunction SourceUser TargetUser']]],
  ['ProcessAccess', [['2.00', 'SequenceNumber UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId TargetImage GrantedAccess CallTrace'], ['3.10', 'UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId TargetImage GrantedAccess CallTrace'], ['4.10', 'RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId TargetImage GrantedAccess CallTrace'], ['4.80', 'RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId TargetImage GrantedAccess CallTrace SourceUser TargetUser']]],
  ['RawAccessRead', [['3.10', 'UtcTime ProcessGuid ProcessId Image Device'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image Device'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image Device User']]],
  ['FileDelete', [['3.10', 'UtcTime ProcessGuid ProcessId Image TargetFilename Hashes Archived'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename Hashes Archived'], ['4.30', 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable Archived']]],
  ['ClipboardChange', [['3.10', 'UtcTime ProcessGuid ProcessId Image Session ClientInfo Hashes Archived'], ['3.20', 'UtcTime ProcessGuid ProcessId Image Session ClientInfo Hashes Path Archived'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image Session ClientInfo Hashes Path Archived'], ['4.40', 'RuleName UtcTime ProcessGuid ProcessId Image Session ClientInfo Hashes Archived'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image Session ClientInfo Hashes Archived User']]],
  ['FileCreate', [['3.20', 'UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime User']]],
  ['RegistryEvent', [['3.20', 'UtcTime ProcessGuid ProcessId Image EventType TargetObject Details NewName'], ['3.30', 'EventType UtcTime ProcessGuid ProcessId Image TargetObject Details NewName'], ['4.10', 'RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject Details NewName'], ['4.80', 'RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject User Details NewName']]],
  ['FileCreateStreamHash', [['3.20', 'UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime Hash'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime Hash'], ['4.31', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime Hash Contents'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime Hash Contents User']]],
  ['PipeEvent', [['3.30', 'UtcTime ProcessGuid ProcessId PipeName Image'], ['4.10', 'RuleName UtcTime ProcessGuid ProcessId PipeName Image'], ['4.21', 'RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image'], ['4.80', 'RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User']]],
  ['WmiEvent', [['3.40', 'EventType UtcTime Operation User EventNamespace Name Query Type Destination Consumer Filter'], ['4.10', 'RuleName EventType UtcTime Operation User EventNamespace Name Query Type Destination Consumer Filter']]],
  ['DnsQuery', [['4.21', 'RuleName UtcTime ProcessGuid ProcessId QueryName QueryStatus QueryResults Image'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId QueryName QueryStatus QueryResults Image User']]],
  ['ProcessTampering', [['4.50', 'RuleName UtcTime ProcessGuid ProcessId Image Type'], ['4.80', 'RuleName UtcTime ProcessGuid ProcessId Image Type User']]],
  ['FileDeleteDetected', [['4.60', 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable']]],
  ['FileBlockExecutable', [['4.82', 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes']]],
  ['FileBlockShredding', [['4.83', 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable']]],
  ['FileExecutableDetected', [['4.90', 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes']]],
];

/** Every condition that the newest Sysmon knows: conditions do not depend on the schema version. */
export const CONDITIONS = ['is', 'is not', 'contains', 'contains any', 'is any', 'contains all', 'excludes', 'excludes any', 'excludes all', 'begin with', 'not begin with', 'end with', 'not end with', 'less than', 'more than', 'image'] as const;
