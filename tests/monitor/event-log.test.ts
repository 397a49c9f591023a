import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import { type EventLog, type LogState, openEventLog } from '../../src/monitor/event-log/index.ts';
import { findLogs, readLog, segmentName } from '../../src/sources/index.ts';
import { BOOT } from '../builders/event-log-writer.ts';
import { event } from '../builders/events.ts';

const WRITER = fileURLToPath(new URL('../builders/event-log-writer.js', import.meta.url));

/** Memory, where there is such a file system: thousands of syncs take no time there. */
const FAST = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

function folder(t: TestContext, top = FAST): string {
  const path = mkdtempSync(join(top, 'noisefloor-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(path: string, more: Partial<Parameters<typeof openEventLog>[0]> = {}): EventLog {
  return openEventLog({
    folder: path,
    host: 'vm',
    bootId: BOOT,
    segmentMs: Number.POSITIVE_INFINITY,
    ...more,
  });
}

function linux(text: string, more: Parameters<typeof event>[0] = {}): Event {
  return event({
    provider: 'Linux-Sysmon',
    channel: 'Linux-Sysmon/Operational',
    fields: { Image: text },
    ...more,
  });
}

/** A log with these texts, closed. */
async function written(path: string, texts: readonly string[]): Promise<void> {
  const log = open(path);
  for (const text of texts) log.append(linux(text));
  await log.close();
}

async function read(path: string): Promise<{ events: Event[]; diagnostics: Diagnostic[] }> {
  const all = { events: [] as Event[], diagnostics: [] as Diagnostic[] };
  const { logs, problems } = findLogs([path]);
  all.diagnostics.push(...problems);
  for (const log of logs) {
    for await (const batch of readLog(log, { verify: false })) {
      all.events.push(...batch.events);
      all.diagnostics.push(...batch.diagnostics);
    }
  }
  return all;
}

const ids = ({ events }: { events: readonly Event[] }): (number | null)[] =>
  events.map(({ record }) => record);
const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const segments = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.jsonl'))
    .sort();

test('what is appended is given ids and is a log that every command reads', async (t) => {
  const path = join(folder(t), 'made/for/it');
  const log = open(path);
  assert.deepEqual(
    { ...log.found, lastTime: 0 },
    { lastRecord: 0, lastTime: 0, tornBytes: 0, cleanStop: true, bootId: null },
  );
  assert.ok(Number.isNaN(log.found.lastTime));
  assert.equal(log.append(linux('a', { record: 77 })), 1);
  assert.equal(log.append(linux('b')), 2);
  await log.sync();
  assert.deepEqual(await read(path), {
    events: [linux('a', { record: 1 }), linux('b', { record: 2 })],
    diagnostics: [],
  });
  assert.deepEqual(log.facts(), {
    folder: path,
    segments: 1,
    bytes: statSync(join(path, segmentName(1))).size,
    firstRecord: 1,
    lastRecord: 2,
  });
  await log.close();
  assert.equal(log.append(linux('c')), null);
  assert.deepEqual(readdirSync(path), [segmentName(1)]);
});

const texts = fc.string({ unit: 'binary', maxLength: 40 });
const anyEvent = fc
  .record({
    time: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -1e12, max: 4e12 })),
    host: texts,
    provider: fc.oneof(fc.constantFrom('Linux-Sysmon', ''), texts),
    channel: texts,
    eventId: fc.oneof(fc.constantFrom(1, 4, 8, 255), fc.nat(65_535)),
    version: fc.option(fc.nat(255)),
    fields: fc.dictionary(
      fc.stringMatching(/^x[A-Za-z0-9_.#]{0,20}$/),
      fc.oneof(
        texts,
        fc.constantFrom('\n', '"},"crc":"00000000"}\n', '\ud800', '{"source":"live","record":1', '\0'),
      ),
      { maxKeys: 6 },
    ),
  })
  .map(({ fields, ...facts }): Event => ({
    ...facts,
    record: null,
    fields: new Map(Object.entries(fields)),
  }));

test('any events survive the way to the disk and back', async (t) => {
  const top = folder(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(anyEvent, { maxLength: 8 }), { maxLength: 4 }), async (parts) => {
      const path = join(top, String(run++));
      mkdirSync(path);
      for (const [boot, events] of parts.entries()) {
        const log = open(path, { segmentBytes: 600, bootId: `boot-${boot % 3}` });
        for (const each of events) log.append(each);
        await log.close();
      }
      const all = parts.flat();
      const found = await read(path);
      assert.deepEqual(
        found.events,
        all.map((each, index) => ({ ...each, record: index + 1 })),
      );
      if (all.length > 0) assert.deepEqual(found.diagnostics, []);
    }),
    { numRuns: 60 },
  );
});

test('killed at any moment: every event that was acknowledged is there once, and no id twice', async (t) => {
  const path = join(folder(t, tmpdir()), 'events');
  const acknowledged = new Map<number, string>();
  for (let run = 0; run < 10; run++) {
    const child = spawn(process.execPath, [WRITER, 'write', path, `r${run}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child.stdout, 'data');
    // Any moment will do: while it appends, writes, syncs or begins a segment.
    await new Promise((resolve) => setTimeout(resolve, (run * 37) % 120));
    child.kill('SIGKILL');
    await once(child, 'close');
    for (const line of output.split('\n').slice(0, -1)) {
      const [id, text] = line.split(' ') as [string, string];
      assert.ok(!acknowledged.has(Number(id)), `${id} was given twice`);
      acknowledged.set(Number(id), text);
    }
  }
  const log = open(path);
  await log.close();
  const found = await read(path);
  assert.deepEqual(found.diagnostics, []);
  assert.deepEqual(ids(found), upTo(found.events.length));
  assert.ok(acknowledged.size > 500);
  const byId = new Map(found.events.map(({ record, fields }) => [record, fields.get('Image')]));
  for (const [id, text] of acknowledged) assert.equal(byId.get(id), text, String(id));
});

test('cut at every byte: it goes on behind the last whole line, and says how much it cut', async (t) => {
  const top = folder(t);
  await written(join(top, 'whole'), ['a', 'b', 'c']);
  const bytes = readFileSync(join(top, 'whole', segmentName(1)));
  const ends = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1);
  for (let length = 0; length <= bytes.length; length++) {
    const path = join(top, 'cut');
    mkdirSync(path);
    writeFileSync(join(path, segmentName(1)), bytes.subarray(0, length));
    const log = open(path);
    const whole = ends.filter((end) => end <= length);
    const records = Math.max(0, whole.length - 1);
    assert.equal(log.found.lastRecord, records, `at ${length}`);
    assert.equal(log.found.tornBytes, length - (whole.at(-1) ?? 0), `at ${length}`);
    assert.equal(log.found.cleanStop, records === 0);
    assert.equal(log.append(linux('next')), records + 1);
    await log.close();
    const found = await read(path);
    assert.deepEqual(ids(found), upTo(records + 1), `at ${length}`);
    assert.deepEqual(found.diagnostics, [], `at ${length}`);
    rmSync(path, { recursive: true });
  }
});

test('a last line that is not as it was written is cut; one in the middle stays, and the reader tells', async (t) => {
  const path = folder(t);
  await written(path, ['a', 'b', 'c']);
  const file = join(path, segmentName(1));
  const bytes = readFileSync(file);
  const flip = (text: string): void => {
    const changed = Buffer.from(bytes);
    changed[changed.indexOf(`"Image":"${text}"`) + 9]! ^= 1;
    writeFileSync(file, changed);
  };
  flip('c');
  const last = open(path);
  assert.deepEqual([last.found.lastRecord, last.found.tornBytes > 0], [2, true]);
  await last.close();
  assert.deepEqual(ids(await read(path)), [1, 2]);
  flip('b');
  const middle = open(path);
  assert.deepEqual([middle.found.lastRecord, middle.found.tornBytes], [3, 0]);
  await middle.close();
  const found = await read(path);
  assert.deepEqual(ids(found), [1, 3]);
  assert.deepEqual(
    found.diagnostics.map(({ code, lost }) => [code, lost]),
    [['segment-line', 1]],
  );
});

test('zeros behind the last line, as many as a power cut may leave, are cut', async (t) => {
  const path = folder(t);
  await written(path, ['a', 'b']);
  const file = join(path, segmentName(1));
  const { size } = statSync(file);
  truncateSync(file, size + 5 * 1024 * 1024);
  const log = open(path);
  assert.deepEqual([log.found.lastRecord, log.found.tornBytes], [2, 5 * 1024 * 1024]);
  await log.close();
  assert.equal(statSync(file).size, size);
});

test('a newest segment that was only begun is begun again, and ids do not go back', async (t) => {
  for (const begun of ['', '{"schema":"noisefloor.events/1","ho', '\0'.repeat(4096)]) {
    const path = folder(t);
    await written(path, ['a', 'b']);
    writeFileSync(join(path, segmentName(3)), begun);
    const log = open(path);
    assert.equal(log.found.lastRecord, 2);
    assert.equal(log.found.tornBytes, begun.length);
    assert.equal(log.append(linux('c')), 3);
    await log.close();
    assert.deepEqual(ids(await read(path)), [1, 2, 3]);
    // Where all before it are gone, its name tells.
    rmSync(join(path, segmentName(1)));
    writeFileSync(join(path, segmentName(9)), begun);
    assert.equal(open(path).found.lastRecord, 8);
  }
});

test('the last record tells whether the sensor stopped, when, and in which boot', async (t) => {
  const path = folder(t);
  const time = Date.UTC(2026, 0, 5, 12);
  const log = open(path);
  log.append(linux('a', { time: time - 1 }));
  log.append(linux('b', { eventId: 4, time, fields: { State: 'Stopped', Reason: 'shutdown' } }));
  await log.close();
  const again = open(path, { bootId: 'another' });
  assert.deepEqual(again.found, {
    lastRecord: 2,
    lastTime: time,
    tornBytes: 0,
    cleanStop: true,
    bootId: BOOT,
  });
  again.append(linux('c', { eventId: 4, fields: { State: 'Started' } }));
  await again.close();
  const third = open(path);
  assert.deepEqual([third.found.cleanStop, third.found.bootId], [false, 'another']);
  await third.close();
});

test('a segment is of one boot; within one boot it is written on', async (t) => {
  const path = folder(t);
  await written(path, ['a']);
  await written(path, ['b']);
  assert.deepEqual(segments(path), [segmentName(1)]);
  const log = open(path, { bootId: 'another' });
  log.append(linux('c'));
  await log.close();
  assert.deepEqual(segments(path), [segmentName(1), segmentName(3)]);
  assert.deepEqual(ids(await read(path)), [1, 2, 3]);
});

test('segments follow one another by size and by age; of all of them the oldest are deleted', async (t) => {
  const path = folder(t);
  const log = open(path, { segmentBytes: 2000, totalBytes: 10_000 });
  for (let i = 0; i < 100; i++) {
    log.append(linux('x'.repeat(200)));
    await log.sync();
  }
  const { firstRecord, lastRecord, bytes, segments: count } = log.facts();
  const sizes = segments(path).map((name) => statSync(join(path, name)).size);
  assert.equal(lastRecord, 100);
  assert.equal(count, sizes.length);
  assert.equal(
    bytes,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  assert.ok(bytes <= 10_000 && bytes > 5000, String(bytes));
  assert.ok(sizes.every((size) => size < 2600));
  assert.deepEqual(ids(await read(path)), upTo(100, firstRecord));
  assert.ok(firstRecord > 50);
  await log.close();

  const aged = folder(t);
  const old = open(aged, { segmentMs: 0 });
  for (let i = 0; i < 3; i++) {
    old.append(linux('a'));
    await old.sync();
  }
  await old.close();
  assert.deepEqual(segments(aged), [1, 2, 3].map(segmentName));
});

test('a clock that steps back changes no ids, and begins no segments', async (t) => {
  const path = folder(t);
  const log = open(path);
  log.append(linux('a', { time: Date.UTC(2090, 0, 1) }));
  log.append(linux('b', { time: Date.UTC(1999, 0, 1) }));
  await log.close();
  const again = open(path);
  assert.equal(again.found.lastTime, Date.UTC(1999, 0, 1));
  again.append(linux('c', { time: Date.UTC(1998, 0, 1) }));
  await again.close();
  assert.deepEqual(segments(path), [segmentName(1)]);
  assert.deepEqual(ids(await read(path)), [1, 2, 3]);
});

test('one process at a time; a lock that nobody holds is taken over', async (t) => {
  const path = folder(t);
  const log = open(path);
  assert.throws(() => open(path), {
    name: 'MonitorError',
    code: 'event-log-locked',
    message: new RegExp(`process ${process.pid} `),
  });
  await log.close();
  const lock = join(path, 'events.lock');
  for (const holder of [
    // Of another boot; of a process that is gone; of an earlier process with our id; nothing of ours.
    `${process.pid}:1:another-boot`,
    `4194304:1:${BOOT}`,
    `${process.pid}:1:${BOOT}`,
    'nonsense',
  ]) {
    symlinkSync(holder, lock);
    const taken = open(path);
    assert.notEqual(lstatSync(lock).size, holder.length, holder);
    await taken.close();
    assert.deepEqual(readdirSync(path), [], holder);
  }
});

async function answerOf(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  return chunk.toString().trim();
}

test('of several processes that find a stale lock at once, one gets it', async (t) => {
  const path = folder(t);
  symlinkSync('4194304:1:gone', join(path, 'events.lock'));
  const children = upTo(6).map(() =>
    spawn(process.execPath, [WRITER, 'hold', path], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const answers = await Promise.all(children.map(answerOf));
  for (const child of children) child.stdin.end();
  await Promise.all(children.map((child) => once(child, 'close')));
  assert.deepEqual(answers.toSorted(), [...upTo(5).map(() => 'event-log-locked'), 'held']);
});

test('a folder that can’t be made is one sentence', (t) => {
  const top = folder(t);
  writeFileSync(join(top, 'file'), '');
  assert.throws(() => open(join(top, 'file/events')), {
    name: 'MonitorError',
    code: 'event-log-unwritable',
    message: /file\/events, the system says ENOTDIR/,
  });
});

test('somebody deletes or cuts the segment that is written: ids tell, and it goes on in the next', async (t) => {
  const path = folder(t);
  const log = open(path);
  log.append(linux('a'));
  await log.sync();
  unlinkSync(join(path, segmentName(1)));
  log.append(linux('b'));
  await log.sync();
  log.append(linux('c'));
  await log.sync();
  assert.deepEqual(ids(await read(path)), [2, 3]);
  truncateSync(join(path, segmentName(2)), 10);
  log.append(linux('d'));
  await log.sync();
  truncateSync(join(path, segmentName(4)), 0);
  log.append(linux('e'));
  await log.sync();
  assert.equal(log.state.logging, true);
  assert.equal(log.facts().segments, 2);
  await log.close();
  assert.deepEqual(segments(path), [segmentName(2), segmentName(4), segmentName(5)]);
  assert.deepEqual(ids(await read(path)), [5]);
});

/** A file system of its own, so small that it is soon full. */
function smallDisk(t: TestContext): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    t.skip('needs root, to mount a tmpfs');
    return null;
  }
  const path = mkdtempSync(join(tmpdir(), 'noisefloor-test-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'noisefloor-test', path], { stdio: 'pipe' });
  } catch {
    rmdirSync(path);
    t.skip('needs a system that lets a tmpfs be mounted');
    return null;
  }
  t.after(() => {
    execFileSync('umount', [path]);
    rmdirSync(path);
  });
  return path;
}

test('a full disk: logging stops and says so, and when there is room goes on without a gap', async (t) => {
  const disk = smallDisk(t);
  if (disk === null) return;
  const states: LogState[] = [];
  const path = join(disk, 'events');
  const log = open(path, { segmentBytes: 100_000, onState: (state) => states.push(state) });
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(500_000));
  const given: number[] = [];
  let refused = 0;
  const append = (): void => {
    const id = log.append(linux('x'.repeat(333)));
    if (id === null) refused += 1;
    else given.push(id);
  };
  for (let i = 0; log.state.logging; i++) {
    append();
    if (i % 100 === 0) await log.sync().catch(() => undefined);
  }
  for (let i = 0; i < 10; i++) append();
  await assert.rejects(log.sync(), { code: 'event-log-unwritable', message: /ENOSPC/ });
  assert.deepEqual(
    states.map(({ logging }) => logging),
    [false],
  );
  assert.ok(!log.state.logging && /ENOSPC/.test(log.state.reason) && log.state.unlogged === refused);
  assert.equal(refused, 10);
  // Even now what is there is whole.
  assert.deepEqual((await read(path)).diagnostics, []);

  unlinkSync(join(disk, 'ballast'));
  await log.sync();
  assert.deepEqual(
    states.map(({ logging }) => logging),
    [false, true],
  );
  append();
  await log.close();
  const { events, diagnostics } = await read(path);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(ids({ events }), upTo(given.length + 1));
  const [told] = events.filter(({ eventId }) => eventId === 255);
  assert.deepEqual(
    [told?.fields.get('ID'), told?.fields.get('Lost'), told?.provider],
    ['UNLOGGED', '10', 'Linux-Sysmon'],
  );
  assert.ok(told!.fields.get('From')! <= told!.fields.get('To')!);
  assert.deepEqual(
    events.filter(({ eventId }) => eventId !== 255).map(({ record }) => record),
    given,
  );
});

test('a disk that is full from the start: the log opens, and what comes is counted', async (t) => {
  const disk = smallDisk(t);
  if (disk === null) return;
  assert.throws(() => writeFileSync(join(disk, 'ballast'), Buffer.alloc(4_000_000)), { code: 'ENOSPC' });
  const log = open(join(disk, 'events'));
  log.append(linux('a'));
  await assert.rejects(log.sync(), { code: 'event-log-unwritable' });
  assert.equal(log.append(linux('b')), null);
  unlinkSync(join(disk, 'ballast'));
  await log.sync();
  await log.close();
  const { events, diagnostics } = await read(join(disk, 'events'));
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    events.map(({ record, eventId }) => [record, eventId]),
    [
      [1, 8],
      [2, 255],
    ],
  );
});

test('a read-only disk: one sentence at the start', (t) => {
  const disk = smallDisk(t);
  if (disk === null) return;
  mkdirSync(join(disk, 'events'));
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  assert.throws(() => open(join(disk, 'events')), { code: 'event-log-unwritable', message: /EROFS/ });
});

test('what a killed writer left is no matter of the next line: bytes behind the end are cut before it', async (t) => {
  const path = folder(t);
  const log = open(path);
  log.append(linux('a'));
  await log.sync();
  await log.close();
  const again = open(path);
  // Between the look at the folder and the first line.
  appendFileSync(join(path, segmentName(1)), '{"source":"live","rec');
  again.append(linux('b'));
  await again.close();
  assert.deepEqual(await read(path), {
    events: [linux('a', { record: 1 }), linux('b', { record: 2 })],
    diagnostics: [],
  });
});

/** The file handles of the runtime, of which single calls can be made to fail. */
async function handles(path: string): Promise<FileHandle> {
  const handle = await openFile(path, 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: broken, call`), { code });
}

test('a sync that fails: what was not on disk is written again, once', async (t) => {
  for (const before of [[], ['a', 'b']]) {
    const path = folder(t);
    const states: LogState[] = [];
    const log = open(path, { onState: (state) => states.push(state) });
    for (const text of before) log.append(linux(text));
    await log.sync();
    const mock = t.mock.method(await handles(path), 'datasync', () => Promise.reject(failure('EIO')));
    log.append(linux('c'));
    await assert.rejects(log.sync(), { code: 'event-log-unwritable', message: /EIO: broken: the last 1 / });
    // As a system does that could not write them: the pages are gone.
    const last = join(path, segments(path).at(-1)!);
    const { size } = statSync(last);
    writeFileSync(last, readFileSync(last).fill(0, size - 50));
    mock.mock.restore();
    await log.sync();
    assert.equal(log.append(linux('d')), before.length + 2);
    await log.close();
    const found = await read(path);
    assert.deepEqual(found.diagnostics, []);
    assert.deepEqual(
      found.events.map(({ fields }) => fields.get('Image')),
      [...before, 'c', 'd'],
    );
    assert.deepEqual(
      states.map(({ logging }) => logging),
      [false, true],
    );
  }
});

test('a write that stops anywhere, and can’t be cut at once, leaves no half line', async (t) => {
  const whole = folder(t);
  await written(whole, ['a', 'b', 'c']);
  const { size } = statSync(join(whole, segmentName(1)));
  for (let stop = 1; stop < size; stop += 17) {
    const path = folder(t);
    const proto = await handles(path);
    const { write } = proto;
    let room = stop;
    const failing = t.mock.method(proto, 'write', async function (
      this: FileHandle,
      bytes: Buffer,
      offset: number,
      length: number,
      position: number,
    ) {
      if (room === 0) throw failure('EROFS');
      const part = Math.min(room, length);
      room -= part;
      return (await Reflect.apply(write, this, [bytes, offset, part, position])) as unknown;
    } as never);
    const cut = t.mock.method(proto, 'truncate', () => Promise.reject(failure('EROFS')));
    const log = open(path);
    for (const text of ['a', 'b', 'c']) log.append(linux(text));
    await assert.rejects(log.sync(), { code: 'event-log-unwritable' }, `at ${stop}`);
    assert.equal(log.append(linux('d')), null);
    await assert.rejects(log.sync());
    failing.mock.restore();
    cut.mock.restore();
    await log.sync();
    await log.close();
    const found = await read(path);
    assert.deepEqual(found.diagnostics, [], `at ${stop}`);
    assert.deepEqual(
      found.events.map(({ fields }) => fields.get('Image') ?? fields.get('Lost')),
      ['a', 'b', 'c', '1'],
      `at ${stop}`,
    );
  }
});
