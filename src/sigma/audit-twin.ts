/**
 * Records of Windows' own auditing that tell the same as an event of Sysmon, and how they tell it. Which stands for which:
 * see logsource-table.ts. The numbers behind %% and the registry's types: Microsoft's documentation of 4657, 4688, 5156.
 */
import { type Event, foldAscii } from '../events/index.ts';

type Field = (event: Event) => string | undefined;

export interface AuditTwin {
  /** Of the channel Security. */
  readonly eventId: number;
  /** Whether a record with this id is of the category; null for each. */
  readonly where: ((event: Event) => boolean) | null;
  /** By folded name: the fields of Sysmon. Those that are not here have the record's own names. */
  readonly fields: ReadonlyMap<string, Field>;
  /** These. */
  readonly own: readonly string[];
}

const raw =
  (...names: readonly string[]): Field =>
  ({ fields }) => {
    for (const name of names) {
      const value = fields.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };

const mapped =
  (field: Field, map: (value: string) => string): Field =>
  (event) => {
    const value = field(event);
    return value === undefined ? undefined : map(value);
  };

const table = (fields: Readonly<Record<string, Field>>): ReadonlyMap<string, Field> =>
  new Map(Object.entries(fields).map(([name, field]) => [foldAscii(name), field]));

/** `0x1a4` as Sysmon writes a process id: 420. */
const decimal = (value: string): string => (/^0x[\da-f]{1,13}$/i.test(value) ? String(Number(value)) : value);

/** Accounts whose name in a record of Security is the machine's, where Sysmon has their own. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'S-1-5-18': 'NT AUTHORITY\\SYSTEM',
    'S-1-5-19': 'NT AUTHORITY\\LOCAL SERVICE',
    'S-1-5-20': 'NT AUTHORITY\\NETWORK SERVICE',
  }),
);

/** An account as Sysmon writes it: `Subject`, who did it, or `Target`. */
const account =
  (of: 'Subject' | 'Target'): Field =>
  ({ fields }) => {
    const known = WELL_KNOWN.get(fields.get(`${of}UserSid`) ?? '');
    if (known !== undefined) return known;
    const user = fields.get(`${of}UserName`);
    const domain = fields.get(`${of}DomainName`);
    if (user === undefined || domain === undefined || domain === '' || domain === '-') return user;
    return `${domain}\\${user}`;
  };

const subject = account('Subject');

/** A process that was started as somebody else tells of both; Sysmon of whom it runs as. */
const isOfTarget = ({ fields }: Event): boolean => !['', '-'].includes(fields.get('TargetUserName') ?? '');

const ofProcess =
  (target: Field, otherwise: Field): Field =>
  (event) =>
    isOfTarget(event) ? target(event) : otherwise(event);

/** Microsoft's well-known SIDs; Sysmon knows no other names. */
const INTEGRITY: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'S-1-16-0': 'Untrusted',
    'S-1-16-4096': 'Low',
    'S-1-16-8192': 'Medium',
    'S-1-16-8448': 'Medium',
    'S-1-16-12288': 'High',
    'S-1-16-16384': 'System',
    'S-1-16-20480': 'Protected',
  }),
);

const PROCESS: ReadonlyMap<string, Field> = table({
  Image: raw('NewProcessName'),
  ParentImage: raw('ParentProcessName'),
  ProcessId: mapped(raw('NewProcessId'), decimal),
  ParentProcessId: mapped(raw('ProcessId'), decimal),
  User: ofProcess(account('Target'), subject),
  LogonId: ofProcess(raw('TargetLogonId'), raw('SubjectLogonId')),
  IntegrityLevel: mapped(raw('MandatoryLabel'), (label) => INTEGRITY.get(label.toUpperCase()) ?? label),
});

/** A key of the kernel's namespace as Sysmon writes it: HKLM, HKU. */
function registryPath(path: string): string {
  const match = /^\\REGISTRY\\(MACHINE|USER)(?=\\|$)/i.exec(path);
  if (!match) return path;
  return (match[1]!.toUpperCase() === 'MACHINE' ? 'HKLM' : 'HKU') + path.slice(match[0].length);
}

const target: Field = ({ fields }) => {
  const object = fields.get('ObjectName');
  if (object === undefined) return undefined;
  const value = fields.get('ObjectValueName');
  return registryPath(object) + (value === undefined || value === '' || value === '-' ? '' : `\\${value}`);
};

/** What was written, as Sysmon's Details has it: numbers in hexadecimal, binary data unsaid. */
const details: Field = ({ fields }) => {
  const value = fields.get('NewValue');
  if (value === undefined) return undefined;
  const type = fields.get('NewValueType') ?? '';
  if (type === '%%1875' || type === 'REG_BINARY') return 'Binary Data';
  if (!/^(?:0x[\da-f]{1,16}|\d{1,20})$/i.test(value)) return value;
  const digits = BigInt(value).toString(16);
  if (type === '%%1876' || type === 'REG_DWORD') return `DWORD (0x${digits.padStart(8, '0')})`;
  if (type === '%%1883' || type === 'REG_QWORD') {
    const wide = digits.padStart(16, '0');
    return `QWORD (0x${wide.slice(0, 8)}-0x${wide.slice(8)})`;
  }
  return value;
};

/** OperationType of 4657, as written and as Event Viewer shows it. */
const CREATED: readonly string[] = ['%%1904', 'new registry value created'];
const MODIFIED: readonly string[] = ['%%1905', 'existing registry value modified'];
const DELETED: readonly string[] = ['%%1906', 'registry value deleted'];

const operation =
  (...texts: readonly string[]): ((event: Event) => boolean) =>
  ({ fields }) =>
    texts.includes(foldAscii(fields.get('OperationType') ?? ''));

const REGISTRY: ReadonlyMap<string, Field> = table({
  Image: raw('ProcessName'),
  ProcessId: mapped(raw('ProcessId'), decimal),
  User: subject,
  TargetObject: target,
  Details: details,
  EventType: mapped(raw('OperationType'), (type) =>
    DELETED.includes(foldAscii(type)) ? 'DeleteValue' : 'SetValue',
  ),
});

const FILE: ReadonlyMap<string, Field> = table({
  Image: raw('ProcessName'),
  ProcessId: mapped(raw('ProcessId'), decimal),
  User: subject,
  FileName: raw('ObjectName'),
  TargetFilename: raw('ObjectName'),
});

const PROTOCOLS: ReadonlyMap<string, string> = new Map(
  Object.entries({ '1': 'icmp', '6': 'tcp', '17': 'udp' }),
);
const DIRECTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '%%14592': 'false',
    inbound: 'false',
    '%%14593': 'true',
    outbound: 'true',
  }),
);

const NETWORK: ReadonlyMap<string, Field> = table({
  Image: raw('Application'),
  ProcessId: raw('ProcessID', 'ProcessId'),
  Initiated: mapped(raw('Direction'), (direction) => DIRECTIONS.get(foldAscii(direction)) ?? direction),
  SourceIp: raw('SourceAddress'),
  DestinationIp: raw('DestAddress'),
  DestinationPort: raw('DestPort'),
  Protocol: mapped(raw('Protocol'), (number) => PROTOCOLS.get(number) ?? number),
});

const words = (text: string): readonly string[] => text.split(' ');
const SUBJECT = 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId';
const PROCESS_NAMES = words(
  `${SUBJECT} NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName TargetDomainName TargetLogonId ParentProcessName MandatoryLabel`,
);
const END_NAMES = words(`${SUBJECT} Status ProcessId ProcessName`);
const REGISTRY_NAMES = words(
  `${SUBJECT} ObjectName ObjectValueName HandleId OperationType OldValueType OldValue NewValueType NewValue ProcessId ProcessName`,
);
const FILE_NAMES = words(
  `${SUBJECT} ObjectServer ObjectType ObjectName HandleId AccessList AccessMask ProcessId ProcessName ResourceAttributes`,
);
const NETWORK_NAMES = words(
  'ProcessID Application Direction SourceAddress SourcePort DestAddress DestPort Protocol FilterRTID LayerName LayerRTID RemoteUserID RemoteMachineID',
);

/** By category. */
export const AUDIT_TWINS: Readonly<Record<string, AuditTwin>> = {
  process_creation: { eventId: 4688, where: null, fields: PROCESS, own: PROCESS_NAMES },
  process_termination: {
    eventId: 4689,
    where: null,
    fields: table({
      Image: raw('ProcessName'),
      ProcessId: mapped(raw('ProcessId'), decimal),
      User: subject,
    }),
    own: END_NAMES,
  },
  registry_event: {
    eventId: 4657,
    where: operation(...CREATED, ...MODIFIED),
    fields: REGISTRY,
    own: REGISTRY_NAMES,
  },
  registry_add: { eventId: 4657, where: operation(...CREATED), fields: REGISTRY, own: REGISTRY_NAMES },
  // Sysmon tells of a new value as of one that is written again.
  registry_set: {
    eventId: 4657,
    where: operation(...CREATED, ...MODIFIED),
    fields: REGISTRY,
    own: REGISTRY_NAMES,
  },
  registry_delete: { eventId: 4657, where: operation(...DELETED), fields: REGISTRY, own: REGISTRY_NAMES },
  file_access: {
    eventId: 4663,
    where: ({ fields }) => foldAscii(fields.get('ObjectType') ?? '') === 'file',
    fields: FILE,
    own: FILE_NAMES,
  },
  network_connection: { eventId: 5156, where: null, fields: NETWORK, own: NETWORK_NAMES },
};
