/**
 * The texts of fields as a filter reads them, in AssemblyScript: where they stand, or written out. The record is the one
 * that was entered last.
 */
import { descriptors, TEXT, textEnd } from './chunk';

/** Of a field: its value, and what it depends on (-1: none). */
const FIELD: usize = 8;
/** Of each of 64 fields the text that was placed for the record: its mark, where it stands, and its units. */
const PLACED: usize = 16;
/** Room of each field for a number written out. */
const WRITTEN: usize = 64;

const placed: usize = memory.data(1024, 16);
const written: usize = memory.data(4096, 16);
const DASH: usize = memory.data<u16>([0x2d]);
const TRUE: usize = memory.data<u16>([0x74, 0x72, 0x75, 0x65]);
const FALSE: usize = memory.data<u16>([0x66, 0x61, 0x6c, 0x73, 0x65]);

/** Of the record: what is marked with another number was found for another one. */
export let now: u64 = 0;
let fields: usize = 0;
let values: usize = 0;

/** The text that was placed last. */
export let textAt: usize = 0;
export let units: u32 = 0;

/** Begins with a record. `fieldsAt`: where its fields stand; `valuesAt`: the addresses of its values. */
export function beginTexts(fieldsAt: usize, valuesAt: usize): void {
  fields = fieldsAt;
  values = valuesAt;
  now++;
}

/** Places the text of a field; a missing or empty one is `-`. False for one that is not told here. */
export function place(field: u32): bool {
  const mark = placed + <usize>field * PLACED;
  if (load<u64>(mark) != now) {
    if (!find(field)) return false;
    if (units == 0) {
      textAt = DASH;
      units = 1;
    }
    store<u64>(mark, now);
    store<u32>(mark, <u32>textAt, 8);
    store<u32>(mark, units, 12);
    return true;
  }
  textAt = <usize>load<u32>(mark, 8);
  units = load<u32>(mark, 12);
  return true;
}

function find(field: u32): bool {
  units = 0;
  const stands = fields + <usize>field * FIELD;
  const value = load<i32>(stands);
  if (value < 0) return true;
  const dependency = load<i32>(stands, 4);
  if (dependency >= 0 && typeAndSize(dependency) >> 16 == 0) return true;
  const d = typeAndSize(value);
  const type = d >> 16;
  const size = d & 0xffff;
  const at = <usize>load<u32>(values + ((<usize>value) << 2));
  if (type == TEXT) {
    textAt = at;
    units = <u32>(textEnd(at, size) - at) >> 1;
    return true;
  }
  textAt = written + <usize>field * WRITTEN;
  return type == 0 || write(d, at);
}

function typeAndSize(value: i32): u32 {
  return load<u32>(descriptors + ((<usize>value) << 2)) & 0xffffff;
}

/** Writes a number or a truth value as it is shown (src/evtx/value.ts); false for what is neither. */
function write(d: u32, at: usize): bool {
  if (d == 0x040001) return digits(load<u8>(at), 10);
  if (d == 0x060002) return digits(load<u16>(at), 10);
  if (d == 0x080004) return digits(load<u32>(at), 10);
  if (d == 0x0a0008) return digits(load<u64>(at), 10);
  if (d == 0x140004) return digits(load<u32>(at), 16);
  if (d == 0x150008) return digits(load<u64>(at), 16);
  if (d != 0x0d0004) return false;
  const isTrue = load<u32>(at) != 0;
  textAt = isTrue ? TRUE : FALSE;
  units = isTrue ? 4 : 5;
  return true;
}

/** Writes a number into the room at `textAt`, from its end, and says where it stands. */
function digits(value: u64, base: u64): bool {
  const end = textAt + WRITTEN;
  let at = end;
  do {
    const digit = <u32>(value % base);
    at -= 2;
    store<u16>(at, digit < 10 ? 0x30 + digit : 0x57 + digit);
    value /= base;
  } while (value != 0);
  if (base == 16) {
    at -= 4;
    store<u32>(at, 0x00780030);
  }
  textAt = at;
  units = <u32>(end - at) >> 1;
  return true;
}
