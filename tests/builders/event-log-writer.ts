/**
 * A process that writes to an event log, for tests that kill it. `node event-log-writer.js write FOLDER RUN` appends for
 * ever and prints `id text` of every event that sync() has acknowledged; `hold FOLDER` opens, says `held` or the error's
 * code, and waits for the end of its input.
 */
import { openEventLog } from '../../src/monitor/event-log/index.ts';
import { MonitorError } from '../../src/monitor/index.ts';
import { event } from './events.ts';

export const BOOT = 'e9a1c9c2-0000-4000-8000-000000000001';

async function write(folder: string, run: string): Promise<void> {
  const log = openEventLog({ folder, host: 'vm', bootId: BOOT, segmentBytes: 20_000, totalBytes: 2 ** 30 });
  for (let count = 0; ;) {
    const given: string[] = [];
    // From a line at a time to more than is written at once.
    const burst = 1 + ((count * 7919) % 400);
    for (let i = 0; i < burst; i++) {
      const text = `${run}-${count++}-${'x'.repeat((count * 131) % 300)}`;
      given.push(`${log.append(event({ provider: 'Linux-Sysmon', fields: { Image: text } }))} ${text}\n`);
    }
    await log.sync();
    process.stdout.write(given.join(''));
  }
}

function hold(folder: string): void {
  try {
    openEventLog({ folder, host: 'vm', bootId: BOOT });
    process.stdout.write('held\n');
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    process.stdout.write(`${error.code}\n`);
  }
  process.stdin.resume();
}

const [, , task, folder = '', run = ''] = process.argv;
if (task === 'write') await write(folder, run);
if (task === 'hold') hold(folder);
