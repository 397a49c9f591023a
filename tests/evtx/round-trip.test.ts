/**
 * Random events -> EVTX -> the same events; and damaged files, in which what can't be read must be said.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { type EvtxOptions, type EvtxRecord, readEvtx } from '../../src/evtx/index.ts';
import {
  CHUNK_SIZE,
  type EvtxLayout,
  type EvtxValue,
  layoutEvtx,
  type NestedForm,
  type WriteOptions,
  type WriterData,
  writeEvtx,
  type WriterEvent,
} from '../builders/evtx-writer.ts';
import { anyEvent, anyLog, eventData, eventOf, unsigned, withoutNul } from '../builders/evtx-arbitrary.ts';
import { expectedRecord, plainRecord } from '../builders/evtx-text.ts';

type Diagnostic = Exclude<ReturnType<typeof readEvtx> extends Iterable<infer T> ? T : never, EvtxRecord>;

function read(
  bytes: Uint8Array,
  options: EvtxOptions = { verify: true },
): { records: EvtxRecord[]; diagnostics: Diagnostic[] } {
  const records: EvtxRecord[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const item of readEvtx(bytes, options)) {
    if (item.kind === 'record') {
      records.push(item);
      void item.fields;
    } else {
      diagnostics.push(item);
    }
  }
  return { records, diagnostics };
}

function same(events: readonly WriterEvent[], options: WriteOptions): void {
  const { records, diagnostics } = read(writeEvtx(events, options));
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(records.map(plainRecord), events.map(expectedRecord));
}

for (const nested of ['fragment', 'bare', 'flat'] satisfies NestedForm[]) {
  test(`what is written is read: data as ${nested}`, () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 1, max: 12 }), (events, recordsPerChunk) => {
        same(events, { nested, recordsPerChunk });
      }),
    );
  });
}

test('what is written is read: data as elements without a template', () => {
  const text = withoutNul.map((one): EvtxValue => ({ type: 'string', value: one }));
  const log = fc.array(
    eventOf(eventData(text).map((data): WriterData => ({ kind: 'EventData', fields: data.fields }))),
    { minLength: 1, maxLength: 10 },
  );
  fc.assert(
    fc.property(log, (events) => {
      same(
        events.map((event, i) => ({ ...event, recordId: i + 1 })),
        { nested: 'elements' },
      );
    }),
  );
});

test('record ids past 2^53 are null, and counters at the end of 64 bits are read', () => {
  fc.assert(fc.property(anyEvent, (event) => same([event], {})));
});

test('chunks fill up: every record of a long log is read, in order', () => {
  const events = Array.from({ length: 3000 }, (_, i) => plainEvent(i + 1, 'x'.repeat((i * 37) % 400)));
  const layout = layoutEvtx(events);
  assert.ok(layout.chunks.length > 10);
  const { records, diagnostics } = read(layout.bytes);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(records.map(plainRecord), events.map(expectedRecord));
});

test('an event that no chunk can hold is refused by the writer', () => {
  assert.throws(() => writeEvtx([plainEvent(1, 'x'.repeat(40_000))]), RangeError);
});

// --- what happens to files

function plainEvent(recordId: number, text: string): WriterEvent {
  return {
    recordId,
    time: Date.UTC(2024, 5, 3) + recordId,
    provider: `Provider-${recordId % 3}`,
    channel: 'Application',
    computer: 'HOST',
    eventId: recordId % 100,
    version: 1,
    data: {
      kind: 'EventData',
      fields: [
        ['Text', { type: 'string', value: text }],
        ['Number', { type: 'uint32', value: recordId }],
      ],
    },
  };
}

const plainLog = (count: number): WriterEvent[] =>
  Array.from({ length: count }, (_, i) => plainEvent(i + 1, `text ${i}`));

const ids = (records: readonly EvtxRecord[]): (number | null)[] => records.map(({ record }) => record);

test('slack holds older records, and they are not read', () => {
  const stale = Array.from({ length: 5 }, (_, i) => plainEvent(9000 + i, 'stale'));
  const { records, diagnostics } = read(writeEvtx(plainLog(20), { stale, recordsPerChunk: 7 }));
  assert.deepEqual(
    ids(records),
    plainLog(20).map((event) => event.recordId),
  );
  assert.deepEqual(diagnostics, []);
});

test('a log that was not closed: records past the counters are read, what its memory held before is not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 30 }), (lag, count) => {
      const stale = [plainEvent(7, 'stale'), plainEvent(8, 'stale')];
      const events = plainLog(count).map((event) => ({ ...event, recordId: Number(event.recordId) + 100 }));
      const { records, diagnostics } = read(writeEvtx(events, { dirty: true, lag, stale }));
      assert.deepEqual(records.map(plainRecord), events.map(expectedRecord));
      assert.ok(diagnostics.every((one) => one.severity === 'info'));
    }),
  );
});

test('how far a record is from its event: more than a minute, either way', () => {
  const time = Date.UTC(2024, 2, 1, 13);
  const offsets = [0, 60_000, 60_001, -60_000, -60_001, 400 * 24 * 3_600_000];
  const events = offsets.map((offset, i) => ({
    ...plainEvent(i + 1, 'x'),
    time,
    created: time - offset,
  }));
  const { records } = read(writeEvtx(events));
  assert.deepEqual(
    records.map(({ delay }) => delay),
    [0, 0, 60_001, 0, 60_001, 400 * 24 * 3_600_000],
  );
  assert.ok(records.every((record) => record.time === time));
});

for (const [what, byte] of [
  ['zeros', 0],
  ['something else', 0xa5],
] as const) {
  test(`${what} in place of chunks: lost ones, but behind those that are counted, and the last of a log that was not closed`, () => {
    const bytes = Buffer.from(writeEvtx(plainLog(50), { recordsPerChunk: 10 }));
    const places = [1, 4].map((index) => {
      const at = 4096 + index * CHUNK_SIZE;
      bytes.fill(byte, at, at + CHUNK_SIZE);
      return at;
    });
    const longer = Buffer.concat([bytes, Buffer.alloc(CHUNK_SIZE, byte)]);
    const errors = (): unknown =>
      read(longer)
        .diagnostics.filter(({ severity }) => severity === 'error')
        .map(({ code, offset }) => [code, offset]);
    const [middle, last] = places.map((offset) => ['evtx-chunk-magic', offset]);
    assert.deepEqual(errors(), [middle, last]);
    longer.writeUInt32LE(1, 120);
    longer.writeUInt32LE(crc32(longer.subarray(0, 120)), 124);
    assert.deepEqual(errors(), [middle]);
  });
}

/** Writes into a chunk's header that no record stands in it, and the checksums of that. */
function sealEmpty(chunk: Buffer): void {
  chunk.writeUInt32LE(512, 48);
  chunk.writeUInt32LE(0, 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124);
}

test('records in a chunk whose counters say none are told of, and not read', () => {
  const bytes = Buffer.from(writeEvtx(plainLog(20), { recordsPerChunk: 10 }));
  const chunk = bytes.subarray(4096 + CHUNK_SIZE, 4096 + 2 * CHUNK_SIZE);
  for (const [at, value] of [
    [24, 1n],
    [32, 0n],
  ] as const)
    chunk.writeBigUInt64LE(value, at);
  sealEmpty(chunk);
  const { records, diagnostics } = read(bytes);
  assert.equal(records.length, 10);
  const [one] = diagnostics.filter(({ code }) => code === 'evtx-records-in-slack');
  assert.match(one!.message, /^10 whole records/);
});

test('a log that is new, or was cleared, has a chunk without records, and no loss', () => {
  const bytes = Buffer.from(writeEvtx(plainLog(20), { recordsPerChunk: 10 }));
  const chunk = bytes.subarray(4096 + CHUNK_SIZE, 4096 + 2 * CHUNK_SIZE);
  chunk.fill(0, 512);
  chunk.fill(0xff, 8, 40);
  chunk.writeUInt32LE(0, 44);
  sealEmpty(chunk);
  const { records, diagnostics } = read(bytes);
  assert.deepEqual([records.length, diagnostics], [10, []]);
  // The id before a chunk that is gone is told by the one in front.
  const cut = Buffer.concat([bytes, chunk]);
  for (const [at, value] of [
    [16, 3n],
    [24, 31n],
  ] as const)
    cut.writeBigUInt64LE(value, at);
  cut.writeUInt16LE(4, 42);
  cut.writeUInt32LE(crc32(cut.subarray(0, 120)), 124);
  const missing = read(cut).diagnostics;
  assert.deepEqual(
    missing.map(({ code, lost: count }) => [code, count]),
    [['evtx-chunks-missing', 20]],
  );
});

/** All that can be read, and more than every reader would. */
const RECOVER: EvtxOptions = { verify: true, recover: true };

const lost = (diagnostics: readonly Diagnostic[]): number =>
  diagnostics.reduce((sum, one) => sum + one.lost, 0);

for (const kind of ['data-crc', 'header-crc'] as const) {
  test(`${kind} wrong: said once, with its place, and every record is read`, () => {
    const bytes = writeEvtx(plainLog(30), { recordsPerChunk: 10, damage: [{ kind, chunk: 1 }] });
    const { records, diagnostics } = read(bytes);
    assert.deepEqual(records.map(plainRecord), plainLog(30).map(expectedRecord));
    assert.equal(diagnostics.length, 1);
    const [one] = diagnostics;
    assert.ok(one!.offset >= 4096 + CHUNK_SIZE && one!.offset < 4096 + 2 * CHUNK_SIZE);
    assert.equal(one!.lost, 0);
  });
}

test('chunk-magic wrong: its records are counted as lost, and read with recover', () => {
  const bytes = writeEvtx(plainLog(30), { recordsPerChunk: 10, damage: [{ kind: 'chunk-magic', chunk: 1 }] });
  const careful = read(bytes);
  assert.deepEqual(
    careful.records.map(plainRecord),
    plainLog(30)
      .filter((_, i) => i < 10 || i >= 20)
      .map(expectedRecord),
  );
  assert.deepEqual(
    careful.diagnostics.map((one) => [one.code, one.offset, one.lost]),
    [['evtx-chunk-magic', 4096 + CHUNK_SIZE, 10]],
  );
  const recovered = read(bytes, RECOVER);
  assert.deepEqual(recovered.records.map(plainRecord), plainLog(30).map(expectedRecord));
  assert.equal(lost(recovered.diagnostics), 0);
});

for (const kind of ['file-magic', 'file-crc'] as const) {
  test(`${kind} wrong: said, and every record is read`, () => {
    const { records, diagnostics } = read(writeEvtx(plainLog(30), { damage: [{ kind }] }));
    assert.deepEqual(records.map(plainRecord), plainLog(30).map(expectedRecord));
    assert.equal(diagnostics.length, 1);
  });
}

test('without verify, a wrong data checksum alone is not looked for', () => {
  const bytes = writeEvtx(plainLog(10), { damage: [{ kind: 'data-crc', chunk: 0 }] });
  assert.deepEqual(read(bytes, {}).diagnostics, []);
});

// --- damage: never an exception, never a silent loss

/** Every record is read as it was written, or its chunk has a diagnostic. */
function nothingSilent(
  layout: EvtxLayout,
  events: readonly WriterEvent[],
  bytes: Uint8Array,
  options: EvtxOptions,
): void {
  const { records, diagnostics } = read(bytes, options);
  const byOffset = new Map(records.map((record) => [record.offset, record]));
  let index = 0;
  for (const chunk of layout.chunks) {
    const said = diagnostics.some(
      (one) =>
        one.severity !== 'info' && one.offset >= chunk.offset && one.offset < chunk.offset + CHUNK_SIZE,
    );
    for (const place of chunk.records) {
      const event = events[index++]!;
      const record = byOffset.get(place.offset);
      if (said) continue;
      assert.ok(record, `record ${place.recordId} is lost, and nothing says so`);
      assert.deepEqual(plainRecord(record), expectedRecord(event));
    }
  }
}

const BOTH: readonly EvtxOptions[] = [{ verify: true }, RECOVER];

test('random bytes changed: no exception, nothing lost in silence', () => {
  const where = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const edit = fc.record({ chunk: where, at: where, byte: unsigned(8) });
  fc.assert(
    fc.property(anyLog, fc.array(edit, { minLength: 1, maxLength: 20 }), (events, edits) => {
      const layout = layoutEvtx(events, { recordsPerChunk: 10 });
      const bytes = Uint8Array.from(layout.bytes);
      for (const { chunk, at, byte } of edits) {
        const { offset, records } = layout.chunks[Math.floor(chunk * layout.chunks.length)]!;
        const last = records.at(-1)!;
        const place = Math.floor(at * (last.offset + last.size - offset));
        // No checksum covers the flags, and one of them says that there are none.
        if (place < 120 || place > 123) bytes[offset + place] = byte;
      }
      for (const options of BOTH) nothingSilent(layout, events, bytes, options);
    }),
    { numRuns: 300 },
  );
});

test('a file cut anywhere: whole chunks are read, the rest is counted, and recover reads what is whole', () => {
  fc.assert(
    fc.property(anyLog, fc.double({ min: 0, max: 1, noNaN: true }), (events, where) => {
      const layout = layoutEvtx(events, { recordsPerChunk: 10 });
      const size = Math.floor(where * layout.bytes.length);
      const bytes = layout.bytes.subarray(0, size);
      const places = layout.chunks.flatMap((chunk) => chunk.records);
      const whole = places.filter((place) => place.offset + place.size <= size).length;
      const chunks = Math.max(0, Math.floor((size - 4096) / CHUNK_SIZE));
      const certain = layout.chunks.slice(0, chunks).flatMap((chunk) => chunk.records).length;

      const careful = read(bytes);
      assert.deepEqual(careful.records.map(plainRecord), events.slice(0, certain).map(expectedRecord));
      assert.ok(careful.records.length + lost(careful.diagnostics) >= whole);
      const recovered = read(bytes, RECOVER);
      assert.deepEqual(recovered.records.map(plainRecord), events.slice(0, whole).map(expectedRecord));
      if (size < 4096 || (size - 4096) % CHUNK_SIZE !== 0) {
        assert.ok(careful.diagnostics.length > 0);
        assert.ok(recovered.diagnostics.length > 0);
      }
    }),
  );
});

test('one record overwritten: those before it are read, those behind it are counted, and recover reads them', () => {
  const noise = fc.uint8Array({ minLength: 8, maxLength: 64 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 59 }), noise, (which, pattern) => {
      const events = plainLog(60);
      const layout = layoutEvtx(events, { recordsPerChunk: 20 });
      const place = layout.chunks.flatMap((chunk) => chunk.records)[which]!;
      // Names and templates that stood in it are missing from the records that point to them.
      fc.pre(!place.defines);
      const bytes = Uint8Array.from(layout.bytes);
      for (let i = 0; i < place.size; i++) bytes[place.offset + i] = pattern[i % pattern.length]!;

      const careful = read(bytes);
      const behind = 19 - (which % 20);
      assert.deepEqual(
        careful.records.map(plainRecord),
        events.filter((_, i) => i < which || i > which + behind).map(expectedRecord),
      );
      assert.equal(careful.records.length + lost(careful.diagnostics), 60);
      const recovered = read(bytes, RECOVER);
      assert.deepEqual(
        recovered.records.map(plainRecord),
        events.filter((_, i) => i !== which).map(expectedRecord),
      );
      assert.equal(lost(recovered.diagnostics), 1);
    }),
  );
});

test('any bytes at all: no exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6000 }), (noise) => {
      for (const options of BOTH) {
        read(noise, options);
        read(Buffer.concat([Buffer.alloc(4096), Buffer.from('ElfChnk\0'), noise]), options);
      }
    }),
  );
});
