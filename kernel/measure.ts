/** How long values of EVTX records are as texts, without making them: the sizes that src/evtx/value.ts tells, in AssemblyScript. */
import { TEXT, textEnd } from './chunk';

/** Characters of the values that were measured last. */
export let characters: i32 = 0;

/**
 * Measures values as texts: bytes of them as strings in JSON, quotes included. -1 for values of a type that is not
 * measured here. `d`: where their descriptors begin, and the values behind `n` of them.
 */
export function measure(d: usize, n: u32, value: usize): i32 {
  let json: u32 = 0;
  let plainCharacters: u32 = 0;
  for (let i: usize = 0; i < n; i++) {
    const one = load<u32>(d + (i << 2));
    const size = one & 0xffff;
    const type = (one >> 16) & 0xff;
    if (type == TEXT) {
      const end = textEnd(value, size);
      plainCharacters += <u32>(end - value) >> 1;
      json += 2 + jsonBytes(value, end);
    } else {
      const length = lengthOf(type, size, value);
      if (length < 0) return -1;
      plainCharacters += length;
      json += 2 + length;
    }
    value += size;
  }
  characters = plainCharacters;
  return json;
}

/** Characters of a value that is no text, none of which JSON escapes; -1 for a type that is not measured here. */
function lengthOf(type: u32, size: u32, at: usize): i32 {
  if (type == 0x0f && size == 16) return 38;
  if (type == 0x08 && size == 4) return digits(load<u32>(at), 10);
  if (type == 0x06 && size == 2) return digits(load<u16>(at), 10);
  if (type == 0x04 && size == 1) return digits(load<u8>(at), 10);
  if (type == 0x14 && size == 4) return 2 + digits(load<u32>(at), 16);
  if (type == 0x15 && size == 8) return 2 + digits(load<u64>(at), 16);
  if (type == 0x0d && size == 4) return load<u32>(at) == 0 ? 5 : 4;
  return type == 0 ? 0 : -1;
}

function digits(value: u64, base: u64): i32 {
  let n = 1;
  for (; value >= base; value /= base) n++;
  return n;
}

/** Bytes that JSON takes for UTF-16 text, without quotes. Half of a pair is written as `\udXXX`. */
function jsonBytes(at: usize, end: usize): u32 {
  let total: u32 = 0;
  while (at < end) {
    // Most texts are printable ASCII, of which two are escaped.
    while (at + 16 <= end) {
      const units = v128.load(at);
      const isPlain = i16x8.lt_u(i16x8.sub(units, i16x8.splat(0x20)), i16x8.splat(0x60));
      if (!i16x8.all_true(isPlain)) break;
      const escaped = v128.or(i16x8.eq(units, i16x8.splat(0x22)), i16x8.eq(units, i16x8.splat(0x5c)));
      total += 8 + popcnt<u32>(<u32>i16x8.bitmask(escaped));
      at += 16;
    }
    for (const next = min<usize>(end, at + 16); at < next; at += 2) {
      const unit = <u32>load<u16>(at);
      if (unit < 0x80) total += asciiBytes(unit);
      else if (unit < 0x800) total += 2;
      else if ((unit & 0xf800) != 0xd800) total += 3;
      else if (unit < 0xdc00 && at + 2 < end && (load<u16>(at, 2) & 0xfc00) == 0xdc00) {
        total += 4;
        at += 2;
      } else total += 6;
    }
  }
  return total;
}

function asciiBytes(unit: u32): u32 {
  if (unit >= 0x20) return unit == 0x22 || unit == 0x5c ? 2 : 1;
  // \b, \t, \n, \f and \r.
  return unit == 8 || unit == 9 || unit == 10 || unit == 12 || unit == 13 ? 2 : 6;
}
