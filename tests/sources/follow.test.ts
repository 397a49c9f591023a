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
import { readEvtx } from '../../src/evtx/index.ts';
import { QuestionError } from '../../src/predicate/index.ts';
import { dumpLine } from '../../src/report/index.ts';
import { type FollowedBatch, followLog } from '../../src/sources/index.ts';
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
    for (let cut = 1; cut < last.size; cut += 7) {
      overwrite(path, full.bytes.subarray(last.offset, last.offset + cut), last.offset);
      await follow.settle();
      assert.equal(follow.events.length, 2, `cut after ${cut} bytes`);
    }
    // The size stands at its end, and what is between is not there yet: pages are written in any order.
    overwrite(path, Buffer.alloc(last.size), last.offset);
    overwrite(path, full.bytes.subarray(last.offset, last.offset + 24), last.offset);
    overwrite(path, full.bytes.subarray(last.offset + last.size - 4, last.offset + last.size), last.offset + last.size - 4);
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

test('real event logs that grow chunk by chunk and record by record give what a whole reading gives', async (t) => {
  if (SHARED === null) return t.skip('no real logs beside the repository');
  const data = join(SHARED, 'data/evtx');
  const names = readdirSync(data, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.evtx'));
  assert.ok(names.length > 50);
  for (const [number, name] of names.entries()) {
    const bytes = readFileSync(join(data, name));
    if (bytes.length > 1_500_000) continue;
    const path = fresh('Log.evtx');
    // Some byte by record, and some with their last chunk alone growing.
    writeFileSync(path, number % 2 === 0 ? bytes.subarray(0, 4096) : bytes.subarray(0, bytes.length - CHUNK_SIZE));
    const follow = following(path);
    await follow.settle();
    const grown = statSync(path).size;
    for (let at = grown; at < bytes.length; at += CHUNK_SIZE) {
      const places = [...bytes.subarray(at, at + CHUNK_SIZE).entries()]
        .filter(([i]) => i % 8 === 0 && i >= 512 && bytes.readUInt32LE(at + Math.min(i, CHUNK_SIZE - 4)) === 0x2a2a)
        .map(([i]) => at + i);
      for (const place of [...places.filter((_, i) => i % 5 === 0), at + CHUNK_SIZE]) {
        appendFileSync(path, bytes.subarray(statSync(path).size, place));
        if (places.length < 200) await follow.settle();
      }
      await follow.settle();
    }
    await follow.stop();
    assert.deepEqual(follow.events.toSorted(), whole(bytes).toSorted(), name);
  }
});
