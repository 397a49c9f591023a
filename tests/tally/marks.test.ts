import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, type Mark } from '../../src/tally/index.ts';
import { event, question } from '../builders/events.ts';

const TIME = Date.UTC(2026, 0, 5, 9);
const iso = (offset: number): string => new Date(TIME + offset).toISOString();

/** The mark of one record; undefined where it makes none. */
function markOf(
  provider: string,
  eventId: number,
  fields: Readonly<Record<string, string>> = {},
  channel = 'System',
): Mark | undefined {
  const counter = new Counter(question());
  counter.addEvent(event({ provider, eventId, channel, time: TIME, fields }));
  return counter.finish().tally.hosts.get('host')!.marks[0];
}

test('marks by provider and id, as Microsoft documents them', () => {
  const audit = 'Microsoft-Windows-Security-Auditing';
  const sessions = 'Microsoft-Windows-TerminalServices-LocalSessionManager';
  for (const [provider, eventId, fields, kind] of [
    ['EventLog', 6005, {}, 'start'],
    ['Microsoft-Windows-Eventlog', 6006, {}, 'stop'],
    ['EventLog', 6008, {}, 'start'],
    ['Microsoft-Windows-Kernel-General', 13, {}, 'stop'],
    ['User32', 1074, {}, 'announce'],
    ['USER32', 1074, {}, 'announce'],
    ['Microsoft-Windows-Kernel-Power', 41, {}, 'start'],
    ['Microsoft-Windows-Kernel-Power', 42, {}, 'sleep'],
    ['Microsoft-Windows-Kernel-Power', 107, {}, 'resume'],
    ['Microsoft-Windows-Kernel-Power', 109, {}, 'announce'],
    ['Microsoft-Windows-Kernel-Power', 506, {}, 'sleep'],
    ['Microsoft-Windows-Kernel-Power', 507, {}, 'resume'],
    ['Microsoft-Windows-Kernel-Boot', 27, { BootType: '0' }, 'start'],
    ['Microsoft-Windows-Kernel-Boot', 27, { BootType: '0x1' }, 'start'],
    ['Microsoft-Windows-Kernel-Boot', 27, { BootType: '2' }, 'resume'],
    ['Microsoft-Windows-Kernel-Boot', 27, { BootType: '0x2' }, 'resume'],
    ['Microsoft-Windows-Eventlog', 1100, {}, 'stop'],
    ['Microsoft-Windows-Eventlog', 1102, {}, 'log-cleared'],
    [audit, 4608, {}, 'start'],
    [audit, 4624, { LogonType: '2' }, 'logon'],
    [audit, 4624, { LogonType: '7' }, 'logon'],
    [audit, 4624, { LogonType: '10' }, 'logon'],
    [audit, 4624, { LogonType: '11' }, 'logon'],
    [audit, 4624, { LogonType: '3' }, undefined],
    ['Microsoft-Windows-Winlogon', 7001, {}, 'logon'],
    ['Microsoft-Windows-Winlogon', 7002, {}, 'logoff'],
    [sessions, 21, {}, 'logon'],
    [sessions, 22, {}, 'logon'],
    [sessions, 23, {}, 'logoff'],
    [sessions, 24, {}, 'logoff'],
    [sessions, 25, {}, 'logon'],
    ['Service Control Manager', 6005, {}, undefined],
    ['Microsoft-Windows-Kernel-Processor-Power', 41, {}, undefined],
  ] as const) {
    assert.equal(
      markOf(provider, eventId, fields)?.kind,
      kind,
      `${provider} ${eventId} ${JSON.stringify(fields)}`,
    );
  }
});

test('a flat export without providers: channel and id tell, where no other provider of the channel uses the id', () => {
  assert.equal(markOf('', 6006)?.kind, 'stop');
  assert.equal(markOf('', 6006, {}, 'Application'), undefined);
  assert.equal(markOf('', 12, { StartTime: iso(-5000) })?.kind, 'start');
  assert.equal(markOf('', 12, { Other: 'x' }), undefined);
});

test('times that a record tells: the kernel’s start, a sleep, a clock that was set, a log that was cleared', () => {
  assert.equal(
    markOf('Microsoft-Windows-Kernel-General', 12, { StartTime: iso(-20_000) })?.time,
    TIME - 20_000,
  );
  // A StartTime far off is of a clock that was set in between.
  assert.equal(markOf('Microsoft-Windows-Kernel-General', 12, { StartTime: iso(-86_400_000) })?.time, TIME);
  const woken = markOf('Microsoft-Windows-Power-Troubleshooter', 1, {
    SleepTime: iso(-3_600_000),
    WakeTime: iso(-2000),
  });
  assert.deepEqual([woken?.kind, woken?.time, woken?.since], ['resume', TIME - 2000, TIME - 3_600_000]);
  const set = markOf('Microsoft-Windows-Kernel-General', 1, { OldTime: iso(-600_000), NewTime: iso(0) });
  assert.deepEqual([set?.kind, set?.time, set?.since], ['clock-set', TIME, TIME - 600_000]);
  const cleared = markOf('Microsoft-Windows-Eventlog', 104, {
    Channel: 'Microsoft-Windows-Sysmon/Operational',
  });
  assert.equal(cleared?.cleared, 'microsoft-windows-sysmon/operational');
  assert.equal(markOf('Microsoft-Windows-Eventlog', 1102, {}, 'Security')?.cleared, 'security');
});

test('the ids of a machine and of a boot are kept with first and last time', () => {
  const counter = new Counter(question());
  const guid = '{1A2B3C4D-0000-5F00-0000-001000000000}';
  for (const minutes of [5, 1, 9]) {
    const fields = { ProcessGuid: guid, BootId: 'b' };
    counter.addEvent(
      event({
        provider: 'Linux-Sysmon',
        eventId: 1,
        record: 64 * minutes,
        time: TIME + minutes * 60_000,
        fields,
      }),
    );
  }
  const { machines, bootIds } = counter.finish().tally.hosts.get('host')!;
  assert.deepEqual([...machines], [['1a2b3c4d', [TIME + 60_000, TIME + 540_000]]]);
  assert.deepEqual([...bootIds], [['b', [TIME + 60_000, TIME + 540_000]]]);
});

test("a machine is told by each of Sysmon's spellings of the process that acts", () => {
  for (const [eventId, name] of [
    [1, 'ProcessGuid'],
    [8, 'SourceProcessGuid'],
    [10, 'SourceProcessGUID'],
  ] as const) {
    const counter = new Counter(question());
    const fields = { [name]: '{1A2B3C4D-0000-5F00-0000-001000000000}' };
    counter.addEvent(event({ eventId, record: 64, time: TIME, fields }));
    const { machines } = counter.finish().tally.hosts.get('host')!;
    assert.deepEqual([...machines.keys()], ['1a2b3c4d'], name);
  }
});
