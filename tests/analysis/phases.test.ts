import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, analyse } from '../../src/analysis/index.ts';
import { type Mark, NO_SLOT } from '../../src/tally/index.ts';
import { channelOf, groupOf, hostOf, mark, questionOf, SYSMON, tallyOf } from '../builders/tally.ts';

const ALL_DAY = channelOf([['2024-03-04 00:00', '2024-03-04 23:59']], { 1: 5000, 8: 100 });
const SYSTEM = channelOf([['2024-03-01 00:00', '2024-03-09 00:00']], {}, 900);

function ask(
  marks: readonly Mark[],
  times: Readonly<Record<string, number>> = {},
  channels: Parameters<typeof hostOf>[0] = { [SYSMON]: ALL_DAY, System: SYSTEM },
): Answer {
  return analyse(
    tallyOf({ pc: hostOf(channels, marks) }, [groupOf(['a', 'b'], { pc: times })]),
    questionOf(),
  );
}

function phaseOf(marks: readonly Mark[], time: string): string {
  const { byPhase } = ask(marks, { [time]: 1 }).matches;
  return Object.entries(byPhase).find(([, count]) => count === 1)?.[0] ?? 'none';
}

test('80 events in the five seconds before a shutdown are one or two occasions, in phase shutdown, with one boot', () => {
  const marks = [
    mark('start', '2024-03-04 08:00'),
    mark('sysmon-started', '2024-03-04 08:00:40'),
    mark('announce', '2024-03-04 13:59:50'),
    mark('stop', '2024-03-04 14:00:02', 'Security'),
    mark('stop', '2024-03-04 14:00:04'),
  ];
  const answer = ask(marks, { '2024-03-04 13:59:57': 50, '2024-03-04 14:00:01': 32 });
  assert.equal(answer.matches.events, 82);
  assert.equal(answer.matches.occasions, 2);
  assert.equal(answer.matches.byPhase.shutdown, 82);
  assert.equal(answer.exposure.boots, 1);
  assert.equal(answer.rate.occasionsPerBoot?.estimate, 0);
  assert.equal(answer.rate.steadyOccasionsPerHostHour?.estimate, 0);
});

test('boot is five minutes from the start of the kernel, however late Sysmon starts', () => {
  const marks = [mark('start', '2024-03-04 08:00'), mark('sysmon-started', '2024-03-04 08:04')];
  assert.equal(phaseOf(marks, '2024-03-04 07:59:40'), 'steady');
  assert.equal(phaseOf(marks, '2024-03-04 08:00'), 'boot');
  assert.equal(phaseOf(marks, '2024-03-04 08:04:50'), 'boot');
  assert.equal(phaseOf(marks, '2024-03-04 08:05'), 'steady');
});

test('logon and resume last a minute', () => {
  const marks = [mark('logon', '2024-03-04 09:00'), mark('resume', '2024-03-04 11:00')];
  assert.equal(phaseOf(marks, '2024-03-04 09:00:50'), 'logon');
  assert.equal(phaseOf(marks, '2024-03-04 09:01'), 'steady');
  assert.equal(phaseOf(marks, '2024-03-04 11:00:10'), 'resume');
  assert.equal(phaseOf([mark('start', '2024-03-04 08:59'), ...marks], '2024-03-04 09:00:10'), 'boot');
});

test('shutdown begins a minute before the first stop mark, or with its announcement', () => {
  const stop = mark('stop', '2024-03-04 14:00');
  assert.equal(phaseOf([stop], '2024-03-04 13:59'), 'shutdown');
  assert.equal(phaseOf([stop], '2024-03-04 13:58:40'), 'steady');
  assert.equal(phaseOf([stop], '2024-03-04 14:00:10'), 'steady');
  const announced = [stop, mark('announce', '2024-03-04 13:52')];
  assert.equal(phaseOf(announced, '2024-03-04 13:52:30'), 'shutdown');
  assert.equal(phaseOf([stop, mark('announce', '2024-03-04 13:49')], '2024-03-04 13:52'), 'steady');
});

test('shutdown wins over the start after it, and ends with the last stop mark before it', () => {
  const marks = [
    mark('stop', '2024-03-04 14:00'),
    mark('stop', '2024-03-04 14:00:20'),
    mark('start', '2024-03-04 14:00:25'),
  ];
  assert.equal(phaseOf(marks, '2024-03-04 14:00:15'), 'shutdown');
  assert.equal(phaseOf(marks, '2024-03-04 14:00:20'), 'shutdown');
  assert.equal(phaseOf(marks, '2024-03-04 14:00:30'), 'boot');
});

test('stop marks hours apart are not one long shutdown', () => {
  assert.equal(
    phaseOf([mark('stop', '2024-03-04 10:00'), mark('stop', '2024-03-04 14:00')], '2024-03-04 12:00'),
    'steady',
  );
});

test('nothing is known of a host without marks, nor of an event without a time', () => {
  assert.equal(phaseOf([], '2024-03-04 12:00'), 'unknown');
  assert.equal(phaseOf([mark('sysmon-configured', '2024-03-04 11:00')], '2024-03-04 12:00'), 'unknown');
  const host = hostOf({ [SYSMON]: ALL_DAY }, [mark('start', '2024-03-04 08:00')]);
  const untimed = groupOf(['a', 'b'], { pc: new Map([[NO_SLOT, 3]]) });
  const answer = analyse(tallyOf({ pc: host }, [untimed]), questionOf());
  assert.equal(answer.matches.byPhase.unknown, 3);
  assert.deepEqual([answer.matches.events, answer.matches.occasions, answer.matches.hosts], [3, 0, 1]);
  assert.equal(answer.groups[0]?.first, '');
  assert.equal(ask([], { '2024-03-04 12:00': 1 }).rate.steadyOccasionsPerHostHour, null);
});

test('start marks within ten minutes are one boot, at the earliest; with a stop between they are two', () => {
  const one = [
    mark('start', '2024-03-04 08:00'),
    mark('start', '2024-03-04 08:00:30'),
    mark('start', '2024-03-04 08:09'),
  ];
  assert.equal(ask(one).exposure.boots, 1);
  assert.equal(phaseOf(one, '2024-03-04 08:07'), 'steady');
  assert.equal(ask([...one, mark('stop', '2024-03-04 08:05')]).exposure.boots, 2);
});

test('a start of Sysmon belongs to a boot before it, is a restart where the System log shows none, else a boot', () => {
  const started = mark('sysmon-started', '2024-03-04 12:00');
  assert.equal(ask([mark('start', '2024-03-04 11:50'), started]).exposure.boots, 1);
  assert.equal(ask([mark('start', '2024-03-04 08:00'), started]).exposure.boots, 1);
  assert.equal(ask([started]).exposure.boots, 0);
  const alone = { [SYSMON]: ALL_DAY };
  assert.equal(ask([started], {}, alone).exposure.boots, 1);
  assert.equal(ask([mark('sysmon-stopped', '2024-03-04 11:59'), started], {}, alone).exposure.boots, 1);
  // A log that never tells of boots proves nothing.
  const powershell = { [SYSMON]: ALL_DAY, 'Windows PowerShell': SYSTEM };
  assert.equal(ask([started], {}, powershell).exposure.boots, 1);
});

test("Sysmon's start may be written seconds before the event log's: one boot, from the earlier", () => {
  const marks = [mark('sysmon-started', '2024-03-04 12:00'), mark('start', '2024-03-04 12:00:20')];
  assert.equal(ask(marks, {}, { [SYSMON]: ALL_DAY }).exposure.boots, 1);
  assert.equal(phaseOf(marks, '2024-03-04 12:00:05'), 'boot');
});

test('what the driver saw before the service started is of that boot', () => {
  const phases = (first: string): Answer['matches']['byPhase'] => {
    const channel = channelOf([[first, '2024-03-05 12:00']], { 1: 300, 8: 1 });
    const host = hostOf({ [SYSMON]: channel }, [mark('sysmon-started', '2024-03-05 08:04')]);
    const events = groupOf(['a', 'b'], { pc: { '2024-03-05 08:00:30': 1 } });
    return analyse(tallyOf({ pc: host }, [events]), questionOf()).matches.byPhase;
  };
  assert.deepEqual([phases('2024-03-05 08:00').boot, phases('2024-03-05 08:00').steady], [1, 0]);
  // A machine that was on before: nothing says that it booted then.
  assert.deepEqual([phases('2024-03-05 07:00').boot, phases('2024-03-05 07:00').steady], [0, 1]);
});

test('a boot counts once, with an event in its boot phase or without', () => {
  const marks = ['04:00', '08:00', '12:00'].map((time) => mark('start', `2024-03-04 ${time}`));
  const answer = ask(marks, { '2024-03-04 08:01': 40, '2024-03-04 08:03': 40, '2024-03-04 10:00': 1 });
  assert.equal(answer.rate.occasionsPerBoot?.estimate, 1 / 3);
  assert.deepEqual(answer.matches.byPhase, {
    boot: 80,
    logon: 0,
    resume: 0,
    shutdown: 0,
    steady: 1,
    unknown: 0,
  });
  assert.equal(answer.rate.steadyOccasionsPerHostHour?.estimate, 1 / 24);
});
