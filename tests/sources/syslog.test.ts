import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import { readSyslog } from '../../src/sources/syslog.ts';
import type { TextChunk } from '../../src/sources/text.ts';

function eventXml(record: number, commandLine = 'ls'): string {
  return `<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/><EventID>1</EventID><Version>5</Version><TimeCreated SystemTime="2022-11-05T08:00:01.123456000Z"/><EventRecordID>${record}</EventRecordID><Channel>Linux-Sysmon/Operational</Channel><Computer>guest</Computer></System><EventData><Data Name="UtcTime">2022-11-05 08:00:00.100</Data><Data Name="CommandLine">${commandLine}</Data></EventData></Event>`;
}

async function read(parts: readonly string[]): Promise<{ events: Event[]; diagnostics: Diagnostic[] }> {
  async function* chunks(): AsyncGenerator<TextChunk> {
    for (const text of parts) yield { text, bytes: text.length };
  }
  const events: Event[] = [];
  const diagnostics: Diagnostic[] = [];
  for await (const batch of readSyslog('syslog', chunks())) {
    events.push(...batch.events);
    diagnostics.push(...batch.diagnostics);
  }
  return { events, diagnostics };
}

test('the prefixes of rsyslog, RFC 5424 and journald; the host is the event’s own', async () => {
  const { events, diagnostics } = await read([
    `Nov  5 08:00:01 relay sysmon: ${eventXml(1)}\n`,
    `<14>1 2022-11-05T08:00:01.1Z relay sysmon 812 - - ${eventXml(2)}\r\n`,
    `2022-11-05T08:00:01+0100 relay sysmon[812]: ${eventXml(3)}`,
  ]);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    events.map(({ record, host, eventId, provider }) => [record, host, eventId, provider]),
    [1, 2, 3].map((record) => [record, 'guest', 1, 'Linux-Sysmon']),
  );
  assert.equal(events[0]!.time, Date.UTC(2022, 10, 5, 8, 0, 0, 100));
});

test('other lines are counted once and lose nothing', async () => {
  const { events, diagnostics } = await read([
    'Nov  5 08:00:00 guest cron[1]: (root) CMD (true)\n\n',
    `Nov  5 08:00:01 guest sysmon: ${eventXml(1)}\nNov  5 08:00:02 guest kernel: up\n`,
  ]);
  assert.equal(events.length, 1);
  assert.deepEqual(
    diagnostics.map(({ code, severity, lost }) => [code, severity, lost]),
    [['syslog-other-lines', 'info', 0]],
  );
  assert.match(diagnostics[0]!.message, /^2 lines/);
});

test('an event that syslog cut is one lost, with its line', async () => {
  const cut = `Nov  5 08:00:01 guest sysmon: ${eventXml(1).slice(0, 250)}\n`;
  const { events, diagnostics } = await read([cut, `Nov  5 08:00:02 guest sysmon: ${eventXml(2)}\n`, cut]);
  assert.deepEqual(
    events.map(({ record }) => record),
    [2],
  );
  assert.deepEqual(
    diagnostics.map(({ code, where, lost }) => [code, where.line, lost]),
    [
      ['syslog-cut-event', 1, 1],
      ['syslog-cut-event', 3, 1],
    ],
  );
});

test('a line break inside a field does not cut the event', async () => {
  const { events, diagnostics } = await read([
    `Nov  5 08:00:01 guest sysmon: ${eventXml(1, 'sh -c\necho\n  done')}\n`,
  ]);
  assert.deepEqual(diagnostics, []);
  assert.equal(events[0]!.fields.get('CommandLine'), 'sh -c\necho\n  done');
});

test('JSON objects of a forwarder behind the prefix', async () => {
  const object =
    '{"EventTime":"2022-11-05 08:00:00","Hostname":"PC","EventID":8,"RecordNumber":5,"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","Channel":"Microsoft-Windows-Sysmon/Operational","UtcTime":"2022-11-05 08:00:00.100","SourceImage":"a","TargetImage":"b"}';
  const prefix = '<14>Nov  5 08:00:01 relay Microsoft-Windows-Sysmon[2064]: ';
  const { events, diagnostics } = await read([
    `${prefix}${object}\r\n`,
    `${prefix}${object.slice(0, -40)}\n`,
    `${prefix}{"level":"info"}\n`,
  ]);
  assert.deepEqual(
    events.map(({ host, eventId, record }) => [host, eventId, record]),
    [['PC', 8, 5]],
  );
  assert.deepEqual(
    diagnostics.map(({ code, where, lost }) => [code, where.line, lost]),
    [
      ['syslog-broken-event', 2, 1],
      ['syslog-other-lines', undefined, 0],
    ],
  );
});

test('an event that is not well-formed is one lost', async () => {
  const { events, diagnostics } = await read([
    `Nov  5 08:00:01 guest sysmon: ${eventXml(1, '&nope;')}\nNov  5 08:00:01 guest sysmon: ${eventXml(2)}\n`,
  ]);
  assert.equal(events.length, 1);
  assert.deepEqual(
    diagnostics.map(({ code, lost }) => [code, lost]),
    [['syslog-broken-event', 1]],
  );
});

test('a line of any length is read in flat memory', async () => {
  const { events, diagnostics } = await read([
    `Nov  5 08:00:01 guest sysmon: <Event>`,
    ...Array.from({ length: 20 }, () => 'x'.repeat(1024 * 1024)),
    `\nNov  5 08:00:01 guest sysmon: ${eventXml(2)}\n`,
  ]);
  assert.equal(events.length, 1);
  assert.deepEqual(
    diagnostics.map(({ code, lost }) => [code, lost]),
    [['syslog-cut-event', 1]],
  );
});

test('any cut of the text gives the same events and diagnostics', async () => {
  const line = fc.constantFrom(
    `Nov  5 08:00:01 guest sysmon: ${eventXml(1)}\n`,
    `Nov  5 08:00:01 guest sysmon: ${eventXml(2, 'a\nb')}\r\n`,
    `Nov  5 08:00:01 guest sysmon: ${eventXml(3).slice(0, 99)}\n`,
    'Nov  5 08:00:01 guest cron: x\n',
    '\n',
    'no prefix\n',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(4000)), async (lines, cuts) => {
      const text = lines.join('');
      const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      assert.deepEqual(await read(at.slice(1).map((end, i) => text.slice(at[i], end))), await read([text]));
    }),
    { numRuns: 60 },
  );
});
