import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import { dumpLine } from '../../src/lines/index.ts';
import {
  findLogs,
  firstOfSegment,
  headerIn,
  headerLine,
  isSealed,
  readLog,
  sealLine,
  segmentName,
  segmentReader,
} from '../../src/sources/index.ts';
import { event } from '../builders/events.ts';

const HEADER = headerLine({ host: 'vm', bootId: 'b-1', first: 1 });
const EVENTS = [1, 2, 3, 4].map((record) =>
  event({
    record,
    provider: 'Linux-Sysmon',
    channel: 'Linux-Sysmon/Operational',
    host: 'vm',
    time: Date.UTC(2026, 0, 5, 9, record),
    fields: {
      UtcTime: `2026-01-05 09:0${record}:00.000`,
      SourceImage: `/usr/bin/caf\u00e9 "${record}"`,
      TargetImage: '/usr/bin/sleep',
    },
  }),
);
const LINES = EVENTS.map((each) => sealLine(dumpLine('live', each)));
const SEGMENT = Buffer.concat([HEADER, ...LINES]);

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'noisefloor-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Read {
  readonly events: Event[];
  readonly diagnostics: Diagnostic[];
}

/** All that a path holds, as every command reads it. */
async function readPath(path: string): Promise<Read> {
  const all: Read = { events: [], diagnostics: [] };
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

async function readBytes(t: TestContext, bytes: Uint8Array): Promise<Read> {
  const path = join(folder(t), 'a.log');
  writeFileSync(path, bytes);
  return await readPath(path);
}

const ids = ({ events }: Read): (number | null)[] => events.map(({ record }) => record);
const told = ({ diagnostics }: Read): [string, number][] => diagnostics.map(({ code, lost }) => [code, lost]);

test('a segment gives the events of its dump lines, whatever the file is called', async (t) => {
  const found = await readBytes(t, SEGMENT);
  assert.deepEqual(found, { events: EVENTS, diagnostics: [] });
});

test('the form is the one that is drawn in the documentation', () => {
  // The checksum of zlib and gzip, by another program: printf '{"a":1' | gzip -c | tail -c8 | od -tx4 -N4.
  const [crc] = /[0-9a-f]{8}/.exec(
    execFileSync('sh', ['-c', `printf '{"a":1' | gzip -c | tail -c8 | od -An -tx4 -N4`]).toString(),
  )!;
  assert.equal(sealLine('{"a":1}').toString(), `{"a":1,"crc":"${crc}"}\n`);
  assert.match(
    HEADER.toString(),
    /^\{"schema":"noisefloor\.events\/1","host":"vm","bootId":"b-1","first":1,"crc":"[0-9a-f]{8}"\}\n$/,
  );
  assert.deepEqual(headerIn(SEGMENT), { host: 'vm', bootId: 'b-1', first: 1 });
  assert.equal(headerIn(SEGMENT.subarray(1)), null);
  assert.equal(headerIn(LINES[0]!), null);
});

test('the name of a segment tells its first record', () => {
  for (const first of [1, 999_999_999_999, 1_000_000_000_000, Number.MAX_SAFE_INTEGER])
    assert.equal(firstOfSegment(segmentName(first)), first);
  assert.equal(segmentName(1), 'events-000000000001.jsonl');
  for (const name of [
    'events-1.jsonl',
    'events-000000000001.jsonl.gz',
    'x-events-000000000001.jsonl',
    'events-0000000000001.jsonl',
    'events-9999999999999999.jsonl',
  ])
    assert.equal(firstOfSegment(name), null, name);
});

test('cut at every byte: the lines that are whole are read, and the rest is a torn tail', async (t) => {
  const top = folder(t);
  const ends = LINES.map((_, index) => HEADER.length + Buffer.concat(LINES.slice(0, index + 1)).length);
  for (let length = HEADER.length + 30; length <= SEGMENT.length; length++) {
    const path = join(top, 'a.jsonl');
    writeFileSync(path, SEGMENT.subarray(0, length));
    const found = await readPath(path);
    // A line that lacks nothing but its break is whole.
    const whole = ends.filter((end) => end - 1 <= length).length;
    const isTorn = length > HEADER.length && !ends.includes(length) && !ends.includes(length + 1);
    assert.deepEqual(ids(found), [1, 2, 3, 4].slice(0, whole), `at ${length}`);
    assert.deepEqual(told(found), isTorn ? [['segment-torn-tail', 0]] : [], `at ${length}`);
  }
});

test('a torn tail is no error: it is the log of a sensor that runs', async (t) => {
  const { diagnostics } = await readBytes(t, SEGMENT.subarray(0, SEGMENT.length - 20));
  const [tail] = diagnostics;
  assert.equal(tail!.severity, 'warning');
  assert.equal(tail!.where.offset, SEGMENT.length - LINES[3]!.length);
  assert.equal(tail!.where.line, 5);
});

test('one flipped bit anywhere costs one line, and is told with its place', async (t) => {
  const top = folder(t);
  for (let at = 0; at < SEGMENT.length; at += 3) {
    const bytes = Buffer.from(SEGMENT);
    bytes[at]! ^= 0x10;
    const path = join(top, 'a.jsonl');
    writeFileSync(path, bytes);
    const found = await readPath(path);
    const isBreak = SEGMENT[at] === 0x0a;
    const line = SEGMENT.subarray(0, at).filter((byte) => byte === 0x0a).length;
    if (line === 0) {
      assert.deepEqual(ids(found), [1, 2, 3, 4], `at ${at}`);
      assert.deepEqual(told(found), [['segment-header', 0]], `at ${at}`);
    } else if (isBreak && line < 4) {
      // Both lines are found in the one.
      assert.deepEqual(ids(found), [1, 2, 3, 4], `at ${at}`);
      assert.equal(told(found)[0]![0], 'segment-line');
    } else if (!isBreak) {
      assert.deepEqual(
        ids(found),
        [1, 2, 3, 4].filter((id) => id !== line),
        `at ${at}`,
      );
      assert.deepEqual(told(found), [['segment-line', 1]], `at ${at}`);
      const [{ where }] = found.diagnostics as [Diagnostic];
      assert.equal(where.line, line + 1);
      assert.equal(where.offset, HEADER.length + Buffer.concat(LINES.slice(0, line - 1)).length);
    }
  }
});

test('a line that was cut off in the middle of the log costs itself alone', async (t) => {
  const cut = LINES[1]!.subarray(0, 60);
  const found = await readBytes(t, Buffer.concat([HEADER, LINES[0]!, cut, LINES[2]!, LINES[3]!]));
  assert.deepEqual(ids(found), [1, 3, 4]);
  assert.deepEqual(told(found), [['segment-line', 1]]);
});

test('pages of zeros, as a power cut leaves them', async (t) => {
  const zeros = Buffer.alloc(5000);
  const within = await readBytes(t, Buffer.concat([HEADER, LINES[0]!, zeros, LINES[2]!, LINES[3]!]));
  assert.deepEqual(ids(within), [1, 3, 4]);
  assert.deepEqual(told(within), [['segment-line', 1]]);
  const last = await readBytes(t, Buffer.concat([HEADER, LINES[0]!, zeros]));
  assert.deepEqual(ids(last), [1]);
  assert.deepEqual(told(last), [['segment-torn-tail', 0]]);
  const first = await readBytes(
    t,
    Buffer.concat([Buffer.alloc(HEADER.length - 1), Buffer.from('\n'), ...LINES]),
  );
  assert.deepEqual(ids(first), [1, 2, 3, 4]);
  assert.deepEqual(told(first), [['segment-header', 0]]);
});

test('without its header, with the line breaks of Windows, or several in one file', async (t) => {
  assert.deepEqual(await readBytes(t, Buffer.concat(LINES)), { events: EVENTS, diagnostics: [] });
  const windows = Buffer.from(SEGMENT.toString().replaceAll('\n', '\r\n'));
  assert.deepEqual(await readBytes(t, windows), { events: EVENTS, diagnostics: [] });
  const second = headerLine({ host: 'vm', bootId: 'b-2', first: 3 });
  const both = Buffer.concat([HEADER, LINES[0]!, LINES[1]!, second, LINES[2]!, LINES[3]!]);
  assert.deepEqual(await readBytes(t, both), { events: EVENTS, diagnostics: [] });
  assert.deepEqual(await readBytes(t, HEADER), { events: [], diagnostics: [] });
});

test('a folder of segments, and the link in it that says who writes', async (t) => {
  const top = join(folder(t), 'events');
  mkdirSync(top);
  writeFileSync(join(top, segmentName(1)), SEGMENT);
  writeFileSync(join(top, segmentName(3)), '');
  symlinkSync('1:2:b', join(top, 'events.lock'));
  const { logs, skipped, problems } = findLogs([top]);
  assert.deepEqual(
    logs.map(({ kind, size }) => [kind, size]),
    [['segment', SEGMENT.length]],
  );
  assert.deepEqual(
    skipped.map(({ path }) => path),
    [join(top, segmentName(3))],
  );
  assert.deepEqual(problems, []);
});

test('inside of gzip, and of tar in it', async (t) => {
  const top = folder(t);
  writeFileSync(join(top, 'a.gz'), gzipSync(SEGMENT));
  assert.deepEqual(await readPath(join(top, 'a.gz')), { events: EVENTS, diagnostics: [] });
  writeFileSync(join(top, 'a.jsonl'), SEGMENT);
  execFileSync('tar', ['-czf', join(top, 'a.tgz'), '-C', top, 'a.jsonl']);
  assert.deepEqual(await readPath(join(top, 'a.tgz')), { events: EVENTS, diagnostics: [] });
});

test('a checksum that is right does not make an event of anything', async (t) => {
  const others = ['{"a":1}', `{"x":${'['.repeat(9999)}${']'.repeat(9999)}}`, '{"source":"live","record":9}'];
  const found = await readBytes(t, Buffer.concat([HEADER, LINES[0]!, ...others.map(sealLine), LINES[1]!]));
  assert.deepEqual(ids(found), [1, 2]);
  assert.deepEqual(
    told(found),
    others.map(() => ['segment-line', 1]),
  );
});

test('a line without an end takes no memory, and costs one', () => {
  const reader = segmentReader('a');
  reader.push(SEGMENT);
  const block = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 40; i++) assert.deepEqual(reader.push(block).diagnostics, []);
  const { events, diagnostics } = reader.push(Buffer.concat([Buffer.from('\n'), LINES[0]!]));
  assert.equal(events.length, 1);
  assert.deepEqual(
    diagnostics.map(({ where, lost }) => [where.offset, where.line, lost]),
    [[SEGMENT.length, 6, 1]],
  );
});

test('read as it grows: events come with the end of their lines, and it says where to read on', () => {
  for (const step of [1, 7, 64]) {
    const reader = segmentReader('a');
    const events: Event[] = [];
    for (let at = 0; at < SEGMENT.length; at += step) {
      const part = reader.push(SEGMENT.subarray(at, at + step));
      assert.deepEqual(part.diagnostics, []);
      events.push(...part.events);
    }
    assert.deepEqual(events, EVENTS);
    assert.equal(reader.offset(), SEGMENT.length);
    assert.deepEqual(reader.end(), { events: [], diagnostics: [] });
  }
  const part = segmentReader('a');
  part.push(SEGMENT.subarray(0, SEGMENT.length - 5));
  const offset = part.offset();
  assert.equal(offset, SEGMENT.length - LINES[3]!.length);
  const rest = segmentReader('a', { offset, line: 5 }).push(SEGMENT.subarray(offset));
  assert.deepEqual(rest.events, [EVENTS[3]]);
  assert.ok(isSealed(LINES[0]!.subarray(0, -1)));
  assert.ok(!isSealed(LINES[0]!));
});
