/** More than a person does in a day, in seconds: nothing is missing, or what is missing is said. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startFlood } from './floods.ts';
import { SKIP_LIVE } from './live-part.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { logsAll, startService } from './service.ts';
import { loggedEvents, type SeenEvent } from './logged.ts';

/** Two at once, each making and deleting half of `count` files; resolves with the folders. */
async function floodFiles(
  { trigger, folder }: Programs,
  name: string,
  count: number,
): Promise<readonly string[]> {
  const halves = ['left', 'right'].map((side) => join(folder, `${name}-${side}`));
  const made = halves.map((half) => {
    mkdirSync(half);
    const child = spawn(trigger, ['flood-files', String(count / 2), half], { stdio: 'ignore' });
    return new Promise<void>((resolve, reject) =>
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`flood-files: ${code}`)))),
    );
  });
  await Promise.all(made);
  return halves;
}

/** Names of files made in the folders, each once for each event. */
const madeIn = (folders: readonly string[], events: readonly SeenEvent[]): readonly string[] =>
  events
    .filter(({ eventId }) => eventId === 11)
    .map(({ fields }) => fields['TargetFilename']!)
    .filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)));

/** Records that events 255 say are lost. */
const lostOf = (events: readonly SeenEvent[]): number =>
  events.reduce((sum, { eventId, fields }) => sum + (eventId === 255 ? Number(fields['Lost'] ?? 0) : 0), 0);

describe('floods, live', { skip: SKIP_LIVE }, () => {
  let programs: Programs;
  before(() => {
    programs = buildPrograms();
  });
  after(() => programs?.remove());

  test('20,000 short processes of two loops at once: none missing, nearly all with everything', async () => {
    const service = await startService(
      join(programs.folder, 'processes'),
      logsAll('ProcessCreate', 'ProcessTerminate'),
    );
    const floods = [startFlood(programs, 'left', 10_000), startFlood(programs, 'right', 10_000)];
    await Promise.all(floods.map(({ done }) => done));
    await service.settled();
    // What was lost is told up to a second later, and at the end.
    await service.end();
    const events = service.events();
    assert.equal(lostOf(events), 0);
    const ends = new Map<string, number>();
    for (const { eventId, fields } of events)
      if (eventId === 5) ends.set(fields['ProcessGuid']!, (ends.get(fields['ProcessGuid']!) ?? 0) + 1);
    const image = realpathSync('/bin/true');
    for (const { pid, tag, count } of floods) {
      const starts = events.filter(
        ({ eventId, fields }) => eventId === 1 && fields['ParentProcessId'] === String(pid),
      );
      assert.equal(starts.length, count, `events 1 of ${tag}`);
      assert.equal(new Set(starts.map(({ fields }) => fields['ProcessGuid'])).size, count, `GUIDs of ${tag}`);
      assert.ok(
        starts.every(({ fields }) => ends.get(fields['ProcessGuid']!) === 1),
        `each of ${tag} ends once`,
      );
      const lines = new Set(Array.from({ length: count }, (_, at) => `/bin/true ${tag} ${at}`));
      const whole = starts.filter(
        ({ fields }) =>
          fields['Image'] === image &&
          fields['ParentImage'] === programs.flood &&
          fields['ParentCommandLine'] === `${programs.flood} ${count} ${tag}` &&
          lines.delete(fields['CommandLine']!),
      );
      assert.ok(whole.length >= 0.999 * count, `${whole.length} of ${count} of ${tag} have all fields`);
    }
  });

  test('100,000 files made: what is logged and what is said to be lost make them all', async () => {
    const service = await startService(
      join(programs.folder, 'files'),
      logsAll('FileCreate', 'ProcessTerminate'),
    );
    const folders = await floodFiles(programs, 'flood', 100_000);
    await service.settled();
    // What was lost is told up to a second later, and at the end.
    await service.end();
    const events = service.events();
    const names = madeIn(folders, events);
    assert.equal(new Set(names).size, names.length, 'none twice');
    const missing = 100_000 - names.length;
    const lost = lostOf(events);
    assert.ok(lost >= missing, `${missing} are missing, ${lost} said to be lost`);
    // What else runs on the machine may be among the lost, but where nothing is missing nothing may be claimed.
    if (missing === 0) assert.equal(lost, 0);
  });

  test('a tracer that cannot run for a while: the kernel drops records, and they are counted', async () => {
    const root = join(programs.folder, 'held');
    const service = await startService(root, logsAll('FileCreate', 'ProcessTerminate'));
    const { pid } = service.status()!.tracer;
    process.kill(pid!, 'SIGSTOP');
    const folders = await floodFiles(programs, 'held', 100_000).finally(() => process.kill(pid!, 'SIGCONT'));
    await service.until('a loss', ({ counters }) => counters.lost > 0);
    await service.end();
    const events = loggedEvents(service.paths.log);
    const names = madeIn(folders, events);
    const missing = 100_000 - names.length;
    assert.equal(new Set(names).size, names.length, 'none twice');
    assert.ok(missing > 0, 'the buffers of the kernel held 100,000 records: the test tests nothing');
    assert.ok(lostOf(events) >= missing, `${missing} are missing, ${lostOf(events)} said to be lost`);
    // An event 255 without a number says nothing to anyone.
    const losses = events.filter(({ eventId, fields }) => eventId === 255 && fields['ID'] === 'LOST');
    assert.ok(losses.length > 0);
    for (const { fields } of losses) assert.match(fields['Lost']!, /^[1-9]\d*$/);
  });
});
