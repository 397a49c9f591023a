import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { analyse, type Answer } from '../../src/analysis/index.ts';
import type { Event } from '../../src/events/index.ts';
import { Counter, decodeTally, encodeTally, mergeInto, type Tally } from '../../src/tally/index.ts';
import {
  ASKED,
  beats,
  clock,
  numbered,
  remoteThreads,
  sensorEvent,
  started,
  stopped,
} from '../builders/sensor-log.ts';
import { FACTS } from '../builders/filed-tally.ts';
import { questionOf } from '../builders/tally.ts';

function count(events: readonly Event[]): Tally {
  const counter = new Counter(ASKED);
  for (const each of events) counter.addEvent(each);
  return counter.finish().tally;
}

function answer(events: readonly Event[]): Answer {
  return analyse(count(events), questionOf());
}

function seconds({ exposure }: Answer): number {
  return Math.round(exposure.hours * 3600);
}

/** The post's configuration, which logs nothing but event 8, over three boots: the second ends in a power cut. */
const THREE_BOOTS = numbered([
  started('08:00:20', 'boot-a', '08:00:00'),
  ...remoteThreads('08:00:30', 30),
  ...beats('08:00:20', '09:00:00'),
  // The service is killed and started anew.
  stopped('08:55:20', 'not stopped cleanly'),
  started('09:00:30', 'boot-a', '08:00:00'),
  ...beats('09:00:30', '10:00:00'),
  stopped('10:00:00', 'shutdown'),
  started('10:00:50', 'boot-b', '10:00:30'),
  ...remoteThreads('10:00:55', 60),
  ...beats('10:00:50', '11:01:00'),
  stopped('11:00:50', 'not stopped cleanly'),
  started('11:10:20', 'boot-c', '11:10:00'),
  ...remoteThreads('11:10:30', 30),
  ...beats('11:10:20', '12:00:00'),
  stopped('12:00:00', 'shutdown'),
]);

test('three boots are three boots, however often the sensor was restarted within one', () => {
  const { exposure, matches } = answer(THREE_BOOTS);
  assert.equal(exposure.boots, 3);
  assert.equal(matches.byPhase.boot, 120);
});

test('where nothing but event 8 is logged, heartbeats make the exposure exact', () => {
  const found = answer(THREE_BOOTS);
  assert.equal(found.exposure.method, 'marks');
  assert.equal(found.exposure.hours, found.exposure.hoursAtMost);
  // 08:00:20 to 08:55:20, 09:00:30 to 10:00:00, 10:00:50 to 11:00:50, 11:10:20 to 12:00:00.
  assert.equal(seconds(found), 3300 + 3570 + 3600 + 2980);
  assert.ok(!found.diagnostics.some(({ code }) => code === 'exposure-bounded'));
});

test('a machine that slept was not watched meanwhile, though no mark tells', () => {
  const found = answer(
    numbered([
      started('08:00:00', 'boot-a', '07:59:00'),
      ...beats('08:00:00', '09:00:00'),
      ...beats('15:00:00', '16:00:00'),
      stopped('16:00:00', 'shutdown'),
    ]),
  );
  assert.equal(seconds(found), 55 * 60 + 55 * 60);
});

test('boots that follow each other within minutes are told apart by their ids', () => {
  const { exposure } = answer(
    numbered([
      started('08:00:20', 'boot-a', '08:00:00'),
      stopped('08:01:00', 'not stopped cleanly'),
      started('08:01:30', 'boot-b', '08:01:10'),
      stopped('08:03:00', 'shutdown'),
      started('08:03:40', 'boot-c', '08:03:20'),
      sensorEvent('08:04:00', 4, { State: 'Running' }),
    ]),
  );
  assert.equal(exposure.boots, 3);
});

test('a sensor that was installed long after the boot has not watched that boot', () => {
  const events = numbered([
    started('11:00:00', 'boot-a', '08:00:00'),
    ...beats('11:00:00', '12:00:00'),
    stopped('12:00:00', 'shutdown'),
    started('12:01:00', 'boot-b', '12:00:30'),
    ...beats('12:01:00', '13:00:00'),
  ]);
  assert.equal(answer(events).exposure.boots, 1);
});

test('a boot is told once, at its first time, though a step of the clock moved it', () => {
  const tally = count(
    numbered([
      started('08:00:20', 'boot-a', '08:00:00'),
      sensorEvent('14:10:00', 255, { ID: 'CLOCK', From: '08:10:00', To: '14:10:00' }),
      started('14:20:00', 'boot-a', '14:00:00'),
    ]),
  );
  const starts = tally.hosts.get('vm')!.marks.filter(({ kind }) => kind === 'start');
  assert.deepEqual(
    starts.map(({ time, boot, eventId }) => [time, boot, eventId]),
    [[clock('08:00:00'), 'boot-a', 4]],
  );
  const found = analyse(tally, questionOf());
  assert.equal(found.exposure.boots, 1);
  assert.match(found.diagnostics.find(({ code }) => code === 'clock-stepped')!.message, /up to 360 minutes/);
});

const LOSSES = [
  sensorEvent('08:20:01', 255, { ID: 'LOST', Lost: '12', From: '08:20:00', To: '08:20:01' }),
  sensorEvent('08:21:01', 255, { ID: 'LOST', Lost: '3', From: '08:21:00', To: '08:21:01' }),
  sensorEvent('08:30:00', 255, { ID: 'TRUNCATED', Description: 'x', From: '08:29:00', To: '08:30:00' }),
  sensorEvent('08:40:00', 255, { ID: 'RESTART', Description: 'x', From: '08:38:00', To: '08:40:00' }),
];

test('what the sensor lost is unreadable, and the time is taken out of the exposure though it has records', () => {
  const found = answer(
    numbered([
      started('08:00:00', 'boot-a', '07:59:00'),
      ...beats('08:00:00', '09:00:00'),
      ...LOSSES,
      sensorEvent('08:39:00', 4, { State: 'Running' }),
      stopped('09:00:00', 'shutdown'),
    ]),
  );
  assert.equal(found.read.unreadable, 15);
  assert.equal(seconds(found), 3600 - 1 - 1 - 120);
  const told = found.diagnostics.filter(({ code }) => code.startsWith('sensor-'));
  assert.deepEqual(
    told.map(({ code, severity, count: times }) => [code, severity, times]),
    [
      ['sensor-gap', 'warning', 1],
      ['sensor-gap', 'warning', 1],
      ['sensor-loss', 'warning', 2],
    ],
  );
  assert.match(told[2]!.message, /the sensor of vm says .*\(event 255, LOST\)/);
});

test('an unwatched time of hours is cut, too', () => {
  const found = answer(
    numbered([
      started('08:00:00', 'boot-a', '07:59:00'),
      ...beats('08:00:00', '16:00:00'),
      sensorEvent('12:00:00', 255, { ID: 'GAP', From: '09:00:00', To: '12:00:00' }),
      stopped('16:00:00', 'shutdown'),
    ]),
  );
  assert.equal(seconds(found), 5 * 3600);
  // A machine that sleeps loses nothing.
  assert.deepEqual(
    found.diagnostics
      .filter(({ code }) => code.startsWith('sensor-'))
      .map(({ code, severity }) => [code, severity]),
    [['sensor-gap', 'info']],
  );
});

test('values that no sensor writes do no harm', () => {
  const plain = [started('08:00:00', 'boot-a', '07:59:00'), ...beats('08:00:00', '09:00:00')];
  const expected = seconds(answer(numbered(plain)));
  for (const fields of [
    { ID: 'GAP', From: 'NaN', To: 'NaN' },
    { ID: 'GAP', From: '08:50:00', To: '08:10:00' },
    { ID: 'GAP', From: '08:10:00', To: '08:10:00' },
    { ID: 'GAP', From: '08:10:00', To: '9999-12-31 23:59:59.999' },
    { ID: 'GAP', From: '0001-01-01 00:00:00.000', To: '08:30:00' },
    { ID: 'GAP', From: '08:10:00' },
    { ID: 'CLOCK', From: '9999-12-31 00:00:00.000', To: '08:30:00' },
    { ID: '__proto__', Lost: '-5' },
    { ID: 'LOST', Lost: '1e400' },
    { ID: 'LOST', Lost: 'Infinity' },
  ] as const) {
    const found = answer(numbered([...plain, sensorEvent('08:30:30', 255, fields)]));
    assert.equal(seconds(found), expected, JSON.stringify(fields));
    assert.equal(found.read.unreadable, 0, JSON.stringify(fields));
  }
  const huge = answer(
    numbered([
      ...plain,
      ...Array.from({ length: 20 }, () => sensorEvent('08:30:30', 255, { ID: 'LOST', Lost: '9'.repeat(15) })),
    ]),
  );
  assert.ok(Number.isSafeInteger(huge.read.unreadable));
  for (const BootTime of ['tomorrow', '23:00:00', '0001-01-01 00:00:00.000', '']) {
    const tally = count(
      numbered([sensorEvent('08:00:00', 4, { State: 'Started', BootId: 'b'.repeat(9999), BootTime })]),
    );
    assert.deepEqual(
      tally.hosts.get('vm')!.marks.map(({ kind, boot }) => [kind, boot]),
      [['sysmon-started', '']],
      BootTime,
    );
  }
});

test('Sysmon on Windows, and other programs, say nothing of the kind', () => {
  for (const provider of ['Microsoft-Windows-Sysmon', 'Other', '']) {
    const fields = { ID: 'LOST', Lost: '12', From: '08:20:00', To: '08:30:00' };
    const tally = count([{ ...sensorEvent('08:30:00', 255, fields), provider }]);
    assert.equal(tally.unreadable, 0);
    assert.deepEqual(tally.hosts.get('vm')!.marks, []);
  }
});

test('in any order, in parts and through a file the tally is the same', () => {
  const events = [...THREE_BOOTS, ...numbered(LOSSES, 1000)];
  const whole = count(events);
  const parts = [0, 1, 2].map((part) => count(events.filter((_, index) => index % 3 === part).toReversed()));
  const [merged] = parts as [Tally, Tally, Tally];
  for (const part of parts.slice(1)) mergeInto(merged, part);
  assert.deepEqual(merged.hosts.get('vm')!.marks, whole.hosts.get('vm')!.marks);
  assert.deepEqual(analyse(merged, questionOf()), answer(events));
  const filed = decodeTally(encodeTally({ facts: FACTS, tally: whole }), 'a.tally').tally;
  assert.deepEqual(filed.hosts.get('vm')!.marks, whole.hosts.get('vm')!.marks);
});

test('a tally of an earlier release, whose marks name no boots, is read', () => {
  const bytes = encodeTally({ facts: FACTS, tally: count(THREE_BOOTS) });
  const old = gunzipSync(bytes)
    .toString('utf8')
    .replace(/,"boot":\[[^\]]*\]/, '');
  const { marks } = decodeTally(Buffer.from(old), 'old.tally').tally.hosts.get('vm')!;
  assert.ok(marks.length > 0 && marks.every(({ boot }) => boot === ''));
});
