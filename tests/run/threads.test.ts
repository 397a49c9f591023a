/** The tally is the same for any number of threads, and the threads really run. */
import assert from 'node:assert/strict';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Answer, ask } from '../../src/run/index.ts';
import { splitLog } from '../../src/sources/index.ts';
import { ROOT } from '../builders/shared.ts';

const HEADER = 4096;
const CHUNK = 65_536;
const APART = 16 * 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-threads-'));
after(() => rmSync(folder, { recursive: true }));

/** A log of hundreds of megabytes whose chunks lie far apart; the room between them is not on the disk. */
function spread(name: string): string {
  const bytes = readFileSync(join(ROOT, 'examples/modelled-week', name));
  const path = join(folder, name);
  const file = openSync(path, 'w');
  writeSync(file, bytes.subarray(0, HEADER));
  let at = HEADER;
  for (let from = HEADER; from < bytes.length; from += CHUNK, at += APART) {
    writeSync(file, bytes.subarray(from, from + CHUNK), 0, Math.min(CHUNK, bytes.length - from), at);
  }
  ftruncateSync(file, Math.max(at, HEADER + 5 * APART));
  closeSync(file);
  return path;
}

test('one thread, two and four give the same answer', async () => {
  const logs = [spread('Sysmon.evtx'), spread('System.evtx')];
  const bytes = logs.reduce((sum, log) => sum + statSync(log).size, 0);
  const answerOf = async (threads: number): Promise<Answer> => {
    const told: number[] = [];
    const answer = await ask('8', logs, {
      threads,
      onProgress: (done, total) => {
        assert.equal(total, bytes);
        assert.ok(done >= (told.at(-1) ?? 0));
        told.push(done);
      },
    });
    assert.ok(told.length > 10);
    assert.equal(told.at(-1), bytes);
    return answer;
  };
  const [one, two, four] = [await answerOf(1), await answerOf(2), await answerOf(4)];
  assert.deepEqual(two, one);
  assert.deepEqual(four, one);
  const whole = await ask('8', [join(ROOT, 'examples/modelled-week')], { threads: 1 });
  assert.deepEqual([one.matches, one.groups, one.exposure], [whole.matches, whole.groups, whole.exposure]);
});

test('a log and two copies of it are one, for any number of threads', async () => {
  const log = spread('Sysmon.evtx');
  const copies = ['a', 'b'].map((name) => {
    const copy = join(folder, `${name}.evtx`);
    linkSync(log, copy);
    return copy;
  });
  const alone = await ask('8', [log], { threads: 1 });
  for (const threads of [1, 2, 4]) {
    const { read, ...answer } = await ask('8', [log, ...copies], { threads });
    assert.deepEqual([read.duplicates, read.records], [2 * alone.read.records, 3 * alone.read.records]);
    assert.deepEqual(
      [answer.matches, answer.groups, answer.exposure],
      [alone.matches, alone.groups, alone.exposure],
    );
  }
});

test('a log is cut on the borders of chunks, without a gap', () => {
  const ranges = splitLog(
    { path: 'x', size: HEADER + 37 * CHUNK + 100, explicit: true, kind: 'evtx' },
    () => 10 * CHUNK,
  );
  assert.equal(ranges.length, 4);
  assert.deepEqual(
    ranges.map(({ start }) => (start - HEADER) % CHUNK),
    [0, 0, 0, 0],
  );
  assert.ok(ranges.every(({ end }, i) => end === (ranges[i + 1]?.start ?? HEADER + 37 * CHUNK + 100)));
  assert.deepEqual(
    splitLog({ path: 'x', size: 1e9, explicit: true, kind: 'json' }, () => CHUNK),
    [],
  );
});
