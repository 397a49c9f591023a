/**
 * What a record is like by the values of its data, in AssemblyScript: a number that it has in common with those that are
 * the same in all that is read of them (src/evtx/alike.ts). The data are those of the instance that was entered last.
 */
import { count, descriptors, same, TEXT } from './chunk';

/** In place of a number: what the record is like is not known. */
export const NO_NUMBER: i32 = -1;
/** How much of a value is read, a word of bits. */
const VALUE: usize = 4;
const READ_START: i32 = 1;
const READ_WORDS: i32 = 2;
const READ_ALL: i32 = 4;

const ANSI: u32 = 0x02;
const NAME: u32 = 0x23;

/** Bytes of a record past which none is alike, and of what tells one: its words and the values themselves. */
export const LONGEST_ALIKE: u32 = 8192;
const KEY_ROOM: usize = 32768;

/**
 * Records that are known, each by what tells it: address (0: none), size, number, hash. They lie by their hash, and behind
 * them what tells them. Where there is no more room all are forgotten, and such a record gets another number: the next of
 * its place, where each has numbers of its own.
 */
const KNOWN: usize = 16;
const PLACES: u32 = 16384;
/** Beside a size: such records need not be told again. */
const DISMISSED: u32 = 0x80000000;
const BYTES: usize = 2097152;
const MULTIPLIER: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

let known: usize = 0;
/** Where what tells the next one goes. */
let room: usize = 0;

export function placeKnown(at: usize): void {
  known = at;
  room = at + KNOWN * PLACES;
  for (let place: u32 = 0; place < PLACES; place++) store<u32>(entryAt(place), place, 8);
}

/** Forgets all but the numbers: none is given twice. */
export function forgetKnown(): void {
  for (let place: u32 = 0; place < PLACES; place++) store<u32>(entryAt(place), 0);
  room = known + KNOWN * PLACES;
}

function entryAt(place: u32): usize {
  return known + <usize>(place & (PLACES - 1)) * KNOWN;
}

/** Records with this number need not be told again, as long as they are known. */
export function dismiss(number: i32): void {
  const entry = entryAt(number);
  if (load<u32>(entry) == 0 || load<i32>(entry, 8) != number) return;
  store<u32>(entry, load<u32>(entry, 4) | DISMISSED, 4);
}

/** Whether the record that was numbered last, if it was, need not be told again. */
export function isDismissed(number: i32): bool {
  return number != NO_NUMBER && (load<u32>(entryAt(number), 4) & DISMISSED) != 0;
}

/**
 * The same number for records of one origin, event id and plan for which the same part of a filter decided, and that are
 * the same in all that is read of them, and for no others. `told`: where the plan says how much of each value is read.
 */
export function alikeNumber(origin: u32, eventId: u32, data: u32, part: i32, told: usize, last: i32): i32 {
  if (room + KEY_ROOM > known + KNOWN * PLACES + BYTES) forgetKnown();
  const key = room;
  store<u32>(key, origin);
  store<u32>(key, eventId, 4);
  store<u32>(key, data, 8);
  store<i32>(key, part, 12);
  let at = key + 16;
  const d = descriptors;
  let value = d + ((<usize>count) << 2);
  for (let i: usize = 0; i < <usize>(last + 1); i++) {
    const one = load<u32>(d + (i << 2));
    const size = one & 0xffff;
    const type = one & 0xff0000;
    const length = readOf(load<i32>(told + i * VALUE), type, value, size);
    // Of a value that is not read its type is: it may tell that a field is not there.
    store<u32>(at, type | length);
    at += 4;
    copy(at, value, length);
    at += length;
    value += size;
  }
  return numberOf(key, <u32>(at - key));
}

/** How many bytes of a value are read. */
function readOf(how: i32, type: u32, at: usize, size: u32): u32 {
  if ((how & READ_ALL) != 0) return size;
  if ((how & READ_WORDS) != 0 && hasWords(type >> 16, at, size)) return size;
  if ((how & READ_START) == 0) return 0;
  return type == 0x0f0000 && size == 16 ? 4 : size;
}

/** Whether a value may hold a letter, and be no number, time or id: up to the colon stand digits, and what is written between them. */
function hasWords(type: u32, at: usize, size: u32): bool {
  if (type != TEXT) return type == ANSI || type == NAME;
  const end = at + (size & ~1);
  for (let p = at; p < end; p += 2) if (load<u16>(p) > 0x3a) return true;
  return false;
}

/** Copies bytes; up to 15 more may be written behind them. */
function copy(to: usize, from: usize, size: usize): void {
  for (let i: usize = 0; i < size; i += 16) v128.store(to + i, v128.load(from + i));
}

/** The number of what stands where the next one is to be known. */
function numberOf(key: usize, size: u32): i32 {
  const hash = hashOf(key, size);
  const entry = entryAt(hash);
  const address = load<u32>(entry);
  const number = load<i32>(entry, 8);
  if (
    address != 0 &&
    load<u32>(entry, 12) == hash &&
    (load<u32>(entry, 4) & ~DISMISSED) == size &&
    same(key, address, size)
  ) {
    return number;
  }
  if (number > i32.MAX_VALUE - <i32>PLACES) return NO_NUMBER;
  store<u32>(entry, <u32>key);
  store<u32>(entry, size, 4);
  store<i32>(entry, number + PLACES, 8);
  store<u32>(entry, hash, 12);
  room += size;
  return number + PLACES;
}

function hashOf(at: usize, size: u32): u32 {
  let i: usize = 0;
  let mixed: u64 = size;
  // Four at a time: each waits for its own product alone.
  if (size >= 32) {
    let b: u64 = 1;
    let c: u64 = 2;
    let d: u64 = 3;
    for (; i + 32 <= size; i += 32) {
      mixed = mix(mixed, load<u64>(at + i));
      b = mix(b, load<u64>(at + i, 8));
      c = mix(c, load<u64>(at + i, 16));
      d = mix(d, load<u64>(at + i, 24));
    }
    mixed = mix(mix(mix(mixed, b), c), d);
  }
  for (; i + 8 <= size; i += 8) mixed = mix(mixed, load<u64>(at + i));
  const left = size & 7;
  if (left > 0) mixed = (mixed ^ (load<u64>(at + i) & ((1 << ((<u64>left) << 3)) - 1))) * MULTIPLIER;
  return <u32>(((mixed ^ (mixed >> 32)) * 0x85ebca6b) >> 16);
}

function mix(mixed: u64, word: u64): u64 {
  return rotl<u64>((mixed ^ word) * MULTIPLIER, 29);
}
