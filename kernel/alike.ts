/**
 * What records are like, in AssemblyScript: the same number for records of one origin, event id and plan that are the same
 * in all that is read of them, and for no others (src/evtx/alike.ts). They are compared where they stand.
 */
import { count, descriptors, same } from './chunk';
import { hashOf, know, knownNumber, lookUp, makeRoom, NO_NUMBER, room } from './known-bytes';

/** Of what is told of a value (kernel/scan.ts): how much of it is read i32. */
const VALUE: usize = 8;
const READ: usize = 4;
const READ_START: i32 = 1;
const READ_WORDS: i32 = 2;
const READ_ALL: i32 = 4;

const TEXT: u32 = 0x01;
const ANSI: u32 = 0x02;
const NAME: u32 = 0x23;

/** Bytes of a record past which none is alike. */
const LONGEST_ALIKE: u32 = 8192;
/**
 * Where bytes are known next: a NUL, by which no text is told, origin, event id and plan; of each value type and how many
 * bytes are read; then these bytes. And until they are known, spans of the chunk that are read: address, size.
 */
const HEAD: usize = 16;
const SPANS: usize = HEAD + 8192 + 8192 + 256;
const SPAN: usize = 8;
const ALIKE_ROOM: usize = SPANS + 16384 + 256;

/** The number of the record that is entered, `size` bytes; NO_NUMBER for a long one. Of its values those up to the last are told of at an address. */
export function alikeNumber(size: u32, origin: u32, eventId: u32, data: u32, told: usize, last: i32): i32 {
  if (size > LONGEST_ALIKE) return NO_NUMBER;
  makeRoom(ALIKE_ROOM);
  const key = room;
  store<u32>(key, 0);
  store<u32>(key, origin, 4);
  store<u32>(key, eventId, 8);
  store<u32>(key, data, 12);
  const spans = key + SPANS;
  let span = spans;
  let read: u32 = 0;
  const d = descriptors;
  const n = <usize>(last + 1);
  let value = d + ((<usize>count) << 2);
  // Where the span ends that may go on: values stand one behind another.
  let end: usize = 0;
  for (let i: usize = 0; i < n; i++) {
    const one = load<u32>(d + (i << 2));
    const whole = one & 0xffff;
    const type = one & 0xff0000;
    const length = readOf(load<i32>(told + i * VALUE, READ), type, value, whole);
    // Of a value that is not read its type is: it may tell that a field is not there.
    store<u32>(key + HEAD + (i << 2), type | length);
    if (length > 0) {
      if (value == end) store<u32>(span - SPAN, load<u32>(span - SPAN, 4) + length, 4);
      else {
        store<u32>(span, <u32>value);
        store<u32>(span, length, 4);
        span += SPAN;
      }
      end = value + length;
      read += length;
    }
    value += whole;
  }
  const head = HEAD + (n << 2);
  let hash = hashOf(key, <u32>head, 0);
  for (let s = spans; s < span; s += SPAN) hash = hashOf(load<u32>(s), load<u32>(s, 4), hash);
  const address = lookUp(hash, <u32>head + read);
  if (address != 0 && isSame(address, key, head, spans, span)) return knownNumber();
  let to = key + head;
  for (let s = spans; s < span; s += SPAN) {
    const length = <usize>load<u32>(s, 4);
    memory.copy(to, load<u32>(s), length);
    to += length;
  }
  return know();
}

/** Whether known bytes are a head and the spans behind it. */
function isSame(address: usize, key: usize, head: usize, spans: usize, end: usize): bool {
  if (!same(key, address, head)) return false;
  let at = address + head;
  for (let s = spans; s < end; s += SPAN) {
    const length = <usize>load<u32>(s, 4);
    if (!same(load<u32>(s), at, length)) return false;
    at += length;
  }
  return true;
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
