import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_TYPES, type Event } from '../../src/events/index.ts';
import { eventOf } from '../../src/sources/shapes/index.ts';
import { SHAPES } from '../../src/sources/shapes/recognition.ts';

const SYSMON = 'Microsoft-Windows-Sysmon';
const CHANNEL = 'Microsoft-Windows-Sysmon/Operational';

type Json = Record<string, unknown>;

/** The event of an object that exactly one shape knows. */
function read(object: Json): Event {
  const shapes = SHAPES.filter((shape) => shape.recognise(object)).map((shape) => shape.name);
  assert.equal(shapes.length, 1, shapes.join(', '));
  const event = eventOf(object);
  assert.ok(event);
  return event;
}

function fields(event: Event): Record<string, string> {
  return Object.fromEntries(event.fields);
}

const nxlog: Json = {
  '@timestamp': '2024-03-01T11:00:03.250Z',
  '@version': '1',
  tags: ['lab'],
  host: 'forwarder.example',
  port: 5000,
  EventTime: '2024-03-01 06:00:01',
  EventReceivedTime: '2024-03-01 06:00:03',
  Hostname: 'WS1.example.org',
  Keywords: '-9223372036854775808',
  Severity: 'INFO',
  SeverityValue: 2,
  SourceName: SYSMON,
  ProviderGuid: '{5770385F-C22A-43E0-BF4C-06F5698FFBD9}',
  Channel: CHANNEL,
  SourceModuleName: 'eventlog',
  SourceModuleType: 'im_msvistalog',
  ExecutionProcessID: 3000,
  ThreadID: 4000,
  AccountName: 'SYSTEM',
  AccountType: 'User',
  Domain: 'NT AUTHORITY',
  UserID: 'S-1-5-18',
  Message: 'text',
  Category: 'x',
  Opcode: 'Info',
  OpcodeValue: 0,
  Task: 12,
  Version: 2,
  RecordNumber: 77,
  EventID: 12,
  EventType: 'INFO',
};

test('NXLog: the machine, not the forwarder; its EventType only where it is the event’s', () => {
  const base = {
    ...nxlog,
    UtcTime: '2024-03-01 11:00:00.500',
    TargetObject: 'HKLM\\A&amp;B',
    Image: 'a & b &lt;c&gt;',
  };
  const event = read(base);
  assert.deepEqual(
    { ...event, fields: fields(event) },
    {
      record: 77,
      time: Date.UTC(2024, 2, 1, 11, 0, 0, 500),
      host: 'WS1.example.org',
      provider: SYSMON,
      channel: CHANNEL,
      eventId: 12,
      version: 2,
      // An ampersand that begins no entity: the value was not escaped.
      fields: { UtcTime: '2024-03-01 11:00:00.500', TargetObject: 'HKLM\\A&B', Image: 'a & b &lt;c&gt;' },
    },
  );
  assert.equal(
    read({ ...base, EventType: 'CreateKey', EventTypeOrignal: 'INFO' }).fields.get('EventType'),
    'CreateKey',
  );
  assert.equal(read({ ...base, EventTypeOrignal: 'DeleteKey' }).fields.get('EventType'), 'DeleteKey');
  assert.equal(
    read({ ...base, EventType: undefined, EventTypeOrignal: 'INFO' }).fields.has('EventType'),
    false,
  );
  // Of some events the id tells what NXLog wrote over.
  const typeOf = (
    EventID: number | string,
    more: Readonly<Record<string, string>> = {},
  ): string | undefined => read({ ...base, EventID, ...more }).fields.get('EventType');
  assert.deepEqual(
    [12, 13, '13', 14, 17, 18, 19, 20, 21, 22].map((id) => typeOf(id)),
    [
      undefined,
      'SetValue',
      'SetValue',
      undefined,
      'CreatePipe',
      'ConnectPipe',
      'WmiFilterEvent',
      'WmiConsumerEvent',
      'WmiBindingEvent',
      undefined,
    ],
  );
  assert.equal(typeOf(13, { EventType: 'DeleteValue' }), 'DeleteValue');
  assert.equal(typeOf(13, { SourceName: 'Another' }), undefined);
});

test('NXLog: XML references of every kind', () => {
  const image = (Image: string): string | undefined => read({ ...nxlog, Image }).fields.get('Image');
  assert.equal(image('&lt;unknown process&gt;'), '<unknown process>');
  assert.equal(image('&quot;&apos;&#65;&#x42;'), `"'AB`);
  assert.equal(image('1&amp;2c22'), '1&2c22');
  assert.equal(image('&amp;lt;'), '&lt;');
  assert.equal(image('a&b &lt;'), 'a&b &lt;');
});

test('NXLog: ids of processes, and the time of other providers', () => {
  assert.equal(
    read({ ...nxlog, EventID: 10, ProcessId: '4', SourceProcessId: '5' }).fields.has('ProcessId'),
    false,
  );
  assert.equal(read({ ...nxlog, EventID: 5, ProcessId: '4' }).fields.get('ProcessId'), '4');
  const other = { ...nxlog, SourceName: 'Other', EventID: 5156, ProcessId: '9', ProcessID: '8' };
  assert.deepEqual(fields(read(other)), { ProcessId: '9', ProcessID: '8' });
  // Local time 06:00:01, five hours behind UTC by the two times of receipt.
  assert.equal(read(other).time, Date.UTC(2024, 2, 1, 11, 0, 1));
  assert.equal(read({ ...other, '@timestamp': undefined }).time, Date.UTC(2024, 2, 1, 6, 0, 1));
});

test('flat, as PowerShell exports it', () => {
  const flat = {
    SourceName: SYSMON,
    ProviderGuid: '{5770385f-c22a-43e0-bf4c-06f5698ffbd9}',
    Level: '4',
    Keywords: '0x8000000000000000',
    Channel: CHANNEL,
    Hostname: 'WS1',
    TimeCreated: '2024-03-01T01:40:18.160Z',
    '@timestamp': '2024-03-01T01:40:18.160Z',
    EventID: 13,
    Message: 'Registry value set',
    Task: '13',
    EventType: 'SetValue',
    UtcTime: '2024-03-01 13:40:18.159',
    ProcessId: '4711',
    Details: '',
    User: 'WS1\\a',
  };
  const event = read(flat);
  assert.equal(event.time, Date.UTC(2024, 2, 1, 13, 40, 18, 159));
  assert.equal(event.record, null);
  assert.deepEqual(fields(event), {
    EventType: 'SetValue',
    UtcTime: '2024-03-01 13:40:18.159',
    ProcessId: '4711',
    Details: '',
    User: 'WS1\\a',
  });
  const state = { ...flat, EventID: 4, Version: '15.0', State: 'Started', SchemaVersion: '4.90' };
  assert.equal(read(state).fields.get('Version'), '15.0');
  assert.equal(read(state).version, null);
  assert.equal(read({ ...state, Version: 3 }).version, 3);
  assert.equal(read({ ...state, Version: 3 }).fields.has('Version'), false);
  assert.equal(read({ ...flat, SourceName: 'Other' }).time, Date.UTC(2024, 2, 1, 1, 40, 18, 160));
  const at = Date.UTC(2024, 2, 1, 13, 40, 18);
  for (const [number, time] of [
    [at, at],
    [at + 160, at + 160],
    [at / 1000, at],
    [at / 1000 + 0.5, at + 500],
    [at * 1000 + 160_999, at + 160],
    [(at + 160) * 1e6, at + 160],
    [1e300, Number.NaN],
  ] as const) {
    const { time: found } = read({
      ...flat,
      SourceName: 'Other',
      TimeCreated: number,
    });
    assert.equal(found, time, String(number));
  }
});

test('Get-WinEvent | ConvertTo-Json: properties get the names of their layout', () => {
  const layout = EVENT_TYPES.find((type) => type.id === 8)?.layouts.at(-1);
  assert.ok(layout);
  const object = {
    Id: 8,
    Version: layout.manifestVersion,
    ProviderName: SYSMON,
    LogName: CHANNEL,
    MachineName: 'WS1',
    RecordId: 12,
    TimeCreated: '/Date(1709300418160)/',
    Message: 'x',
    Properties: layout.fields.map(([name, type]) => ({ Value: type === 'uint32' ? 7 : `v ${name}` })),
  };
  const event = read(object);
  assert.deepEqual(
    [...event.fields.keys()],
    layout.fields.map(([name]) => name),
  );
  assert.equal(event.fields.get('TargetImage'), 'v TargetImage');
  assert.equal(event.fields.get('NewThreadId'), '7');
  assert.equal(event.time, 1709300418160);
  assert.equal(event.record, 12);
  const other = { ...object, ProviderName: 'Other', TimeCreated: { value: '/Date(5)/', DisplayHint: 2 } };
  assert.deepEqual(
    [...read({ ...other, Properties: [{ Value: 'a' }, 'b'] }).fields],
    [
      ['param1', 'a'],
      ['param2', 'b'],
    ],
  );
  assert.equal(read(other).time, 5);
  assert.deepEqual(fields(read({ ...object, Version: 99, Properties: [{ Value: 'a' }] })), { param1: 'a' });
});

test('Winlogbeat 6', () => {
  const event = read({
    '@timestamp': '2024-03-01T13:40:18.200Z',
    type: 'wineventlog',
    event_id: 8,
    source_name: SYSMON,
    log_name: CHANNEL,
    computer_name: 'WS1.example.org',
    record_number: '2273005',
    version: 2,
    host: { name: 'collector' },
    user: { name: 'SYSTEM' },
    event_data: { SourceImage: 'a', NewThreadId: '5', UtcTime: '2024-03-01 13:40:18.159' },
  });
  assert.equal(event.host, 'WS1.example.org');
  assert.equal(event.record, 2273005);
  assert.equal(event.version, 2);
  assert.equal(event.time, Date.UTC(2024, 2, 1, 13, 40, 18, 159));
  assert.deepEqual(fields(event), { SourceImage: 'a', NewThreadId: '5', UtcTime: '2024-03-01 13:40:18.159' });
  const user = read({
    event_id: 5858,
    log_name: 'W',
    source_name: 'W',
    user_data: { xml_name: 'Op', Id: '{A}' },
  });
  assert.deepEqual(fields(user), { Id: '{A}' });
});

const winlog = { provider_name: SYSMON, channel: CHANNEL, computer_name: 'WS1', record_id: '10', version: 5 };

test('Winlogbeat 7: ids as numbers or text', () => {
  const data = { UtcTime: '2024-03-01 13:40:18.159', Image: 'a' };
  for (const event_id of [5, '5']) {
    const event = read({
      '@timestamp': '2024-03-01T14:00:00.000Z',
      host: { name: 'x' },
      winlog: { ...winlog, event_id, event_data: data },
    });
    assert.equal(event.eventId, 5);
    assert.equal(event.host, 'WS1');
    assert.equal(event.record, 10);
    assert.deepEqual(fields(event), data);
  }
  assert.equal(read({ event: { code: 5 }, winlog }).eventId, 5);
});

test('ECS: fields that the Sysmon pipeline moved come back', () => {
  const ecs = (code: number, document: Json, event_data: Json = {}): Record<string, string> => {
    const event = read({
      '@timestamp': '2024-03-01T13:40:18.159Z',
      event: { code: String(code), module: 'sysmon' },
      ...document,
      winlog: { ...winlog, event_id: String(code), event_data },
    });
    assert.equal(event.time, Date.UTC(2024, 2, 1, 13, 40, 18, 159));
    const { UtcTime, ...others } = fields(event);
    assert.equal(UtcTime, '2024-03-01 13:40:18.159');
    return others;
  };
  const guid = '{9f32b55f-d9de-5f98-f006-000000000600}';
  const process = { entity_id: guid, pid: 51, executable: 'C:\\a.exe' };
  const threads = {
    TargetProcessGUID: guid,
    TargetImage: 'C:\\b.exe',
    NewThreadId: '1',
    StartFunction: 'LoadLibraryA',
  };
  assert.deepEqual(ecs(8, { process }, threads), {
    TargetProcessGuid: guid.toUpperCase(),
    TargetImage: 'C:\\b.exe',
    NewThreadId: '1',
    StartFunction: 'LoadLibraryA',
    SourceProcessGuid: guid.toUpperCase(),
    SourceProcessId: '51',
    SourceImage: 'C:\\a.exe',
  });
  assert.deepEqual(ecs(10, { process: { ...process, thread: { id: 9 } } }, { GrantedAccess: '0x1410' }), {
    GrantedAccess: '0x1410',
    SourceProcessGUID: guid.toUpperCase(),
    SourceProcessId: '51',
    SourceThreadId: '9',
    SourceImage: 'C:\\a.exe',
  });
  const created = {
    rule: { name: 'r' },
    user: { id: 'S-1-5-18', domain: 'D', name: 'u' },
    process: {
      ...process,
      command_line: 'a.exe /x',
      working_directory: 'C:\\',
      parent: { entity_id: guid, pid: 4, executable: 'C:\\p.exe', command_line: 'p' },
      hash: { sha256: 'ab', md5: 'cd' },
      pe: { imphash: 'ef', original_file_name: 'A' },
    },
  };
  assert.deepEqual(ecs(1, created, { Company: 'Co' }), {
    Company: 'Co',
    RuleName: 'r',
    ProcessGuid: guid.toUpperCase(),
    ProcessId: '51',
    Image: 'C:\\a.exe',
    OriginalFileName: 'A',
    CommandLine: 'a.exe /x',
    CurrentDirectory: 'C:\\',
    User: 'D\\u',
    Hashes: 'MD5=CD,SHA256=AB,IMPHASH=EF',
    ParentProcessGuid: guid.toUpperCase(),
    ParentProcessId: '4',
    ParentImage: 'C:\\p.exe',
    ParentCommandLine: 'p',
  });
  const network = { direction: 'egress', type: 'ipv4', transport: 'tcp', protocol: 'https' };
  const connection = ecs(3, {
    network,
    source: { ip: '192.0.2.1', port: 1 },
    destination: { domain: 'h', port: 443 },
  });
  assert.deepEqual(connection, {
    Protocol: 'tcp',
    Initiated: 'true',
    SourceIsIpv6: 'false',
    SourceIp: '192.0.2.1',
    SourcePort: '1',
    DestinationIsIpv6: 'false',
    DestinationHostname: 'h',
    DestinationPort: '443',
    DestinationPortName: 'https',
  });
  const registry = { path: 'HKU\\x', data: { strings: ['4'], type: 'SZ_DWORD' } };
  assert.deepEqual(ecs(13, { registry }, { EventType: 'SetValue' }), {
    EventType: 'SetValue',
    TargetObject: 'HKU\\x',
    Details: 'DWORD (0x00000004)',
  });
  const answers = [
    { type: 'CNAME', data: 'b.example' },
    { type: 'A', data: '192.0.2.7' },
  ];
  assert.deepEqual(
    ecs(22, { dns: { question: { name: 'a.example' }, answers }, sysmon: { dns: { status: 'SUCCESS' } } }),
    {
      QueryName: 'a.example',
      QueryStatus: '0',
      QueryResults: 'type:  5 b.example;::ffff:192.0.2.7;',
    },
  );
  // What tables do not name is text, whatever JavaScript calls so.
  const named = ['constructor', '__proto__'].map((type) => ({ type, data: 'x' }));
  assert.deepEqual(
    ecs(22, { dns: { question: { name: 'a' }, answers: named }, sysmon: { dns: { status: 'constructor' } } }),
    { QueryName: 'a', QueryStatus: 'constructor', QueryResults: 'x;x;' },
  );
  assert.deepEqual(ecs(7, { process, 'file.path': 'C:\\l.dll' }), {
    ProcessGuid: guid.toUpperCase(),
    ProcessId: '51',
    Image: 'C:\\a.exe',
    ImageLoaded: 'C:\\l.dll',
  });
  // What event_data has is not overridden.
  assert.equal(ecs(5, { process }, { Image: 'own' })['Image'], 'own');
});

test('Azure: EventData as JSON text, as an object, as XML, as parameters', () => {
  const azure = {
    TenantId: 't',
    TimeGenerated: '2024-03-01T13:40:19Z',
    Computer: 'WS1',
    EventID: 8,
    Type: 'WindowsEvent',
  };
  const data =
    '{"UtcTime":"2024-03-01T13:40:18.1590000Z","TargetProcessId":"9","LogonId":12345678901234567890}';
  const json = read({ ...azure, Provider: SYSMON, Channel: CHANNEL, EventData: data });
  assert.deepEqual(
    { ...json, fields: fields(json) },
    {
      record: null,
      time: Date.UTC(2024, 2, 1, 13, 40, 18, 159),
      host: 'WS1',
      provider: SYSMON,
      channel: CHANNEL,
      eventId: 8,
      version: null,
      fields: { UtcTime: '2024-03-01 13:40:18.159', TargetProcessId: '9', LogonId: '12345678901234567890' },
    },
  );
  assert.deepEqual(fields(read({ ...azure, Provider: SYSMON, EventData: { TargetImage: 'b' } })), {
    TargetImage: 'b',
  });
  const xml =
    '<DataItem type="System.XmlData" time="2024-03-01T13:40:18.1600000Z" sourceHealthServiceId="x">' +
    '<EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event">' +
    '<Data Name="UtcTime">2024-03-01 13:40:18.159</Data><Data Name="TargetImage">&lt;unknown process&gt;</Data></EventData></DataItem>';
  const event = read({ ...azure, Source: SYSMON, EventLog: CHANNEL, EventData: xml });
  assert.equal(event.provider, SYSMON);
  assert.equal(event.channel, CHANNEL);
  assert.deepEqual(fields(event), { UtcTime: '2024-03-01 13:40:18.159', TargetImage: '<unknown process>' });
  const parameters = {
    ...azure,
    Source: 'S',
    EventLog: 'System',
    EventData: '',
    ParameterXml: '<Param>a</Param><Param>b</Param>',
  };
  assert.deepEqual(fields(read(parameters)), { param1: 'a', param2: 'b' });
  assert.equal(eventOf({ ...azure, Provider: SYSMON, EventData: '{"cut' }), null);
  assert.equal(eventOf({ ...azure, Source: SYSMON, EventData: '<DataItem><cut' }), null);
});

const GUID = '0CCE9215-69AE-11D9-BED3-505054503030';

test('evtx_dump: attributes inside or beside, unnamed and repeated data, user data', () => {
  const system = { EventRecordID: 5, Channel: CHANNEL, Computer: 'WS1', Version: 2, Level: 4 };
  const inside = {
    Event: {
      '#attributes': { xmlns: 'x' },
      System: {
        ...system,
        Provider: { '#attributes': { Name: SYSMON, Guid: 'g' } },
        EventID: 8,
        TimeCreated: { '#attributes': { SystemTime: '2024-03-01T13:40:18.160000Z' } },
      },
      EventData: { TargetImage: 'b', NewThreadId: 5, UtcTime: '2024-03-01 13:40:18.159' },
    },
  };
  const event = read(inside);
  assert.equal(event.time, Date.UTC(2024, 2, 1, 13, 40, 18, 159));
  assert.equal(event.record, 5);
  assert.equal(event.provider, SYSMON);
  assert.deepEqual(fields(event), { TargetImage: 'b', NewThreadId: '5', UtcTime: '2024-03-01 13:40:18.159' });
  const guids = { SourceProcessGuid: GUID, StartFunction: GUID };
  const own = read({ Event: { ...inside.Event, EventData: guids } });
  assert.deepEqual(fields(own), { SourceProcessGuid: `{${GUID}}`, StartFunction: GUID });
  const beside = (sections: Json): Event =>
    read({
      Event_attributes: { xmlns: 'x' },
      Event: {
        System: {
          ...system,
          Provider_attributes: { Name: 'Other' },
          EventID: 7036,
          EventID_attributes: { Qualifiers: 16384 },
          TimeCreated_attributes: { SystemTime: '2024-03-01T13:40:18.160000Z' },
        },
        ...sections,
      },
    });
  assert.equal(beside({ EventData: null }).eventId, 7036);
  assert.equal(beside({ EventData: null }).time, Date.UTC(2024, 2, 1, 13, 40, 18, 160));
  assert.deepEqual(fields(beside({ EventData: { Data: { '#text': ['a', 'b'] }, X: 1, X_1: 2, Y_1: 3 } })), {
    param1: 'a',
    param2: 'b',
    X: '1',
    'X#2': '2',
    Y_1: '3',
  });
  assert.deepEqual(fields(beside({ EventData: { Data: 'a' } })), { param1: 'a' });
  assert.deepEqual(
    fields(beside({ EventData: { Guid: GUID, Data: GUID, Lower: GUID.toLowerCase(), In: `{${GUID}} ` } })),
    { Guid: `{${GUID}}`, param1: `{${GUID}}`, Lower: GUID.toLowerCase(), In: `{${GUID}} ` },
  );
  const nested = {
    Inner: { Leaf: 1, Other: { '#text': 2, '#attributes': {} } },
    Bare: { '#attributes': {} },
  };
  assert.deepEqual(fields(beside({ EventData: nested })), { Leaf: '1', Other: '2', Bare: '' });
  const cleared = {
    '#attributes': { xmlns: 'y' },
    SubjectUserName: 'u',
    Empty: null,
    Inner: { Leaf: { '#text': 7, '#attributes': {} } },
  };
  assert.deepEqual(fields(beside({ UserData: { LogFileCleared: cleared, LogFileCleared_attributes: {} } })), {
    SubjectUserName: 'u',
    Empty: '',
    Leaf: '7',
  });
});

test('our own dump line keeps its time', () => {
  const line = {
    source: 'a.evtx',
    record: null,
    time: '2024-03-01T13:40:18.160Z',
    host: 'WS1',
    provider: SYSMON,
    channel: CHANNEL,
    eventId: 8,
    version: 2,
    fields: { UtcTime: '2024-03-01 13:40:18.159', param1: 'a', 'X#2': 'b' },
  };
  const { fields: read_, ...facts } = read(line);
  assert.deepEqual(Object.fromEntries(read_), line.fields);
  const { source, fields: written, time, ...others } = line;
  assert.ok(source && written && time);
  assert.deepEqual(facts, { ...others, time: Date.UTC(2024, 2, 1, 13, 40, 18, 160) });
});

test('anything else is no event', () => {
  const others: Json[] = [
    {},
    { a: 1 },
    { EventID: 1 },
    { EventID: 'x', SourceName: 'a', Hostname: 'b' },
    { winlog: 1 },
    { winlog: {} },
    { Event: { System: {} } },
    { fields: {}, eventId: null, provider: '' },
  ];
  for (const object of others) assert.equal(eventOf(object), null, JSON.stringify(object));
});
