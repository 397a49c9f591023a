/**
 * Random events -> EVTX -> the same events; and damaged files, in which what can't be read must be said. The expected text
 * of values is written down here once more, from sysmon-semantics 7.1 and the docstring of `EvtxRecord.fields`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EvtxOptions, type EvtxRecord, readEvtx } from '../../src/evtx/index.ts';
import {
  CHUNK_SIZE,
  type EvtxLayout,
  type EvtxValue,
  layoutEvtx,
  type LiteralPiece,
  type NestedForm,
  type Scalar,
  type SystemField,
  type WriteOptions,
  type WriterData,
  writeEvtx,
  type WriterEvent,
} from '../builders/evtx-writer.ts';

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

/** What the reader must give of an event, as plain data. */
function expected(event: WriterEvent): object {
  return {
    recordId: typeof event.recordId === 'bigint' ? null : event.recordId,
    time: event.time,
    provider: event.provider,
    channel: event.channel,
    computer: event.computer,
    eventId: event.eventId,
    version: event.classic === true ? 0 : event.version,
    fields: expectedFields(event.data),
  };
}

function got(record: EvtxRecord): object {
  const { recordId, time, provider, channel, computer, eventId, version } = record;
  return { recordId, time, provider, channel, computer, eventId, version, fields: [...record.fields] };
}

function expectedFields(data: WriterData | null): [string, string][] {
  const fields = new Map<string, string>();
  let unnamed = 0;
  const add = (name: string | null, text: string): void => {
    const base = name ?? `param${++unnamed}`;
    let key = base;
    for (let n = 2; fields.has(key); n++) key = `${base}#${n}`;
    fields.set(key, text);
  };
  for (const [name, value] of data?.fields ?? []) for (const text of texts(value)) add(name, text);
  if (data?.kind === 'EventData' && data.binary !== undefined) {
    add(
      'Binary',
      Buffer.from(data.binary ?? [])
        .toString('hex')
        .toUpperCase(),
    );
  }
  // An element without elements in it is a field, whatever it was meant to be.
  if (data?.kind === 'UserData' && fields.size === 0) add(data.root, '');
  return [...fields];
}

/** An array stands for as many elements as it has items; an empty one for a single empty element. */
function texts(value: EvtxValue): string[] {
  switch (value.type) {
    case 'absent':
      return [];
    case 'null':
      return [''];
    case 'array':
      return value.values.length === 0 ? [''] : value.values.map(scalarText);
    case 'raw':
      return [Buffer.from(value.bytes).toString('hex').toUpperCase()];
    case 'literal':
      return [value.pieces.map(pieceText).join('')];
    default:
      return [scalarText(value)];
  }
}

function pieceText(piece: LiteralPiece): string {
  switch (piece.kind) {
    case 'charRef':
      return String.fromCharCode(piece.code);
    case 'entity':
      return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[piece.name];
    case 'value':
      return scalarText(piece.value);
    default:
      return piece.text;
  }
}

function scalarText(scalar: Scalar): string {
  switch (scalar.type) {
    case 'string':
    case 'ansi':
      return scalar.value.replace(/\0+$/, '');
    case 'guid':
      return scalar.value.toUpperCase();
    case 'hex32':
    case 'hex64':
    case 'sizeT':
      return `0x${scalar.value.toString(16)}`;
    case 'binary':
      return Buffer.from(scalar.value).toString('hex').toUpperCase();
    case 'filetime': {
      const ms = new Date(Number(scalar.value / 10_000n) - 11_644_473_600_000).toISOString();
      return ms.replace('Z', `${String(scalar.value % 10_000n).padStart(4, '0')}Z`);
    }
    case 'systemtime':
      return new Date(scalar.value).toISOString();
    default:
      return String(scalar.value);
  }
}

// --- random events

/** UTF-16 units of all kinds: control characters, lone surrogates, characters beyond the BMP, markup. */
const unicode = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', ' ', '&amp;<x>]]>', '-', 'a\0b', 'tail\0\0', '\u202Egnp.exe', '\uFEFFbom', '\r\n'),
);
const latin1 = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 20 })
  .map((b) => String.fromCharCode(...b));
const withoutNul = unicode.map((text) => text.replaceAll('\0', '.'));
const name: fc.Arbitrary<string> = withoutNul.filter((text) => text !== '');
const ticks = fc.bigInt({ min: 0n, max: (253_402_300_799_999n + 11_644_473_600_000n) * 10_000n });
const sid = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.array(fc.nat({ max: 0xffffffff }), { maxLength: 15 }))
  .map(([authority, subs]) => ['S-1', authority, ...subs].join('-'));
const signed = (bits: number): fc.Arbitrary<number> =>
  fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const unsigned = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });

const scalars: { [T in Scalar['type']]: fc.Arbitrary<(Scalar & { type: T })['value']> } = {
  string: unicode,
  ansi: latin1,
  guid: fc.uuid().map((uuid) => `{${uuid}}`),
  sid,
  int8: signed(8),
  uint8: unsigned(8),
  int16: signed(16),
  uint16: unsigned(16),
  int32: signed(32),
  uint32: unsigned(32),
  hex32: unsigned(32),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  hex64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  sizeT: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  real32: fc.float({ noNaN: true, noDefaultInfinity: true }),
  real64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  bool: fc.boolean(),
  binary: fc.uint8Array({ maxLength: 40 }),
  filetime: ticks,
  systemtime: fc.integer({ min: Date.UTC(1601, 0), max: Date.UTC(9999, 11) }),
};
const SCALAR_TYPES = Object.keys(scalars) as Scalar['type'][];

const scalarOf = (type: Scalar['type'], value: fc.Arbitrary<unknown> = scalars[type]): fc.Arbitrary<Scalar> =>
  value.map((one) => ({ type, value: one }) as Scalar);
const scalar = fc.oneof(...SCALAR_TYPES.map((type) => scalarOf(type)));
const array = fc
  // Binary data has no array form: nothing would tell its items apart.
  .constantFrom(...SCALAR_TYPES.filter((type) => type !== 'binary'))
  .chain((of): fc.Arbitrary<EvtxValue> => {
    // NUL separates the strings of an array.
    const item = of === 'string' ? scalarOf(of, withoutNul) : scalarOf(of);
    return fc.array(item, { maxLength: 5 }).map((values) => ({ type: 'array', of, values }));
  });
const piece: fc.Arbitrary<LiteralPiece> = fc.oneof(
  fc.record({ kind: fc.constantFrom('text' as const, 'cdata' as const), text: withoutNul }),
  fc.record({ kind: fc.constant('charRef' as const), code: fc.integer({ min: 1, max: 0xffff }) }),
  fc.record({
    kind: fc.constant('entity' as const),
    name: fc.constantFrom('amp' as const, 'lt' as const, 'gt' as const, 'quot' as const, 'apos' as const),
  }),
  fc.record({ kind: fc.constant('value' as const), value: scalar }),
);
const value: fc.Arbitrary<EvtxValue> = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 3, arbitrary: array },
  { weight: 1, arbitrary: fc.constantFrom<EvtxValue>({ type: 'null' }, { type: 'absent' }) },
  {
    weight: 2,
    arbitrary: fc.array(piece, { maxLength: 5 }).map((pieces): EvtxValue => ({ type: 'literal', pieces })),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 3000 })
      .map((n): EvtxValue => ({ type: 'string', value: 'x'.repeat(n) })),
  },
);
/** Names of elements are not free text as those of Data are; a few are used again and again, as in a log. */
const elementName = fc.constantFrom('SubjectUserSid', 'BackupPath', 'p', 'Ünïcode');
const fieldName = fc.oneof(fc.constantFrom('RuleName', 'Image', 'param1', 'Image#2', 'Binary'), name);

const eventData = (values: fc.Arbitrary<EvtxValue>): fc.Arbitrary<WriterData> => {
  const fields = fc.array(fc.tuple(fc.option(fieldName, { freq: 4 }), values), { maxLength: 12 });
  const binary = fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 }));
  return fc.oneof(
    fc.record({ kind: fc.constant('EventData' as const), fields }),
    fc.record({ kind: fc.constant('EventData' as const), fields, binary }),
  );
};
const userData: fc.Arbitrary<WriterData> = fc.record({
  kind: fc.constant('UserData' as const),
  root: elementName,
  namespace: withoutNul,
  fields: fc.array(fc.tuple(elementName, value), { maxLength: 8 }),
});

const SYSTEM_FIELDS: readonly SystemField[] = [
  'Provider',
  'EventID',
  'Version',
  'Level',
  'Channel',
  'Computer',
];

const eventOf = (data: fc.Arbitrary<WriterData | null>): fc.Arbitrary<WriterEvent> =>
  fc.record(
    {
      recordId: fc.oneof(
        { weight: 9, arbitrary: fc.nat({ max: Number.MAX_SAFE_INTEGER }) },
        { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 2n }) },
      ),
      time: fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2200, 0) }),
      provider: name,
      providerGuid: scalars.guid,
      channel: withoutNul,
      computer: withoutNul,
      eventId: unsigned(16),
      qualifiers: unsigned(16),
      version: unsigned(8),
      level: unsigned(8),
      task: unsigned(16),
      opcode: unsigned(8),
      keywords: scalars.hex64,
      processId: unsigned(32),
      threadId: unsigned(32),
      userSid: sid,
      classic: fc.boolean(),
      data,
      literal: fc.subarray([...SYSTEM_FIELDS]),
    },
    { requiredKeys: ['recordId', 'time', 'provider', 'channel', 'computer', 'eventId', 'version', 'data'] },
  );
const anyEvent = eventOf(fc.oneof(eventData(value), userData, fc.constant(null)));
/** Record ids in sequence, as the service gives them. */
const anyLog = fc
  .tuple(fc.integer({ min: 1, max: 2 ** 40 }), fc.array(anyEvent, { minLength: 1, maxLength: 30 }))
  .map(([first, events]) => events.map((event, i): WriterEvent => ({ ...event, recordId: first + i })));

function same(events: readonly WriterEvent[], options: WriteOptions): void {
  const { records, diagnostics } = read(writeEvtx(events, options));
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(records.map(got), events.map(expected));
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
  assert.deepEqual(records.map(got), events.map(expected));
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

const ids = (records: readonly EvtxRecord[]): (number | null)[] => records.map((record) => record.recordId);

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
      assert.deepEqual(records.map(got), events.map(expected));
      assert.ok(diagnostics.every((one) => one.severity === 'info'));
    }),
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
    assert.deepEqual(records.map(got), plainLog(30).map(expected));
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
    careful.records.map(got),
    plainLog(30)
      .filter((_, i) => i < 10 || i >= 20)
      .map(expected),
  );
  assert.deepEqual(
    careful.diagnostics.map((one) => [one.code, one.offset, one.lost]),
    [['evtx-chunk-magic', 4096 + CHUNK_SIZE, 10]],
  );
  const recovered = read(bytes, RECOVER);
  assert.deepEqual(recovered.records.map(got), plainLog(30).map(expected));
  assert.equal(lost(recovered.diagnostics), 0);
});

for (const kind of ['file-magic', 'file-crc'] as const) {
  test(`${kind} wrong: said, and every record is read`, () => {
    const { records, diagnostics } = read(writeEvtx(plainLog(30), { damage: [{ kind }] }));
    assert.deepEqual(records.map(got), plainLog(30).map(expected));
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
      assert.deepEqual(got(record), expected(event));
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
      assert.deepEqual(careful.records.map(got), events.slice(0, certain).map(expected));
      assert.ok(careful.records.length + lost(careful.diagnostics) >= whole);
      const recovered = read(bytes, RECOVER);
      assert.deepEqual(recovered.records.map(got), events.slice(0, whole).map(expected));
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
        careful.records.map(got),
        events.filter((_, i) => i < which || i > which + behind).map(expected),
      );
      assert.equal(careful.records.length + lost(careful.diagnostics), 60);
      const recovered = read(bytes, RECOVER);
      assert.deepEqual(recovered.records.map(got), events.filter((_, i) => i !== which).map(expected));
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
