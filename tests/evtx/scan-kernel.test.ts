/**
 * The scan's kernel takes chunks that are as they should be, and only those, and reads them as the scan does without it.
 * That holds for all that scan.test.ts, scan-crafted.test.ts and the fuzz compare, too; here stands what is the kernel's own.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  ChunkText,
  CHUNK_SIZE,
  EVERY_RECORD,
  FILE_HEADER_SIZE,
  type Origin,
  readFileHeader,
  Scanner,
  type Wanted,
} from '../../src/evtx/index.ts';
import { PlannedRecord } from '../../src/evtx/planned-record.ts';
import { ScanKernel } from '../../src/evtx/scan-kernel.ts';
import { sysmonEvent } from '../builders/evtx-windows.ts';
import { writeEvtx } from '../builders/evtx-writer.ts';
import { ROOT, sharedLogs } from '../builders/shared.ts';
import { fixChecksums } from '../fuzz/chunk-map.ts';
import { Crafted, event, facts, field, literal, slot, text, u8, u16, u64 } from './crafted.ts';
import { expectedTotals, totalTexts } from './totals.ts';

const FILE = readFileHeader(new Uint8Array(FILE_HEADER_SIZE));
const log = readFileSync(join(ROOT, 'examples/modelled-week/Sysmon.evtx'));
const SCAN = { verify: false, recover: false, file: FILE, offset: FILE_HEADER_SIZE, report: () => {} };
const plain = event([field('Image', slot(5)), field('User', slot(6))]);
const VALUES = [...facts(1), text('first'), text('second')];

function everyRecord(): Wanted {
  return EVERY_RECORD;
}

/** All that a scan tells, the log read in blocks of so many chunks, each in the scanner's input if it has room there. */
function told(scanner: Scanner, chunks: Buffer, perBlock: number, verify = false): string[] {
  const texts: string[] = [];
  for (let at = 0; at < chunks.length; at += perBlock * CHUNK_SIZE) {
    const block = chunks.subarray(at, at + perBlock * CHUNK_SIZE);
    const isInput = block.length <= scanner.input.length;
    if (isInput) scanner.input.set(block);
    const { totals, events } = scanner.scan(isInput ? scanner.input.subarray(0, block.length) : block, {
      verify,
      recover: false,
      file: FILE,
      offset: FILE_HEADER_SIZE + at,
      report: (diagnostic) => texts.push(JSON.stringify(diagnostic)),
    });
    texts.push(...totalTexts(totals));
    for (const one of events) {
      const { record, time, delay, eventId, version, provider, channel, host, offset, fields } = one;
      const how = [one instanceof PlannedRecord, fields instanceof Map];
      texts.push(
        JSON.stringify([
          record,
          time,
          delay,
          eventId,
          version,
          provider,
          channel,
          host,
          offset,
          how,
          ...fields,
        ]),
      );
    }
  }
  return texts;
}

function assertSame(
  chunks: Buffer,
  {
    select = everyRecord,
    perBlock = 2,
    verify = false,
  }: Partial<{
    select: (origin: Origin) => Wanted;
    perBlock: number;
    verify: boolean;
  }> = {},
): void {
  const [kernel, without] = [new Scanner(select), new Scanner(select, false)];
  assert.deepEqual(told(kernel, chunks, perBlock, verify), told(without, chunks, perBlock, verify));
}

/** Records of one template. */
function crafted(count: number, values: (index: number) => typeof VALUES = () => VALUES): Crafted {
  const chunk = new Crafted();
  let definition: number | undefined;
  for (let i = 0; i < count; i++) {
    const place = chunk.add({
      template: plain,
      values: values(i),
      ...(definition === undefined ? {} : { definition }),
    });
    definition = place.definition;
  }
  return chunk;
}

/** How many records the kernel finds in a chunk; -1 where it does not take it. */
function taken(chunk: Buffer): number {
  const kernel = ScanKernel.load()!;
  kernel.begin(chunk);
  return !kernel.scan() && kernel.resolve() === 'irregular' ? -1 : kernel.recordCount;
}

describe('which chunks it takes', () => {
  const changed = (change: (bytes: Buffer) => void, vouched = true): Buffer => {
    const bytes = crafted(3).finish();
    change(bytes);
    if (vouched) fixChecksums(bytes);
    assertSame(bytes, { verify: true });
    return bytes;
  };
  const free = crafted(3).finish().readUInt32LE(48);
  const follow = (bytes: Buffer, last: bigint, id: bigint): void => {
    const { record: second } = crafted(3).places[2]!;
    bytes.writeBigUInt64LE(last, second + 8);
    bytes.copy(bytes, free, second, free);
    bytes.writeBigUInt64LE(id, free + 8);
  };
  test('one that is as it should be', () => {
    assert.equal(taken(crafted(3).finish()), 3);
    assert.equal(taken(crafted(1).finish()), 1);
  });
  test('no other', () => {
    const others: readonly ((bytes: Buffer) => void)[] = [
      (bytes) => bytes.writeUInt8(0, 0),
      (bytes) => bytes.writeUInt32LE(512, 48),
      (bytes) => bytes.writeUInt32LE(CHUNK_SIZE + 8, 48),
      (bytes) => bytes.writeUInt32LE(free - 8, 48),
      (bytes) => bytes.writeUInt32LE(free + 8, 48),
      (bytes) => bytes.writeBigUInt64LE(4n, 32),
      (bytes) => bytes.writeUInt8(0, crafted(3).places[1]!.record),
      (bytes) => bytes.writeUInt32LE(24, crafted(3).places[1]!.record + 4),
      (bytes) => bytes.writeUInt32LE(CHUNK_SIZE, crafted(3).places[1]!.record + 4),
      (bytes) => bytes.writeUInt32LE(1, free - 4),
      // A record past the counters that goes on counting, or may.
      (bytes) => follow(bytes, 3n, 4n),
      (bytes) => follow(bytes, 2n ** 53n, 2n ** 53n + 1n),
      (bytes) => follow(bytes, 2n ** 53n + 1n, 2n ** 53n + 1n),
    ];
    for (const [index, change] of others.entries()) {
      assert.equal(taken(changed(change)), -1, `change ${index}`);
    }
    assert.equal(taken(changed((bytes) => bytes.writeUInt32LE(0, 124), false)), -1);
    assert.equal(taken(changed((bytes) => bytes.writeUInt8(1, 200), false)), -1);
  });
  test('one that stands before what its memory held, or counts fewer', () => {
    assert.equal(taken(changed((bytes) => follow(bytes, 3n, 9n))), 3);
    assert.equal(taken(changed((bytes) => bytes.writeBigUInt64LE(2n, 32))), 3);
  });
  test('records that do not match their checksum are said to', () => {
    const bytes = crafted(3).finish();
    bytes.writeUInt8(0x41, crafted(3).places[1]!.values);
    assert.equal(taken(bytes), 3);
    assertSame(bytes);
    assertSame(bytes, { verify: true });
    const scanner = new Scanner(everyRecord);
    assert.match(told(scanner, bytes, 1, true).join('\n'), /evtx-chunk-data-checksum/);
  });
  test('after a record that can not be read, the checksum is looked at', () => {
    const bytes = crafted(3).finish();
    bytes.writeUInt8(0xff, crafted(3).places[1]!.record + 24);
    bytes.writeUInt8(0xff, crafted(3).places[1]!.record + 28);
    assert.equal(taken(bytes), 3);
    assertSame(bytes);
    assert.match(told(new Scanner(everyRecord), bytes, 1).join('\n'), /record-body.*\n.*data-checksum/);
  });
});

describe('blocks of any size, in its input or elsewhere', () => {
  const chunks = log.subarray(FILE_HEADER_SIZE);
  for (const perBlock of [1, 2, 3, 100]) test(`${perBlock} chunks`, () => assertSame(chunks, { perBlock }));
  for (const { name, path } of sharedLogs()) {
    test(name, () => {
      const bytes = readFileSync(path).subarray(FILE_HEADER_SIZE);
      const few: Wanted = { eventIds: Uint8Array.from({ length: 65_536 }, (_, id) => id & 1), oneIn: 7 };
      assertSame(bytes, { verify: true });
      assertSame(bytes, { select: () => few });
    });
  }
});

test('records of a real template are read without stopping, once it is known', () => {
  const kernel = ScanKernel.load()!;
  kernel.begin(log.subarray(FILE_HEADER_SIZE, FILE_HEADER_SIZE + CHUNK_SIZE));
  let stops = 0;
  for (; !kernel.scan(); stops++) {
    const stopped = kernel.resolve();
    if (stopped === 'new-origin') kernel.setOrigin(0, EVERY_RECORD);
    else assert.equal(stopped, 'supplied');
  }
  const count = kernel.recordCount;
  assert.ok(count > 10 && stops < 40, `${stops} stops in ${count} records`);
});

describe('origins', () => {
  const from = (provider: string, channel: string, index: number): typeof VALUES => [
    text(provider),
    u16(index),
    u8(0),
    u64(index + 1),
    text(channel),
    text('first'),
    text('second'),
  ];
  test('that take turns, of one size, longer and shorter', () => {
    for (const names of [
      ['One', 'Two'],
      ['One', 'Another'],
      ['x'.repeat(128), 'x'.repeat(129)],
      ['One', '', 'a\0'],
    ]) {
      assertSame(crafted(60, (i) => from(names[i % names.length]!, 'Channel', i)).finish());
      assertSame(crafted(60, (i) => from('Provider', names[i % names.length]!, i)).finish());
    }
  });
  test('more than are kept', () => {
    const chunks = Array.from({ length: 24 }, (_, n) =>
      crafted(230, (i) => from(`Provider ${n * 230 + i}`, 'Channel', i)).finish(),
    );
    assertSame(Buffer.concat([...chunks, ...chunks.slice(0, 2)]), { perBlock: 1 });
  });
  test('of which more sets of event ids are wanted than are told apart', () => {
    const select = ({ provider }: Origin): Wanted => {
      const eventIds = new Uint8Array(65_536);
      eventIds[Number(provider)] = 1;
      return { eventIds, oneIn: 0 };
    };
    assertSame(crafted(120, (i) => from(String(i % 50), 'Channel', i % 7)).finish(), { select });
  });
  test('of which one record in so many is wanted', () => {
    for (const oneIn of [1, 2, 3, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 0.5, 1.5]) {
      const select = (): Wanted => ({ eventIds: new Uint8Array(65_536), oneIn });
      const ids = [0, 1, 2, 3, 4, 6, 2 ** 32 - 1, 2 ** 33, 2 ** 53 - 1, 2 ** 53, 2 ** 60];
      const chunk = crafted(ids.length, (i) => [...VALUES.slice(0, 3), u64(ids[i]!), ...VALUES.slice(4)]);
      // The header's id stands in for 0 and those past 2^53; past that there is none.
      for (const id of [1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n]) {
        for (const { record } of chunk.places) chunk.cursor.bytes.writeBigUInt64LE(id, record + 8);
        assertSame(chunk.finish(), { select });
      }
    }
  });
});

test('how far records are from their events: over a minute, either way, in stretches of several', () => {
  const offsets = [0, 60_000, 60_001, -60_000, -60_001, 5e9, 70_000, -80_000, 3, 0, 61_000, 0];
  const time = Date.UTC(2026, 0, 5, 8);
  for (let from = 0; from < offsets.length; from++) {
    // Whose they are changes: a stretch ends.
    const events = offsets.slice(from).map((offset, i) => ({
      ...sysmonEvent({ recordId: i + 1, time, computer: `PC${(i >> 2) & 1}`, eventId: 8, fields: {} }),
      created: time - offset,
    }));
    const chunks = Buffer.from(writeEvtx(events)).subarray(FILE_HEADER_SIZE);
    assertSame(chunks);
    assertSame(chunks, { select: () => ({ eventIds: new Uint8Array(65_536), oneIn: 0 }) });
    const { totals } = new Scanner(everyRecord).scan(chunks, SCAN);
    assert.ok(totals.stretchCount < events.length || events.length < 5);
    const late = offsets.slice(from).filter((offset) => Math.abs(offset) > 60_000);
    const sum = totals.stretches.late.subarray(0, totals.stretchCount).reduce((a, b) => a + b, 0);
    assert.equal(sum, late.length);
    const longest = Math.max(...totals.stretches.delay.subarray(0, totals.stretchCount));
    assert.equal(longest, Math.max(0, ...late.map(Math.abs)));
  }
});

test('a record is not late by a TimeCreated that is no time, or none of any use', () => {
  const time = Date.UTC(2026, 0, 5, 8);
  const one = sysmonEvent({ recordId: 1, time, computer: 'PC', eventId: 8, fields: {} });
  const lateOf = (change: (bytes: Buffer, descriptor: number, value: number) => void): number => {
    const bytes = Buffer.from(writeEvtx([{ ...one, created: time - 5e9 }])).subarray(FILE_HEADER_SIZE);
    const chunk = new ChunkText(bytes);
    const { values } = chunk.fragment(512 + 24, 512 + bytes.readUInt32LE(512 + 4) - 4, true);
    const { descriptors, at, count } = values!;
    const slots = Array.from({ length: count }, (_, i) => i);
    const created = slots.find((i) => chunk.typeOf(values!, i) === 0x11)!;
    change(bytes, descriptors + 4 * created, at[created]!);
    assertSame(bytes);
    return new Scanner(everyRecord).scan(bytes, SCAN).totals.stretches.late[0]!;
  };
  assert.equal(
    lateOf(() => {}),
    1,
  );
  assert.equal(
    lateOf((bytes, descriptor) => bytes.writeUInt8(0x0a, descriptor + 2)),
    0,
  );
  assert.equal(
    lateOf((bytes, _, value) => bytes.fill(0, value, value + 8)),
    0,
  );
});

test('what records come to: ids and times that leave gaps, and event ids that are alike in their low bits', () => {
  const eventIds = [1, 257, 1, 513, 8, 65_535, 257];
  // Without an id that of the header counts, which is none past 2^53.
  const idOf = (i: number): number => (i % 11 === 0 ? 0 : i % 7 === 0 ? i + 1000 : i + 1);
  const hosts = ['One', 'One', 'One', 'Two'];
  const chunk = crafted(200, (i) => [
    text('Provider'),
    u16(eventIds[i % eventIds.length]!),
    u8(0),
    u64(idOf(i)),
    text(hosts[(i >> 4) % hosts.length]!),
    text('first'),
    text('second'),
  ]);
  // Steps of 50, 60 and 61 seconds, and back.
  const steps = [50, 50, 60, 61, -50, -61];
  let time = 133_000_000_000_000_000n;
  for (const [i, { record }] of chunk.places.entries()) {
    time += BigInt(steps[i % steps.length]!) * 10_000_000n;
    chunk.cursor.bytes.writeBigUInt64LE(time, record + 16);
    chunk.cursor.bytes.writeBigUInt64LE(i % 22 === 0 ? 2n ** 60n : BigInt(i), record + 8);
  }
  const bytes = chunk.finish();
  assertSame(bytes);
  const few: Wanted = { eventIds: new Uint8Array(65_536), oneIn: 0 };
  for (const select of [everyRecord, () => few]) {
    const scanner = new Scanner(select);
    scanner.input.set(bytes);
    const { totals } = scanner.scan(scanner.input.subarray(0, CHUNK_SIZE), SCAN);
    const all = new Scanner(everyRecord, false).scan(bytes, SCAN).events;
    assert.deepEqual(totalTexts(totals), expectedTotals(all));
    assert.equal(totals.records, 200);
    // Where records are wanted it stops for each event id of one template.
    assert.equal(totals.stretchCount < 200 && totals.eventIdCount < 200, select !== everyRecord);
  }
});

describe('texts of values', () => {
  const odd = ['', '\0', 'a', 'a\0', 'a\0\0', '\0a', 'a\0b', 'é', '\ud800', 'same', 'same'];
  const lengths = [...Array.from({ length: 40 }, (_, i) => i), 511, 512, 513, 514, 5000];
  test('of all lengths, with NULs, and the same ones again', () => {
    const texts = [...odd, ...lengths.map((length) => 'x'.repeat(length))].map(text);
    // Of a byte more than units have.
    const halves = texts.map(([type, bytes]): (typeof VALUES)[0] => [
      type,
      Buffer.concat([bytes, Buffer.of(0)]),
    ]);
    const all = [...texts, ...halves, ...texts];
    const chunk = crafted(all.length, (i) => [...facts(i + 1), all[i]!, text('second')]).finish();
    assertSame(Buffer.concat([chunk, chunk, chunk]));
  });
  test('more than are kept', () => {
    // All bytes of them: 3 MiB. All numbers: 40,000.
    for (const [chunks, records, length] of [
      [60, 50, 500],
      [100, 200, 8],
    ] as const) {
      const blocks = Array.from({ length: chunks }, (_, n) =>
        crafted(records, (i) => {
          const number = `${n * records + i}`;
          return [...facts(i + 1), text(number.padEnd(length, '.')), text(`${number} again`)];
        }).finish(),
      );
      assertSame(Buffer.concat([...blocks, ...blocks.slice(0, 3), ...blocks.slice(-3)]));
    }
  });
});

test('times', () => {
  const times = [0n, 1n, 9999n, 10_000n, 10_001n, 116_444_736_000_000_000n, 133_000_000_000_009_999n];
  const all = [...times, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
  const chunk = crafted(all.length);
  for (const [i, { record }] of chunk.places.entries()) {
    chunk.cursor.bytes.writeBigUInt64LE(all[i]!, record + 16);
  }
  assertSame(chunk.finish());
  assertSame(chunk.finish(), { select: () => ({ eventIds: new Uint8Array(65_536), oneIn: 3 }) });
});

describe('work that is bounded', () => {
  test('a template of very many names that stand elsewhere', () => {
    // Each takes a few bytes here, and much where the template is known.
    const name = 'n'.repeat(1000);
    const template = event([
      field('First', slot(5)),
      ...Array.from({ length: 1500 }, () => ({ name, children: [literal('x')] })),
    ]);
    const chunk = new Crafted();
    chunk.add({ template: event([{ name, children: [slot(5)] }]), values: VALUES });
    chunk.add({ template, values: VALUES, guid: 2 });
    const bytes = chunk.finish();
    assert.equal(taken(bytes), 2);
    assertSame(Buffer.concat([bytes, bytes]));
  });
  test('more templates than have room', () => {
    const chunks: Buffer[] = [];
    for (let n = 0; n < 2000;) {
      const chunk = new Crafted();
      for (; chunk.cursor.at < 62_000 && n < 2000; n++) {
        const template = event([field(`Field ${n}`, slot(5)), field('User', slot(6))]);
        chunk.add({ template, values: VALUES, guid: n & 255 });
      }
      chunks.push(chunk.finish());
    }
    assertSame(Buffer.concat([...chunks, ...chunks]), { perBlock: 1 });
  });
  test('records that share one definition, each with as many values as it has room for', () => {
    const many = Array.from({ length: 2000 }, () => text(''));
    assertSame(crafted(6, () => [...VALUES, ...many]).finish());
    assertSame(crafted(2, () => [...VALUES, ...many, ...many]).finish());
  });
});
