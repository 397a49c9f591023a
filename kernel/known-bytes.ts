/**
 * Bytes that are known again, in AssemblyScript: texts, and what tells records. Each gets a number that no others ever
 * have. Where there is no more room all are forgotten, and the same bytes get another number.
 */
import { same, textEnd } from './chunk';

/** In place of a number. */
export const NO_NUMBER: i32 = -1;
/** Known bytes: address (0: none), size, number, hash. They lie by their hash, and behind them the bytes themselves. */
const KNOWN: usize = 16;
const PLACES: u32 = 16384;
const BYTES: usize = 2097152;
/** A longer text is hardly ever the same twice. */
const LONGEST_TEXT: u32 = 1024;
const MULTIPLIER: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

let known: usize = 0;
/** The empty text. */
const EMPTY: i32 = 0;
/** Number of the next bytes that are not known. */
export let next: i32 = EMPTY + 1;
/** Where they go. */
export let room: usize = 0;

export function placeKnown(at: usize): void {
  known = at;
  room = at + KNOWN * PLACES;
}

/** Forgets all. */
export function forgetKnown(): void {
  memory.fill(known, 0, KNOWN * PLACES);
  room = known + KNOWN * PLACES;
}

/**
 * Number of a text of UTF-16, without NULs at its end: no other text ever has the same, and the same text has the same
 * as long as it is known. NO_NUMBER for one that is too long.
 */
export function numberOfText(at: usize, length: u32): i32 {
  const size = <u32>(textEnd(at, length) - at);
  if (size == 0) return EMPTY;
  // With a NUL begins what tells a record.
  if (size > LONGEST_TEXT || load<u16>(at) == 0) return NO_NUMBER;
  makeRoom(LONGEST_TEXT);
  return numberAt(at, size, false);
}

/** Where so many bytes have no room, all are forgotten. */
export function makeRoom(size: usize): void {
  if (room + size > known + KNOWN * PLACES + BYTES) forgetKnown();
}

function mix(mixed: u64, word: u64): u64 {
  return rotl<u64>((mixed ^ word) * MULTIPLIER, 29);
}

/** Number of some bytes; `isThere`: they lie where the next ones are known. */
export function numberAt(at: usize, size: u32, isThere: bool): i32 {
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
  const hash = <u32>(((mixed ^ (mixed >> 32)) * 0x85ebca6b) >> 16);
  const entry = known + <usize>(hash & (PLACES - 1)) * KNOWN;
  const address = load<u32>(entry);
  if (
    address != 0 &&
    load<u32>(entry, 12) == hash &&
    load<u32>(entry, 4) == size &&
    same(at, address, size)
  ) {
    return load<i32>(entry, 8);
  }
  if (next == i32.MAX_VALUE) return NO_NUMBER;
  if (!isThere) memory.copy(room, at, size);
  store<u32>(entry, <u32>room);
  store<u32>(entry, size, 4);
  store<i32>(entry, next, 8);
  store<u32>(entry, hash, 12);
  room += size;
  next++;
  return next - 1;
}
