/** Whole files: read from disk, in ranges, and from streams whose blocks are cut anywhere, they say the same. */
import { rmSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Event } from '../../src/events/index.ts';
import { EVERY_RECORD, readEvtx, Scanner } from '../../src/evtx/index.ts';
import type { Batch } from '../../src/sources/batch.ts';
import { type EvtxOptions, placed, readEvtxBlocks, readEvtxFile } from '../../src/sources/evtx.ts';
import type { LogRange } from '../../src/sources/range.ts';
import { CHUNK_SIZE } from './chunk-map.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

const HEADER_SIZE = 4096;
const BARE = Buffer.from('ElfChnk\0', 'latin1');

/** A file of mutants of some chunks, whose header counts about right; one in three is cut, one in eight has no header. */
export function anyFile(chunks: readonly Buffer[], random: Random): Buffer {
  const parts = Array.from({ length: 1 + random.below(5) }, () => {
    const chunk = mutate(random.pick(chunks), random.pick(chunks), random);
    const whole = Buffer.concat([chunk, Buffer.alloc(CHUNK_SIZE - chunk.length)]);
    if (random.oneIn(6)) whole[0] = 0;
    return whole;
  });
  const header = fileHeader(parts.length + random.below(3), random.below(1000), random.below(8));
  if (random.oneIn(8)) header[random.below(128)] = random.below(256);
  const bytes = Buffer.concat(random.oneIn(8) ? parts : [header, ...parts]);
  return random.oneIn(3) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

/** A header of a file that counts so many chunks. `flags`: 1 dirty, 2 full, 4 without checksums. */
export function fileHeader(chunks: number, nextRecord: number, flags: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.write('ElfFile\0', 0, 'latin1');
  header.writeBigUInt64LE(BigInt(chunks - 1), 16);
  header.writeBigUInt64LE(BigInt(nextRecord), 24);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(chunks, 42);
  header.writeUInt32LE(flags, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return header;
}

/** What differs between the ways to read a file, or null. `path`: where it may stand for a while. */
export async function differsAsFile(
  bytes: Buffer,
  path: string,
  options: EvtxOptions,
  random: Random,
): Promise<string | null> {
  const told = plainTexts(bytes, path, options);
  if (told.some((text) => / (ask for|come to) more than | BinXML tokens/.test(text))) return null;
  writeFileSync(path, bytes);
  try {
    const bare = bytes.subarray(0, 8).equals(BARE);
    const whole = fileTexts(path, bytes.length, options, null);
    const difference = bare ? null : differs('file', told, whole);
    if (difference !== null) return difference;
    const blocks: string[] = [];
    const stream = readEvtxBlocks(path, cut(bytes, random), scanner(), { ...options, bare });
    for await (const batch of stream) blocks.push(...batchTexts(batch));
    const streamed = differs('stream', whole, blocks);
    if (streamed !== null || bare || bytes.length <= HEADER_SIZE) return streamed;
    const ranges = rangesOf(bytes.length, random);
    return differs(
      `${ranges.length} ranges`,
      whole,
      ranges.flatMap((range) => fileTexts(path, bytes.length, options, range)),
    );
  } finally {
    rmSync(path, { force: true });
  }
}

function scanner(): Scanner {
  return new Scanner(() => EVERY_RECORD);
}

function plainTexts(bytes: Buffer, path: string, options: EvtxOptions): string[] {
  const texts: string[] = [];
  for (const item of readEvtx(bytes, options)) {
    texts.push(item.kind === 'record' ? eventText(item) : JSON.stringify(placed(path, item)));
  }
  return texts;
}

function fileTexts(path: string, size: number, options: EvtxOptions, range: LogRange | null): string[] {
  const log = { path, size, explicit: true, kind: 'evtx' } as const;
  const texts: string[] = [];
  // A batch holds only until the next one.
  for (const batch of readEvtxFile(log, scanner(), { ...options, range })) texts.push(...batchTexts(batch));
  return texts;
}

function batchTexts({ events, diagnostics }: Batch): string[] {
  const texts = events.map(eventText);
  return [...texts, ...diagnostics.map((one) => JSON.stringify(one))];
}

function eventText(event: Event): string {
  const { record, time, host, provider, channel, eventId, version, fields } = event;
  return JSON.stringify([record, time, host, provider, channel, eventId, version, ...fields]);
}

function differs(what: string, expected: readonly string[], found: readonly string[]): string | null {
  const [first, second] = [sorted(expected), sorted(found)];
  const at = first.findIndex((text, i) => text !== second[i]);
  if (at < 0 && first.length === second.length) return null;
  return `as a ${what}, ${at}: expected ${first[at] ?? first.length}, found ${second[at] ?? second.length}`;
}

/** Records as they come, then diagnostics: how many come at once depends on the size of blocks. */
function sorted(texts: readonly string[]): string[] {
  const isEvent = (text: string): boolean => text.startsWith('[');
  return [...texts.filter(isEvent), ...texts.filter((text) => !isEvent(text)).sort()];
}

async function* cut(bytes: Buffer, random: Random): AsyncGenerator<Uint8Array> {
  const most = random.pick([700, 5000, 70_000, 300_000]);
  for (let at = 0; at < bytes.length;) {
    const size = random.below(most);
    yield Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** Ranges that cover a file, on the borders of chunks. */
function rangesOf(size: number, random: Random): LogRange[] {
  const ranges: LogRange[] = [];
  for (let start = HEADER_SIZE; start < size;) {
    const end = Math.min(size, start + CHUNK_SIZE * (1 + random.below(3)));
    ranges.push({ start, end });
    start = end;
  }
  return ranges;
}
