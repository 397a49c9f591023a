/** Random events for property tests: all value types, all kinds of text, all forms of an event. */
import * as fc from 'fast-check';
import type { EvtxValue, LiteralPiece, Scalar, SystemField, WriterData, WriterEvent } from './evtx-writer.ts';

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
export const withoutNul: fc.Arbitrary<string> = unicode.map((text) => text.replaceAll('\0', '.'));
const name: fc.Arbitrary<string> = withoutNul.filter((text) => text !== '');
const ticks = fc.bigInt({ min: 0n, max: (253_402_300_799_999n + 11_644_473_600_000n) * 10_000n });
const sid = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.array(fc.nat({ max: 0xffffffff }), { maxLength: 15 }))
  .map(([authority, subs]) => ['S-1', authority, ...subs].join('-'));
const signed = (bits: number): fc.Arbitrary<number> =>
  fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
export const unsigned = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });

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

export const eventData = (values: fc.Arbitrary<EvtxValue>): fc.Arbitrary<WriterData> => {
  const fields = fc.array(fc.tuple(fc.option(fieldName, { freq: 4 }), values), { maxLength: 12 });
  const binary = fc.uint8Array({ maxLength: 20 });
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

export const eventOf = (data: fc.Arbitrary<WriterData | null>): fc.Arbitrary<WriterEvent> =>
  fc.record(
    {
      recordId: fc.oneof(
        { weight: 9, arbitrary: fc.nat({ max: Number.MAX_SAFE_INTEGER }) },
        { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 2n }) },
      ),
      time: fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2200, 0) }),
      created: fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2200, 0) }),
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
export const anyEvent: fc.Arbitrary<WriterEvent> = eventOf(
  fc.oneof(eventData(value), userData, fc.constant(null)),
);
/** Record ids in sequence, as the service gives them. */
export const anyLog: fc.Arbitrary<WriterEvent[]> = fc
  .tuple(fc.integer({ min: 1, max: 2 ** 40 }), fc.array(anyEvent, { minLength: 1, maxLength: 30 }))
  .map(([first, events]) => events.map((event, i): WriterEvent => ({ ...event, recordId: first + i })));
