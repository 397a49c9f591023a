/**
 * The sensor on this machine's own kernel: everything that a trigger does gives exactly its events, with all their
 * fields, and what is not an event gives none. Expectations come from the triggers, which ask the kernel themselves.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { eventType } from '../../src/events/index.ts';
import { ABSOLUTE, FILE_TRIGGERS } from './file-triggers.ts';
import { INJECTION_TRIGGERS } from './injection-triggers.ts';
import { SKIP_LIVE } from './live-part.ts';
import { NETWORK_TRIGGERS } from './network-triggers.ts';
import { PROCESS_TRIGGERS } from './process-triggers.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { type Expected, itself, type Run, runTrigger, type Trigger } from './trigger.ts';
import type { SeenEvent } from './logged.ts';
import { logsAll, type Service, startService } from './service.ts';

const ALL = {
  processes: PROCESS_TRIGGERS,
  injection: INJECTION_TRIGGERS,
  network: NETWORK_TRIGGERS,
  files: FILE_TRIGGERS,
};
const TAGS = [
  'ProcessCreate',
  'FileCreateTime',
  'NetworkConnect',
  'ProcessTerminate',
  'DriverLoad',
  'CreateRemoteThread',
  'RawAccessRead',
  'ProcessAccess',
  'FileCreate',
  'DnsQuery',
  'FileDelete',
];

/** Fields of the event table that Linux has nothing for, or that the kernel does not tell: they may be `-`. */
const MAY_BE_EMPTY: Readonly<Record<number, readonly string[]>> = {
  1: ['FileVersion', 'Description', 'Product', 'Company', 'OriginalFileName', 'IntegrityLevel', 'Hashes'],
  2: ['PreviousCreationUtcTime'],
  3: ['SourceHostname', 'SourcePortName', 'DestinationHostname', 'DestinationPortName'],
  8: ['StartModule', 'StartFunction', 'StartAddress', 'NewThreadId'],
  10: ['CallTrace'],
  22: ['QueryStatus', 'QueryResults'],
  23: ['Hashes', 'IsExecutable', 'Archived'],
};

/** Clocks are read apart: the trigger's before and after, the kernel's in between. */
const CLOCK_MS = 20;

const sourceOf = ({ fields }: SeenEvent): string => fields['ProcessId'] ?? fields['SourceProcessId'] ?? '';

function passes(seen: string | undefined, wanted: string | RegExp): boolean {
  return seen !== undefined && (typeof wanted === 'string' ? seen === wanted : wanted.test(seen));
}

/** What is wrong with an event that should be this one; empty where nothing is. */
function differences({ fields }: SeenEvent, expected: Expected): readonly string[] {
  return Object.entries(expected.fields)
    .filter(([name, wanted]) => !passes(fields[name], wanted))
    .map(
      ([name, wanted]) =>
        `${name} is ${JSON.stringify(fields[name])}, not ${typeof wanted === 'string' ? JSON.stringify(wanted) : wanted}`,
    );
}

/** All events of the trigger and its children, in the order of the log. */
function eventsOf(run: Run, all: readonly SeenEvent[]): readonly SeenEvent[] {
  const within = all.filter(
    ({ time }) => Date.parse(time) >= run.from - CLOCK_MS && Date.parse(time) <= run.to + CLOCK_MS,
  );
  const family = new Set([String(run.pid)]);
  for (const name of ['child', 'target', 'grandchild', 'hostPid'])
    for (const facts of run.told) if (name in facts) family.add(String(facts[name]));
  for (const { eventId, fields } of within)
    if (eventId === 1 && family.has(fields['ParentProcessId']!)) family.add(fields['ProcessId']!);
  return within.filter((event) => family.has(sourceOf(event)));
}

function checkShape(event: SeenEvent, run: Run): void {
  const { fields, eventId } = event;
  const layout = eventType(eventId)!
    .layouts.at(-1)!
    .fields.map(([name]) => name);
  assert.deepEqual(
    Object.keys(fields).slice(0, layout.length),
    layout,
    'fields in the order of the event table',
  );
  for (const name of layout) {
    if (name === 'RuleName' || MAY_BE_EMPTY[eventId]?.includes(name)) continue;
    // Process 1 of a container may keep its image and command line to itself, even before root.
    if (/^Parent(?:Image|CommandLine)$/.test(name) && fields['ParentProcessId'] === '1') continue;
    assert.ok(
      fields[name] !== '' && fields[name] !== '-',
      `event ${eventId} has no ${name}: ${JSON.stringify(fields)}`,
    );
  }
  assert.equal(event.host, hostname());
  assert.match(fields['UtcTime']!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
  assert.equal(Date.parse(`${fields['UtcTime']!.replace(' ', 'T')}Z`), Date.parse(event.time));
  assert.ok(Date.parse(event.time) <= run.to + CLOCK_MS);
  for (const [name, value] of Object.entries(fields))
    if (/Guid$/i.test(name)) assert.match(value, /^\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/i, name);
}

/** A process has one GUID, whichever event names it, and two processes have two. */
function checkGuids(events: readonly SeenEvent[]): void {
  const guids = new Map<string, string>();
  for (const { fields } of events)
    for (const [pidName, guidName] of [
      ['ProcessId', 'ProcessGuid'],
      ['ParentProcessId', 'ParentProcessGuid'],
      ['SourceProcessId', 'SourceProcessGuid'],
      ['TargetProcessId', 'TargetProcessGuid'],
      ['SourceProcessId', 'SourceProcessGUID'],
      ['TargetProcessId', 'TargetProcessGUID'],
    ] as const) {
      const [pid, guid] = [fields[pidName], fields[guidName]];
      if (pid === undefined || guid === undefined) continue;
      assert.equal(guids.get(pid) ?? guid, guid, `process ${pid} has two GUIDs`);
      guids.set(pid, guid);
    }
  assert.equal(new Set(guids.values()).size, guids.size, 'two processes have one GUID');
}

function check(trigger: Trigger, run: Run, all: readonly SeenEvent[]): void {
  const seen = [...eventsOf(run, all)];
  for (const event of seen) checkShape(event, run);
  checkGuids(seen);
  const left = [...seen];
  for (const expected of [...itself(run), ...trigger.expected(run)]) {
    const alike = left.filter(({ eventId }) => eventId === expected.eventId);
    const found = alike.find((event) => differences(event, expected).length === 0);
    if (!found) {
      const near = alike
        .map((event) => differences(event, expected))
        .sort((one, other) => one.length - other.length)[0];
      assert.fail(`no event ${expected.eventId} as expected: ${near?.join('; ') ?? 'there is none'}`);
    }
    left.splice(left.indexOf(found), 1);
  }
  assert.deepEqual(left, [], 'events that nothing made');
}

/** bpftrace loads a program of its own and leaves. */
function runProgramLoad(): { from: number; to: number } {
  const from = Date.now();
  assert.equal(spawnSync('bpftrace', ['-e', 'BEGIN { exit(); }']).status, 0);
  return { from, to: Date.now() };
}

describe('the sensor, live', { skip: SKIP_LIVE }, () => {
  let programs: Programs;
  let service: Service;
  let events: readonly SeenEvent[];
  let loading: { from: number; to: number };
  const runs = new Map<Trigger, Run>();

  before(async () => {
    programs = buildPrograms();
    service = await startService(join(programs.folder, 'root'), logsAll(...TAGS));
    for (const trigger of Object.values(ALL).flat())
      if (!trigger.skip) runs.set(trigger, runTrigger(trigger, programs));
    loading = runProgramLoad();
    await service.settled();
    events = service.events();
  });

  after(async () => {
    await service?.end();
    programs?.remove();
    rmSync(ABSOLUTE, { force: true });
  });

  for (const [part, triggers] of Object.entries(ALL))
    for (const trigger of triggers)
      test(`${part}: ${trigger.name}`, { skip: trigger.skip ?? false }, () => {
        check(trigger, runs.get(trigger)!, events);
      });

  test('files: a program loaded into the kernel', () => {
    // The type names no process; others on this machine may load programs too, but then not in this moment.
    const loads = events.filter(
      ({ eventId, time }) =>
        eventId === 6 &&
        Date.parse(time) >= loading.from - CLOCK_MS &&
        Date.parse(time) <= loading.to + CLOCK_MS,
    );
    assert.ok(loads.length > 0);
    for (const { fields } of loads) assert.match(fields['ImageLoaded']!, /^bpf:./);
  });

  test('nothing was lost, and the log is in the order of time', () => {
    assert.deepEqual(
      events.filter(({ eventId }) => eventId === 255),
      [],
    );
    const times = events.map(({ time }) => Date.parse(time));
    assert.ok(times.every((time, at) => at === 0 || time >= times[at - 1]!));
  });
});
