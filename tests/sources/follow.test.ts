/** Logs that grow while they are read: each record once, and every one that could not be read is counted. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import { firstRecord, readEvtx } from '../../src/evtx/index.ts';
import { QuestionError } from '../../src/predicate/index.ts';
import { dumpLine } from '../../src/lines/index.ts';
import { type FollowedBatch, followLog, headerLine, sealLine, segmentName } from '../../src/sources/index.ts';
import { event } from '../builders/events.ts';
import { CHUNK_SIZE, layoutEvtx, type WriterEvent, writeEvtx } from '../builders/evtx-writer.ts';
import { sysmonEvent } from '../builders/evtx-windows.ts';
import { SHARED } from '../builders/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-follow-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;

/** A path that no other test has. */
function fresh(name: string): string {
  const own = join(folder, String(count++));
  mkdirSync(own);
  return join(own, name);
}

interface Following {
  readonly events: string[];
  readonly live: string[];
  readonly diagnostics: Diagnostic[];
  /** Waits until all that is written now has been read. */
  settle(): Promise<void>;
  /** Waits until something has become true. */
  until(what: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Follows a log in the background, looking every few milliseconds. */
function following(path: string): Following {
  const stop = new AbortController();
  const [events, live, diagnostics]: [string[], string[], Diagnostic[]] = [[], [], []];
  let looks = 0;
  const done = (async (): Promise<void> => {
    for await (const batch of followLog(path, { signal: stop.signal, everyMs: 2 })) {
      take(batch);
    }
  })();
  function take(batch: FollowedBatch): void {
    for (const one of batch.events) {
      events.push(textOf(one));
      if (batch.live) live.push(textOf(one));
    }
    diagnostics.push(...batch.diagnostics);
    if (batch.live && batch.events.length === 0 && batch.diagnostics.length === 0) looks += 1;
  }
  const until = async (what: () => boolean): Promise<void> => {
    const failed = done.then(() => 'ended');
    for (let tries = 0; !what(); tries++) {
      if (tries > 5000) assert.fail('it never came');
      if ((await Promise.race([failed, setTimeout(2)])) === 'ended') break;
    }
  };
  return {
    events,
    live,
    diagnostics,
    until,
    settle: () => {
      // The look that is going on may have begun before.
      const wanted = looks + 2;
      return until(() => looks >= wanted);
    },
    async stop() {
      stop.abort();
      await done;
    },
  };
}

function textOf(one: Event): string {
  return dumpLine('', one);
}

/** Everything that a whole reading of some bytes gives. */
function whole(bytes: Uint8Array): string[] {
  const events: string[] = [];
  for (const item of readEvtx(bytes)) if (item.kind === 'record') events.push(textOf(item));
  return events;
}

/** The bytes of a file are what they are to be, with no moment at which it is shorter. */
function overwrite(path: string, bytes: Uint8Array, from = 0): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, from);
  } finally {
    closeSync(file);
  }
}

function records(first: number, last: number, host = 'HOST'): WriterEvent[] {
  return Array.from({ length: last - first + 1 }, (_, step) =>
    sysmonEvent({
      recordId: first + step,
      time: Date.UTC(2026, 0, 5, 9) + (first + step) * 1000,
      computer: host,
      eventId: 8,
      fields: { SourceImage: `C:\\${first + step}.exe`, TargetImage: 'C:\\b.exe' },
    }),
  );
}

test('an event log that is there is read, and what is appended to its chunk comes once', async () => {
  const path = fresh('Sysmon.evtx');
  const all = records(1, 40);
  const full = layoutEvtx(all, { recordsPerChunk: 10 });
  writeFileSync(path, writeEvtx(all.slice(0, 5), { recordsPerChunk: 10 }));
  const follow = following(path);
  await follow.until(() => follow.events.length === 5);
  assert.equal(follow.live.length, 0);
  for (let upTo = 6; upTo <= 40; upTo++) {
    const { bytes } = layoutEvtx(all.slice(0, upTo), { recordsPerChunk: 10 });
    // The file grows before it is written to: chunks that are reserved are zero.
    if (statSync(path).size < bytes.length) truncateSync(path, bytes.length + CHUNK_SIZE);
    overwrite(path, bytes);
    if (upTo % 3 === 0) await follow.settle();
  }
  await follow.settle();
  await follow.stop();
  assert.deepEqual(follow.events, whole(full.bytes));
  assert.equal(follow.live.length, 35);
  assert.deepEqual(follow.diagnostics, []);
});

test('records come though the counters of their chunk and of the file stay behind', async () => {
  const path = fresh('Sysmon.evtx');
  const all = records(1, 30);
  const full = layoutEvtx(all, { recordsPerChunk: 10 });
  const image = Buffer.alloc(full.bytes.length);
  // All headers are those of a log with one record, and never change; a new chunk's header is written with its first.
  const one = writeEvtx(all.slice(0, 1), { dirty: true });
  image.set(one.subarray(0, 4096));
  writeFileSync(path, image);
  const follow = following(path);
  await follow.settle();
  for (const [index, chunk] of full.chunks.entries()) {
    const first = chunk.records[0]!;
    const { bytes } = layoutEvtx(all.slice(0, 10 * index + 1), { recordsPerChunk: 10 });
    overwrite(path, bytes.subarray(chunk.offset, first.offset + first.size), chunk.offset);
    await follow.settle();
    for (const { offset, size } of chunk.records) {
      overwrite(path, full.bytes.subarray(offset, offset + size), offset);
      await follow.settle();
    }
  }
  await follow.stop();
  assert.deepEqual(follow.events, whole(full.bytes));
  assert.equal(follow.live.length, 30);
});

test('a record that is half written is waited for, wherever it is cut', async () => {
  const all = records(1, 3);
  const full = layoutEvtx(all);
  const last = full.chunks[0]!.records[2]!;
  const two = writeEvtx(all.slice(0, 2));
  for (const counted of [false, true]) {
    const path = fresh('Sysmon.evtx');
    writeFileSync(path, two);
    const follow = following(path);
    await follow.until(() => follow.events.length === 2);
    if (counted) overwrite(path, full.bytes.subarray(0, 4096 + 512));
    // The last bytes of its size are zero, as what is not written yet.
    for (let cut = 1; cut < last.size - 3; cut += 7) {
      overwrite(path, full.bytes.subarray(last.offset, last.offset + cut), last.offset);
      await follow.settle();
      assert.equal(follow.events.length, 2, `cut after ${cut} bytes`);
    }
    // The size stands at its end, and what is between is not there yet: pages are written in any order.
    overwrite(path, Buffer.alloc(last.size), last.offset);
    overwrite(path, full.bytes.subarray(last.offset, last.offset + 24), last.offset);
    overwrite(
      path,
      full.bytes.subarray(last.offset + last.size - 4, last.offset + last.size),
      last.offset + last.size - 4,
    );
    await follow.settle();
    overwrite(path, full.bytes.subarray(last.offset, last.offset + last.size), last.offset);
    await follow.settle();
    await follow.stop();
    assert.deepEqual(follow.events, whole(full.bytes));
    assert.deepEqual(follow.diagnostics, []);
  }
});

test('what the memory of a chunk held before is not taken for its records', async () => {
  const path = fresh('Sysmon.evtx');
  const all = records(101, 106);
  const options = { stale: records(90, 100) };
  writeFileSync(path, writeEvtx(all.slice(0, 3), options));
  const follow = following(path);
  await follow.settle();
  overwrite(path, writeEvtx(all, options));
  await follow.settle();
  await follow.stop();
  assert.deepEqual(follow.events, whole(writeEvtx(all)));
});

/** A chunk with these records. */
function chunkOf(first: number, last: number, lag = 0): Uint8Array {
  return writeEvtx(records(first, last), { lag }).subarray(4096, 4096 + CHUNK_SIZE);
}

/** A log of three chunks with ten records each, whose oldest chunk is about to be written over. */
function fullRing(): Uint8Array {
  return writeEvtx(records(1, 30), { recordsPerChunk: 10 });
}

function textsOf(first: number, last: number): string[] {
  return whole(writeEvtx(records(first, last)));
}

test('a log that wraps is followed around: the oldest chunk is written over in place', async () => {
  for (const keepsOld of [false, true]) {
    const path = fresh('Sysmon.evtx');
    writeFileSync(path, fullRing());
    const follow = following(path);
    await follow.until(() => follow.events.length === 30);
    for (let id = 31; id <= 75; id++) {
      const index = Math.floor((id - 1) / 10);
      const first = 10 * index + 1;
      const { bytes, chunks } = layoutEvtx(records(first, id));
      const last = chunks[0]!.records.at(-1)!;
      // What stood in the chunk before may stay behind the new records, or be wiped.
      const end = keepsOld ? last.offset + last.size : bytes.length;
      overwrite(path, bytes.subarray(4096, end), 4096 + (index % 3) * CHUNK_SIZE);
      if (id % 4 === 0) await follow.settle();
    }
    await follow.settle();
    await follow.stop();
    assert.deepEqual(follow.events, textsOf(1, 75));
    assert.deepEqual(follow.diagnostics, []);
  }
});

test('a log that has wrapped is read from its oldest record on', async () => {
  const path = fresh('Sysmon.evtx');
  const ring = Buffer.from(fullRing());
  ring.set(chunkOf(31, 40), 4096);
  ring.set(chunkOf(41, 43), 4096 + CHUNK_SIZE);
  writeFileSync(path, ring);
  const follow = following(path);
  await follow.settle();
  overwrite(path, chunkOf(41, 46), 4096 + CHUNK_SIZE);
  await follow.settle();
  await follow.stop();
  assert.deepEqual(follow.events, textsOf(21, 46));
  assert.deepEqual(follow.diagnostics, []);
});

test('what was written over before it was read is counted', async () => {
  const path = fresh('Sysmon.evtx');
  writeFileSync(path, fullRing());
  const follow = following(path);
  await follow.until(() => follow.events.length === 30);
  // All at once, as for one who looks late: the records 31 to 60 are gone again.
  const late = writeEvtx(records(61, 90), { recordsPerChunk: 10 });
  overwrite(path, late);
  await follow.until(() => follow.events.length === 60);
  // And where only a chunk is missed: what is to come between is waited for a while.
  overwrite(path, chunkOf(101, 105), 4096 + CHUNK_SIZE);
  await follow.until(() => follow.events.length === 65);
  await follow.stop();
  assert.deepEqual(follow.events, [...textsOf(1, 30), ...textsOf(61, 90), ...textsOf(101, 105)]);
  const lost = follow.diagnostics.map(({ code, lost: many, message }) => [code, many, message.slice(0, 40)]);
  assert.deepEqual(lost, [
    ['follow-overwritten', 30, 'the records 31 to 60 were gone before th'],
    ['follow-overwritten', 10, 'the records 91 to 100 were gone before t'],
  ]);
});

test('a log that is archived when it is full goes on in the new file', async () => {
  const path = fresh('Sysmon.evtx');
  writeFileSync(path, writeEvtx(records(1, 15), { recordsPerChunk: 10 }));
  const follow = following(path);
  await follow.until(() => follow.events.length === 15);
  // Written to its end, and renamed before anyone looked.
  writeFileSync(`${path}.full`, writeEvtx(records(1, 20), { recordsPerChunk: 10 }));
  overwrite(path, readFileSync(`${path}.full`));
  renameSync(path, `${path}.archive`);
  writeFileSync(path, writeEvtx(records(21, 23)));
  await follow.until(() => follow.events.length === 23);
  overwrite(path, writeEvtx(records(21, 26)));
  await follow.settle();
  await follow.stop();
  assert.deepEqual(follow.events, textsOf(1, 26));
  assert.deepEqual(
    follow.diagnostics.map(({ code }) => code),
    ['follow-rotated'],
  );
});

test('a newer copy of a log in its place brings what is new in it', async () => {
  const path = fresh('Sysmon.evtx');
  writeFileSync(path, writeEvtx(records(1, 15), { recordsPerChunk: 10 }));
  const follow = following(path);
  await follow.settle();
  for (const upTo of [15, 18, 24, 41]) {
    writeFileSync(`${path}.new`, writeEvtx(records(1, upTo), { recordsPerChunk: 10 }));
    renameSync(`${path}.new`, path);
    await follow.settle();
  }
  await follow.stop();
  assert.deepEqual(follow.events, textsOf(1, 41));
  assert.deepEqual(follow.diagnostics, []);
});

test('a log that was cleared is read anew, whether its ids go on or not', async () => {
  const path = fresh('Sysmon.evtx');
  writeFileSync(path, writeEvtx(records(1, 25), { recordsPerChunk: 10 }));
  const follow = following(path);
  await follow.settle();
  writeFileSync(`${path}.new`, writeEvtx(records(26, 27)));
  // In place: the file is the same one, and shorter.
  overwrite(path, readFileSync(`${path}.new`));
  truncateSync(path, 4096 + CHUNK_SIZE);
  await follow.until(() => follow.events.length === 27);
  const anew = writeEvtx(records(1, 3, 'OTHER'));
  overwrite(path, anew);
  await follow.until(() => follow.events.length === 30);
  await follow.stop();
  assert.deepEqual(follow.events, [...textsOf(1, 27), ...whole(anew)]);
  assert.deepEqual(
    follow.diagnostics.map(({ code }) => code),
    ['follow-anew'],
  );
});

test('what is damaged is told and counted as in a whole reading, and reading goes on behind it', async () => {
  const all = records(1, 30);
  const { bytes, chunks } = layoutEvtx(all, { recordsPerChunk: 10 });
  const [body, header] = [chunks[0]!.records[4]!, chunks[1]!.records[6]!];
  const damaged = Buffer.from(bytes);
  damaged.fill(0, body.offset + 24, body.offset + body.size - 4);
  damaged.fill(0, header.offset, header.offset + 8);
  const wanted = [...readEvtx(damaged)].flatMap((item) => (item.kind === 'diagnostic' ? item : []));
  assert.deepEqual(
    wanted.reduce((sum, { lost }) => sum + lost, 0),
    5,
  );
  const path = fresh('Sysmon.evtx');
  writeFileSync(path, damaged.subarray(0, chunks[0]!.records[3]!.offset));
  const follow = following(path);
  await follow.settle();
  for (const { records: places } of chunks) {
    for (const { offset, size } of places) {
      const from = statSync(path).size;
      appendFileSync(path, damaged.subarray(from, Math.max(from, offset + size)));
      await follow.settle();
    }
  }
  await follow.until(() => follow.events.length === 25);
  await follow.stop();
  assert.deepEqual(follow.events, whole(damaged));
  const [found, told] = [follow.diagnostics, wanted].map((some) =>
    some.map(({ code, lost, message }) => `${code} ${lost} ${message}`).toSorted(),
  );
  assert.deepEqual(found, told);
});

test('real event logs that grow chunk by chunk and record by record give what a whole reading gives', async (t) => {
  if (SHARED === null) return t.skip('no real logs beside the repository');
  const data = join(SHARED, 'data/evtx');
  const names = readdirSync(data, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.evtx'));
  assert.ok(names.length > 50);
  for (const [number, name] of names.entries()) {
    const bytes = readFileSync(join(data, name));
    // Of a chunk that is cut a whole reading takes nothing, for there it is damage; here it may still come.
    if (bytes.length > 1_500_000 || (bytes.length - 4096) % CHUNK_SIZE !== 0) continue;
    const path = fresh('Log.evtx');
    const firsts: number[] = [];
    for (let at = 4096; at < bytes.length; at += CHUNK_SIZE)
      firsts.push(firstRecord(bytes.subarray(at))?.id ?? 0);
    // What never grew like that is read as it is; some grow from nothing, and some with their last chunk alone.
    const grows = firsts.every((id, at) => id > (firsts[at - 1] ?? 0));
    const start = !grows ? bytes.length : number % 2 === 0 ? 4096 : bytes.length - CHUNK_SIZE;
    writeFileSync(path, bytes.subarray(0, start));
    const follow = following(path);
    await follow.settle();
    const grown = statSync(path).size;
    for (let at = grown; at < bytes.length; at += CHUNK_SIZE) {
      const places: number[] = [];
      for (let place = at + 512; place < at + CHUNK_SIZE; place += 8)
        if (bytes.readUInt32LE(place) === 0x2a2a) places.push(place);
      for (const place of [...places.filter((_, i) => i % 5 === 0), at + CHUNK_SIZE]) {
        appendFileSync(path, bytes.subarray(statSync(path).size, place));
        if (places.length < 200) await follow.settle();
      }
      await follow.settle();
    }
    const wanted = whole(bytes).toSorted();
    // What is broken is waited for a while: it may be half written.
    await follow.until(() => follow.events.length >= wanted.length);
    await follow.stop();
    const found = follow.events.toSorted();
    const other = wanted.findIndex((text, at) => text !== found[at]);
    assert.deepEqual([found.length, other], [wanted.length, -1], `${name}: ${found[other]}`);
  }
});

/** A `dump` line with its line break. */
function line(record: number, some: Parameters<typeof event>[0] = {}): string {
  const fields = { SourceImage: `C:\\${record}.exe`, TargetImage: 'C:\\b.exe' };
  return `${dumpLine('there', event({ record, fields, ...some }))}\n`;
}

function ids(texts: readonly string[]): number[] {
  return texts.map((text) => (JSON.parse(text) as { record: number }).record);
}

test('JSON lines come when their line is whole, wherever they are cut', async () => {
  const path = fresh('log.jsonl');
  const text = Buffer.from(line(1, { host: 'Zürich–漢字' }) + line(2) + line(3, { host: '𝕊' }));
  writeFileSync(path, '');
  const follow = following(path);
  await follow.settle();
  const ends = [...text.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at);
  for (let at = 0; at < text.length; at += 11) {
    const end = Math.min(text.length, at + 11);
    appendFileSync(path, text.subarray(at, end));
    await follow.settle();
    assert.equal(follow.events.length, ends.filter((one) => one < end).length);
  }
  await follow.stop();
  assert.deepEqual(ids(follow.events), [1, 2, 3]);
  assert.match(follow.events[0]!, /Zürich–漢字/);
  assert.match(follow.events[2]!, /𝕊/);
  assert.deepEqual(follow.diagnostics, []);
});

test('a last line that is whole but for its line break is not waited for for ever', async () => {
  const path = fresh('log.json');
  writeFileSync(path, `[${line(1).trim()},${line(2).trim()}]`);
  const follow = following(path);
  await follow.until(() => follow.events.length === 2);
  await follow.stop();
  assert.deepEqual(ids(follow.events), [1, 2]);
  assert.deepEqual(follow.diagnostics, []);
});

test('JSON in UTF-16, as PowerShell writes it, is followed', async () => {
  const path = fresh('log.json');
  writeFileSync(path, Buffer.from(`\ufeff${line(1)}`, 'utf16le'));
  const follow = following(path);
  await follow.settle();
  const more = Buffer.from(line(2) + line(3), 'utf16le');
  for (let at = 0; at < more.length; at += 101) {
    appendFileSync(path, more.subarray(at, at + 101));
    await follow.settle();
  }
  await follow.stop();
  assert.deepEqual(ids(follow.events), [1, 2, 3]);
});

test('a broken line is counted, and the next ones come', async () => {
  const path = fresh('log.jsonl');
  writeFileSync(path, line(1));
  const follow = following(path);
  await follow.settle();
  appendFileSync(path, `{"broken": oops}\n${line(2)}`);
  await follow.settle();
  await follow.stop();
  assert.deepEqual(ids(follow.events), [1, 2]);
  assert.deepEqual(
    follow.diagnostics.map(({ code, lost, where }) => [code, lost, where.line]),
    [['json-syntax', 1, 2]],
  );
});

test('lines are followed over truncation and rotation as tail -F does', async () => {
  const path = fresh('log.jsonl');
  writeFileSync(path, line(1) + line(2));
  const follow = following(path);
  await follow.settle();
  // Cut, and longer again before anyone looks.
  writeFileSync(path, line(3) + line(4) + line(5));
  await follow.until(() => follow.events.length === 5);
  appendFileSync(path, line(6));
  renameSync(path, `${path}.1`);
  await follow.settle();
  appendFileSync(`${path}.1`, line(7));
  await follow.settle();
  writeFileSync(path, '');
  await follow.settle();
  appendFileSync(path, line(8));
  await follow.until(() => follow.events.length === 8);
  unlinkSync(path);
  await follow.settle();
  writeFileSync(path, line(9));
  await follow.until(() => follow.events.length === 9);
  // A copy that is longer goes on where the other one ended.
  copyFileSync(path, `${path}.new`);
  appendFileSync(`${path}.new`, line(10));
  renameSync(`${path}.new`, path);
  await follow.until(() => follow.events.length === 10);
  await follow.stop();
  assert.deepEqual(ids(follow.events), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(
    follow.diagnostics.map(({ code }) => code),
    ['follow-anew', 'follow-rotated', 'follow-rotated'],
  );
});

test('records whose times are local are not held back', async () => {
  const path = fresh('log.jsonl');
  const sysmon = (at: string, utc: string): string =>
    `${JSON.stringify({ EventTime: at, Hostname: 'H', EventID: 5, SourceName: 'Microsoft-Windows-Sysmon', Channel: 'Microsoft-Windows-Sysmon/Operational', RecordNumber: 1, UtcTime: utc, Image: 'C:\\a.exe' })}\n`;
  const other = (at: string): string =>
    `${JSON.stringify({ EventTime: at, Hostname: 'H', EventID: 7036, SourceName: 'Service Control Manager', Channel: 'System', RecordNumber: 2, param1: 'x' })}\n`;
  writeFileSync(path, sysmon('2026-01-05 11:00:00', '2026-01-05 09:00:00.000'));
  const follow = following(path);
  await follow.settle();
  appendFileSync(path, other('2026-01-05 11:30:00'));
  await follow.until(() => follow.events.length === 2);
  await follow.stop();
  assert.match(follow.events[1]!, /"time":"2026-01-05T09:30:00.000Z"/);
});

/** A segment of our own event log. */
function segment(first: number, last: number): string {
  const rows = [headerLine({ host: 'HOST', bootId: 'b', first }).toString()];
  for (let id = first; id <= last; id++) rows.push(row(id));
  return rows.join('');
}

function row(id: number): string {
  return sealLine(line(id).trim().replace('"source":"there"', '"source":"live"')).toString();
}

test('a folder of segments is followed over new segments, deleted ones and a tail that is cut', async () => {
  const log = join(fresh('x'), '../events');
  mkdirSync(log);
  const early = following(log);
  await early.settle();
  writeFileSync(join(log, segmentName(1)), segment(1, 3));
  await early.until(() => early.events.length === 3);
  await early.stop();
  writeFileSync(join(log, segmentName(4)), segment(4, 5));
  writeFileSync(join(log, 'lock'), '');
  const follow = following(log);
  await follow.settle();
  assert.deepEqual(ids(follow.events), [1, 2, 3, 4, 5]);
  unlinkSync(join(log, segmentName(1)));
  appendFileSync(join(log, segmentName(4)), row(6) + row(7).slice(0, 30));
  await follow.settle();
  // The writer died, and cut its tail when it came back.
  const { size } = statSync(join(log, segmentName(4)));
  truncateSync(join(log, segmentName(4)), size - 30);
  appendFileSync(join(log, segmentName(4)), row(7));
  await follow.settle();
  // Read to its end though it is deleted; its last line is damaged.
  appendFileSync(join(log, segmentName(4)), row(99).replace('b.exe', 'c.exe'));
  writeFileSync(join(log, segmentName(8)), segment(8, 8));
  unlinkSync(join(log, segmentName(4)));
  await follow.until(() => follow.events.length === 8);
  // And one that came and went between two looks is missed.
  writeFileSync(join(log, segmentName(20)), segment(20, 21));
  await follow.until(() => follow.events.length === 10);
  await follow.stop();
  assert.deepEqual(ids(follow.events), [1, 2, 3, 4, 5, 6, 7, 8, 20, 21]);
  assert.deepEqual(
    follow.diagnostics.map(({ code, lost }) => [code, lost]),
    [
      ['segment-line', 1],
      ['follow-overwritten', 11],
    ],
  );
});

test('what is not there, or does not grow, is refused in one sentence', async () => {
  const refused = async (path: string, code: string, message: RegExp): Promise<void> => {
    const follow = followLog(path, { signal: new AbortController().signal });
    await assert.rejects(follow.next(), (error) => {
      assert.ok(error instanceof QuestionError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  };
  await refused(join(folder, 'nowhere.evtx'), 'log-missing', /nowhere\.evtx/);
  await refused('-', 'follow-kind', /standard input/);
  const zip = fresh('a.zip');
  writeFileSync(zip, Buffer.from('504b0506', 'hex'));
  await refused(zip, 'follow-kind', /zip archive/);
  const config = fresh('sysmon.xml');
  writeFileSync(config, '<Sysmon schemaversion="4.90"/>');
  await refused(config, 'follow-kind', /configuration, which is a QUESTION/);
  await refused(join(config, '..'), 'follow-kind', /a folder without one/);
});
