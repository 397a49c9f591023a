/** Mutants of a chunk: what accidents make of one, and what somebody would who knows how it is read. */
import { CHUNK_SIZE, type ChunkMap, fixChecksums, mapChunk } from './chunk-map.ts';
import type { Random } from './random.ts';

interface Mutant {
  bytes: Buffer;
  readonly map: ChunkMap;
  readonly random: Random;
  /** Another chunk, to take from. */
  readonly other: Buffer;
}

const NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 14, 16, 24, 27, 28, 64, 127, 128, 255, 256, 511, 512, 513, 1024, 4096, 32_767, 32_768,
  65_498, 65_512, 65_534, 65_535, 65_536, 65_537, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff,
];
const TYPES = [
  0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
  0x21, 0x23, 0x81, 0x82, 0x84, 0x86, 0x8a, 0x8f, 0x93, 0x94, 0xa1, 0xff,
];
const TOKENS = [
  0x00, 0x01, 0x41, 0x02, 0x03, 0x04, 0x05, 0x45, 0x06, 0x46, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
  0x0f,
];
/** Numbers of a chunk's header. */
const HEADER_FIELDS = [0, 8, 16, 24, 32, 40, 44, 48, 52, 120, 124];

type Mutate = (mutant: Mutant) => void;

const MUTATORS: readonly Mutate[] = [
  flipBytes,
  flipBytes,
  overwriteNumber,
  overwriteNumber,
  changeHeader,
  changeRecordHeader,
  cut,
  splice,
  spliceRecords,
  changeInstance,
  changeInstance,
  pointElsewhere,
  changeDescriptor,
  changeDescriptor,
  swapSizes,
  swapSizes,
  changeDefinition,
  changeDefinition,
  changeDefinition,
  shareGuid,
  shareGuid,
  moveDefinition,
  changeNameOffset,
  repeatRecord,
];

/** One to four changes, most of them with checksums that are right again. Neither buffer is changed. */
export function mutate(chunk: Buffer, other: Buffer, random: Random): Buffer {
  const mutant: Mutant = { bytes: Buffer.from(chunk), map: mapChunk(chunk), random, other };
  const count = 1 + random.below(4);
  for (let i = 0; i < count && mutant.bytes.length >= 1024; i++) random.pick(MUTATORS)(mutant);
  if (!random.oneIn(5)) fixChecksums(mutant.bytes);
  return mutant.bytes;
}

/** A place that is written to; most chunks are not full. */
function usedPlace({ bytes, map, random }: Mutant): number {
  const last = map.records.at(-1);
  const end = last === undefined || random.oneIn(20) ? bytes.length : last.at + last.size;
  return random.below(Math.min(end, bytes.length));
}

/** Writes a number of `size` bytes, 1, 2 or 4, where it fits. */
function write({ bytes }: Mutant, at: number, size: number, value: number): void {
  if (at < 0 || at + size > bytes.length) return;
  if (size === 1) bytes[at] = value;
  else if (size === 2) bytes.writeUInt16LE(value & 0xffff, at);
  else bytes.writeUInt32LE(value >>> 0, at);
}

/** A number of `size` bytes; 0 where there is none. */
function read(bytes: Buffer, at: number, size: number): number {
  return at >= 0 && at + size <= bytes.length ? bytes.readUIntLE(at, size) : 0;
}

/** Copies bytes as far as there are any. */
function copy({ bytes }: Mutant, from: Buffer, to: number, start: number, end: number): void {
  if (start < 0 || to < 0 || start >= from.length || to >= bytes.length) return;
  bytes.set(from.subarray(start, Math.min(end, start + bytes.length - to)), to);
}

/** A number of note, or one near to what stands there. */
function numberNear({ bytes, random }: Mutant, at: number, size: number): number {
  if (random.oneIn(2) || at + size > bytes.length) return random.pick(NUMBERS);
  return read(bytes, at, size) + random.below(17) - 8;
}

function flipBytes(mutant: Mutant): void {
  const { bytes, random } = mutant;
  const count = 1 + random.below(8);
  for (let i = 0; i < count; i++) {
    const at = usedPlace(mutant);
    bytes[at] = random.oneIn(2) ? bytes[at]! ^ (1 << random.below(8)) : random.below(256);
  }
}

function overwriteNumber(mutant: Mutant): void {
  const at = usedPlace(mutant);
  const size = mutant.random.pick([1, 2, 4]);
  write(mutant, at, size, numberNear(mutant, at, size));
}

function changeHeader(mutant: Mutant): void {
  const at = mutant.random.pick(HEADER_FIELDS);
  write(mutant, at, 4, numberNear(mutant, at, 4));
}

function changeRecordHeader(mutant: Mutant): void {
  const { random, map } = mutant;
  const record = random.pick(map.records);
  if (record === undefined) return;
  const at = record.at + random.pick([0, 4, 4, 8, 12, 16, 20, record.size - 4]);
  write(mutant, at, 4, numberNear(mutant, at, 4));
  // A size that is told twice is believed.
  const size = read(mutant.bytes, record.at + 4, 4);
  if (random.oneIn(2)) write(mutant, record.at + size - 4, 4, size);
}

function cut(mutant: Mutant): void {
  const { random } = mutant;
  // Of a chunk there is something, or there is none.
  if (random.oneIn(3)) mutant.bytes = mutant.bytes.subarray(0, 1 + random.below(CHUNK_SIZE - 1));
}

function splice(mutant: Mutant): void {
  const { other, random } = mutant;
  const from = usedPlace(mutant);
  const size = random.below(random.oneIn(2) ? 64 : 8192);
  // At its own place offsets in it still lead somewhere.
  const to = random.oneIn(2) ? from : usedPlace(mutant);
  copy(mutant, other, to, from, from + size);
}

/** From some record on the other chunk, so that its records point to definitions of this one. */
function spliceRecords(mutant: Mutant): void {
  const { other, random, map } = mutant;
  const there = mapChunk(other).records;
  const [mine, its] = [random.pick(map.records), random.pick(there)];
  if (mine === undefined || its === undefined) return;
  copy(mutant, other, mine.at, its.at, its.at + 4 * its.size);
}

function changeInstance(mutant: Mutant): void {
  const { random, map } = mutant;
  const instance = random.pick(map.instances);
  if (instance === undefined) return;
  const [at, size] = random.pick([
    [instance.at, 1],
    [instance.at - 4, 1],
    [instance.at + 2, 4],
    [instance.at + 6, 4],
    [instance.descriptors - 4, 4],
    [instance.descriptors + 4 * instance.count, 1],
  ] as const);
  write(mutant, at, size, size === 1 ? random.pick(TOKENS) : numberNear(mutant, at, size));
}

/** Lets an instance point to another definition, or into the middle of anything. */
function pointElsewhere(mutant: Mutant): void {
  const { random, map } = mutant;
  const instance = random.pick(map.instances);
  if (instance === undefined) return;
  const anywhere = random.pick([
    usedPlace(mutant),
    instance.at + 10,
    instance.descriptors,
    random.pick(NUMBERS),
  ]);
  write(mutant, instance.at + 6, 4, random.oneIn(3) ? anywhere : (random.pick(map.definitions) ?? anywhere));
}

function changeDescriptor(mutant: Mutant): void {
  const { random, map } = mutant;
  const instance = random.pick(map.instances);
  if (instance === undefined) return;
  const at = instance.descriptors + 4 * random.below(instance.count);
  if (random.oneIn(3)) write(mutant, at, 2, numberNear(mutant, at, 2));
  else write(mutant, at + 2, 1, random.pick(TYPES));
}

/** Moves the border between two values: the sum stays, so that all behind them stands where it stood. */
function swapSizes(mutant: Mutant): void {
  const { bytes, random, map } = mutant;
  const instance = random.pick(map.instances);
  if (instance === undefined || instance.count < 2) return;
  const one = instance.descriptors + 4 * random.below(instance.count);
  const two = instance.descriptors + 4 * random.below(instance.count);
  if (Math.max(one, two) + 4 > bytes.length) return;
  const [first, second] = [read(bytes, one, 2), read(bytes, two, 2)];
  const moved = random.pick([first, first - second, random.below(first + 1), Math.min(first, 1)]);
  write(mutant, one, 2, first - moved);
  write(mutant, two, 2, second + moved);
}

/** Changes something in a definition: its size, a token, a name, an index, a text. */
function changeDefinition(mutant: Mutant): void {
  const { bytes, random, map } = mutant;
  const definition = random.pick(map.definitions);
  if (definition === undefined || definition + 24 > bytes.length) return;
  const size = read(bytes, definition + 20, 4);
  const at = definition + 24 + random.below(size);
  switch (random.below(6)) {
    case 0:
      write(mutant, definition + 20, 4, numberNear(mutant, definition + 20, 4));
      break;
    case 1:
      write(mutant, at, 1, random.pick(TOKENS));
      break;
    case 2:
      changeToken(mutant, at, definition + 24 + size);
      break;
    case 3:
      write(mutant, at, 2, numberNear(mutant, at, 2));
      break;
    case 4:
      write(mutant, at, 1, (bytes[at] ?? 0) ^ 1);
      break;
    default:
      write(mutant, at, 1, random.below(256));
  }
}

/** Changes what stands behind the next token of some kind: the index of a substitution, a dependency, a character. */
function changeToken(mutant: Mutant, from: number, end: number): void {
  const { bytes, random } = mutant;
  const token = random.pick([0x0d, 0x0e, 0x01, 0x41, 0x05, 0x06, 0x46]);
  const at = bytes.indexOf(token, from);
  if (at < 0 || at >= end) return;
  const near = at + 1 + random.below(12);
  write(mutant, random.oneIn(2) ? at + 1 : near, 2, random.oneIn(2) ? random.below(24) : 0xffff);
}

/** Gives a definition the GUID of another, and maybe its size. */
function shareGuid(mutant: Mutant): void {
  const { bytes, random, map } = mutant;
  const [from, to] = [random.pick(map.definitions), random.pick(map.definitions)];
  if (from === undefined || to === undefined) return;
  copy(mutant, bytes, to + 4, from + 4, from + (random.oneIn(2) ? 20 : 24));
  if (random.oneIn(2)) changeDefinition(mutant);
}

/** Copies a definition to another place, and lets an instance point to it. */
function moveDefinition(mutant: Mutant): void {
  const { bytes, random, map } = mutant;
  const [definition, instance] = [random.pick(map.definitions), random.pick(map.instances)];
  if (definition === undefined || instance === undefined || definition + 24 > bytes.length) return;
  const size = 24 + read(bytes, definition + 20, 4);
  const to = random.pick([
    Math.max(0, bytes.length - size - random.below(9)),
    random.pick(map.definitions)!,
    usedPlace(mutant),
    bytes.length - random.below(size),
  ]);
  copy(mutant, bytes, to, definition, definition + size);
  write(mutant, instance.at + 6, 4, to);
  if (random.oneIn(2)) changeDefinition(mutant);
}

/** Lets a name stand elsewhere: where another does, or where none is. */
function changeNameOffset(mutant: Mutant): void {
  const { bytes, random, map } = mutant;
  const definition = random.pick(map.definitions);
  if (definition === undefined || definition + 24 > bytes.length) return;
  const places = namePlaces(bytes, definition);
  const [one, two] = [random.pick(places), random.pick(places)];
  if (one === undefined) return;
  const other = random.oneIn(2) ? read(bytes, two!, 4) : numberNear(mutant, one, 4);
  write(mutant, one, 4, random.oneIn(4) ? usedPlace(mutant) : other);
}

/** Where the offsets of a definition's elements and attributes seem to stand. */
function namePlaces(bytes: Buffer, definition: number): number[] {
  const end = Math.min(bytes.length, definition + 24 + read(bytes, definition + 20, 4));
  const places: number[] = [];
  for (let at = definition + 24; at + 11 <= end; at++) {
    const token = bytes[at]! & 0xbf;
    const place = token === 0x01 ? at + 7 : token === 0x06 ? at + 1 : -1;
    if (place > 0 && read(bytes, place, 4) < CHUNK_SIZE && read(bytes, place, 4) >= 512) places.push(place);
  }
  return places;
}

/** Writes a record over another that is no smaller: it then stands there twice. */
function repeatRecord(mutant: Mutant): void {
  const { bytes, random, map } = mutant;
  const [from, to] = [random.pick(map.records), random.pick(map.records)];
  if (from === undefined || to === undefined || from.size > to.size) return;
  copy(mutant, bytes, to.at, from.at, from.at + from.size - 4);
  write(mutant, to.at + 4, 4, to.size);
}
