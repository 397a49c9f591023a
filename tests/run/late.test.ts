/** A log whose records are later than their events: that is said, with how many and how much. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Answer, ask, merge } from '../../src/run/index.ts';
import { sysmonEvent } from '../builders/evtx-windows.ts';
import { writeEvtx } from '../builders/evtx-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-late-'));
after(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;

/** A log of 200 records a minute apart; `delay` of each in minutes. */
function log(name: string, delay: (index: number) => number): string {
  const path = join(folder, name);
  const events = Array.from({ length: 200 }, (_, i) => {
    const time = Date.UTC(2026, 0, 5, 8) + i * MINUTE;
    const event = sysmonEvent({ recordId: i + 1, time, computer: 'PC', eventId: 8, fields: {} });
    return { ...event, created: time - delay(i) * MINUTE };
  });
  writeFileSync(path, writeEvtx(events));
  return path;
}

const late = ({ diagnostics }: Answer): string[] =>
  diagnostics.filter(({ code }) => code === 'records-late').map(({ message }) => message);

test('records that come late are told, unless they are few', async () => {
  const half = log('half.evtx', (i) => (i % 2 === 0 ? 0 : i + 1));
  assert.match(late(await ask('8', [half]))[0]!, /^100 of 200 records of pc .* up to 3 hours: /);
  assert.match(late(await ask('255', [half]))[0]!, /^100 of 200 /);
  const few = log('few.evtx', (i) => (i < 2 ? 5000 : 1));
  assert.deepEqual(late(await ask('8', [few])), []);
  const some = log('some.evtx', (i) => (i < 3 ? 5000 : -1));
  assert.match(late(await ask('8', [some]))[0]!, /^3 of 200 .* up to 3 days: /);
  // Read twice, for its records are in two files.
  const twice = await ask('8', [half, log('again.evtx', (i) => (i % 2 === 0 ? 0 : i + 1))]);
  assert.match(late(twice)[0]!, /^100 of 200 /);
  assert.equal(twice.read.duplicates, 200);
  const tally = join(folder, 'half.tally');
  await ask('8', [half], { tally });
  assert.match(late(await merge([tally]))[0]!, /^100 of 200 /);
});
