/** The scan reads what the plain reader reads: real logs, modelled ones, written ones of all forms, and all of them damaged. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  CHUNK_SIZE,
  EVERY_RECORD,
  FILE_HEADER_SIZE,
  readEvtx,
  readFileHeader,
  Scanner,
} from '../../src/evtx/index.ts';
import { anyLog, eventData, eventOf, withoutNul } from '../builders/evtx-arbitrary.ts';
import {
  type EvtxValue,
  type NestedForm,
  type WriterData,
  writeEvtx,
  type WriterEvent,
} from '../builders/evtx-writer.ts';
import { ROOT, sharedLogs } from '../builders/shared.ts';
import { mutate } from '../fuzz/mutate.ts';
import { Random } from '../fuzz/random.ts';
import { type Comparison, Comparer } from './differences.ts';

interface Sum {
  chunks: number;
  records: number;
  planned: number;
  fieldsPlanned: number;
}

/** Elements that stand without a template hold text alone. */
const anyTextLog: fc.Arbitrary<WriterEvent[]> = fc
  .array(
    eventOf(
      eventData(withoutNul.map((value): EvtxValue => ({ type: 'string', value }))).map(
        (data): WriterData => ({ kind: 'EventData', fields: data.fields }),
      ),
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((events) => events.map((event, i) => ({ ...event, recordId: i + 1 })));

const MODES = [
  { verify: false, recover: false },
  { verify: true, recover: true },
] as const;

/** Compares all chunks of a log, in all modes. */
function compareLog(bytes: Buffer): Sum {
  const sum: Sum = { chunks: 0, records: 0, planned: 0, fieldsPlanned: 0 };
  const file = readFileHeader(bytes.subarray(0, FILE_HEADER_SIZE));
  for (const mode of MODES) {
    const comparer = new Comparer();
    for (let offset = FILE_HEADER_SIZE; offset < bytes.length; offset += CHUNK_SIZE) {
      const chunk = bytes.subarray(offset, offset + CHUNK_SIZE);
      const result: Comparison = comparer.compare(chunk, { ...mode, file, offset });
      assert.equal(result.difference, null, `in the chunk at ${offset}, ${JSON.stringify(mode)}`);
      sum.chunks += 1;
      sum.records += result.records;
      sum.planned += result.planned;
      sum.fieldsPlanned += result.fieldsPlanned;
    }
  }
  return sum;
}

/** A scan of all chunks at once says what the plain reader says of the file. */
function compareWhole(bytes: Buffer): void {
  const file = readFileHeader(bytes.subarray(0, FILE_HEADER_SIZE));
  const told = { scan: [] as object[], plain: [] as object[] };
  const scan = new Scanner(() => EVERY_RECORD).scan(bytes.subarray(FILE_HEADER_SIZE), {
    ...MODES[0],
    file,
    offset: FILE_HEADER_SIZE,
    report: (one) => told.scan.push(one),
  });
  const offsets: number[] = [];
  for (const item of readEvtx(bytes)) {
    if (item.kind === 'record') offsets.push(item.offset);
    else if (item.offset >= FILE_HEADER_SIZE && item.code !== 'evtx-chunks-missing') told.plain.push(item);
  }
  assert.deepEqual(told.scan, told.plain);
  assert.deepEqual(
    scan.events.map(({ offset }) => offset),
    offsets,
  );
  assert.equal(scan.totals.records, offsets.length);
}

const modelled = ['Sysmon', 'System'].map((name) => ({
  name: `modelled ${name}`,
  path: join(ROOT, `examples/modelled-week/${name}.evtx`),
}));
const logs = [...modelled, ...sharedLogs()];

describe('whole logs', () => {
  const total: Sum = { chunks: 0, records: 0, planned: 0, fieldsPlanned: 0 };
  for (const { name, path } of logs) {
    test(name, () => {
      const bytes = readFileSync(path);
      const sum = compareLog(bytes);
      compareWhole(bytes);
      for (const key of ['chunks', 'records', 'planned', 'fieldsPlanned'] as const) total[key] += sum[key];
      const sysmon = bytes.includes(Buffer.from('Microsoft-Windows-Sysmon', 'utf16le'));
      if (!sysmon || sum.records < 100) return;
      // The first record of a filtered export has no time in its header: it is read the plain way.
      const share = 0.99 * (sum.records - MODES.length);
      assert.ok(sum.planned > share, `${sum.planned} of ${sum.records} records by plan`);
      assert.ok(sum.fieldsPlanned > share, `fields of ${sum.fieldsPlanned} of ${sum.records}`);
    });
  }
  test('nearly all records of all logs are read by plan', () => {
    assert.ok(total.planned > 0.9 * total.records, JSON.stringify(total));
  });
});

for (const nested of ['fragment', 'bare', 'elements', 'flat'] satisfies NestedForm[]) {
  test(`written logs, data as ${nested}`, () => {
    let [records, planned] = [0, 0];
    const log = nested === 'elements' ? anyTextLog : anyLog;
    fc.assert(
      fc.property(log, fc.integer({ min: 1, max: 12 }), (events, recordsPerChunk) => {
        const bytes = Buffer.from(writeEvtx(events, { nested, recordsPerChunk }));
        const sum = compareLog(bytes);
        compareWhole(bytes);
        records += sum.records;
        planned += sum.planned;
      }),
    );
    assert.ok(planned > 0.2 * records, `${planned} of ${records} records by plan`);
  });
}

describe('damaged logs', () => {
  for (const { name, path } of logs) {
    test(name, () => compareMutants(readFileSync(path), 20));
  }
  test('written logs', () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 1, max: 2 ** 31 }), (events, seed) => {
        compareMutants(Buffer.from(writeEvtx(events, { recordsPerChunk: 10 })), 3, seed);
      }),
    );
  });
});

/** Compares mutants of the chunks of a log, one after another. */
function compareMutants(bytes: Buffer, count: number, seed = 1): void {
  const random = new Random(seed);
  const file = readFileHeader(bytes.subarray(0, FILE_HEADER_SIZE));
  const chunks: Buffer[] = [];
  for (let offset = FILE_HEADER_SIZE; offset < bytes.length; offset += CHUNK_SIZE) {
    chunks.push(bytes.subarray(offset, offset + CHUNK_SIZE));
  }
  const comparer = new Comparer();
  let [records, planned] = [0, 0];
  for (let i = 0; i < count; i++) {
    const mutant = mutate(random.pick(chunks), random.pick(chunks), random);
    const mode = random.pick(MODES);
    const result = comparer.compare(mutant, { ...mode, file, offset: FILE_HEADER_SIZE });
    assert.equal(result.difference, null, `mutant ${i} of seed ${seed}, ${JSON.stringify(mode)}`);
    records += result.records;
    planned += result.planned;
  }
  if (records > 100) assert.ok(planned > 0, `no plan was used for ${records} records`);
}
