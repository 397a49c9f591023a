/** Whole answers to logs whose content is known because they are made here: flat exports, as people share them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Answer, ask } from '../../src/run/index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2023, 8, 5, 20, 3);

type Line = Readonly<Record<string, string | number>>;

/** How a container writes the time of a record, in the machine's own zone. */
type Clock = (utc: number) => string;
const UTC: Clock = (utc) => new Date(utc).toISOString();
/** Seven hours behind, and claiming to be UTC. */
const FALSE_Z: Clock = (utc) => UTC(utc - 7 * HOUR);
/** As above, on a clock of twelve hours that says neither AM nor PM. */
const TWELVE_HOURS: Clock = (utc) =>
  FALSE_Z(utc).replace(/T(\d\d)/, (_, hour) => `T${String(Number(hour) % 12 || 12).padStart(2, '0')}`);

function sysmon(host: string, eventId: number, utc: number, clock: Clock, fields: Line): Line {
  const time = clock(utc);
  const UtcTime = UTC(utc).replace('T', ' ').replace('Z', '');
  const head = { SourceName: 'Microsoft-Windows-Sysmon', Channel: 'Microsoft-Windows-Sysmon/Operational' };
  return {
    ...head,
    Hostname: host,
    TimeCreated: time,
    '@timestamp': time,
    EventID: eventId,
    UtcTime,
    ...fields,
  };
}

function system(host: string, provider: string, eventId: number, utc: number, clock: Clock): Line {
  const time = clock(utc);
  const head = { SourceName: provider, Channel: 'System', Hostname: host };
  return { ...head, TimeCreated: time, '@timestamp': time, EventID: eventId, Message: 'An event.' };
}

/** Processes that start: one every `step`, from `from` on for `length`. */
function use(host: string, from: number, length: number, step: number, clock: Clock): Line[] {
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) =>
    sysmon(host, 1, from + index * step, clock, { Image: 'C:\\Windows\\System32\\svchost.exe' }),
  );
}

function threads(host: string, count: number, from: number, length: number, clock: Clock): Line[] {
  return Array.from({ length: count }, (_, index) =>
    sysmon(host, 8, from + Math.floor((index * length) / count), clock, {
      SourceImage: 'C:\\Windows\\System32\\csrss.exe',
      TargetImage: 'C:\\Windows\\System32\\svchost.exe',
    }),
  );
}

function started(host: string, utc: number, clock: Clock): Line {
  return sysmon(host, 4, utc, clock, { State: 'Started', Version: '13.22', SchemaVersion: '4.60' });
}

async function answerTo(t: TestContext, lines: readonly Line[], question = '8'): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'noisefloor-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'log.json');
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return await ask(question, [path], { threads: 1 });
}

for (const [name, clock] of Object.entries({ UTC, FALSE_Z, TWELVE_HOURS })) {
  test(`a burst before a shutdown is one occasion, in phase shutdown, with one boot (${name})`, async (t) => {
    const stop = START + 3 * HOUR + 20 * MINUTE;
    const answer = await answerTo(t, [
      started('MKT01', START, clock),
      ...use('MKT01', START + SECOND, 3 * HOUR + 19 * MINUTE, MINUTE, clock),
      ...threads('MKT01', 84, stop - 5 * SECOND, 5 * SECOND, clock),
      system('MKT01', 'User32', 1074, stop - 20 * SECOND, clock),
      system('MKT01', 'EventLog', 6006, stop + SECOND, clock),
      system('MKT01', 'Microsoft-Windows-Kernel-General', 13, stop + 3 * SECOND, clock),
    ]);
    assert.equal(answer.matches.events, 84);
    assert.equal(answer.matches.occasions, 1);
    assert.equal(answer.matches.byPhase.shutdown, 84);
    assert.equal(answer.exposure.boots, 1);
    assert.ok(Math.abs(answer.exposure.hours - 3.33) < 0.05, String(answer.exposure.hours));
  });
}

for (const marked of [false, true]) {
  test(`six active hours in fifty days are six hours (${marked ? 'with' : 'without'} a start of Sysmon)`, async (t) => {
    const stretches = [0, 3, 11, 27, 40, 49].flatMap((day) =>
      use('PRD01', START + day * DAY, HOUR, 20 * SECOND, FALSE_Z),
    );
    const lines = marked ? [started('PRD01', START - SECOND, FALSE_Z), ...stretches] : stretches;
    const { exposure } = await answerTo(t, lines);
    assert.ok(Math.abs(exposure.hours - 6) < 0.1, String(exposure.hours));
    assert.ok(Math.abs(exposure.hoursAtMost - 6) < 0.1, String(exposure.hoursAtMost));
  });
}

test('fifteen active minutes a host in six days are a quarter of an hour each', async (t) => {
  const lines = ['A', 'B', 'C'].flatMap((host, index) =>
    [0, 2 + index, 6].flatMap((day) => use(host, START + day * DAY, 5 * MINUTE, 5 * SECOND, FALSE_Z)),
  );
  const { exposure } = await answerTo(t, lines);
  assert.equal(exposure.hosts, 3);
  for (const { host, hours } of exposure.perHost) {
    assert.ok(Math.abs(hours - 0.25) < 0.01, `${host} ${hours}`);
  }
});

test('nothing but events 8, 4 and 16: a bounded exposure, a rate per boot, and what would make it exact', async (t) => {
  const boots = [START, START + 2 * HOUR, START + 5 * HOUR];
  const lines = [
    sysmon('VM', 16, START - MINUTE, UTC, { Configuration: 'C:\\c.xml', ConfigurationFileHash: 'SHA256=00' }),
    ...boots.flatMap((boot) => [
      started('VM', boot, UTC),
      ...threads('VM', 40, boot + 10 * SECOND, 20 * SECOND, UTC),
    ]),
    ...threads('VM', 2, START + 6 * HOUR, SECOND, UTC),
  ];
  const answer = await answerTo(t, lines);
  assert.equal(answer.exposure.method, 'bounded');
  assert.ok(answer.exposure.hours < answer.exposure.hoursAtMost);
  assert.ok(Math.abs(answer.exposure.hoursAtMost - 6) < 0.1, String(answer.exposure.hoursAtMost));
  assert.equal(answer.exposure.boots, 3);
  assert.equal(answer.rate.occasionsPerBoot?.estimate, 1);
  const bounded = answer.diagnostics.find(({ code }) => code === 'exposure-bounded');
  assert.match(bounded?.message ?? '', /makes it exact/);
});
