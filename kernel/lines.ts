/**
 * The kernel for lines, JSON and CSV, in AssemblyScript: renders records of one EVTX chunk by plans. It is longer than
 * other files, for it is one thing. The other side is src/lines/line-renderer.ts; what a plan means stands in plan-code.ts
 * beside it, word by word, and what this kernel has in common with the other in chunk.ts.
 *
 * Nothing is trusted: beside what chunk.ts checks, an instance is begun only where all that its plan can come to has
 * room. Where something is not as a plan expects it, the kernel stops at that record and the plain reader renders it.
 */
import {
  begin,
  bucketOf,
  CHUNK,
  chunk,
  count as entered,
  descriptors as enteredDescriptors,
  enter,
  forget,
  goOn,
  init,
  MAX_SAFE,
  MAX_VALUES,
  missing,
  PLAIN,
  plan as enteredPlan,
  recordAt as offsetOf,
  spend,
  stamp,
  stop,
  stopped,
  textEnd,
  TOO_MUCH,
  walk,
  work,
} from './chunk';
export { begin, bucketOf, chunk, forget, init, missing, stamp, stopped, walk, work };

/** The room for output is used up: take it away and go on. */
const FULL: i32 = 6;

/** Where the next record goes. */
export let outAt: usize = 0;

let scratch: usize = 0;
let outEnd: usize = 0;
/** The record that is rendered. */
let recordAt: usize = 0;
/** Our own line: characters that a terminal would obey are escaped, and text may hold NUL. */
let own: bool = false;
/** Our own line as CSV: JSON stands in its last cell alone, where a quote is two. */
let csv: bool = false;
let quoteSize: usize = 1;
/** Fields have cells of their own, and those of nested data stand in their plan, with the end of the line. */
let columns: bool = false;
/** `YYYY-MM-DDTHH:MM:SS.` of the second that was written last. */
let second: u64 = u64.MAX_VALUE;
let secondText: usize = 0;
/**
 * By the bits of those of eight characters that get a backslash: the order in which eight characters and a ninth, a
 * backslash, are written then, 16 bytes each.
 */
const EXPANSIONS: usize = memory.data(4096, 16);
/** The log's name, as JSON. */
let sourceAt: usize = 0;
let sourceSize: usize = 0;

/**
 * Makes ready to render. `values`: room for the addresses of the values of two instances, one nested in the other;
 * `workspace`: 32 bytes.
 */
export function prepare(
  values: usize,
  workspace: usize,
  ownLine: bool,
  csvLine: bool,
  fieldCells: bool,
): void {
  scratch = values;
  secondText = workspace;
  own = ownLine;
  csv = csvLine;
  quoteSize = csvLine ? 2 : 1;
  columns = fieldCells;
  for (let bits: u32 = 0; bits < 256; bits++) {
    let at = EXPANSIONS + ((<usize>bits) << 4);
    for (let i: u32 = 0; i < 8; i++) {
      if (((bits >> i) & 1) != 0) store<u8>(at++, 8);
      store<u8>(at++, <u8>i);
    }
  }
}

/** Where the name of the log stands that is read, as JSON. */
export function setSource(at: usize, size: usize): void {
  sourceAt = at;
  sourceSize = size;
}

/**
 * Renders the records from index `from` to before `to`, whose offsets stand in the region of records, to `out`. Returns
 * the index of the record that it stopped at, whose output is not begun; `to` when all are done.
 */
export function render(from: i32, to: i32, out: usize, end: usize): i32 {
  outAt = out;
  outEnd = end;
  goOn();
  for (let i = from; i < to; i++) {
    const o = record(offsetOf(i), outAt);
    if (o == 0) return i;
    outAt = o;
  }
  return to;
}

// What renders takes the place of its first byte and returns the place behind its last one; 0 where it stopped.

function record(at: u32, o: usize): usize {
  if (at > CHUNK - 28) return stop(PLAIN);
  recordAt = chunk + at;
  const size = load<u32>(recordAt, 4);
  if (size < 28 || size > CHUNK - at) return stop(PLAIN);
  return instance(recordAt + 24, recordAt + size - 4, false, o);
}

/** `{"#attributes":{` */
const ATTRIBUTES: v128 = i8x16(123, 34, 35, 97, 116, 116, 114, 105, 98, 117, 116, 101, 115, 34, 58, 123);
const ATTRIBUTES_SIZE: usize = 16;

/** Of a plan, before its ops: room, work, slots and uses, see plan-code.ts. */
const HEAD: usize = 16;

/** A fragment that is one template instance, between two addresses inside the chunk. */
function instance(start: usize, end: usize, nested: bool, o: usize): usize {
  // The values of a nested one lie behind those of its record.
  const values = nested ? scratch + <usize>MAX_VALUES * 4 : scratch;
  if (!enter(start, end, nested, values)) return 0;
  const plan = enteredPlan;
  const uses = <usize>load<u32>(plan, 12);
  spend(load<i32>(plan, 4) + <i32>(((end - start) * uses) >> 5));
  if (work <= 0) return stop(TOO_MUCH);
  // A value that its plan asks for and it does not have is neither there nor absent.
  if (entered < load<u32>(plan, 8)) return stop(PLAIN);
  return run(plan, enteredDescriptors, values, nested, load<u32>(plan) + 3 * uses * (end - start), o);
}

/**
 * Runs a plan against the values of an instance: it writes `most` bytes at most. Slots of a plan are told by the place of
 * their descriptor and their address, of four bytes each. A descriptor is the value's size u16 and type u8.
 */
function run(plan: usize, descriptors: usize, values: usize, nested: bool, most: usize, start: usize): usize {
  if (most > outEnd - start) return stop(FULL);
  let op = plan + HEAD;
  let o = start;
  // Where our fields begin, or the tool's element with attributes.
  let mark: usize = 0;
  while (true) {
    switch (load<u32>(op)) {
      case 0: // end
        return o;
      case 1: // bytes: at, size
        o = copy(load<u32>(op, 4), load<u32>(op, 8), o);
        op += 12;
        break;
      case 2: {
        // a value that is there (the tool's: that has text), after bytes: as 3
        const slot = <usize>load<u32>(op, 12);
        const d = load<u32>(descriptors + slot);
        if (own ? typeOf(d) == 0 : isEmpty(d, <usize>load<u32>(values + slot))) {
          op += 24;
          break;
        }
      }
      // fall through
      case 3: {
        // a value after bytes: at, size, slot, at and size of what stands for an empty one
        o = copy(load<u32>(op, 4), load<u32>(op, 8), o);
        const slot = <usize>load<u32>(op, 12);
        const d = load<u32>(descriptors + slot);
        const at = <usize>load<u32>(values + slot);
        if (typeOf(d) == 0x01 && (d & 0xffff) >= 2 && (own || load<u16>(at) != 0)) {
          o = text(at, (d & 0xffff) >> 1, o);
          if (o == 0) return 0;
        } else if (own ? (d & 0xffff) == 0 || typeOf(d) == 0 : isEmpty(d, at)) {
          o = copy(load<u32>(op, 16), load<u32>(op, 20), o);
        } else {
          o = quoted(at, d & 0xffff, typeOf(d), o);
          if (o == 0) return 0;
        }
        op += 24;
        break;
      }
      case 4: // the tool's attributes begin, after bytes: at, size
        mark = copy(load<u32>(op, 4), load<u32>(op, 8), o);
        // Each begins with a comma: the first one's place is a brace's.
        o = mark + ATTRIBUTES_SIZE - 1;
        op += 12;
        break;
      case 15: {
        // the tool's attributes, and their element, end: slot of its text (-1 none, -2 written), at, size
        const slot = load<i32>(op, 4);
        const d = slot < 0 ? 0 : load<u32>(descriptors + <usize>slot);
        const at = slot < 0 ? 0 : <usize>load<u32>(values + <usize>slot);
        const hasText = slot < 0 ? slot == -2 : !isEmpty(d, at);
        const hasAttributes = o != mark + ATTRIBUTES_SIZE - 1;
        if (hasAttributes) {
          v128.store(mark, ATTRIBUTES);
          store<u8>(o++, 125);
          if (hasText) {
            store<u32>(o, 0x7423222c); // ,"#text":
            store<u32>(o, 0x22747865, 4);
            store<u8>(o, 58, 8);
            o += 9;
          }
        } else {
          o = mark;
        }
        if (hasText) {
          o = slot < 0 ? copy(load<u32>(op, 8), load<u32>(op, 12), o) : quoted(at, d & 0xffff, typeOf(d), o);
          if (o == 0) return 0;
        } else if (!hasAttributes) {
          store<u32>(o, 0x6c6c756e); // null
          o += 4;
        }
        if (hasAttributes) store<u8>(o++, 125);
        op += 16;
        break;
      }
      case 5: {
        // nested data after bytes, where there are any: at, size, slot
        const slot = <usize>load<u32>(op, 12);
        const d = load<u32>(descriptors + slot);
        if ((d & 0xffff) != 0 && typeOf(d) == 0x21) {
          if (nested) return stop(PLAIN);
          o = copy(load<u32>(op, 4), load<u32>(op, 8), o);
          const at = <usize>load<u32>(values + slot);
          o = instance(at, at + (d & 0xffff), true, o);
          if (o == 0) return 0;
          if (most > outEnd - o) return stop(FULL);
        } else if (columns || (!own && (d & 0xffff) != 0 && typeOf(d) != 0)) {
          return stop(PLAIN);
        }
        op += 16;
        break;
      }
      case 6: // skip unless a value is there: slot, bytes of ops
        op +=
          typeOf(load<u32>(descriptors + <usize>load<u32>(op, 4))) == 0 ? 12 + <usize>load<u32>(op, 8) : 12;
        break;
      case 7: {
        // our record id: slot, or -1
        const slot = load<i32>(op, 4);
        o =
          slot < 0
            ? recordId(0, 0, o)
            : recordId(load<u32>(descriptors + <usize>slot), <usize>load<u32>(values + <usize>slot), o);
        if (o == 0) return 0;
        op += 8;
        break;
      }
      case 8: // the time in the record's header, in milliseconds
        o = headerTime(o);
        if (o == 0) return 0;
        op += 4;
        break;
      case 9: {
        // a number of ours under a mask: slot, mask
        const slot = <usize>load<u32>(op, 4);
        o = masked(load<u32>(descriptors + slot), load<u32>(values + slot), load<u32>(op, 8), o);
        if (o == 0) return 0;
        op += 12;
        break;
      }
      case 10: {
        // a text of ours, or where it is empty another one: slot, slot or -1, at, size
        const slot = <usize>load<u32>(op, 4);
        const d = load<u32>(descriptors + slot);
        const at = <usize>load<u32>(values + slot);
        const other = load<i32>(op, 8);
        if (!isEmpty(d, at)) {
          o = fact(d, at, o);
        } else if (typeOf(d) == 0x01 && (d & 0xffff) >= 2) {
          // A text that only begins with NUL is none that is empty.
          return stop(PLAIN);
        } else if (other < 0) {
          o = copy(load<u32>(op, 12), load<u32>(op, 16), o);
        } else {
          const e = load<u32>(descriptors + <usize>other);
          o =
            (e & 0xffff) == 0 || typeOf(e) == 0
              ? copy(load<u32>(op, 12), load<u32>(op, 16), o)
              : fact(e, <usize>load<u32>(values + <usize>other), o);
        }
        if (o == 0) return 0;
        op += 20;
        break;
      }
      case 11: // the fields of ours begin
        mark = o;
        op += 4;
        break;
      case 12: // the fields of ours, and the line, end
        // Each field begins with a comma: the first one's place is the brace's.
        if (csv) {
          o = csvEnd(mark, o);
        } else {
          if (o == mark) o++;
          store<u8>(mark, 123);
          store<u16>(o, 0x7d7d);
          store<u8>(o, 10, 2);
          o += 3;
        }
        op += 4;
        break;
      case 13: // the log's name
        if (sourceSize + most > outEnd - o) return stop(FULL);
        o = copy(sourceAt, sourceSize, o);
        op += 4;
        break;
      case 14: // only for records that have a value: slot
        if (typeOf(load<u32>(descriptors + <usize>load<u32>(op, 4))) == 0) return stop(PLAIN);
        op += 8;
        break;
      case 16: {
        // a value as a cell of CSV, empty where it is absent: slot
        const slot = <usize>load<u32>(op, 4);
        const d = load<u32>(descriptors + slot);
        if ((d & 0xffff) != 0 && typeOf(d) != 0) {
          o = cell(d, <usize>load<u32>(values + slot), o);
          if (o == 0) return 0;
        }
        op += 8;
        break;
      }
      default:
        return stop(PLAIN);
    }
  }
}

/** A text of ours that is no field. */
function fact(d: u32, at: usize, o: usize): usize {
  return csv ? cell(d, at, o) : quoted(at, d & 0xffff, typeOf(d), o);
}

/** A value as a cell. */
function cell(d: u32, at: usize, start: usize): usize {
  if (typeOf(d) == 0x01) return cellText(at, d & 0xffff, start);
  quoteSize = 0;
  const o = quoted(at, d & 0xffff, typeOf(d), start);
  quoteSize = 2;
  // A spreadsheet would run it.
  return o != 0 && load<u8>(start) == 45 ? stop(PLAIN) : o;
}

/** Printable ASCII, in quotes where it holds one, or a comma; any other text is for the plain renderer. */
function cellText(at: usize, size: u32, start: usize): usize {
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

/** The last cell, whose fields begin at `mark`, and the line end. Without fields it is empty, its first quote taken back. */
function csvEnd(mark: usize, end: usize): usize {
  let o = mark - 1;
  if (end > mark) {
    store<u8>(mark, 123);
    store<u16>(end, 0x227d); // }"
    o = end + 2;
  }
  store<u16>(o, 0x0a0d);
  return o + 2;
}

/** A quote of JSON. */
function quote(o: usize): usize {
  store<u16>(o, 0x2222);
  return o + quoteSize;
}

function typeOf(descriptor: u32): u32 {
  return (descriptor >> 16) & 0xff;
}

/** Bytes of the plan's own. */
function copy(at: usize, size: usize, o: usize): usize {
  // Most are a field's name.
  v128.store(o, v128.load(at));
  v128.store(o, v128.load(at, 16), 16);
  for (let i: usize = 32; i < size; i += 16) v128.store(o + i, v128.load(at + i));
  return o + size;
}

/** Whether a value has no text; ours may begin with NUL. */
function isEmpty(d: u32, at: usize): bool {
  const size = d & 0xffff;
  const type = typeOf(d);
  if (size == 0 || type == 0) return true;
  if (type == 0x01) return size < 2 || load<u16>(at) == 0;
  return type == 0x10 && size < 4;
}

/** A value that is there, of at least one byte: quoted, but the tool's integers and booleans. */
function quoted(p: usize, size: u32, type: u32, o: usize): usize {
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

/** UTF-16 of so many units as a JSON string. Ours ends before its last NULs, the tool's before the first. */
function text(start: usize, units: u32, out: usize): usize {
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
          const point = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
          store<u8>(o, <u8>(0xf0 | (point >> 18)));
          store<u8>(o, <u8>(0x80 | ((point >> 12) & 63)), 1);
          store<u8>(o, <u8>(0x80 | ((point >> 6) & 63)), 2);
          store<u8>(o, <u8>(0x80 | (point & 63)), 3);
          o += 4;
        } else {
          o = escaped(o, c);
        }
      } else if (own && obeyed(c)) {
        o = escaped(o, c);
      } else if (csv && isFormat(c)) {
        return stop(PLAIN);
      } else if (c < 0x800) {
        store<u8>(o, <u8>(0xc0 | (c >> 6)));
        store<u8>(o, <u8>(0x80 | (c & 63)), 1);
        o += 2;
      } else {
        store<u8>(o, <u8>(0xe0 | (c >> 12)));
        store<u8>(o, <u8>(0x80 | ((c >> 6) & 63)), 1);
        store<u8>(o, <u8>(0x80 | (c & 63)), 2);
        o += 3;
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
  return <u8>(nibble < 10 ? 48 + nibble : 87 + nibble);
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

const ZEROS: u64 = 0x30303030 | (0x30303030 << 32);

/** The eight digits of a number below 10^8, less their ZEROS; the first one in the lowest byte. */
function eightDigits(x: u32): u64 {
  // Divides in lanes of 32, 16 and 8 bits: by 10,000, by 100 and by 10.
  const top = x / 10000;
  const fours = <u64>top | ((<u64>(x - top * 10000)) << 32);
  const hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007f;
  const twos = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((twos * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((twos - tens * 10) << 8);
}

/** Digits without quotes; at most 20 of them. */
function decimal(x: u64, o: usize): usize {
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
function secondOf(sec: u64, o: usize): usize {
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

function headerTime(start: usize): usize {
  const ticks = load<u64>(recordAt, 16);
  // The first record of a filtered export has no time in its header: it stands in TimeCreated.
  if (ticks < 10000) return stop(PLAIN);
  const sec = ticks / 10000000;
  const o = secondOf(sec, csv ? start : quote(start));
  if (o == 0) return 0;
  store<u64>(o, (eightDigits(<u32>(ticks - sec * 10000000) / 10000) | ZEROS) >> 40);
  store<u8>(o, 90, 3); // Z
  return csv ? o + 4 : quote(o + 4);
}

/** EventRecordID as the event tells it, else the header's; null past 2^53, of CSV an empty cell. */
function recordId(d: u32, at: usize, o: usize): usize {
  let id: u64 = 0;
  if ((d & 0xffff) != 0 && typeOf(d) != 0) {
    if (typeOf(d) != 0x0a || (d & 0xffff) < 8) return stop(PLAIN);
    id = load<u64>(at);
  }
  if (id == 0 || id > MAX_SAFE) id = load<u64>(recordAt, 8);
  if (id <= MAX_SAFE) return decimal(id, o);
  if (csv) return o;
  store<u32>(o, 0x6c6c756e);
  return o + 4;
}

function masked(d: u32, at: usize, mask: u32, o: usize): usize {
  const size = d & 0xffff;
  const type = typeOf(d);
  let x: u32 = 0;
  if (size != 0 && type != 0) {
    if (type == 0x04) x = load<u8>(at);
    else if (type == 0x06 && size >= 2) x = load<u16>(at);
    else if (type == 0x08 && size >= 4) x = load<u32>(at);
    else return stop(PLAIN);
  }
  return decimal(<u64>(x & mask), o);
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
