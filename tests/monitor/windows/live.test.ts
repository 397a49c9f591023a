/** The machine's own event logs: exported, followed, and what is said where that can't be. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Event } from '../../../src/events/index.ts';
import { MonitorError } from '../../../src/monitor/error.ts';
import { followLive, snapshotLive, sysmonStatus } from '../../../src/monitor/windows/index.ts';
import { decodeOutput } from '../../../src/monitor/windows/output.ts';
import type { Batch } from '../../../src/sources/index.ts';
import { sysmonEvent, sysmonTime, systemEvent } from '../../builders/evtx-windows.ts';
import { writeEvtx } from '../../builders/evtx-writer.ts';
import { type FakeWindows, fakeWindows, machineOf } from '../../builders/fake-windows.ts';

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
const START = Date.UTC(2026, 0, 5, 9);
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-windows-live-'));
const within = mkdtempSync(join(folder, 'temp-'));
after(() => rmSync(folder, { recursive: true }));

function sysmonLog(name: string, records: number): string {
  const path = join(folder, name);
  const events = Array.from({ length: records }, (_, at) => {
    // Sysmon's own time is a little before that of the record.
    const head = { recordId: at + 1, time: START + at * 1000, computer: 'DESKTOP' };
    const UtcTime = sysmonTime(head.time - 7);
    if (at === 0)
      return sysmonEvent({
        ...head,
        eventId: 4,
        fields: { UtcTime, State: 'Started', Version: '15.15', SchemaVersion: '4.90' },
      });
    return sysmonEvent({
      ...head,
      eventId: 8,
      fields: { UtcTime, SourceImage: `C:\\\u30c6\u00e4st <&'"> ${at}.exe` },
    });
  });
  writeFileSync(path, writeEvtx(events));
  return path;
}

function systemLog(): string {
  const path = join(folder, 'System.evtx');
  const head = { recordId: 1, time: START, computer: 'DESKTOP' };
  writeFileSync(path, writeEvtx([systemEvent(head, { mark: 'EventLog/6005' })]));
  return path;
}

const LOG = sysmonLog('Sysmon.evtx', 40);
const SYSTEM = systemLog();

function windows(some: Partial<FakeWindows> = {}): FakeWindows {
  return fakeWindows({
    services: { Sysmon64: { image: String.raw`C:\Windows\Sysmon64.exe`, state: 'RUNNING' } },
    channels: { [SYSMON]: { file: LOG }, System: { file: SYSTEM } },
    ...some,
  });
}

async function refused(state: FakeWindows, code: string, message: RegExp): Promise<void> {
  const { machine } = machineOf(state);
  const isIt = (error: unknown): boolean => {
    assert.ok(error instanceof MonitorError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
  await assert.rejects(snapshotLive({ machine, within }), isIt);
  await assert.rejects(followLive({ machine, within, signal: AbortSignal.timeout(5000) }).next(), isIt);
  assert.deepEqual(readdirSync(within), [], 'nothing is left behind');
}

test('a snapshot has both logs, byte for byte, and goes when it is removed', async () => {
  const { machine } = machineOf(windows());
  const { logs, notices, remove } = await snapshotLive({ machine, within });
  assert.deepEqual(notices, []);
  assert.deepEqual(
    logs.map(({ channel }) => channel),
    [SYSMON, 'System'],
  );
  assert.deepEqual(readFileSync(logs[0]!.path), readFileSync(LOG));
  assert.deepEqual(readFileSync(logs[1]!.path), readFileSync(SYSTEM));
  remove();
  remove();
  assert.deepEqual(readdirSync(within), []);
});

test('what keeps the log from being read is one sentence each, and leaves nothing behind', async () => {
  await refused(windows({ elevated: false }), 'live-not-elevated', /administrator/);
  await refused(
    windows({ channels: {}, services: {} }),
    'live-no-channel',
    /Sysmon is not installed.*install CONFIG/,
  );
  await refused(
    windows({ channels: {} }),
    'live-no-channel',
    /service Sysmon64 is there, but not its event log/,
  );
  const broken = windows({
    fail: { 'wevtutil epl': { status: 1722, says: 'Der RPC-Server ist nicht verf\x81gbar.\r\n' } },
  });
  await refused(
    broken,
    'live-failed',
    /ended with 1722, and says: Der RPC-Server.*nor can its file be copied \(EBUSY\)/,
  );
});

test('where the export fails, the file itself is copied, and that is said', async () => {
  const state = windows({ fail: { 'wevtutil epl Microsoft': { status: 1722 } } });
  const { machine } = machineOf(state);
  const copied: string[] = [];
  const copying = {
    ...machine,
    copy: async (from: string, to: string): Promise<void> => {
      copied.push(from);
      writeFileSync(to, readFileSync(LOG));
    },
  };
  const { logs, notices, remove } = await snapshotLive({ machine: copying, within });
  assert.deepEqual(copied, [
    String.raw`C:\Windows\System32\Winevt\Logs\Microsoft-Windows-Sysmon%4Operational.evtx`,
  ]);
  assert.equal(logs.length, 2);
  assert.match(notices.join('\n'), /1722; its file was copied instead/);
  remove();
});

test('without the System log the rest is read, and that is said', async () => {
  const { machine } = machineOf(windows({ channels: { [SYSMON]: { file: LOG } } }));
  const { logs, notices, remove } = await snapshotLive({ machine, within });
  assert.equal(logs.length, 1);
  assert.match(notices.join('\n'), /no event log System; starts and stops/);
  remove();
});

interface Seen {
  readonly events: Event[];
  readonly batches: Batch[];
  readonly ran: readonly string[];
}

/** Follows until a look at all channels brought nothing; `grow` is called after each look, until it returns false. */
async function following(state: FakeWindows, grow: (look: number) => boolean): Promise<Seen> {
  const { machine, ran } = machineOf(state);
  const end = new AbortController();
  const [events, batches]: [Event[], Batch[]] = [[], []];
  let look = 0;
  const counting = {
    ...machine,
    run: async (program: string, args: readonly string[]) => {
      // The Sysmon channel is looked at first, the System channel second.
      if (args[0] === 'qe' && args[1] === 'System' && !args.includes('/c:1') && !grow(look++)) end.abort();
      return await machine.run(program, args);
    },
  };
  for await (const batch of followLive({ machine: counting, within, signal: end.signal, intervalMs: 1 })) {
    for (const one of batch.events) events.push({ ...plain(one) });
    batches.push({ ...batch });
  }
  assert.deepEqual(readdirSync(within), [], 'nothing is left behind');
  return { events: events.filter(({ channel }) => channel === SYSMON), batches, ran };
}

function plain({ record, time, host, provider, channel, eventId, version, fields }: Event): Event {
  return { record, time, host, provider, channel, eventId, version, fields: new Map(fields) };
}

/** Event by event what the whole log holds: as it is read from the file. */
async function whole(): Promise<Event[]> {
  const { events } = await following(windows(), () => false);
  return events;
}

test('followed events are those of the log, whether they were there or came one by one', async () => {
  const all = await whole();
  assert.equal(all.length, 40);
  assert.equal(all[7]!.fields.get('SourceImage'), 'C:\\\u30c6\u00e4st <&\'"> 7.exe');
  const channel = { file: sysmonLog('grows.evtx', 10), upTo: 10 };
  const state = windows({ channels: { [SYSMON]: channel, System: { file: SYSTEM } } });
  const { events, batches, ran } = await following(state, (look) => {
    state.channels[SYSMON] = { file: LOG, upTo: Math.min(40, 10 + look * 7) };
    return look < 8;
  });
  assert.deepEqual(events, all);
  assert.deepEqual(
    batches.flatMap(({ diagnostics }) => diagnostics),
    [],
  );
  assert.ok(batches.every(({ source }) => source === SYSMON || source === 'System'));
  assert.ok(ran.some((one) => one.includes('/bm:')) && !ran.some((one) => one.includes('EventRecordID')));
});

test('where wevtutil takes no bookmark, records are asked for by their ids', async () => {
  const state = windows({ fail: { [`wevtutil qe ${SYSMON} /bm:`]: { status: 15_011 } } });
  state.channels[SYSMON] = { file: sysmonLog('short.evtx', 10) };
  const { events, ran } = await following(state, (look) => {
    state.channels[SYSMON] = { file: LOG, upTo: 10 + look };
    return look < 6;
  });
  assert.deepEqual(
    events.map(({ record }) => record),
    Array.from({ length: 15 }, (_, at) => at + 1),
  );
  assert.equal(ran.filter((one) => one.includes(`${SYSMON} /bm:`)).length, 1, 'tried once');
});

test('records that were overwritten before they were read are a loss with its count and place', async () => {
  const state = windows();
  state.channels[SYSMON] = { file: sysmonLog('wraps.evtx', 10) };
  const { events, batches } = await following(state, (look) => {
    if (look === 1) state.channels[SYSMON] = { file: LOG, from: 21 };
    return look < 4;
  });
  assert.equal(events.length, 10 + 20);
  const told = batches.flatMap(({ diagnostics }) => diagnostics);
  assert.equal(told.length, 1);
  const { code, severity, lost, where } = told[0]!;
  assert.deepEqual(
    { code, severity, lost, where },
    { code: 'live-gap', severity: 'error', lost: 10, where: { source: SYSMON, record: 21 } },
  );
});

test('a log that began anew is noticed and read from its start', async () => {
  const state = windows();
  state.channels[SYSMON] = { file: LOG };
  const fresh = sysmonLog('anew.evtx', 5);
  const { events, batches } = await following(state, (look) => {
    if (look === 1) state.channels[SYSMON] = { file: fresh };
    return look < 30;
  });
  assert.deepEqual(
    events.slice(40).map(({ record }) => record),
    [1, 2, 3, 4, 5],
  );
  const told = batches.flatMap(({ diagnostics }) => diagnostics);
  assert.deepEqual(
    told.map(({ code, lost }) => [code, lost]),
    [['live-gap', 0]],
  );
});

test('a service that does not answer for a while is told once, and nothing is lost', async () => {
  const state = windows();
  state.channels[SYSMON] = { file: sysmonLog('away.evtx', 10) };
  const { events, batches } = await following(state, (look) => {
    if (look === 1) state.fail[`wevtutil qe ${SYSMON}`] = { status: 1722 };
    if (look === 5) delete state.fail[`wevtutil qe ${SYSMON}`];
    if (look === 5) state.channels[SYSMON] = { file: LOG };
    return look < 9;
  });
  assert.equal(events.length, 40);
  const told = batches.flatMap(({ diagnostics }) => diagnostics);
  assert.deepEqual(
    told.map(({ code }) => code),
    ['live-failed'],
  );
});

test('status tells service, log and configuration, in any language of Windows', async () => {
  for (const translated of [false, true]) {
    const state = windows({
      translated,
      sysmon: {
        schema: '4.90',
        encoding: 'latin1',
        hash: true,
        config:
          '<Sysmon schemaversion="4.90"><EventFiltering><ImageLoad onmatch="include"><Image>a</Image></ImageLoad></EventFiltering></Sysmon>',
      },
    });
    state.channels[SYSMON] = { file: LOG, from: 11 };
    const said: string[] = [];
    const { machine } = machineOf(state);
    const status = await sysmonStatus({ machine, say: (line) => said.push(line) });
    assert.deepEqual(status.problems, []);
    assert.equal(status.service?.state, 'RUNNING');
    assert.deepEqual(status.channel?.oldest?.record, 11, 'not what gli says');
    assert.equal(status.channel?.newest?.record, 40);
    assert.equal(status.channel?.whenFull, 'overwrites');
    assert.equal(status.active?.sections?.[0]?.tag, 'ImageLoad');
    const text = said.join('\n');
    assert.match(text, /^Service: +Sysmon64, RUNNING, C:\\Windows\\Sysmon64\.exe$/m);
    assert.match(text, /^Event log: +1\.1 MB of 64\.0 MB, the oldest records are overwritten$/m);
    assert.match(text, /^Oldest record: +2026-01-05T09:00:10\.000Z, record 11$/m);
    assert.match(text, /^Its rules: +1 sections, 1 filters, schema 4\.90$/m);
  }
});

test('status tells what Sysmon said of itself at its last start', async () => {
  const { machine } = machineOf(windows());
  const status = await sysmonStatus({ machine, say: () => undefined });
  assert.equal(status.version, '15.15');
  assert.equal(status.schemaVersion, '4.90');
});

test('status of a machine without Sysmon, and of one that hides it, does not throw', async () => {
  const none = await sysmonStatus({ machine: machineOf(fakeWindows()).machine, say: () => undefined });
  assert.equal(none.service, null);
  assert.deepEqual(none.problems, []);
  const hidden = await sysmonStatus({
    machine: machineOf(windows({ elevated: false })).machine,
    say: () => undefined,
  });
  assert.equal(hidden.service?.name, 'Sysmon64');
  assert.equal(hidden.problems.length, 2);
  const stopped = windows({ services: { Sysmon: { image: 'C:\\Sysmon.exe', state: 'STOPPED' } } });
  stopped.channels[SYSMON] = { file: LOG, retention: true };
  const { problems } = await sysmonStatus({ machine: machineOf(stopped).machine, say: () => undefined });
  assert.ok(problems.some((one) => one.includes('service Sysmon does not run')));
  assert.ok(problems.some((one) => one.includes('stops when it is full')));
});

test('output is decoded whatever it is encoded in', () => {
  const text = 'Gr\u00fc\u00dfe \u30c6\u30b9\u30c8\r\n';
  assert.equal(decodeOutput(Buffer.from(text, 'utf16le')), text);
  assert.equal(decodeOutput(Buffer.from(`\uFEFF${text}`, 'utf16le')), text);
  assert.equal(decodeOutput(Buffer.from(text, 'utf16le').swap16()), text);
  assert.equal(decodeOutput(Buffer.from(text, 'utf8')), text);
  // Code pages 850 and 932: what is ASCII stays.
  const german = Buffer.from([0x47, 0x72, 0x81, 0xe1, 0x65, 0x20, 0x52, 0x55, 0x4e]);
  assert.match(decodeOutput(german), /^Gr..e RUN$/);
  const japanese = Buffer.from([
    0x83, 0x65, 0x83, 0x58, 0x83, 0x67, 0x3a, 0x20, 0x34, 0x20, 0x52, 0x55, 0x4e,
  ]);
  assert.match(decodeOutput(japanese), /: 4 RUN$/);
  assert.equal(decodeOutput(new Uint8Array(0)), '');
});

test('nothing of the tests is left in the folder for temporary files', () => {
  assert.ok(existsSync(within));
  assert.deepEqual(readdirSync(within), []);
});
