/**
 * What is told of the values of a record's data, in AssemblyScript: numbers of their texts, and what the record is like.
 * The data are those of the instance that was entered last; `told` is where its plan says what is told of each value.
 */
import { count, descriptors, TEXT } from './chunk';
import { makeRoom, next, NO_NUMBER, numberAt, numberOfText, room } from './known-bytes';

/** Of a value: its credit i32, and how much of it is read i32. */
const VALUE: usize = 8;
const READ: usize = 4;
const READ_START: i32 = 1;
const READ_WORDS: i32 = 2;
const READ_ALL: i32 = 4;
/**
 * A text is numbered while its value has credit. 0: it was not asked for yet, below: its texts hardly repeat. This is what
 * a new text costs; one that is known earns 1.
 */
const COST: i32 = 3;
const MOST_CREDIT: i32 = 1024;
/** In place of the number of a text that was not asked for. */
const NOT_ASKED: i32 = -2;

const ANSI: u32 = 0x02;
const NAME: u32 = 0x23;

/** Words of numbers that have room: those of the values of the chunks of a block, and more. */
const NUMBERS: usize = 65536;
/** Bytes of a record past which none is alike, and of what tells one: its words and the values themselves. */
export const LONGEST_ALIKE: u32 = 8192;
const ALIKE_ROOM: usize = 32768;

/** Where numbers stand, and the next ones go. */
let numbers: usize = 0;
let numbersAt: usize = 0;

export function placeNumbers(at: usize): void {
  numbers = numbersAt = at;
}

/** Numbers of texts that were told are forgotten: what they number was dealt with. */
export function clearNumbers(): void {
  numbersAt = numbers;
}

/**
 * Numbers texts of the record that is entered, those that are asked for: behind the address at which values are told of
 * stands a word for each up to the last. Returns where these begin; 0 where there is no room.
 */
export function numberTexts(told: usize, last: i32): usize {
  const first = numbersAt + 4;
  const end = first + ((<usize>(last + 1)) << 2);
  if (end > numbers + 4 * NUMBERS) return 0;
  store<u32>(numbersAt, <u32>told);
  const d = descriptors;
  let value = d + ((<usize>count) << 2);
  for (let i: usize = 0; i < <usize>(last + 1); i++) {
    const one = load<u32>(d + (i << 2));
    const size = one & 0xffff;
    const credit = load<i32>(told + i * VALUE);
    let number = credit == 0 ? NOT_ASKED : NO_NUMBER;
    if (credit > 0 && ((one >> 16) & 0xff) == TEXT) {
      const before = next;
      number = numberOfText(value, size);
      if (number != before) {
        if (credit < MOST_CREDIT) store<i32>(told + i * VALUE, credit + 1);
      } else store<i32>(told + i * VALUE, credit > COST ? credit - COST : -1);
    }
    store<i32>(first + (i << 2), number);
    value += size;
  }
  numbersAt = end;
  return first;
}

/**
 * What the record that is entered is like: the same number for records of one origin, event id and plan for which the
 * same part of a filter decided, and that are the same in all that is read of them, and for no others.
 */
export function alikeNumber(origin: u32, eventId: u32, data: u32, part: i32, told: usize, last: i32): i32 {
  makeRoom(ALIKE_ROOM);
  const key = room;
  // No text is told by these: it begins with a NUL.
  store<u32>(key, 0);
  store<u32>(key, origin, 4);
  store<u32>(key, eventId, 8);
  store<u32>(key, data, 12);
  store<i32>(key, part, 16);
  let at = key + 20;
  const d = descriptors;
  let value = d + ((<usize>count) << 2);
  for (let i: usize = 0; i < <usize>(last + 1); i++) {
    const one = load<u32>(d + (i << 2));
    const size = one & 0xffff;
    const type = one & 0xff0000;
    const length = readOf(load<i32>(told + i * VALUE, READ), type, value, size);
    // Of a value that is not read its type is: it may tell that a field is not there.
    store<u32>(at, type | length);
    at += 4;
    copy(at, value, length);
    at += length;
    value += size;
  }
  const size = <u32>(at - key);
  return numberAt(key, size, true);
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
