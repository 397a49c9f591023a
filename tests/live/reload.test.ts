/** A configuration exchanged while a flood runs: no event falls between the old one and the new one. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { missingOf, numbersOf, startFlood } from './floods.ts';
import { SKIP_LIVE } from './live-part.ts';
import { loggedEvents } from './logged.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { logsAll, type Service, startService } from './service.ts';

/** As the service's `reload` does: the copy is exchanged, then SIGHUP; resolves when the sensor has answered. */
async function reload({ paths, process: sensor, status, until }: Service, config: string): Promise<boolean> {
  const last = status()!.lastReload?.time;
  writeFileSync(paths.config, config);
  sensor.kill('SIGHUP');
  const { lastReload } = await until('reloaded', ({ lastReload: one }) => one !== null && one.time !== last);
  return lastReload!.accepted;
}

describe('reload, live', { skip: SKIP_LIVE }, () => {
  let programs: Programs;
  before(() => {
    programs = buildPrograms();
  });
  after(() => programs?.remove());

  test('none of 15,000 processes is missing or doubled over three reloads', async () => {
    const service = await startService(
      join(programs.folder, 'root'),
      logsAll('ProcessCreate', 'ProcessTerminate'),
    );
    const tracerPid = (): number => service.status()!.tracer.pid!;
    const flood = startFlood(programs, 'reload', 15_000);
    const pids = [tracerPid()];

    await sleep(1000);
    // Other rules of the same types: the same probes.
    const rules = logsAll('ProcessCreate', 'ProcessTerminate').replace(
      '<ProcessTerminate onmatch="exclude"/>',
      '<ProcessTerminate onmatch="exclude"><Image condition="is">/nowhere</Image></ProcessTerminate>',
    );
    assert.equal(await reload(service, rules), true);
    pids.push(tracerPid());

    // What would not be loaded leaves the old one in force.
    assert.equal(await reload(service, '<Sysmon schemaversion="4.91"><EventFiltering><NoSuchType/>'), false);
    pids.push(tracerPid());

    // Another type: other probes.
    assert.equal(await reload(service, logsAll('ProcessCreate', 'ProcessTerminate', 'FileCreate')), true);
    pids.push(tracerPid());

    await flood.done;
    await sleep(1500);
    await service.end();
    const events = loggedEvents(service.paths.log);
    const numbers = numbersOf(flood, events);
    assert.deepEqual(missingOf(flood, numbers), []);
    assert.equal(numbers.length, flood.count, 'none twice');
    const [first, sameProbes, refused, otherProbes] = pids;
    assert.equal(sameProbes, first);
    assert.equal(refused, first);
    assert.notEqual(otherProbes, first);
    // At the start and for each that was taken.
    assert.equal(events.filter(({ eventId }) => eventId === 16).length, 3);
    assert.deepEqual(
      events.filter(({ eventId }) => eventId === 255),
      [],
    );
  });
});
