/** Chunks that are made to have a plan of the wrong template used, or a value read where none is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CHUNK_SIZE, FILE_HEADER_SIZE, readFileHeader } from '../../src/evtx/index.ts';
import { Templates } from '../../src/evtx/template.ts';
import type { TemplateElement } from '../builders/evtx-binxml.ts';
import { fixChecksums } from '../fuzz/chunk-map.ts';
import {
  Crafted,
  event,
  facts,
  field,
  literal,
  none,
  slot,
  text,
  u8,
  u16,
  u64,
  type Value,
} from './crafted.ts';
import { Comparer } from './differences.ts';

const FILE = readFileHeader(new Uint8Array(FILE_HEADER_SIZE));

/** Compares chunks, one after another as in a file; how many records of how many were read by plan. */
function compare(...chunks: readonly Buffer[]): { records: number; planned: number } {
  const comparer = new Comparer();
  const sum = { records: 0, planned: 0 };
  for (const [index, chunk] of chunks.entries()) {
    for (const recover of [false, true]) {
      const options = { verify: true, recover, file: FILE, offset: FILE_HEADER_SIZE + index * 65_536 };
      const result = comparer.compare(chunk, options);
      assert.equal(result.difference, null, `in chunk ${index}`);
      if (recover) continue;
      sum.records += result.records;
      sum.planned += result.fieldsPlanned;
    }
  }
  return sum;
}

const VALUES: readonly Value[] = [...facts(1), text('first'), text('second')];
const plain = event([field('Image', slot(5)), field('User', slot(6))]);

describe('one GUID and size, two bodies', () => {
  const others: Readonly<Record<string, TemplateElement>> = {
    'another name': event([field('Imago', slot(5)), field('User', slot(6))]),
    'another name of an element': event([
      field('Image', slot(5)),
      { ...field('User', slot(6)), name: 'Date' },
    ]),
    'another substitution': event([field('Image', slot(6)), field('User', slot(5))]),
    'another dependency': event([{ ...field('Image', slot(5)), dependency: 6 }, field('User', slot(6))]),
    'another text': event([field('Image', slot(5)), field('User', slot(6))], {
      Computer: { name: 'Computer', children: [literal('TSOH')] },
    }),
    'System in other slots': event([field('Image', slot(5)), field('User', slot(6))], {
      Channel: { name: 'Channel', dependency: 0, children: [slot(0)] },
    }),
  };
  for (const [what, other] of Object.entries(others)) {
    for (const values of [VALUES, [...facts(1), text('first'), none]]) {
      const missing = values.includes(none) ? ', a value missing' : '';
      test(`${what}, in one chunk${missing}`, () => {
        const chunk = new Crafted();
        const one = chunk.add({ template: plain, values }).definition;
        const two = chunk.add({ template: other, values }).definition;
        for (const definition of [one, two, two, one]) chunk.add({ template: plain, values, definition });
        // The two are then alike but for what differs: the first has its names inline, the others do not.
        chunk.add({ template: other, values });
        chunk.add({ template: plain, values });
        chunk.add({ template: other, values });
        assert.deepEqual(compare(chunk.finish()), { records: 9, planned: 9 });
      });
      test(`${what}, in two chunks${missing}`, () => {
        const chunks = [plain, other, plain, other].map((template) => {
          const chunk = new Crafted();
          chunk.add({ template, values });
          return chunk.finish();
        });
        assert.deepEqual(compare(...chunks), { records: 4, planned: 4 });
      });
    }
  }

  test('a name inline or not, in a body of one size', () => {
    const chunk = new Crafted();
    const template = event([field('Field', slot(5))]);
    const values = [...facts(1), text('value')];
    const first = chunk.add({ template, values });
    const size = chunk.cursor.bytes.readUInt32LE(first.definition + 20);
    const second = new Crafted();
    second.add({ template, values, guid: 2 });
    const before = second.cursor.at;
    second.add({ template, values });
    const shorter = second.cursor.bytes.readUInt32LE(before + 38 + 20);
    const third = new Crafted();
    third.add({ template, values, guid: 2 });
    third.add({ template, values, padding: size - shorter });
    assert.deepEqual(compare(chunk.finish(), third.finish(), chunk.finish()), { records: 4, planned: 4 });
  });

  test('a name that another record holds', () => {
    // The last character of a name that the second record points to, and that stands in the first.
    const chunks = ['Field', 'Fielt', 'Field'].map((name) => {
      const chunk = new Crafted();
      chunk.add({ template: event([field(name, slot(5))]), values: [...facts(1), text('value')], guid: 2 });
      chunk.add({ template: event([field(name, slot(5))]), values: [...facts(2), text('value')] });
      return chunk.finish();
    });
    assert.deepEqual(compare(...chunks), { records: 6, planned: 6 });
  });

  test('more bodies than are told apart', () => {
    const chunks = Array.from({ length: 40 }, (_, i) => {
      const chunk = new Crafted();
      chunk.add({
        template: event([field(`Field${10 + (i % 30)}`, slot(5))]),
        values: [...facts(1), text('x')],
      });
      return chunk.finish();
    });
    assert.deepEqual(compare(...chunks), { records: 40, planned: 40 });
  });

  test('more templates than are kept', () => {
    const chunks: Buffer[] = [];
    for (let n = 0; n < 4300;) {
      const chunk = new Crafted();
      for (; chunk.cursor.at < 63_000 && n < 4300; n++) {
        chunk.add({
          template: event([field(`${10_000 + n}`, slot(5))]),
          values: [...facts(1), text('x')],
          guid: n & 255,
        });
      }
      chunks.push(chunk.finish());
    }
    const { records, planned } = compare(...chunks, ...chunks.slice(0, 2));
    assert.ok(records > 4300);
    assert.equal(planned, records);
  });
});

describe('definitions that are none', () => {
  const base = (): { chunk: Crafted; pointer: number } => {
    const chunk = new Crafted();
    chunk.add({ template: plain, values: VALUES });
    const place = chunk.add({ template: plain, values: VALUES, definition: 0 });
    return { chunk, pointer: place.descriptors - 8 };
  };
  const { chunk: sample, pointer } = base();
  const [first, second] = sample.places as [Crafted['places'][0], Crafted['places'][0]];
  const places: Readonly<Record<string, number>> = {
    'the start of the chunk': 0,
    'the header': 128,
    'its own record': second.record,
    'its own values': second.values,
    'just before itself': pointer,
    'just behind itself, where none stands': pointer + 4,
    'one byte into a definition': first.definition + 1,
    'the body of a definition': first.definition + 28,
    'the last whole place': 65_512,
    'the last byte': 65_535,
    'past the chunk': 65_536,
    'far past the chunk': 0xffffffff,
  };
  for (const [what, offset] of Object.entries(places)) {
    test(`at ${what}`, () => {
      const { chunk } = base();
      chunk.cursor.bytes.writeUInt32LE(offset, pointer);
      compare(chunk.finish());
    });
  }
  for (const size of [0, 1, 4, 30, 64_000, 65_535, 0x7fffffff, 0xffffffe8, 0xffffffff]) {
    test(`of ${size} bytes`, () => {
      const chunk = new Crafted();
      const { definition } = chunk.add({ template: plain, values: VALUES });
      chunk.add({ template: plain, values: VALUES, definition });
      chunk.cursor.bytes.writeUInt32LE(size, definition + 20);
      compare(chunk.finish());
    });
  }
  test('a definition that reaches into the record behind it', () => {
    const chunk = new Crafted();
    const { definition } = chunk.add({ template: plain, values: VALUES });
    chunk.add({ template: plain, values: VALUES, definition });
    const size = chunk.cursor.bytes.readUInt32LE(definition + 20);
    chunk.cursor.bytes.writeUInt32LE(size + 200, definition + 20);
    const whole = chunk.finish();
    // The same definition in a chunk that holds something else there.
    const other = Buffer.from(whole);
    other[chunk.places[1]!.record + 40]! ^= 1;
    fixChecksums(other);
    compare(whole, other, whole);
  });
  test('definitions that lie over each other are looked at until that is much work', () => {
    const bytes = overlapping(20_000);
    const templates = new Templates();
    templates.enter(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    let found = 0;
    for (let at = 1024; at < 40_000; at += 32) if (templates.at(at) !== null) found += 1;
    assert.ok(found > 3 && found < 100, `${found} of them`);
  });
});

/** Definitions of so many bytes from 1024 to 40000, one every 32 bytes: text that covers their sizes, and tokens. */
function overlapping(size: number): Buffer {
  const bytes = Buffer.alloc(65_536, 0x02);
  for (let at = 1024; at < 40_000; at += 32) {
    bytes.set([0x05, 0x01, 0x02, 0x00], at + 16);
    bytes.writeUInt32LE(size, at + 20);
  }
  return bytes;
}

describe('values', () => {
  const chunkOf = (values: readonly Value[], template: TemplateElement = plain): Crafted => {
    const chunk = new Crafted();
    const { definition } = chunk.add({ template, values: VALUES });
    chunk.add({ template, values, definition });
    chunk.add({ template, values: VALUES, definition });
    return chunk;
  };
  test('more descriptors than the record has bytes', () => {
    for (const count of [6, 8, 100, 16_384, 0x3fffffff, 0x40000000, 0xffffffff]) {
      const chunk = chunkOf(VALUES);
      chunk.cursor.bytes.writeUInt32LE(count, chunk.places[1]!.descriptors - 4);
      compare(chunk.finish());
    }
  });
  test('fewer values than the template has slots', () => {
    for (let count = 0; count <= VALUES.length; count++) compare(chunkOf(VALUES.slice(0, count)).finish());
  });
  test('a slot without a value, where the bytes behind look like one', () => {
    // What stands where its descriptor would: two bytes of type text.
    const [, ...others] = VALUES;
    for (let count = 1; count < VALUES.length; count++) {
      const values = [text('\u0002\u0001\u0002\u0001'), ...others].slice(0, count);
      compare(chunkOf(values).finish());
      // What the scan remembers of the record before lies behind it.
      const short = new Crafted();
      short.add({ template: plain, values });
      compare(chunkOf(VALUES).finish(), short.finish());
    }
  });
  test('sizes past the end of the record', () => {
    for (let index = 0; index < VALUES.length; index++) {
      for (const size of [0, 1, 9, 60, 1000, 0xffff]) {
        const chunk = chunkOf(VALUES);
        chunk.cursor.bytes.writeUInt16LE(size, chunk.places[1]!.descriptors + 4 * index);
        compare(chunk.finish());
      }
    }
  });
  test('every type in every slot', () => {
    for (let index = 0; index < VALUES.length; index++) {
      const chunks = Array.from({ length: 256 }, (_, type) => {
        const values = VALUES.map((value, i): Value => (i === index ? [type, value[1]] : value));
        return chunkOf(values).finish();
      });
      compare(...chunks);
    }
  });
  test('a record that is given up half-way gives its origin to no other', () => {
    const values = (provider: string, channel: Value): Value[] => [
      text(provider),
      u16(1),
      u8(5),
      u64(1),
      channel,
      text('first'),
      text('second'),
    ];
    const chunk = new Crafted();
    const { definition } = chunk.add({ template: plain, values: values('One', text('Channel')) });
    chunk.add({ template: plain, values: values('Two', none), definition });
    chunk.add({ template: plain, values: values('Two', text('Channel')), definition });
    assert.deepEqual(compare(chunk.finish()), { records: 3, planned: 2 });
  });
  test('long and odd texts where an origin is told', () => {
    for (const provider of ['', '\0', 'a\0', 'a\0b', 'x'.repeat(256), 'x'.repeat(257), 'x'.repeat(5000)]) {
      const values = [...facts(2, provider), text('first'), text('second')];
      compare(chunkOf(values).finish());
      const odd: Value = [0x01, text(provider)[1].subarray(1)];
      compare(chunkOf([odd, ...values.slice(1)]).finish());
    }
  });
});

describe('System in odd forms', () => {
  const data = [field('Image', slot(5))];
  const own = (name: string, children: TemplateElement['children'], dependency?: number): object => ({
    [name]: { name, children, ...(dependency === undefined ? {} : { dependency }) },
  });
  const forms: Readonly<Record<string, TemplateElement>> = {
    'event id as text': event(data, own('EventID', [literal('65537')])),
    'event id as words': event(data, own('EventID', [literal('eight')])),
    'event id as two texts': event(data, own('EventID', [literal('1'), literal('2')])),
    'event id as text and value': event(data, own('EventID', [literal('1'), slot(1)])),
    'no event id': event(data, { EventID: { name: 'Other', children: [] } }),
    'event id twice': event([field('Image', slot(5))], {
      Twice: { name: 'EventID', children: [literal('7')] },
    }),
    'event id that hangs on another value': event(data, own('EventID', [slot(1)], 5)),
    'record id as text': event(data, own('EventRecordID', [literal('77')])),
    'no record id': event(data, { EventRecordID: { name: 'Other', children: [] } }),
    'computer by a value': event(data, own('Computer', [slot(5)])),
    'computer that hangs on a value': event(data, own('Computer', [literal('HOST')], 5)),
    'no computer': event(data, { Computer: { name: 'Other', children: [] } }),
    'channel in an element of its own': event(data, own('Channel', [{ name: 'Inner', children: [slot(4)] }])),
    'provider without a name': event(data, {
      Provider: { name: 'Provider', attributes: [['EventSourceName', [slot(0)]]], children: [] },
    }),
    'provider with another name beside': event(data, {
      Provider: {
        name: 'Provider',
        attributes: [
          ['Name', [slot(0)]],
          ['EventSourceName', [literal('Source')]],
        ],
        children: [],
      },
    }),
    'provider with two names': event(data, {
      Provider: {
        name: 'Provider',
        attributes: [
          ['Name', [literal('')]],
          ['Name', [slot(0)]],
        ],
        children: [],
      },
    }),
    'System that hangs on a value': {
      name: 'Event',
      children: [{ ...event(data).children[0]!, dependency: 5 } as TemplateElement],
    },
    'two Systems': { name: 'Event', children: [...event(data).children, ...event(data).children] },
    'Event that hangs on a value': { ...event(data), dependency: 5 },
    'Event that hangs on a value past all': { ...event(data), dependency: 50 },
    'fields that are texts': event([
      field('Image', literal('a'), literal('b')),
      field('Both', literal('a'), slot(5)),
    ]),
    'a field twice': event([field('Image', slot(5)), field('Image', slot(6))]),
    'a value twice': event([field('One', slot(5)), field('Two', slot(5))]),
    'fields without names': event([
      { name: 'Data', children: [slot(5)] },
      { name: 'Data', children: [slot(6)], dependency: 6 },
      { name: 'Data', children: [literal('x')] },
    ]),
    'fields in elements': event([
      { name: 'Outer', children: [{ name: 'Inner', children: [slot(5)] }, literal('text')] },
      { name: 'Outer', dependency: 6, children: [{ name: 'Inside', children: [slot(5)] }] },
    ]),
    'a field in an element that may be missing': event([
      { name: 'Outer', children: [{ name: 'Inner', dependency: 5, children: [slot(6)] }] },
    ]),
    'data in RenderingInfo': {
      name: 'Event',
      children: [...event(data).children, { name: 'RenderingInfo', children: [field('Message', slot(6))] }],
    },
    'BinXML among the data': event([
      { name: 'Data', children: [{ kind: 'substitution', index: 5, type: 0x21 }] },
    ]),
  };
  const values: Readonly<Record<string, readonly Value[]>> = {
    'usual values': VALUES,
    'a value of null': [...facts(1), none, text('second')],
    'both of null': [...facts(1), none, none],
    'an empty provider': [...facts(1, ''), text('first'), text('second')],
    'an event id of null': [text('P'), none, u8(5), u64(9), text('C'), text('first'), text('second')],
    'an event id as text': [text('P'), text('8'), u8(5), u64(9), text('C'), text('first'), text('second')],
    'an array and a SID': [...facts(1), [0x81, text('a\0b\0c')[1]], [0x13, Buffer.alloc(12, 1)]],
    'record id zero': [text('P'), u16(8), u8(5), u64(0), text('C'), text('first'), text('second')],
  };
  for (const [what, template] of Object.entries(forms)) {
    test(what, () => {
      const chunk = new Crafted();
      const { definition } = chunk.add({ template, values: VALUES });
      for (const some of Object.values(values)) chunk.add({ template, values: some, definition });
      compare(chunk.finish());
    });
  }
});

test('chunks that end anywhere', () => {
  const chunk = new Crafted();
  const { definition } = chunk.add({ template: plain, values: VALUES });
  for (let i = 0; i < 5; i++) chunk.add({ template: plain, values: VALUES, definition });
  const whole = chunk.finish();
  const sizes = [0, 1, 7, 8, 127, 128, 511, 512, 513, 539, 540];
  for (let size = 541; size < chunk.cursor.at + 40; size += 3) sizes.push(size);
  for (const size of [...sizes, 65_535]) compare(whole.subarray(0, size), whole);
});

test('a name that lies elsewhere is not one that follows at once', () => {
  /** An element without content whose name stands at an offset, and there a name. */
  const chunk = (name: number): DataView => {
    const bytes = Buffer.alloc(CHUNK_SIZE);
    bytes.write('0123456789abcdef', DEFINITION + 4, 'latin1');
    bytes.writeUInt32LE(17, DEFINITION + 20);
    Buffer.from('0f01010001ffff0500000000000000', 'hex').copy(bytes, BODY);
    bytes.writeUInt32LE(name, BODY + 11);
    bytes.writeUInt16LE(1, name + 6);
    bytes.write('A', name + 8, 'utf16le');
    // The element, and the body, end.
    bytes.writeUInt16LE(0x0003, BODY + 15);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  };
  const [DEFINITION, BODY] = [600, 624];
  const templates = new Templates();
  templates.enter(chunk(900));
  assert.equal(templates.at(DEFINITION)?.nodes.length, 1);
  templates.enter(chunk(1000));
  assert.equal(templates.at(DEFINITION)?.nodes.length, 1);
  templates.enter(chunk(BODY + 15));
  assert.equal(templates.at(DEFINITION), null);
});
