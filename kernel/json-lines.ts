/**
 * The JSON Lines kernel, in AssemblyScript: renders records of one EVTX chunk by plans. It is one file and longer than
 * others, for the compiler takes a module as a whole. The other side, and the layout of memory, is
 * src/lines/line-renderer.ts; what a plan means stands in plan-code.ts beside it, word by word.
 *
 * Nothing is trusted: every offset and size that a chunk tells is checked against the record that it stands in, and
 * every write against the room that is left. Where something is not as a plan expects it, the kernel stops at that
 * record and the plain reader renders it. Loads and stores of 16 bytes may reach past a value's end, never past memory:
 * the host leaves room behind each region.
 */

/** Why rendering stopped before the last record. */
const DONE: i32 = 0;
/** A template is met that has no entry in the table yet: `missedAt`, as a record's own or as a nested one. */
const NO_RECORD_PLAN: i32 = 1;
const NO_NESTED_PLAN: i32 = 2;
/** This record is not for the kernel. */
const PLAIN: i32 = 3;
/** The room for output is used up: take it away and go on. */
const FULL: i32 = 4;
/** The chunk asks for more work than an honest one can. */
const TOO_MUCH: i32 = 5;

export let stopped: i32 = DONE;
/** Offset in the chunk of the template definition that has no plan. */
export let missedAt: u32 = 0;
/** Where the next byte goes. */
export let outAt: usize = 0;

const CHUNK: u32 = 65536;
const RECORDS_AT: u32 = 512;
/** Values of one template instance; those of a nested one lie behind those of its record. */
const MAX_VALUES: u32 = 2048;
/** Entry of the template table: stamp u32, plan as a record's template u32, plan as a nested one u32, unused u32. */
const ENTRY: usize = 16;

/** Room behind the output for stores of 16 bytes. */
const SLACK: usize = 64;

let table: usize = 0;
let records: usize = 0;
let scratch: usize = 0;
let outEnd: usize = 0;
let stamp: u32 = 0;
/** The chunk, the record in it, and its end (before the copy of its size). */
let chunk: usize = 0;
let recordAt: usize = 0;
let bodyEnd: usize = 0;
/** What is left of the work that a chunk may ask for: ops, values and bytes. */
export let work: i32 = 0;
/** Where the fields of our own line begin. */
let fieldsAt: usize = 0;
/** Our own line: characters that a terminal would obey are escaped, and text may hold NUL. */
let own: bool = false;
/** `YYYY-MM-DDTHH:MM:SS.` of the second that was written last. */
let second: u64 = u64.MAX_VALUE;
let secondText: usize = 0;
let digits: usize = 0;
/** The log's name, as JSON. */
let sourceAt: usize = 0;
let sourceSize: usize = 0;

/** Tells where the regions lie. `workspace`: 1024 bytes for tables. */
export function init(
  tableAt: usize,
  recordsAt: usize,
  scratchAt: usize,
  workspace: usize,
  ownLine: bool,
): void {
  table = tableAt;
  records = recordsAt;
  scratch = scratchAt;
  secondText = workspace;
  digits = workspace + 32;
  own = ownLine;
  for (let i: u32 = 0; i < 100; i++) {
    store<u8>(digits + 2 * i, <u8>(48 + i / 10));
    store<u8>(digits + 2 * i + 1, <u8>(48 + (i % 10)));
  }
}

/** Where the name of the log stands that is read, as JSON. */
export function setSource(at: usize, size: usize): void {
  sourceAt = at;
  sourceSize = size;
}

/**
 * Walks a chunk that is as it should be: records stand one after another up to the free space, whole, as many as the
 * header counts, and none follows. Writes their offsets and returns their number; -1 for any other chunk.
 */
export function walk(base: usize): i32 {
  const free = load<u32>(base, 48);
  if (free <= RECORDS_AT || free > CHUNK) return -1;
  let at: u32 = RECORDS_AT;
  let n: i32 = 0;
  let last: u64 = 0;
  while (at < free) {
    if (free - at < 28) return -1;
    const p = base + at;
    if (load<u32>(p) != 0x2a2a) return -1;
    const size = load<u32>(p, 4);
    if (size < 28 || size > free - at || load<u32>(p + size - 4) != size) return -1;
    last = load<u64>(p, 8);
    store<u32>(records + ((<usize>n) << 2), at);
    n++;
    at += size;
  }
  const first = load<u64>(base, 24);
  const counted = load<u64>(base, 32);
  if (counted >= first && counted - first < <u64>CHUNK && counted - first + 1 > <u64>n) return -1;
  // A record past the counters may be one of this log's.
  if (CHUNK - free >= 28) {
    const p = base + free;
    if (load<u32>(p) == 0x2a2a && load<u64>(p, 8) == last + 1) return -1;
  }
  return n;
}

/** Makes ready for a chunk: `mark` is the stamp of table entries that hold for it, `allowance` the work that it may ask for. */
export function begin(base: usize, mark: u32, allowance: i32): void {
  chunk = base;
  stamp = mark;
  work = allowance;
}

/**
 * Renders the records from index `from` to before `to`, whose offsets stand in the region of records, to `out`. Returns
 * the index of the record that it stopped at, whose output is not begun; `to` when all are done.
 */
export function render(from: i32, to: i32, out: usize, end: usize): i32 {
  outAt = out;
  outEnd = end;
  stopped = DONE;
  for (let i = from; i < to; i++) {
    const start = outAt;
    if (!record(load<u32>(records + ((<usize>i) << 2)))) {
      outAt = start;
      return i;
    }
  }
  return to;
}

function stop(why: i32): bool {
  stopped = why;
  return false;
}

function room(bytes: usize): bool {
  if (outAt + bytes + SLACK <= outEnd) return true;
  return stop(FULL);
}

function record(at: u32): bool {
  if (at > CHUNK - 28) return stop(PLAIN);
  recordAt = chunk + at;
  const size = load<u32>(recordAt, 4);
  if (size < 28 || size > CHUNK - at) return stop(PLAIN);
  bodyEnd = recordAt + size - 4;
  return instance(recordAt + 24, bodyEnd, false);
}

/** A fragment that is one template instance, between two addresses inside the chunk. */
function instance(start: usize, end: usize, nested: bool): bool {
  let p = start;
  if (p < end && load<u8>(p) == 0x0f) p += 4;
  if (p + 14 > end || load<u8>(p) != 0x0c) return stop(PLAIN);
  const definition = load<u32>(p, 6);
  if (definition > CHUNK - 24) return stop(PLAIN);
  p += 10;
  if (p == chunk + definition) {
    const size = load<u32>(chunk + definition, 20);
    if (size > CHUNK - 24 - definition) return stop(PLAIN);
    p += 24 + size;
    if (p + 4 > end) return stop(PLAIN);
  }
  const entry = table + <usize>definition * ENTRY;
  if (load<u32>(entry) != stamp) {
    missedAt = definition;
    return stop(nested ? NO_NESTED_PLAN : NO_RECORD_PLAN);
  }
  const plan = <usize>(nested ? load<u32>(entry, 8) : load<u32>(entry, 4));
  if (plan == 0) return stop(PLAIN);
  if (plan == 1) {
    missedAt = definition;
    return stop(nested ? NO_NESTED_PLAN : NO_RECORD_PLAN);
  }
  const count = load<u32>(p);
  const descriptors = p + 4;
  if (count > MAX_VALUES || <usize>count * 4 > end - descriptors) return stop(PLAIN);
  const values = nested ? scratch + <usize>MAX_VALUES * 4 : scratch;
  let value = descriptors + <usize>count * 4;
  for (let i: usize = 0; i < count; i++) {
    store<u32>(values + (i << 2), <u32>value);
    value += load<u16>(descriptors + (i << 2));
  }
  if (value > end) return stop(PLAIN);
  // What follows is the end of the stream, or nothing.
  if (value < end && load<u8>(value) != 0) return stop(PLAIN);
  work -= <i32>count;
  return run(plan, descriptors, values, count, nested);
}

/** Runs a plan against the values of an instance. */
function run(plan: usize, descriptors: usize, values: usize, count: u32, nested: bool): bool {
  let op = plan;
  while (true) {
    if (--work < 0) return stop(TOO_MUCH);
    switch (load<i32>(op)) {
      case 0: // end
        return true;
      case 1: // bytes: at, size
        if (!copy(load<u32>(op, 4), load<u32>(op, 8))) return false;
        op += 12;
        break;
      case 2: {
        // the tool's value after bytes: at, size, slot, at and size of what stands for an empty one
        if (!copy(load<u32>(op, 4), load<u32>(op, 8))) return false;
        if (!toolValue(descriptors, values, count, load<u32>(op, 12), load<u32>(op, 16), load<u32>(op, 20)))
          return false;
        op += 24;
        break;
      }
      case 3: // the tool's element with attributes: attributes, slot of the text (-1 none, -2 written), at, size
        if (!toolElement(op, descriptors, values, count)) return false;
        op += 20 + 20 * <usize>load<u32>(op, 4);
        break;
      case 4: {
        // the tool's nested element: slot
        const slot = load<u32>(op, 4);
        op += 8;
        if (slot >= count) break;
        const descriptor = load<u32>(descriptors + ((<usize>slot) << 2));
        const size = descriptor & 0xffff;
        const type = (descriptor >> 16) & 0xff;
        if (size == 0 || type == 0) break;
        if (type != 0x21 || nested) return stop(PLAIN);
        if (!room(1)) return false;
        store<u8>(outAt++, 44);
        const at = <usize>load<u32>(values + ((<usize>slot) << 2));
        if (!instance(at, at + size, true)) return false;
        break;
      }
      case 5: {
        // a field of ours, after bytes: at, size, slot
        if (!copy(load<u32>(op, 4), load<u32>(op, 8))) return false;
        if (!ownValue(descriptors, values, count, load<u32>(op, 12))) return false;
        op += 16;
        break;
      }
      case 6: {
        // skip unless a value is there: slot, bytes of ops
        const slot = load<u32>(op, 4);
        const skip = slot < count && load<u8>(descriptors + ((<usize>slot) << 2), 2) == 0;
        op += skip ? 12 + <usize>load<u32>(op, 8) : 12;
        break;
      }
      case 7: // our record id: slot, or -1
        if (!recordId(descriptors, values, count, load<u32>(op, 4))) return false;
        op += 8;
        break;
      case 8: {
        // our nested data: slot
        const slot = load<u32>(op, 4);
        op += 8;
        if (slot >= count) break;
        const descriptor = load<u32>(descriptors + ((<usize>slot) << 2));
        const size = descriptor & 0xffff;
        if (size == 0 || ((descriptor >> 16) & 0xff) != 0x21) break;
        if (nested) return stop(PLAIN);
        const at = <usize>load<u32>(values + ((<usize>slot) << 2));
        if (!instance(at, at + size, true)) return false;
        break;
      }
      case 9: // the time in the record's header, in milliseconds
        if (!headerTime()) return false;
        op += 4;
        break;
      case 10: // a number of ours under a mask: slot, mask
        if (!masked(descriptors, values, count, load<u32>(op, 4), load<u32>(op, 8))) return false;
        op += 12;
        break;
      case 11: {
        // a text of ours, or where it is empty another one: slot, slot or -1, at, size
        const slot = load<u32>(op, 4);
        const first = slot < count && !empty(descriptors, values, slot);
        // A text that only begins with NUL is none that is empty.
        if (!first && slot < count && load<u8>(descriptors + ((<usize>slot) << 2), 2) == 0x01) {
          if (load<u16>(descriptors + ((<usize>slot) << 2)) >= 2) return stop(PLAIN);
        }
        const other = load<u32>(op, 8);
        if (first || other != u32.MAX_VALUE) {
          if (!ownValue(descriptors, values, count, first ? slot : other)) return false;
        } else if (!copy(load<u32>(op, 12), load<u32>(op, 16))) return false;
        op += 20;
        break;
      }
      case 12: // the fields of ours begin
        fieldsAt = outAt;
        op += 4;
        break;
      case 13: // the fields of ours, and the line, end
        if (!room(4)) return false;
        // Each field begins with a comma: the first one's place is the brace's.
        if (outAt == fieldsAt) outAt++;
        store<u8>(fieldsAt, 123);
        store<u16>(outAt, 0x7d7d);
        store<u8>(outAt, 10, 2);
        outAt += 3;
        op += 4;
        break;
      case 14: // the log's name
        if (!copy(sourceAt, sourceSize)) return false;
        op += 4;
        break;
      case 15: {
        // only for records that have a value: slot
        const slot = load<u32>(op, 4);
        if (slot < count && load<u8>(descriptors + ((<usize>slot) << 2), 2) == 0) return stop(PLAIN);
        op += 8;
        break;
      }
      default:
        return stop(PLAIN);
    }
  }
}

/** Bytes of the plan's own. */
function copy(at: usize, size: usize): bool {
  if (!room(size)) return false;
  work -= <i32>(size >> 4);
  const out = outAt;
  for (let i: usize = 0; i < size; i += 16) v128.store(out + i, v128.load(at + i));
  outAt = out + size;
  return true;
}

function empty(descriptors: usize, values: usize, slot: u32): bool {
  const descriptor = load<u32>(descriptors + ((<usize>slot) << 2));
  const size = descriptor & 0xffff;
  const type = (descriptor >> 16) & 0xff;
  if (size == 0 || type == 0) return true;
  if (type == 0x01) return size < 2 || load<u16>(<usize>load<u32>(values + ((<usize>slot) << 2))) == 0;
  return type == 0x10 && size < 4;
}

/** A value as the tool writes it: integers and booleans bare, everything else quoted; `at` and `size`: instead of an empty one. */
function toolValue(descriptors: usize, values: usize, count: u32, slot: u32, at: usize, size: usize): bool {
  if (slot >= count || empty(descriptors, values, slot)) return copy(at, size);
  const descriptor = load<u32>(descriptors + ((<usize>slot) << 2));
  return quoted(
    <usize>load<u32>(values + ((<usize>slot) << 2)),
    descriptor & 0xffff,
    (descriptor >> 16) & 0xff,
  );
}

function toolElement(op: usize, descriptors: usize, values: usize, count: u32): bool {
  const n = load<u32>(op, 4);
  const textSlot = load<i32>(op, 8);
  const textAt = <usize>load<u32>(op, 12);
  const textSize = <usize>load<u32>(op, 16);
  const hasText =
    textSlot == -2 || (textSlot >= 0 && <u32>textSlot < count && !empty(descriptors, values, <u32>textSlot));
  let written = false;
  let attribute = op + 20;
  for (let i: u32 = 0; i < n; i++, attribute += 20) {
    const slot = load<i32>(attribute, 8);
    if (slot >= 0 && (<u32>slot >= count || empty(descriptors, values, <u32>slot))) continue;
    if (!room(24)) return false;
    if (written) {
      store<u8>(outAt++, 44);
    } else {
      // {"#attributes":{
      store<u32>(outAt, 0x6123227b);
      store<u32>(outAt, 0x69727474, 4);
      store<u32>(outAt, 0x65747562, 8);
      store<u32>(outAt, 0x7b3a2273, 12);
      outAt += 16;
      written = true;
    }
    if (!copy(load<u32>(attribute), load<u32>(attribute, 4))) return false;
    if (slot < 0) {
      if (!copy(load<u32>(attribute, 12), load<u32>(attribute, 16))) return false;
    } else if (!toolValue(descriptors, values, count, <u32>slot, 0, 0)) return false;
  }
  work -= <i32>n;
  if (!room(16)) return false;
  if (!hasText && !written) {
    store<u32>(outAt, 0x6c6c756e); // null
    outAt += 4;
    return true;
  }
  if (written) {
    store<u8>(outAt++, 125);
    if (hasText) {
      store<u32>(outAt, 0x7423222c); // ,"#text":
      store<u32>(outAt, 0x22747865, 4);
      store<u8>(outAt, 58, 8);
      outAt += 9;
    }
  }
  if (hasText) {
    if (textSlot == -2) {
      if (!copy(textAt, textSize)) return false;
    } else if (!toolValue(descriptors, values, count, <u32>textSlot, 0, 0)) return false;
  }
  if (written) {
    if (!room(1)) return false;
    store<u8>(outAt++, 125);
  }
  return true;
}

/** A value of ours: its text, quoted. */
function ownValue(descriptors: usize, values: usize, count: u32, slot: u32): bool {
  const descriptor = slot < count ? load<u32>(descriptors + ((<usize>slot) << 2)) : 0;
  const size = descriptor & 0xffff;
  const type = (descriptor >> 16) & 0xff;
  if (size == 0 || type == 0) {
    if (!room(2)) return false;
    store<u16>(outAt, 0x2222);
    outAt += 2;
    return true;
  }
  return quoted(<usize>load<u32>(values + ((<usize>slot) << 2)), size, type);
}

/** A value that is there, of at least one byte. */
function quoted(p: usize, size: u32, type: u32): bool {
  if (type == 0x01) return text(p, size >> 1);
  if (!room(64)) return false;
  switch (type) {
    case 0x03:
      return signed(<i64>load<i8>(p));
    case 0x04:
      return unsigned(<u64>load<u8>(p));
    case 0x05:
      return size < 2 ? stop(PLAIN) : signed(<i64>load<i16>(p));
    case 0x06:
      return size < 2 ? stop(PLAIN) : unsigned(<u64>load<u16>(p));
    case 0x07:
      return size < 4 ? stop(PLAIN) : signed(<i64>load<i32>(p));
    case 0x08:
      return size < 4 ? stop(PLAIN) : unsigned(<u64>load<u32>(p));
    case 0x09:
      return size < 8 ? stop(PLAIN) : signed(load<i64>(p));
    case 0x0a:
      return size < 8 ? stop(PLAIN) : unsigned(load<u64>(p));
    case 0x0d:
      return size < 4 ? stop(PLAIN) : boolean(load<u32>(p) != 0);
    case 0x0e:
      return binary(p, size);
    case 0x0f:
      return size < 16 ? stop(PLAIN) : guid(p);
    case 0x10:
      return size >= 8 ? hexadecimal(load<u64>(p)) : size >= 4 ? hexadecimal(<u64>load<u32>(p)) : stop(PLAIN);
    case 0x11:
      return size < 8 ? stop(PLAIN) : filetime(load<u64>(p));
    case 0x13:
      return size < 8 ? stop(PLAIN) : sid(p, size);
    case 0x14:
      return size < 4 ? stop(PLAIN) : hexadecimal(<u64>load<u32>(p));
    case 0x15:
      return size < 8 ? stop(PLAIN) : hexadecimal(load<u64>(p));
    default:
      return stop(PLAIN);
  }
}

/** UTF-16 of so many units as a JSON string. Ours ends before its last NULs, the tool's before the first. */
function text(start: usize, units: u32): bool {
  if (!room(<usize>units * 6 + 2)) return false;
  let p = start;
  let n = <i32>units;
  if (own) while (n > 0 && load<u16>(p + ((<usize>(n - 1)) << 1)) == 0) n--;
  let o = outAt;
  store<u8>(o++, 34);
  const quote = i8x16.splat(34);
  const backslash = i8x16.splat(92);
  const space = i8x16.splat(32);
  const del = i8x16.splat(127);
  while (n > 0) {
    // Units past 0xff become 0xff, those past 0x7fff 0: neither passes as plain text.
    const v = i8x16.narrow_i16x8_u(v128.load(p), v128.load(p, 16));
    v128.store(o, v);
    const special = v128.or(
      v128.or(i8x16.eq(v, quote), i8x16.eq(v, backslash)),
      v128.or(i8x16.lt_s(v, space), i8x16.eq(v, del)),
    );
    let mask = <u32>i8x16.bitmask(special);
    if (n < 16) mask |= (<u32>0xffffffff) << n;
    if (mask == 0) {
      p += 32;
      o += 16;
      n -= 16;
      continue;
    }
    const plain = <i32>ctz(mask);
    if (plain >= n) {
      o += n;
      break;
    }
    o += plain;
    p += (<usize>plain) << 1;
    n -= plain;
    // One that is special, and those after it that are not ASCII.
    do {
      const c = <u32>load<u16>(p);
      p += 2;
      n--;
      if (c == 92 || c == 34) {
        store<u16>(o, <u16>(92 | (c << 8)));
        o += 2;
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
  store<u8>(o, 34);
  work -= <i32>(units >> 4);
  outAt = o + 1;
  return true;
}

/** Characters that JSON lets stand and a terminal would obey or hide; those under 0x80 are dealt with before. */
function obeyed(c: u32): bool {
  if (c < 0xa0) return true;
  if (c < 0x061c) return false;
  if (c < 0x200b) return c == 0x061c;
  return c <= 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
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

function signed(x: i64): bool {
  if (own) store<u8>(outAt++, 34);
  if (x < 0) {
    store<u8>(outAt++, 45);
    decimal(<u64>0 - <u64>x);
  } else {
    decimal(<u64>x);
  }
  if (own) store<u8>(outAt++, 34);
  return true;
}

function unsigned(x: u64): bool {
  if (own) store<u8>(outAt++, 34);
  decimal(x);
  if (own) store<u8>(outAt++, 34);
  return true;
}

function boolean(x: bool): bool {
  if (own) store<u8>(outAt++, 34);
  if (x) {
    store<u32>(outAt, 0x65757274);
    outAt += 4;
  } else {
    store<u32>(outAt, 0x736c6166);
    store<u8>(outAt, 101, 4);
    outAt += 5;
  }
  if (own) store<u8>(outAt++, 34);
  return true;
}

/** Digits without quotes; at most 20 of them. */
function decimal(x: u64): void {
  if (x > 0xffffffff) {
    const high = x / 1000000000;
    decimal(high);
    padded(<u32>(x - high * 1000000000), 9);
    return;
  }
  const n = <u32>x;
  const count: u32 =
    n < 10
      ? 1
      : n < 100
        ? 2
        : n < 1000
          ? 3
          : n < 10000
            ? 4
            : n < 100000
              ? 5
              : n < 1000000
                ? 6
                : n < 10000000
                  ? 7
                  : n < 100000000
                    ? 8
                    : n < 1000000000
                      ? 9
                      : 10;
  padded(n, count);
}

function padded(x: u32, count: u32): void {
  let rest = x;
  let i = outAt + count;
  outAt = i;
  for (let left = count; left > 1; left -= 2) {
    const next = rest / 100;
    i -= 2;
    store<u16>(i, load<u16>(digits + ((<usize>(rest - next * 100)) << 1)));
    rest = next;
  }
  if ((count & 1) != 0) store<u8>(i - 1, <u8>(48 + (rest % 10)));
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

function guid(p: usize): bool {
  const v = i8x16.swizzle(v128.load(p), i8x16(3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15));
  const a = upperDigits(v, false);
  const b = upperDigits(v, true);
  let o = outAt;
  store<u8>(o++, 34);
  if (own) store<u8>(o++, 123);
  store<u64>(o, i64x2.extract_lane(a, 0));
  store<u8>(o, 45, 8);
  store<u32>(o, i32x4.extract_lane(a, 2), 9);
  store<u8>(o, 45, 13);
  store<u32>(o, i32x4.extract_lane(a, 3), 14);
  store<u8>(o, 45, 18);
  store<u32>(o, i32x4.extract_lane(b, 0), 19);
  store<u8>(o, 45, 23);
  store<u32>(o, i32x4.extract_lane(b, 1), 24);
  store<u64>(o, i64x2.extract_lane(b, 1), 28);
  o += 36;
  if (own) store<u8>(o++, 125);
  store<u8>(o++, 34);
  outAt = o;
  return true;
}

function binary(p: usize, size: u32): bool {
  if (!room(<usize>size * 2 + 2)) return false;
  let o = outAt;
  store<u8>(o++, 34);
  for (let i: u32 = 0; i < size; i += 16) {
    const v = v128.load(p + i);
    v128.store(o + 2 * <usize>i, upperDigits(v, false));
    v128.store(o + 2 * <usize>i, upperDigits(v, true), 16);
  }
  o += 2 * <usize>size;
  store<u8>(o, 34);
  outAt = o + 1;
  return true;
}

function hexadecimal(x: u64): bool {
  store<u8>(outAt, 34);
  store<u16>(outAt, 0x7830, 1);
  outAt += 3;
  for (let shift: i64 = x == 0 ? 0 : 60 - (<i64>clz(x) & ~3); shift >= 0; shift -= 4) {
    store<u8>(outAt++, lower(<u32>(x >> shift) & 15));
  }
  store<u8>(outAt++, 34);
  return true;
}

/** Seconds from 1601 to the year 10000. */
const LAST_SECOND: u64 = 265046774400;

/** Writes `YYYY-MM-DDTHH:MM:SS.`; false for a year that has not four digits. */
function stampText(sec: u64): bool {
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
  v128.store(outAt, v128.load(secondText));
  store<u32>(outAt, load<u32>(secondText, 16), 16);
  outAt += 20;
  return true;
}

function pair(at: usize, x: u32): void {
  store<u16>(at, load<u16>(digits + ((<usize>x) << 1)));
}

/** A FILETIME, quoted: ours to 100 ns, the tool's to a microsecond. */
function filetime(ticks: u64): bool {
  const sec = ticks / 10000000;
  const rest = <u32>(ticks - sec * 10000000);
  store<u8>(outAt++, 34);
  if (!stampText(sec)) return false;
  if (own) padded(rest, 7);
  else padded(rest / 10, 6);
  store<u16>(outAt, 0x225a);
  outAt += 2;
  return true;
}

function headerTime(): bool {
  const ticks = load<u64>(recordAt, 16);
  // The first record of a filtered export has no time in its header: it stands in TimeCreated.
  if (ticks < 10000) return stop(PLAIN);
  if (!room(32)) return false;
  const sec = ticks / 10000000;
  store<u8>(outAt++, 34);
  if (!stampText(sec)) return false;
  padded(<u32>(ticks - sec * 10000000) / 10000, 3);
  store<u16>(outAt, 0x225a);
  outAt += 2;
  return true;
}

const MAX_SAFE: u64 = 9007199254740991;

/** EventRecordID as the event tells it, else the header's; null past 2^53. */
function recordId(descriptors: usize, values: usize, count: u32, slot: u32): bool {
  if (!room(24)) return false;
  let id: u64 = 0;
  if (slot < count) {
    const descriptor = load<u32>(descriptors + ((<usize>slot) << 2));
    const size = descriptor & 0xffff;
    const type = (descriptor >> 16) & 0xff;
    if (size != 0 && type != 0) {
      if (type != 0x0a || size < 8) return stop(PLAIN);
      id = load<u64>(<usize>load<u32>(values + ((<usize>slot) << 2)));
    }
  }
  if (id == 0 || id > MAX_SAFE) id = load<u64>(recordAt, 8);
  if (id > MAX_SAFE) {
    store<u32>(outAt, 0x6c6c756e);
    outAt += 4;
  } else {
    decimal(id);
  }
  return true;
}

function masked(descriptors: usize, values: usize, count: u32, slot: u32, mask: u32): bool {
  if (!room(16)) return false;
  let x: u32 = 0;
  if (slot < count) {
    const descriptor = load<u32>(descriptors + ((<usize>slot) << 2));
    const size = descriptor & 0xffff;
    const at = <usize>load<u32>(values + ((<usize>slot) << 2));
    switch ((descriptor >> 16) & 0xff) {
      case 0x00:
        break;
      case 0x04:
        if (size > 0) x = load<u8>(at);
        break;
      case 0x06:
        if (size == 1) return stop(PLAIN);
        if (size > 0) x = load<u16>(at);
        break;
      case 0x08:
        if (size > 0 && size < 4) return stop(PLAIN);
        if (size > 0) x = load<u32>(at);
        break;
      default:
        return stop(PLAIN);
    }
  }
  decimal(<u64>(x & mask));
  return true;
}

function sid(p: usize, size: u32): bool {
  let count = <u32>load<u8>(p, 1);
  if (count > (size - 8) >> 2) count = (size - 8) >> 2;
  if (!room(32 + <usize>count * 11)) return false;
  store<u32>(outAt, 0x2d5322); // "S-
  outAt += 3;
  decimal(<u64>load<u8>(p));
  store<u8>(outAt++, 45);
  decimal(<u64>bswap(load<u32>(p, 4)) | ((<u64>bswap(load<u16>(p, 2))) << 32));
  for (let i: usize = 0; i < count; i++) {
    store<u8>(outAt++, 45);
    decimal(<u64>load<u32>(p + 8 + (i << 2)));
  }
  store<u8>(outAt++, 34);
  return true;
}
