/**
 * Texts as strings of JSON, as cells of CSV and in XML, in AssemblyScript. Each takes the place of its first byte, and
 * returns that behind its last one; 0 where it is for the plain renderer.
 */
import { PLAIN, stop, textEnd } from './chunk';
import { csv, own, quote, xml } from './line-format';

/**
 * By the bits of those of eight characters that get a backslash: the order in which eight characters and a ninth, a
 * backslash, are written then, 16 bytes each.
 */
const EXPANSIONS: usize = memory.data(4096, 16);

export function prepareTexts(): void {
  for (let bits: u32 = 0; bits < 256; bits++) {
    let at = EXPANSIONS + ((<usize>bits) << 4);
    for (let i: u32 = 0; i < 8; i++) {
      if (((bits >> i) & 1) != 0) store<u8>(at++, 8);
      store<u8>(at++, <u8>i);
    }
  }
}

/** UTF-16 of so many units as a JSON string. Ours ends before its last NULs, the tool's before the first. */
export function text(start: usize, units: u32, out: usize): usize {
  if (xml) return xmlText(start, units, out);
  let p = start;
  let n = <i32>units;
  if (own) n = <i32>((textEnd(start, units << 1) - start) >> 1);
  let o = quote(out);
  // In CSV a quote takes three characters: it is special there.
  const escapedQuote = i8x16.splat(csv ? 92 : 34);
  const specialQuote = i8x16.splat(csv ? 34 : 127);
  const backslash = i8x16.splat(92);
  const space = i8x16.splat(32);
  const del = i8x16.splat(127);
  while (n > 0) {
    // Units past 0xff become 0xff, those past 0x7fff 0: neither passes as plain text.
    const v = i8x16.narrow_i16x8_u(v128.load(p), v128.load(p, 16));
    let escapes = <u32>i8x16.bitmask(v128.or(i8x16.eq(v, escapedQuote), i8x16.eq(v, backslash)));
    const special = v128.or(i8x16.eq(v, del), i8x16.eq(v, specialQuote));
    let others = <u32>i8x16.bitmask(v128.or(i8x16.lt_s(v, space), special));
    if (n < 16) others |= (<u32>1) << n;
    if (others == 0) {
      o = expanded(v, escapes, o);
      p += 32;
      n -= 16;
      continue;
    }
    const plain = <i32>ctz(others);
    escapes &= ((<u32>1) << plain) - 1;
    expanded(v, escapes, o);
    o += <usize>plain + <usize>popcnt(escapes);
    n -= plain;
    if (n == 0) break;
    p += (<usize>plain) << 1;
    // One that is special, and those after it that are not ASCII.
    do {
      const c = <u32>load<u16>(p);
      p += 2;
      n--;
      if (c == 92 || c == 34) {
        store<u32>(o, 92 | (c << 8) | (34 << 16));
        o += csv && c == 34 ? 3 : 2;
        break;
      }
      if (c < 0x20) {
        if (c == 0 && !own) {
          n = 0;
          break;
        }
        const short: u32 = c == 10 ? 110 : c == 13 ? 114 : c == 9 ? 116 : c == 8 ? 98 : c == 12 ? 102 : 0;
        if (short != 0) {
          store<u16>(o, <u16>(92 | (short << 8)));
          o += 2;
        } else {
          o = escaped(o, c);
        }
        break;
      }
      if (c < 0x80) {
        if (own) o = escaped(o, c);
        else store<u8>(o++, <u8>c);
        break;
      }
      if (c >= 0xd800 && c < 0xe000) {
        const low: u32 = n > 0 && c < 0xdc00 ? <u32>load<u16>(p) : 0;
        if (low >= 0xdc00 && low < 0xe000) {
          if (csv) return stop(PLAIN);
          p += 2;
          n--;
          o = utf8Pair(c, low, o);
        } else {
          o = escaped(o, c);
        }
      } else if (own && obeyed(c)) {
        o = escaped(o, c);
      } else if (csv && isFormat(c)) {
        return stop(PLAIN);
      } else {
        o = utf8(c, o);
      }
    } while (n > 0 && load<u16>(p) >= 0x80);
  }
  return quote(o);
}

/**
 * Sixteen characters, with a backslash before each of some of them: the place behind them. Whatever the characters are,
 * it does the same steps: where they stand can't be foreseen, and most paths have some.
 */
function expanded(v: v128, escapes: u32, o: usize): usize {
  const backslashes = i8x16.splat(92);
  const low = <usize>(escapes & 0xff);
  const high = <usize>(escapes >> 8);
  v128.store(o, i8x16.swizzle(v128.shuffle<i64>(v, backslashes, 0, 2), v128.load(EXPANSIONS + (low << 4))));
  const next = o + 8 + <usize>popcnt(low);
  v128.store(
    next,
    i8x16.swizzle(v128.shuffle<i64>(v, backslashes, 1, 3), v128.load(EXPANSIONS + (high << 4))),
  );
  return next + 8 + <usize>popcnt(high);
}

/** Characters that JSON lets stand and a terminal would obey or hide; those under 0x80 are dealt with before. */
function obeyed(c: u32): bool {
  if (c < 0xa0) return true;
  if (c < 0x061c) return false;
  if (c < 0x200b) return c == 0x061c;
  return c <= 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/** Characters of the category Cf beside those: a cell shows them in another way. Past 0xffff all are taken for such. */
function isFormat(c: u32): bool {
  if (c < 0x600) return c == 0xad;
  if (c < 0x900) return c <= 0x605 || c == 0x6dd || c == 0x70f || c == 0x890 || c == 0x891 || c == 0x8e2;
  return c == 0x180e || c >= 0xfff0;
}

function escaped(o: usize, c: u32): usize {
  store<u16>(o, 0x755c); // \u
  store<u8>(o, lower(c >> 12), 2);
  store<u8>(o, lower((c >> 8) & 15), 3);
  store<u8>(o, lower((c >> 4) & 15), 4);
  store<u8>(o, lower(c & 15), 5);
  return o + 6;
}

function lower(nibble: u32): u8 {
  return digit(nibble, 87);
}

/** A unit past ASCII that is half of no pair. */
function utf8(c: u32, o: usize): usize {
  if (c < 0x800) {
    store<u8>(o, <u8>(0xc0 | (c >> 6)));
    store<u8>(o, <u8>(0x80 | (c & 63)), 1);
    return o + 2;
  }
  store<u8>(o, <u8>(0xe0 | (c >> 12)));
  store<u8>(o, <u8>(0x80 | ((c >> 6) & 63)), 1);
  store<u8>(o, <u8>(0x80 | (c & 63)), 2);
  return o + 3;
}

function utf8Pair(high: u32, low: u32, o: usize): usize {
  const point = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  store<u8>(o, <u8>(0xf0 | (point >> 18)));
  store<u8>(o, <u8>(0x80 | ((point >> 12) & 63)), 1);
  store<u8>(o, <u8>(0x80 | ((point >> 6) & 63)), 2);
  store<u8>(o, <u8>(0x80 | (point & 63)), 3);
  return o + 4;
}

/** UTF-16 of so many units, before its last NULs, as it may stand in XML (src/lines/xml.ts). */
function xmlText(start: usize, units: u32, out: usize): usize {
  let p = start;
  let n = <i32>((textEnd(start, units << 1) - start) >> 1);
  let o = out;
  const space = i8x16.splat(32);
  const del = i8x16.splat(127);
  const ampersand = i8x16.splat(38);
  const bracket = i8x16.splat(62);
  const quotes = i8x16.splat(34);
  const apostrophe = i8x16.splat(39);
  while (n > 0) {
    // As above.
    const v = i8x16.narrow_i16x8_u(v128.load(p), v128.load(p, 16));
    // Of brackets bit 1 is the only one in which they differ.
    let special = v128.or(i8x16.lt_s(v, space), i8x16.eq(v, del));
    special = v128.or(special, i8x16.eq(v128.or(v, i8x16.splat(2)), bracket));
    special = v128.or(special, v128.or(i8x16.eq(v, quotes), i8x16.eq(v, apostrophe)));
    let others = <u32>i8x16.bitmask(v128.or(special, i8x16.eq(v, ampersand)));
    v128.store(o, v);
    if (n < 16) others |= (<u32>1) << n;
    if (others == 0) {
      o += 16;
      p += 32;
      n -= 16;
      continue;
    }
    const plain = <i32>ctz(others);
    o += <usize>plain;
    n -= plain;
    if (n == 0) break;
    p += (<usize>plain) << 1;
    // One that is special, and those after it that are not ASCII.
    do {
      const c = <u32>load<u16>(p);
      p += 2;
      n--;
      if (c < 0xa0) {
        o = reference(c, o);
        if (c < 0x80) break;
      } else if (c >= 0xd800 && c < 0xe000) {
        const low: u32 = n > 0 && c < 0xdc00 ? <u32>load<u16>(p) : 0;
        if (low < 0xdc00 || low >= 0xe000) return stop(PLAIN);
        p += 2;
        n--;
        o = utf8Pair(c, low, o);
      } else if (obeyed(c) || c >= 0xfffe) {
        // Takes more than six bytes.
        return stop(PLAIN);
      } else {
        o = utf8(c, o);
      }
    } while (n > 0 && load<u16>(p) >= 0x80);
  }
  return o;
}

/** Markup, and controls: as XML refers to them, or where it can't as `\u{..}`. At most six bytes, of the eight stored. */
function reference(c: u32, o: usize): usize {
  switch (c) {
    case 34:
      return put(0x3b746f757126, 6, o); // &quot;
    case 38:
      return put(0x3b706d6126, 5, o); // &amp;
    case 39:
      return put(0x3b736f706126, 6, o); // &apos;
    case 60:
      return put(0x3b746c26, 4, o); // &lt;
    case 62:
      return put(0x3b746726, 4, o); // &gt;
  }
  const isLost = c < 32 && c != 9 && c != 10 && c != 13;
  store<u32>(o, isLost ? 0x7b755c : 0x782326); // \u{ or &#x
  let end = o + 3;
  const letter: u32 = isLost ? 87 : 55;
  if (c >= 16) store<u8>(end++, digit(c >> 4, letter));
  store<u8>(end++, digit(c & 15, letter));
  store<u8>(end, isLost ? 125 : 59);
  return end + 1;
}

/** So many of eight bytes. */
function put(bytes: u64, size: usize, o: usize): usize {
  store<u64>(o, bytes);
  return o + size;
}

function digit(nibble: u32, letter: u32): u8 {
  return <u8>(nibble < 10 ? 48 + nibble : letter + nibble);
}

/** Printable ASCII, in quotes where it holds one, or a comma; any other text is for the plain renderer. */
export function cellText(at: usize, size: u32, start: usize): usize {
  const units = <i32>((textEnd(at, size) - at) >> 1);
  if (units == 0) return start;
  // A spreadsheet would run it: = + @ and - with something behind it.
  const first = <u32>load<u16>(at);
  if (first == 61 || first == 43 || first == 64 || (first == 45 && units > 1)) return stop(PLAIN);
  let o = start;
  let breaks: u32 = 0;
  let n = units;
  for (let p = at; n > 0; p += 32) {
    const v = i8x16.narrow_i16x8_u(v128.load(p), v128.load(p, 16));
    const odd = v128.or(i8x16.lt_s(v, i8x16.splat(32)), i8x16.eq(v, i8x16.splat(127)));
    const mask: u32 = n < 16 ? ((<u32>1) << n) - 1 : 0xffff;
    if ((<u32>i8x16.bitmask(odd) & mask) != 0) return stop(PLAIN);
    const broken = v128.or(i8x16.eq(v, i8x16.splat(34)), i8x16.eq(v, i8x16.splat(44)));
    breaks |= <u32>i8x16.bitmask(broken) & mask;
    v128.store(o, v);
    o += n < 16 ? <usize>n : 16;
    n -= 16;
  }
  if (breaks == 0) return o;
  o = start;
  store<u8>(o++, 34);
  for (let i = 0; i < units; i++) {
    const c = load<u8>(at + ((<usize>i) << 1));
    store<u16>(o, 0x2200 | <u16>c);
    o += c == 34 ? 2 : 1;
  }
  store<u8>(o, 34);
  return o + 1;
}
