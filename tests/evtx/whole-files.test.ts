/** However a file is read, it says the same: as it is, in ranges, from a stream that is cut anywhere. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { EVERY_RECORD, Scanner } from '../../src/evtx/index.ts';
import { scanEvtxFile } from '../../src/sources/evtx.ts';
import { ROOT } from '../builders/shared.ts';
import { CHUNK_SIZE, firstRecords } from '../fuzz/chunk-map.ts';
import { anyFile, differsAsFile } from '../fuzz/files.ts';
import { Random } from '../fuzz/random.ts';

const log = readFileSync(join(ROOT, 'examples/modelled-week/Sysmon.evtx'));
const HEADER_SIZE = 4096;
const chunks = [0, 2, 4].map((index) => {
  const at = HEADER_SIZE + index * CHUNK_SIZE;
  return firstRecords(log.subarray(at, at + CHUNK_SIZE), 4);
});
const path = join(tmpdir(), `noisefloor-whole-${process.pid}.evtx`);

async function same(bytes: Buffer, seed: number): Promise<void> {
  for (const options of [
    { verify: false, recover: false },
    { verify: true, recover: true },
  ]) {
    assert.equal(await differsAsFile(bytes, path, options, new Random(seed)), null, `seed ${seed}`);
  }
}

test('the example log', async () => {
  for (let seed = 1; seed <= 3; seed++) await same(log, seed);
});

test('damaged files', async () => {
  const random = new Random(1);
  for (let i = 0; i < 60; i++) await same(anyFile(chunks, random), i);
});

test('chunks are missing, and the last record id stands before the last range', async () => {
  const header = Buffer.from(log.subarray(0, HEADER_SIZE));
  header.writeBigUInt64LE(8n, 16);
  header.writeBigUInt64LE(100_000n, 24);
  header.writeUInt16LE(9, 42);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  const nothing = Buffer.alloc(CHUNK_SIZE, 1);
  const bytes = Buffer.concat([header, ...chunks, nothing, nothing]);
  for (let seed = 1; seed <= 6; seed++) await same(bytes, seed);
});

test('files that end in their header', async () => {
  for (const size of [1, 7, 8, 127, 128, 1000, 4095, 4096, 4097]) await same(log.subarray(0, size), size);
});

test('a file that has grown, or shrunk, since it was found is read as it is now', () => {
  writeFileSync(path, log);
  const scanner = new Scanner(() => EVERY_RECORD);
  const records = (size: number): number => {
    let count = 0;
    const found = { path, size, explicit: true, kind: 'evtx' } as const;
    for (const { scan, diagnostics } of scanEvtxFile(found, scanner, {
      verify: true,
      recover: false,
      range: null,
    })) {
      assert.deepEqual(diagnostics, []);
      count += scan?.totals.records ?? 0;
    }
    return count;
  };
  try {
    const all = records(log.length);
    assert.ok(all > 1000);
    // On the borders of chunks, and within them.
    for (let size = 0; size <= log.length + CHUNK_SIZE; size += CHUNK_SIZE / 4)
      assert.equal(records(size), all);
  } finally {
    rmSync(path);
  }
});
