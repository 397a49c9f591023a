/** The kernel renders what the plain renderers render: over real logs, all kinds of values and text, and damaged files. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { CHUNK_SIZE, ChunkText, FILE_HEADER_SIZE, readEvtx } from '../../src/evtx/index.ts';
import { csvColumns, type LineFormat, LineRenderer } from '../../src/lines/index.ts';
import { EvtxLines, type EvtxReading } from '../../src/run/dump-evtx.ts';
import { readEvtxBlocks } from '../../src/sources/evtx.ts';
import { dumpFilter } from '../../src/run/dump-filter.ts';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import { sysmonEvent } from '../builders/evtx-windows.ts';
import {
  layoutEvtx,
  type NestedForm,
  type Scalar,
  writeEvtx,
  type WriterEvent,
} from '../builders/evtx-writer.ts';
import { ROOT, SHARED } from '../builders/shared.ts';
import {
  Crafted,
  event as crafted,
  facts,
  field,
  literal,
  none,
  slot,
  system,
  text,
  type Value,
} from '../evtx/crafted.ts';

const FORMATS: readonly LineFormat[] = ['jsonl', 'evtx_dump-jsonl', 'csv', 'xml'];
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-kernel-'));
after(() => rmSync(folder, { recursive: true }));

interface Rendered {
  readonly lines: string;
  readonly events: number;
  readonly diagnostics: readonly unknown[];
}

const PLAIN: EvtxReading = { verify: false, recover: false };

function renderer(
  format: LineFormat,
  reading: EvtxReading,
  kernel: boolean,
  event: string[] = [],
): EvtxLines {
  return new EvtxLines(format, dumpFilter({ event }), reading, kernel);
}

function rendered(evtx: EvtxLines, path: string): Rendered {
  const pieces: Buffer[] = [];
  const diagnostics: unknown[] = [];
  let events = 0;
  for (const step of evtx.read({ path, size: statSync(path).size, explicit: true, kind: 'evtx' }, null)) {
    if (step === null) return { lines: 'foreign', events: 0, diagnostics: [] };
    events += step.events;
    diagnostics.push(...step.diagnostics);
    pieces.push(...evtx.lines.take().map((piece) => Buffer.from(piece)));
  }
  pieces.push(...evtx.lines.take());
  return { lines: Buffer.concat(pieces).toString(), events, diagnostics };
}

/** The same of a stream that comes in blocks of a size. */
async function streamed(evtx: EvtxLines, path: string, size: number): Promise<Rendered> {
  const bytes = readFileSync(path);
  async function* blocks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const pieces: Buffer[] = [];
  const diagnostics: unknown[] = [];
  let events = 0;
  for await (const batch of readEvtxBlocks(path, blocks(), evtx.scanner, { ...PLAIN, bare: false })) {
    const step = evtx.events(batch);
    events += step.events;
    diagnostics.push(...batch.diagnostics, ...step.diagnostics);
    pieces.push(...evtx.lines.take().map((piece) => Buffer.from(piece)));
  }
  return { lines: Buffer.concat(pieces).toString(), events, diagnostics };
}

/** Asked for, they give each of their fields a cell of its own. */
const SYSMONS = Array.from({ length: 29 }, (_, i) => i + 1);
const CELLS = csvColumns(SYSMONS).fields!;

const pairs = [
  ...FORMATS.map((format) => [renderer(format, PLAIN, true), renderer(format, PLAIN, false)] as const),
  [true, false].map((kernel) => renderer('csv', PLAIN, kernel, SYSMONS.map(String))) as [
    EvtxLines,
    EvtxLines,
  ],
];

/** Holds kernel and plain renderers equal over a file. */
function assertSame(path: string, all = pairs): void {
  for (const [kernel, plain] of all) assert.deepEqual(rendered(kernel, path), rendered(plain, path));
}

function assertSameBytes(bytes: Uint8Array): void {
  const path = join(folder, 'log.evtx');
  writeFileSync(path, bytes);
  assertSame(path);
}

function logsIn(top: string): string[] {
  return readdirSync(top, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.evtx'))
    .map((file) => join(top, file));
}

test('the kernel is built, and renders records of Sysmon without help', () => {
  const bytes = writeEvtx([sysmonEvent(SYSMON), sysmonEvent({ ...SYSMON, recordId: 2 })]);
  const kinds = [...FORMATS.map((format) => [format, []] as const), ['csv', [8]] as const];
  for (const [format, ids] of kinds) {
    const lines = new LineRenderer(format, csvColumns(ids));
    lines.setSource('a.evtx');
    lines.input.set(bytes.subarray(FILE_HEADER_SIZE, FILE_HEADER_SIZE + CHUNK_SIZE));
    assert.equal(lines.walk(0), 2);
    assert.ok(lines.render(0, 2, (at) => assert.fail(`the record at ${at} is not for the kernel`)));
    assert.equal(Buffer.concat(lines.take()).toString().split('\n').length, 3);
  }
});

const SYSMON = {
  recordId: 1,
  time: Date.UTC(2026, 0, 5, 8),
  computer: 'DESKTOP-1',
  eventId: 8,
  fields: { SourceImage: 'C:\\Windows\\System32\\csrss.exe', TargetImage: 'C:\\a "b".exe' },
} as unknown as Parameters<typeof sysmonEvent>[0];

test('logs of the examples', () => {
  for (const path of logsIn(join(ROOT, 'examples'))) assertSame(path);
});

test('logs that come as a stream', async () => {
  const logs = [
    ...logsIn(join(ROOT, 'examples')),
    ...(SHARED === null ? [] : logsIn(join(SHARED, 'data/evtx')).filter((path) => statSync(path).size < 5e6)),
  ];
  for (const [i, path] of logs.entries()) {
    for (const [kernel, plain] of pairs) {
      const [byKernel, byPlain] = [
        await streamed(kernel, path, 1 + ((i * 7919) % 300_000)),
        await streamed(plain, path, 1e9),
      ];
      assert.deepEqual(byKernel, byPlain);
      const { lines, events } = rendered(plain, path);
      if (lines !== 'foreign') assert.deepEqual([byKernel.lines, byKernel.events], [lines, events]);
    }
  }
});

test('real logs', { skip: SHARED === null && 'no shared data' }, () => {
  const all = { verify: true, recover: true };
  const some = FORMATS.map(
    (format) => [renderer(format, all, true, ['1', '7']), renderer(format, all, false, ['1', '7'])] as const,
  );
  for (const path of logsIn(join(SHARED!, 'data/evtx'))) {
    assertSame(path);
    assertSame(path, some);
  }
});

/** Of damaged records the tool writes what is left; here they are a loss that is said. */
const DAMAGED = [
  'Microsoft-Windows-HelloForBusiness%4Operational.evtx',
  'sample_with_a_bad_chunk_magic.evtx',
];

test(
  'real logs as evtx_dump writes them, byte by byte',
  { skip: SHARED === null && 'no shared data' },
  () => {
    const { files } = JSON.parse(readFileSync(join(SHARED!, 'data/evtx_dump-dev.json'), 'utf8')) as {
      files: Record<string, { sha256: string }>;
    };
    const [[kernel]] = [pairs[1]!];
    for (const [file, { sha256 }] of Object.entries(files)) {
      if (DAMAGED.some((name) => file.endsWith(name))) continue;
      const { lines } = rendered(kernel, join(SHARED!, 'data/evtx', file));
      assert.equal(createHash('sha256').update(lines).digest('hex'), sha256, file);
    }
  },
);

for (const nested of ['fragment', 'bare', 'flat', 'elements'] satisfies NestedForm[]) {
  test(`all kinds of events: data as ${nested}`, () => {
    const log = anyLog.map((events) =>
      nested === 'elements' ? events.filter(({ data }) => data === null || !('binary' in data)) : events,
    );
    fc.assert(
      fc.property(log, fc.integer({ min: 1, max: 12 }), (events, recordsPerChunk) => {
        let bytes: Uint8Array;
        try {
          bytes = writeEvtx(events, { nested, recordsPerChunk });
        } catch {
          // Not every value can be an element without a template.
          return;
        }
        assertSameBytes(bytes);
      }),
    );
  });
}

test('every UTF-16 unit, among others and beside halves of pairs', () => {
  const event = (recordId: number, value: string): WriterEvent => ({
    ...sysmonEvent(SYSMON),
    recordId,
    data: {
      kind: 'EventData',
      fields: ['A', 'SourceImage'].map((name) => [name, { type: 'string', value }]),
    },
  });
  const events: WriterEvent[] = [];
  for (let first = 0; first < 0x1_0000; first += 256) {
    const units = Array.from({ length: 256 }, (_, i) => String.fromCharCode(first + i));
    events.push(event(events.length + 1, units.join('')));
    if (first % 2048 === 0)
      events.push(event(events.length + 1, units.join('\ud83d\ude00\\"plain text between them')));
    events.push(event(events.length + 1, units.map((unit) => `${unit}\ud800${unit}\udc00x`).join('')));
  }
  for (let length = 0; length < 40; length++) {
    for (const end of ['', '\0', '\ud800', 'é', '\\', '\0\0a\0']) {
      events.push(event(events.length + 1, `${'a'.repeat(length)}${end}`));
    }
  }
  assertSameBytes(writeEvtx(events));
});

test('each UTF-16 unit and some pairs by themselves, but for Han and Hangul: CSV shows more of them in another way', () => {
  const isLetter = (unit: number): boolean =>
    (unit >= 0x3400 && unit < 0xa000) || (unit >= 0xac00 && unit < 0xd7a4);
  const halves = ['\u{110bd}', '\u{13430}', '\u{1bca0}', '\u{1d173}', '\u{1f600}', '\u{e0001}'];
  const events: WriterEvent[] = [];
  for (let unit = 1; unit < 0x1_0000 + halves.length; unit++) {
    if (isLetter(unit)) continue;
    const character = halves[unit - 0x1_0000] ?? String.fromCharCode(unit);
    const value = { type: 'string', value: `a${character}b` } as const;
    const fields = ['A', 'SourceImage'].map((name) => [name, value] as const);
    const data = { kind: 'EventData', fields } as const;
    events.push({ ...sysmonEvent({ ...SYSMON, recordId: events.length + 1 }), data });
  }
  assertSameBytes(writeEvtx(events));
});

test('names of hosts, providers and channels that a cell may not hold as they are', () => {
  const odd = [
    '',
    '-',
    '=a',
    '+a',
    '-a',
    '@a',
    'a,b',
    'a"b',
    'ü',
    'a\tb',
    'a\u00adb',
    'a\u200bb',
    '\u{1f600}',
  ];
  const long = 'a name of more characters than one step, which';
  const events = [...odd, ...odd.map((one) => `${long} ends with ${one}`), `${long} is plain`].flatMap(
    (name, i) =>
      (['computer', 'provider', 'channel'] as const).map((of, k): WriterEvent => {
        const origin = { computer: 'PC', provider: 'A', channel: 'B', [of]: name };
        const id = 3 * i + k + 1;
        const fields = ['TargetImage', 'Other'].map((one) => [one, { type: 'string', value: name }] as const);
        return {
          ...sysmonEvent({ ...SYSMON, recordId: id }),
          ...origin,
          data: { kind: 'EventData', fields },
        };
      }),
  );
  assertSameBytes(writeEvtx(events));
});

test('every type of a value with every size up to 40 bytes', () => {
  const fields = Array.from({ length: 41 }, (_, size): [string, Scalar] => [
    (size % 2 === 0 && CELLS[size]) || `f${size}`,
    { type: 'binary', value: Uint8Array.from({ length: size }, (__, i) => (i * 37 + size * 11 + 1) & 0xff) },
  ]);
  const event: WriterEvent = { ...sysmonEvent(SYSMON), data: { kind: 'EventData', fields } };
  const bytes = Buffer.from(writeEvtx([event]));
  const chunk = new ChunkText(bytes.subarray(FILE_HEADER_SIZE));
  const size = chunk.bytes.readUInt32LE(512 + 4);
  const { values } = chunk.fragment(512 + 24, 512 + size - 4, true);
  const index = Array.from({ length: values!.count }, (_, i) => i).find((i) => chunk.isNested(values!, i))!;
  const { descriptors, count } = chunk.nested(values!, index, 1).values!;
  for (let type = 0; type < 256; type++) {
    for (let i = 0; i < count; i++) bytes[FILE_HEADER_SIZE + descriptors + 4 * i + 2] = type;
    assertSameBytes(bytes);
    // Zeros instead: false, the year 1601, empty text.
    const zeros = Buffer.from(bytes);
    const { at } = chunk.nested(values!, index, 1).values!;
    zeros.fill(0, FILE_HEADER_SIZE + at[0]!, FILE_HEADER_SIZE + at.at(-1)!);
    assertSameBytes(zeros);
  }
});

test('bytes that were changed', () => {
  const change = fc.record({
    /** Among the records, where the chunk's header does not tell. */
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte: fc.oneof(fc.constantFrom(0, 1, 0x0c, 0x0d, 0x0f, 0x21, 0x81, 0xff), fc.nat({ max: 255 })),
  });
  fc.assert(
    fc.property(anyLog, fc.array(change, { minLength: 1, maxLength: 20 }), (events, changes) => {
      const { bytes, chunks } = layoutEvtx(events, { recordsPerChunk: 8 });
      const [{ offset, records }] = [chunks[0]!];
      const last = records.at(-1)!;
      const room = last.offset + last.size - (offset + 512);
      for (const { at, byte } of changes) bytes[offset + 512 + Math.floor(at * room)] = byte;
      assertSameBytes(bytes);
    }),
    { numRuns: 300 },
  );
});

test('real logs with bytes that were changed', { skip: SHARED === null && 'no shared data' }, () => {
  const paths = logsIn(join(SHARED!, 'data/evtx')).filter((path) => statSync(path).size < 200_000);
  const inputs = fc.tuple(
    fc.constantFrom(...paths),
    fc.array(fc.tuple(fc.integer({ min: 512, max: CHUNK_SIZE - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 30,
    }),
  );
  fc.assert(
    fc.property(inputs, ([path, changes]) => {
      const bytes = readFileSync(path);
      // Nearer to the start there is more to be found.
      for (const [at, byte] of changes) bytes[FILE_HEADER_SIZE + 512 + ((at * at) % 6000)] = byte;
      assertSameBytes(bytes);
    }),
    { numRuns: 300 },
  );
});

test('a template that another chunk defines otherwise under its GUID', () => {
  const event = (name: string, recordId: number): WriterEvent => ({
    ...sysmonEvent(SYSMON),
    recordId,
    data: { kind: 'EventData', fields: [[name, { type: 'string', value: 'x' }]] },
  });
  const bytes = Buffer.from(writeEvtx([event('Aaaa', 1), event('Bbbb', 2)], { recordsPerChunk: 1 }));
  const [one, two] = [FILE_HEADER_SIZE, FILE_HEADER_SIZE + CHUNK_SIZE];
  const guids = (at: number): number[] => {
    const chunk = new ChunkText(bytes.subarray(at, at + CHUNK_SIZE));
    const size = chunk.bytes.readUInt32LE(516);
    const { values } = chunk.fragment(512 + 24, 512 + size - 4, true);
    const index = Array.from({ length: values!.count }, (_, i) => i).find((i) => chunk.isNested(values!, i))!;
    return [at + chunk.bytes.readUInt32LE(values!.at[index]! + 4 + 6) + 4];
  };
  const [from, to] = [guids(one)[0]!, guids(two)[0]!];
  bytes.copy(bytes, to, from, from + 16);
  assertSameBytes(bytes);
  assert.equal([...readEvtx(bytes)].filter(({ kind }) => kind === 'record').length, 2);
});

test('an integer of fewer bytes than its type is no number, and JSON all the same', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const short: readonly Value[] = [
    [0x06, Uint8Array.of(0x0a)],
    [0x06, Uint8Array.of(0x10)],
    [0x08, Uint8Array.of(1, 0)],
    [0x0a, Uint8Array.of(1, 0, 0, 0)],
    [0x0d, Uint8Array.of(1)],
    [0x08, Uint8Array.of(1, 0, 0, 0)],
  ];
  const chunk = new Crafted();
  const fields = names.map((name, index) => field(name, slot(5 + index)));
  chunk.add({ template: crafted(fields), values: [...facts(1), ...short] });
  const path = join(folder, 'short.evtx');
  writeFileSync(path, Buffer.concat([writeEvtx([]).subarray(0, FILE_HEADER_SIZE), chunk.finish()]));
  for (const kernel of [true, false]) {
    const { lines } = rendered(renderer('evtx_dump-jsonl', PLAIN, kernel), path);
    const { EventData } = (JSON.parse(lines) as { Event: { EventData: object } }).Event;
    assert.deepEqual(EventData, { a: '0A', b: '10', c: '0100', d: '01000000', e: true, f: 1 });
  }
});

test('a value that is written many times, and one that the instance does not have', () => {
  const header = writeEvtx([]).subarray(0, FILE_HEADER_SIZE);
  // Each unit takes six bytes: of the last there is more than has room.
  for (const [uses, units] of [
    [2, 3000],
    [64, 600],
    [65, 10],
    [300, 3000],
    [64, 6000],
  ] as const) {
    const chunk = new Crafted();
    const fields = Array.from({ length: uses }, (_, i) => field(`f${i}`, slot(5)));
    for (const record of [1, 2, 3]) {
      const values = [...facts(record), text('\x01'.repeat(units))];
      chunk.add({ template: crafted(fields), values });
    }
    assertSameBytes(Buffer.concat([header, chunk.finish()]));
  }
  const chunk = new Crafted();
  const fields = [field('There', slot(5)), field('Missing', slot(6)), field('Last', slot(5))];
  chunk.add({ template: crafted(fields), values: [...facts(1), text('a'), text('b')] });
  chunk.add({ template: crafted(fields), values: [...facts(2), text('a')] });
  chunk.add({ template: crafted(fields), values: [...facts(3), text('a'), text('b')] });
  assertSameBytes(Buffer.concat([header, chunk.finish()]));
});

test('data that may be nested, and are not there', () => {
  const header = writeEvtx([]).subarray(0, FILE_HEADER_SIZE);
  const nested = { kind: 'substitution', index: 5, type: 0x21, optional: true } as const;
  const template = { name: 'Event', children: [system(), nested] };
  const chunk = new Crafted();
  for (const record of [1, 2, 3])
    chunk.add({ template, values: [...facts(record), record === 2 ? text('a') : none] });
  const bytes = Buffer.concat([header, chunk.finish()]);
  assertSameBytes(bytes);
  for (const [kernel] of pairs)
    assert.match(rendered(kernel, join(folder, 'log.evtx')).lines, /^([^\n]*\n){3}$/);
});

test('fields that are there only where their value is, or another one', () => {
  const header = writeEvtx([]).subarray(0, FILE_HEADER_SIZE);
  for (const name of ['SourceImage', 'x']) {
    const chunk = new Crafted();
    for (const dependency of [5, 6]) {
      const template = crafted([{ ...field(name, slot(5)), dependency }, field('TargetImage', slot(6))]);
      for (let there = 0; there < 4; there++) {
        const values = [1, 2].map((bit) => ((there & bit) === 0 ? none : text(`v${bit}`)));
        chunk.add({ template, values: [...facts(chunk.places.length + 1), ...values] });
      }
    }
    assertSameBytes(Buffer.concat([header, chunk.finish()]));
  }
});

test('record ids up to 2^53 and past it', () => {
  const events = [1, 2 ** 53 - 1, 2 ** 53, 2 ** 60].map((recordId) => sysmonEvent({ ...SYSMON, recordId }));
  assertSameBytes(writeEvtx(events));
});

test('attributes that are written, that are values, and that are not there', () => {
  const header = writeEvtx([]).subarray(0, FILE_HEADER_SIZE);
  const written = [literal('w')];
  for (const attributes of [
    [written, [slot(5)]],
    [[slot(5)], written],
    [[slot(5)], [slot(6)]],
    [written, [slot(5)], written, [slot(6)]],
  ]) {
    for (const children of [[], [literal('text')], [slot(7)]]) {
      const chunk = new Crafted();
      const element = {
        name: 'Security',
        attributes: attributes.map((value, i) => [`A${i}`, value] as const),
        children,
      };
      const template = crafted([field('x', slot(5))], { Security: element });
      for (let there = 0; there < 8; there++) {
        const values = [1, 2, 4].map((bit) => ((there & bit) === 0 ? none : text(`v${bit}`)));
        chunk.add({ template, values: [...facts(there + 1), ...values] });
      }
      assertSameBytes(Buffer.concat([header, chunk.finish()]));
    }
  }
});

test('data without a name among others that have one: not written, but read', () => {
  const header = writeEvtx([]).subarray(0, FILE_HEADER_SIZE);
  const nameless: Value[] = [
    text('a'),
    none,
    [0x21, Buffer.from('xxxx')],
    [0x81, Buffer.from('a\0\0\0')],
    text('b'),
  ];
  for (const children of [[slot(6)], [literal('x')], [literal('x'), slot(6)]]) {
    const chunk = new Crafted();
    const template = crafted([field('Named', slot(5)), { name: 'Data', children }]);
    for (const value of nameless) {
      const values = [...facts(chunk.places.length + 1), text('value'), value];
      chunk.add({ template, values });
    }
    assertSameBytes(Buffer.concat([header, chunk.finish()]));
  }
});

test('an Event that is absent', () => {
  const header = writeEvtx([]).subarray(0, FILE_HEADER_SIZE);
  const chunk = new Crafted();
  const template = { ...crafted([field('x', slot(5))]), dependency: 5 };
  for (const value of [text('a'), none, text('b')]) {
    chunk.add({ template, values: [...facts(chunk.places.length + 1), value] });
  }
  assertSameBytes(Buffer.concat([header, chunk.finish()]));
});

test('a template whose names take more room than there is', () => {
  const name = 'n'.repeat(1000);
  const values = [...facts(1), text('first')];
  const chunk = new Crafted();
  // They stand once in the chunk, and many times where the template is known.
  chunk.add({ template: crafted([{ name, children: [slot(5)] }]), values });
  const many = Array.from({ length: 1500 }, () => ({ name, children: [literal('x')] }));
  chunk.add({ template: crafted([field('First', slot(5)), ...many]), values, guid: 2 });
  const header = writeEvtx([]).subarray(0, FILE_HEADER_SIZE);
  assertSameBytes(Buffer.concat([header, chunk.finish()]));
});
