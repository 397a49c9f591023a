/** The sensor or its tracer killed in the midst of a flood: what was written stays, once, and the gap is said. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Flood, missingOf, numbersOf, startFlood } from './floods.ts';
import { SKIP_LIVE } from './live-part.ts';
import { loggedEvents, type SeenEvent, utcTime } from './logged.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { logsAll, startService } from './service.ts';

const CONFIG = logsAll('ProcessCreate', 'ProcessTerminate');
/** A process is started before its record is made. */
const SLACK_MS = 200;

/** Numbers of records, of which none may be left out or come twice. */
function assertNumbered(events: readonly SeenEvent[]): void {
  const first = events[0]!.record!;
  assert.deepEqual(
    events.filter(({ record }, at) => record !== first + at),
    [],
  );
}

/** What is missing of a flood began and ended within the gaps that the log tells of. */
function assertGapsSaid(flood: Flood, events: readonly SeenEvent[]): void {
  const numbers = numbersOf(flood, events);
  assert.equal(new Set(numbers).size, numbers.length, 'none twice');
  const gaps = events.flatMap(({ eventId, fields }) =>
    eventId === 255 && fields['From'] !== undefined && fields['To'] !== undefined
      ? [[utcTime(fields['From']), utcTime(fields['To'])] as const]
      : [],
  );
  const timeOf = new Map(
    events
      .filter(({ eventId, fields }) => eventId === 1 && fields['ParentProcessId'] === String(flood.pid))
      .map(({ time, fields }) => [Number(fields['CommandLine']!.split(' ').at(-1)), Date.parse(time)]),
  );
  for (const number of missingOf(flood, numbers)) {
    const lower = Math.max(...numbers.filter((one) => one < number));
    const upper = Math.min(...numbers.filter((one) => one > number));
    const [from, to] = [timeOf.get(lower)!, timeOf.get(upper)!];
    assert.ok(
      gaps.some(([start, end]) => start <= from + SLACK_MS && end >= to - SLACK_MS),
      `number ${number} is missing between ${new Date(from).toISOString()} and ${new Date(to).toISOString()}, and no gap says so`,
    );
  }
}

const isGone = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return !existsSync(`/proc/${pid}`);
  }
};

describe('killed, live', { skip: SKIP_LIVE }, () => {
  let programs: Programs;
  before(() => {
    programs = buildPrograms();
  });
  after(() => programs?.remove());

  test('kill -9 of the tracer: another takes over, and the gap is logged', async () => {
    const service = await startService(join(programs.folder, 'tracer'), CONFIG);
    const { pid } = service.status()!.tracer;
    const flood = startFlood(programs, 'tracer', 12_000);
    await sleep(1500);
    process.kill(pid!, 'SIGKILL');
    const next = await service.until(
      'another tracer',
      ({ tracer, state }) => tracer.restarts === 1 && tracer.pid !== null && state === 'watching',
    );
    assert.notEqual(next.tracer.pid, pid);
    await flood.done;
    // What comes after is seen whole again.
    const late = startFlood(programs, 'after', 200);
    await late.done;
    await sleep(1500);
    await service.end();
    const events = loggedEvents(service.paths.log);
    assertNumbered(events);
    assertGapsSaid(flood, events);
    assert.ok(
      missingOf(flood, numbersOf(flood, events)).length > 0,
      'nothing was missing: the test tests nothing',
    );
    assert.deepEqual(missingOf(late, numbersOf(late, events)), []);
    assert.ok(events.some(({ eventId, fields }) => eventId === 255 && fields['ID'] === 'RESTART'));
  });

  test('kill -9 of the sensor: nothing that was written is lost or doubled, and the tracer goes too', async () => {
    const root = join(programs.folder, 'sensor');
    const killed = await startService(root, CONFIG);
    const { pid } = killed.status()!.tracer;
    const flood = startFlood(programs, 'sensor', 6000);
    await sleep(2000);
    const written = loggedEvents(killed.paths.log);
    await killed.end('SIGKILL');
    await flood.done;
    // It ends at its next line; then the kernel takes its probes off one by one, which takes long where much else runs.
    for (let tries = 0; tries < 600 && !isGone(pid!); tries++) await sleep(100);
    assert.ok(isGone(pid!), 'the tracer outlives the sensor');

    const next = await startService(root, CONFIG);
    const late = startFlood(programs, 'after', 200);
    await late.done;
    await sleep(1500);
    await next.end();
    const events = loggedEvents(next.paths.log);
    assert.ok(
      numbersOf(flood, written).length > 100,
      'too little was written before: the test tests nothing',
    );
    assert.deepEqual(events.slice(0, written.length), written);
    assertNumbered(events);
    const numbers = numbersOf(flood, events);
    assert.equal(new Set(numbers).size, numbers.length, 'none twice');
    assert.deepEqual(missingOf(late, numbersOf(late, events)), []);
    const states = events.filter(({ eventId }) => eventId === 4).map(({ fields }) => fields);
    assert.deepEqual(
      states.map(({ State }) => State).filter((state) => state !== 'Running'),
      ['Started', 'Stopped', 'Started', 'Stopped'],
    );
    const stopped = states.find(({ State }) => State === 'Stopped')!;
    assert.equal(stopped['Reason'], 'not stopped cleanly');
    // It was last known to run when it wrote its last record.
    const lastBefore = events[events.findIndex(({ fields }) => fields === stopped) - 1]!;
    assert.equal(utcTime(stopped['UtcTime']!), Date.parse(lastBefore.time));
  });
});
