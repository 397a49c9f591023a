/**
 * The post's walk on a machine that really reboots: install the configuration, use the machine, reboot twice, look.
 * Minutes of emulation: only with NOISEFLOOR_GUEST=1, as `npm run test:guest` sets it. What the guest did when comes from
 * its own record (marks.jsonl, journals), not from the log that is tested.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { walk, type Mark, type Walk } from '../../scripts/guest/walk.ts';
import { ROOT } from '../builders/shared.ts';

const skip =
  process.env['NOISEFLOOR_GUEST'] === '1' ? false : 'boots an emulated machine: npm run test:guest';
const QUESTION = join(ROOT, 'spec/create-remote-thread.xml');
/** Process creation and end, and access: what tells processes apart across boots. */
const WIDER = `<Sysmon schemaversion="4.91">
  <EventFiltering>
    <ProcessCreate onmatch="exclude" />
    <ProcessTerminate onmatch="exclude" />
    <CreateRemoteThread onmatch="exclude" />
    <ProcessAccess onmatch="exclude" />
  </EventFiltering>
</Sysmon>
`;
const TARGET = '/usr/local/bin/guest-target';
const INJECTOR = '/usr/local/bin/guest-injector';

interface Line {
  readonly record: number;
  readonly time: string;
  readonly host: string;
  readonly eventId: number;
  readonly fields: Readonly<Record<string, string>>;
}

function noisefloor(...args: string[]): string {
  const main = join(ROOT, 'dist/src/cli/main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, `noisefloor ${args[0]}: ${stderr}`);
  return stdout;
}

/** Milliseconds of a time as Sysmon writes it, or of ISO 8601. */
function ms(time: string): number {
  const value = Date.parse(time.includes('T') ? time : `${time.replace(' ', 'T')}Z`);
  assert.ok(Number.isFinite(value), `${time} is no time`);
  return value;
}

function near(found: number, expected: number, seconds: number, what: string): void {
  const off = (found - expected) / 1000;
  assert.ok(Math.abs(off) <= seconds, `${what} is off by ${off.toFixed(1)} s`);
}

describe('three real boots', { skip }, () => {
  let walked: Walk;
  let log: string;
  let lines: readonly Line[];
  const marks = (what: string, boot?: number): readonly Mark[] =>
    walked.marks.filter((mark) => mark.what === what && (boot === undefined || mark.boot === boot));
  const mark = (what: string, boot: number): Mark => {
    const [found] = marks(what, boot);
    assert.ok(found, `boot ${boot} has no ${what}`);
    return found;
  };
  /** When the kernel of a boot started, by the guest's own clocks. */
  const kernelStart = (boot: number): number => {
    const { time, uptime } = mark('booted', boot);
    return ms(time) - uptime * 1000;
  };
  /** The boot that a moment belongs to. */
  const bootAt = (time: number): number => [3, 2, 1].find((boot) => time >= kernelStart(boot) - 1000) ?? 0;
  const inBoot = (boot: number): readonly Line[] => lines.filter(({ time }) => bootAt(ms(time)) === boot);
  const states = (state: string): readonly Line[] =>
    lines.filter(({ eventId, fields }) => eventId === 4 && fields['State'] === state);

  before(async () => {
    walked = await walk(ROOT, readFileSync(QUESTION, 'utf8'), WIDER, (text) => console.log(`guest: ${text}`));
    log = join(walked.folder, 'noisefloor/events');
    assert.ok(existsSync(log), 'the guest has no event log');
    lines = noisefloor('dump', log, '--format', 'jsonl')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  });

  test('every record is there once, in order, across the boots', () => {
    assert.ok(lines.length > 0);
    assert.deepEqual(
      lines.map(({ record }) => record),
      lines.map((_, index) => index + 1),
    );
    for (const { host } of lines) assert.equal(host, 'guest');
  });

  test('the answer has three boots and the injection, with its source and its target', () => {
    const answer = JSON.parse(noisefloor('ask', QUESTION, log, '--json')) as {
      exposure: { boots: number; method: string };
      matches: { events: number };
      groups: readonly { key: Record<string, string>; events: number }[];
    };
    assert.equal(answer.exposure.boots, 3);
    assert.equal(answer.exposure.method, 'marks');
    assert.equal(answer.matches.events, 1);
    assert.equal(answer.groups[0]!.key['SourceImage'], INJECTOR);
    assert.equal(answer.groups[0]!.key['TargetImage'], TARGET);
  });

  test('the injection: who, whom, when; its target is older than the sensor', () => {
    const injections = lines.filter(({ eventId }) => eventId === 8);
    assert.equal(injections.length, 1);
    const { fields, time } = injections[0]!;
    const done = mark('injection', 2);
    near(ms(time), ms(done.time), 5, 'the injection');
    assert.equal(fields['SourceImage'], INJECTOR);
    assert.equal(fields['TargetImage'], TARGET);
    assert.equal(Number(fields['TargetProcessId']), done.target);
    assert.match(fields['Call'] ?? '', /process_vm_writev/i);
    // The target was started before sysinit, and no record of its start can be in the log.
    assert.equal(lines.filter((line) => line.eventId === 1 && line.fields['Image'] === TARGET).length, 0);
    const source = lines.find((line) => line.eventId === 1 && line.fields['Image'] === INJECTOR);
    assert.ok(source, 'the start of the injector');
    assert.equal(source.fields['ProcessGuid'], fields['SourceProcessGuid']);
    assert.equal(source.fields['CommandLine'], `${INJECTOR} ${done.target}`);
    assert.equal(source.fields['ParentImage'], '/usr/bin/dash');
  });

  test('the monitor says of each boot which it is and when its kernel started', () => {
    for (const boot of [1, 2, 3]) {
      const started = states('Started').filter(({ time }) => bootAt(ms(time)) === boot);
      assert.equal(started.length, boot === 3 ? 2 : 1, `starts in boot ${boot}`);
      for (const { fields } of started) {
        assert.equal(fields['BootId'], mark('booted', boot).bootId);
        near(ms(fields['BootTime'] ?? ''), kernelStart(boot), 2, `the kernel's start of boot ${boot}`);
      }
    }
    const ids = new Set(states('Started').map(({ fields }) => fields['BootId']));
    assert.equal(ids.size, 3);
  });

  test('stops: two with the machine, one to start again, one by hand; none unclean', () => {
    const stopped = states('Stopped');
    assert.deepEqual(
      stopped.map(({ fields }) => fields['Reason'] === 'shutdown'),
      [true, true, false, false],
    );
    for (const { fields } of stopped) assert.notEqual(fields['Reason'], 'not stopped cleanly');
    // Emulated, a service takes its time to stop.
    for (const boot of [1, 2])
      near(ms(stopped[boot - 1]!.time), ms(mark('leaving', boot).time), 60, `stop ${boot}`);
    near(ms(stopped[2]!.time), ms(mark('restart', 3).time), 60, 'the stop before the restart');
    near(ms(stopped[3]!.time), ms(mark('leaving', 3).time), 60, 'the last stop');
  });

  test('the configurations in force: the question, then what was reloaded', () => {
    const loaded = lines.filter(({ eventId }) => eventId === 16);
    const hashes = loaded.map(({ fields }) => fields['ConfigurationFileHash']);
    assert.equal(new Set(hashes).size, 2);
    assert.equal(hashes.length, 5, 'at the start of each boot, at the reload, at the restart');
    // Under emulation the kernel takes minutes to verify the new probes; the old ones watch until then.
    const reloaded = ms(loaded[1]!.time);
    const watching = marks('watching', 1).at(-1)!;
    assert.ok(reloaded > ms(mark('reload', 1).time), 'the reload comes before it was asked for');
    assert.ok(reloaded < ms(watching.time), 'the reload comes after it was done');
    const first = lines.filter(({ time }) => ms(time) < ms(mark('reload', 1).time));
    for (const { eventId } of first)
      assert.ok([4, 8, 16, 255].includes(eventId), `event ${eventId} before the reload`);
  });

  test('what ran before the sensor saw anything is in no exposure', () => {
    const answer = JSON.parse(noisefloor('ask', QUESTION, log, '--json')) as { exposure: { hours: number } };
    const started = states('Started');
    const stopped = states('Stopped');
    const gone = lines.filter(({ eventId, fields }) => eventId === 255 && fields['From'] && fields['To']);
    const lost = gone.reduce((sum, { fields }) => sum + ms(fields['To']!) - ms(fields['From']!), 0);
    let watched = 0;
    for (const [index, start] of started.entries()) watched += ms(stopped[index]!.time) - ms(start.time);
    near(answer.exposure.hours * 3600_000, watched - lost, 15, 'the exposure');
    for (const boot of [2, 3]) {
      const begin = started.find(({ time }) => bootAt(ms(time)) === boot)!;
      const gap = ms(begin.time) - kernelStart(boot);
      assert.ok(
        gap > 3000,
        `boot ${boot}: watched ${gap} ms after the kernel's start: no emulation is that fast`,
      );
      // `watching` is looked for once a second.
      assert.ok(
        ms(begin.time) < ms(mark('watching', boot).time) + 2000,
        `boot ${boot}: started after it watched`,
      );
      const early = inBoot(boot).filter(
        ({ eventId, time }) => ![4, 16, 255].includes(eventId) && time < begin.time,
      );
      assert.deepEqual(early, [], `boot ${boot}: events from before the start`);
    }
  });

  test('a process keeps its ProcessGuid within a boot, over a restart of the sensor, and never across boots', () => {
    const init = new Map<number, Set<string>>();
    const all = new Map<string, number>();
    for (const { eventId, fields, time } of lines) {
      if (eventId !== 1) continue;
      const boot = bootAt(ms(time));
      for (const guid of [fields['ProcessGuid']!, fields['ParentProcessGuid']!]) {
        assert.match(guid, /^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i);
        if (/^\{[0-]*\}$/.test(guid)) continue;
        assert.equal(all.get(guid) ?? boot, boot, `${guid} is in two boots`);
        all.set(guid, boot);
      }
      if (fields['ParentProcessId'] === '1') {
        init.set(boot, (init.get(boot) ?? new Set<string>()).add(fields['ParentProcessGuid']!));
        assert.equal(fields['ParentImage'], '/usr/lib/systemd/systemd');
      }
    }
    for (const boot of [2, 3])
      assert.equal(init.get(boot)?.size, 1, `ProcessGuids of process 1 in boot ${boot}`);
    const restart = ms(mark('restart', 3).time);
    const ofInit = inBoot(3).filter(
      ({ eventId, fields }) => eventId === 1 && fields['ParentProcessId'] === '1',
    );
    assert.ok(
      ofInit.some(({ time }) => ms(time) > restart + 3000),
      'services started after the restart',
    );
  });

  test('ordinary things are logged with all that tells who did them', () => {
    for (const boot of [2, 3]) {
      const listing = inBoot(boot).filter(
        ({ eventId, fields }) => eventId === 1 && fields['CommandLine'] === 'dpkg -l',
      );
      assert.equal(listing.length, marks('ordinary', boot).length, `dpkg -l in boot ${boot}`);
      for (const { fields } of listing) {
        assert.equal(fields['Image'], '/usr/bin/dpkg');
        assert.equal(fields['ParentImage'], '/usr/bin/dash');
        assert.equal(fields['User'], 'root');
        assert.equal(fields['CurrentDirectory'], '/');
      }
      assert.ok(
        inBoot(boot).some(
          ({ eventId, fields }) => eventId === 10 && fields['SourceImage'] === '/usr/bin/strace',
        ),
        `strace in boot ${boot}`,
      );
    }
  });

  test('the status that the guest saw', () => {
    const status = JSON.parse(readFileSync(join(walked.folder, 'status.json'), 'utf8')) as {
      schema: string;
      sensor: Record<string, unknown>;
    };
    assert.equal(status.schema, 'noisefloor.service/1');
    assert.equal(status.sensor['state'], 'watching');
    assert.equal(status.sensor['bootId'], mark('booted', 3).bootId);
  });
});
