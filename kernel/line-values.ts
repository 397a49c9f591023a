/** Values that are no text as strings of JSON, as cells of CSV and in XML, in AssemblyScript; as in line-text.ts. */
import { PLAIN, stop } from './chunk';
import { csv, own, quote, withoutQuotes, withQuotes } from './line-format';
import { cellText, text } from './line-text';

/** `YYYY-MM-DDTHH:MM:SS.` of the second that was written last. */
let second: u64 = u64.MAX_VALUE;
let secondText: usize = 0;

/** `workspace`: 32 bytes. */
export function prepareValues(workspace: usize): void {
  secondText = workspace;
}

export function typeOf(descriptor: u32): u32 {
  return (descriptor >> 16) & 0xff;
}

/** Whether a value has no text; ours may begin with NUL. */
export function isEmpty(d: u32, at: usize): bool {
  const size = d & 0xffff;
  const type = typeOf(d);
  if (size == 0 || type == 0) return true;
  if (type == 0x01) return size < 2 || load<u16>(at) == 0;
  return type == 0x10 && size < 4;
}

/** A text of ours that is no field. */
export function fact(d: u32, at: usize, o: usize): usize {
  return csv ? cell(d, at, o) : quoted(at, d & 0xffff, typeOf(d), o);
}

/** A value as a cell. */
export function cell(d: u32, at: usize, start: usize): usize {
  if (typeOf(d) == 0x01) return cellText(at, d & 0xffff, start);
  withoutQuotes();
  const o = quoted(at, d & 0xffff, typeOf(d), start);
  withQuotes();
  // A spreadsheet would run it.
  return o != 0 && load<u8>(start) == 45 ? stop(PLAIN) : o;
}

/** A value that is there, of at least one byte: quoted, but the tool's integers and booleans. */
export function quoted(p: usize, size: u32, type: u32, o: usize): usize {
  if (type == 0x01) return text(p, size >> 1, o);
  switch (type) {
    case 0x03:
      return signed(<i64>load<i8>(p), o);
    case 0x04:
      return unsigned(<u64>load<u8>(p), o);
    case 0x05:
      return size < 2 ? stop(PLAIN) : signed(<i64>load<i16>(p), o);
    case 0x06:
      return size < 2 ? stop(PLAIN) : unsigned(<u64>load<u16>(p), o);
    case 0x07:
      return size < 4 ? stop(PLAIN) : signed(<i64>load<i32>(p), o);
    case 0x08:
      return size < 4 ? stop(PLAIN) : unsigned(<u64>load<u32>(p), o);
    case 0x09:
      return size < 8 ? stop(PLAIN) : signed(load<i64>(p), o);
    case 0x0a:
      return size < 8 ? stop(PLAIN) : unsigned(load<u64>(p), o);
    case 0x0d:
      return size < 4 ? stop(PLAIN) : boolean(load<u32>(p) != 0, o);
    case 0x0e:
      return binary(p, size, o);
    case 0x0f:
      return size < 16 ? stop(PLAIN) : guidText(p, o);
    case 0x10:
      return size >= 8
        ? hexadecimal(load<u64>(p), o)
        : size >= 4
          ? hexadecimal(<u64>load<u32>(p), o)
          : stop(PLAIN);
    case 0x11:
      return size < 8 ? stop(PLAIN) : filetime(load<u64>(p), o);
    case 0x13:
      return size < 8 ? stop(PLAIN) : sid(p, size, o);
    case 0x14:
      return size < 4 ? stop(PLAIN) : hexadecimal(<u64>load<u32>(p), o);
    case 0x15:
      return size < 8 ? stop(PLAIN) : hexadecimal(load<u64>(p), o);
    default:
      return stop(PLAIN);
  }
}

/** The tool writes numbers without quotes, we with them. */
function signed(x: i64, start: usize): usize {
  let o = own ? quote(start) : start;
  if (x < 0) {
    store<u8>(o, 45);
    o = decimal(<u64>0 - <u64>x, o + 1);
  } else {
    o = decimal(<u64>x, o);
  }
  return own ? quote(o) : o;
}

function unsigned(x: u64, start: usize): usize {
  const o = decimal(x, own ? quote(start) : start);
  return own ? quote(o) : o;
}

function boolean(x: bool, start: usize): usize {
  let o = own ? quote(start) : start;
  if (x) {
    store<u32>(o, 0x65757274);
    o += 4;
  } else {
    store<u32>(o, 0x736c6166);
    store<u8>(o, 101, 4);
    o += 5;
  }
  return own ? quote(o) : o;
}

export const ZEROS: u64 = 0x30303030 | (0x30303030 << 32);

/** The eight digits of a number below 10^8, less their ZEROS; the first one in the lowest byte. */
export function eightDigits(x: u32): u64 {
  // Divides in lanes of 32, 16 and 8 bits: by 10,000, by 100 and by 10.
  const top = x / 10000;
  const fours = <u64>top | ((<u64>(x - top * 10000)) << 32);
  const hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007f;
  const twos = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((twos * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((twos - tens * 10) << 8);
}

/** Digits without quotes; at most 20 of them. */
export function decimal(x: u64, o: usize): usize {
  if (x < 100000000) {
    const digits = eightDigits(<u32>x);
    // Zeros before the first digit are left out, but the last.
    const zeros = ctz(digits | (1 << 56)) >> 3;
    store<u64>(o, (digits | ZEROS) >> (zeros << 3));
    return o + 8 - <usize>zeros;
  }
  const high = x / 100000000;
  const next = decimal(high, o);
  store<u64>(next, eightDigits(<u32>(x - high * 100000000)) | ZEROS);
  return next + 8;
}

/** Both digits of 16 bytes, upper-case: the first eight bytes' in the first half. */
function upperDigits(v: v128, high: bool): v128 {
  const characters = i8x16(48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 65, 66, 67, 68, 69, 70);
  const a = i8x16.swizzle(characters, i8x16.shr_u(v, 4));
  const b = i8x16.swizzle(characters, v128.and(v, i8x16.splat(15)));
  return high
    ? v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    : v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function guidText(p: usize, start: usize): usize {
  const v = i8x16.swizzle(v128.load(p), i8x16(3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15));
  const a = upperDigits(v, false);
  const b = upperDigits(v, true);
  const dashes = i8x16.splat(45);
  let o = quote(start);
  if (own) store<u8>(o++, 123);
  v128.store(o, v128.shuffle<i8>(a, dashes, 0, 1, 2, 3, 4, 5, 6, 7, 16, 8, 9, 10, 11, 16, 12, 13));
  v128.store(o, v128.shuffle<i8>(a, b, 14, 15, 0, 16, 17, 18, 19, 0, 20, 21, 22, 23, 24, 25, 26, 27), 16);
  store<u8>(o, 45, 18);
  store<u8>(o, 45, 23);
  store<u32>(o, i32x4.extract_lane(b, 3), 32);
  o += 36;
  if (own) store<u8>(o++, 125);
  return quote(o);
}

function binary(p: usize, size: u32, start: usize): usize {
  const o = quote(start);
  for (let i: u32 = 0; i < size; i += 16) {
    const v = v128.load(p + i);
    v128.store(o + 2 * <usize>i, upperDigits(v, false));
    v128.store(o + 2 * <usize>i, upperDigits(v, true), 16);
  }
  return quote(o + 2 * <usize>size);
}

function hexadecimal(x: u64, start: usize): usize {
  const characters = i8x16(48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102);
  const v = i64x2.splat(<i64>bswap(x));
  const nibbles = v128.shuffle<i8>(
    i8x16.shr_u(v, 4),
    v128.and(v, i8x16.splat(15)),
    0,
    16,
    1,
    17,
    2,
    18,
    3,
    19,
    4,
    20,
    5,
    21,
    6,
    22,
    7,
    23,
  );
  const zeros = <i32>(clz(x | 1) >> 2);
  const places = i8x16.add(
    i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    i8x16.splat(<i8>zeros),
  );
  const o = quote(start);
  store<u16>(o, 0x7830); // 0x
  v128.store(o + 2, i8x16.swizzle(i8x16.swizzle(characters, nibbles), places));
  return quote(o + 18 - zeros);
}

/** Seconds from 1601 to the year 10000. */
const LAST_SECOND: u64 = 265046774400;

/** Writes `YYYY-MM-DDTHH:MM:SS.`; stops at a year that has not four digits. */
export function secondOf(sec: u64, o: usize): usize {
  if (sec >= LAST_SECOND) return stop(PLAIN);
  if (sec != second) {
    second = sec;
    // Days to a date, as in Howard Hinnant's "chrono-compatible low-level date algorithms".
    const z = <u32>(sec / 86400) + 584694;
    const clock = <u32>(sec % 86400);
    const era = z / 146097;
    const day = z - era * 146097;
    const yearOfEra = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    const dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const m = (5 * dayOfYear + 2) / 153;
    const month = m < 10 ? m + 3 : m - 9;
    const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
    const at = secondText;
    pair(at, year / 100);
    pair(at + 2, year % 100);
    store<u8>(at, 45, 4);
    pair(at + 5, month);
    store<u8>(at, 45, 7);
    pair(at + 8, dayOfYear - (153 * m + 2) / 5 + 1);
    store<u8>(at, 84, 10);
    pair(at + 11, clock / 3600);
    store<u8>(at, 58, 13);
    pair(at + 14, (clock / 60) % 60);
    store<u8>(at, 58, 16);
    pair(at + 17, clock % 60);
    store<u8>(at, 46, 19);
  }
  v128.store(o, v128.load(secondText));
  store<u32>(o, load<u32>(secondText, 16), 16);
  return o + 20;
}

function pair(at: usize, x: u32): void {
  store<u8>(at, <u8>(48 + x / 10));
  store<u8>(at, <u8>(48 + (x % 10)), 1);
}

/** A FILETIME: ours to 100 ns, the tool's to a microsecond. */
function filetime(ticks: u64, start: usize): usize {
  const sec = ticks / 10000000;
  const rest = <u32>(ticks - sec * 10000000);
  let o = secondOf(sec, quote(start));
  if (o == 0) return 0;
  store<u64>(o, own ? (eightDigits(rest) | ZEROS) >> 8 : (eightDigits(rest / 10) | ZEROS) >> 16);
  o += own ? 7 : 6;
  store<u8>(o, 90); // Z
  return quote(o + 1);
}

function sid(p: usize, size: u32, start: usize): usize {
  let count = <u32>load<u8>(p, 1);
  if (count > (size - 8) >> 2) count = (size - 8) >> 2;
  let o = quote(start);
  store<u16>(o, 0x2d53); // S-
  o = decimal(<u64>load<u8>(p), o + 2);
  store<u8>(o, 45);
  o = decimal(<u64>bswap(load<u32>(p, 4)) | ((<u64>bswap(load<u16>(p, 2))) << 32), o + 1);
  for (let i: usize = 0; i < count; i++) {
    store<u8>(o, 45);
    o = decimal(<u64>load<u32>(p + 8 + (i << 2)), o + 1);
  }
  return quote(o);
}
