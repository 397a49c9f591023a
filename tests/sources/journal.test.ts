import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import { readJson } from '../../src/sources/json.ts';
import { readSyslog } from '../../src/sources/syslog.ts';

const xml = (data: string, computer = 'vm1'): string =>
  `<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/><EventID>1</EventID><Version>5</Version><Channel>Linux-Sysmon/Operational</Channel><EventRecordID>77</EventRecordID><Computer>${computer}</Computer></System><EventData>${data}</EventData></Event>`;
const DATA =
  '<Data Name="UtcTime">2024-03-01 11:00:00.500</Data><Data Name="Image">/usr/bin/caf&#xe9;</Data>';

const entry = (MESSAGE: unknown, more: object = {}): object => ({
  __CURSOR: 's=1;i=2',
  __REALTIME_TIMESTAMP: '1709290801250999',
  _BOOT_ID: '0123456789abcdef0123456789abcdef',
  _HOSTNAME: 'relay',
  SYSLOG_IDENTIFIER: 'sysmon',
  PRIORITY: '6',
  MESSAGE,
  ...more,
});

async function read(
  objects: readonly object[],
  space = 0,
): Promise<{ events: Event[]; diagnostics: Diagnostic[] }> {
  const all = { events: [] as Event[], diagnostics: [] as Diagnostic[] };
  const text = objects.map((each) => JSON.stringify(each, null, space)).join('\n');
  async function* chunks(): AsyncGenerator<{ text: string; bytes: number }> {
    yield { text, bytes: Buffer.byteLength(text) };
  }
  for await (const batch of readJson('j.json', chunks())) {
    all.events.push(...batch.events);
    all.diagnostics.push(...batch.diagnostics);
  }
  return all;
}

test('a journal gives the events that the same lines of syslog give, with the boot', async () => {
  for (const space of [0, 4]) {
    const { events, diagnostics } = await read([entry(xml(DATA))], space);
    assert.deepEqual(diagnostics, []);
    async function* line(): AsyncGenerator<{ text: string; bytes: number }> {
      yield { text: `Mar  1 11:00:00 relay sysmon: ${xml(DATA)}\n`, bytes: 0 };
    }
    const expected: Event[] = [];
    for await (const batch of readSyslog('s', line())) expected.push(...batch.events);
    assert.equal(expected.length, 1);
    const fields = new Map([...expected[0]!.fields, ['BootId', '0123456789abcdef0123456789abcdef']]);
    assert.deepEqual(events, [{ ...expected[0]!, fields }]);
    assert.equal(events[0]!.host, 'vm1');
    assert.equal(events[0]!.time, Date.UTC(2024, 2, 1, 11, 0, 0, 500));
  }
});

test('what the event does not say, the journal says', async () => {
  const { events } = await read([entry(xml('', ''), { _BOOT_ID: undefined })]);
  assert.equal(events[0]!.host, 'relay');
  assert.equal(events[0]!.time, 1_709_290_801_250);
  assert.equal(events[0]!.fields.has('BootId'), false);
});

test('bytes, and repeated fields', async () => {
  const latin = [...Buffer.from(xml('<Data Name="Image">/caf\u00e9</Data>'), 'latin1')];
  const { events } = await read([entry(latin), entry([xml(DATA), 'b'])]);
  assert.equal(events[0]!.fields.get('Image'), '/caf\u00e9');
  assert.equal(events.length, 2);
});

test('other entries are counted; events that are cut, broken or left out are lost', async () => {
  const { events, diagnostics } = await read([
    entry('Started Daily apt upgrade.', { SYSLOG_IDENTIFIER: 'systemd' }),
    entry(null, { SYSLOG_IDENTIFIER: 'kernel' }),
    entry(xml(DATA)),
    entry(xml(DATA).slice(0, 200)),
    entry(null),
    entry('<Event>&nope;</Event>'),
    entry('sysmon: started'),
    entry([1, 'x', {}], { SYSLOG_IDENTIFIER: 'systemd' }),
  ]);
  assert.equal(events.length, 1);
  assert.deepEqual(
    diagnostics.map(({ code, severity, lost, where }) => [code, severity, lost, where.line]),
    [
      ['syslog-cut-event', 'error', 1, 4],
      ['syslog-cut-event', 'error', 1, 5],
      ['syslog-broken-event', 'error', 1, 6],
      ['syslog-other-lines', 'info', 0, undefined],
    ],
  );
  assert.match(diagnostics[1]!.message, /--all/);
  assert.match(diagnostics[3]!.message, /^4 entries/);
});
