/**
 * The kernel for lines, JSON, CSV and XML, in AssemblyScript: renders records of one EVTX chunk by plans. The other side is
 * src/lines/line-renderer.ts; what a plan means stands in plan-code.ts beside it, word by word, and what this kernel has in
 * common with the other in chunk.ts.
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
  TOO_MUCH,
  walk,
  work,
} from './chunk';
import { csv, own, quote, setFormat, xml } from './line-format';
import { prepareTexts, text } from './line-text';
import {
  cell,
  decimal,
  eightDigits,
  fact,
  isEmpty,
  prepareValues,
  quoted,
  secondOf,
  typeOf,
  ZEROS,
} from './line-values';
export { begin, bucketOf, chunk, forget, init, missing, stamp, stopped, walk, work };

/** The room for output is used up: take it away and go on. */
const FULL: i32 = 6;

/** Where the next record goes. */
export let outAt: usize = 0;

let scratch: usize = 0;
let outEnd: usize = 0;
/** The record that is rendered. */
let recordAt: usize = 0;
/** Fields have cells of their own, and those of nested data stand in their plan, with the end of the line. */
let columns: bool = false;
/** The log's name, as JSON. */
let sourceAt: usize = 0;
let sourceSize: usize = 0;

/**
 * Makes ready to render. `values`: room for the addresses of the values of two instances, one nested in the other;
 * `workspace`: 32 bytes.
 */
export function prepare(values: usize, workspace: usize, format: i32, fieldCells: bool): void {
  scratch = values;
  prepareValues(workspace);
  prepareTexts();
  setFormat(format);
  columns = fieldCells;
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

/** Bytes of the plan's own. */
function copy(at: usize, size: usize, o: usize): usize {
  // Most are a field's name.
  v128.store(o, v128.load(at));
  v128.store(o, v128.load(at, 16), 16);
  for (let i: usize = 32; i < size; i += 16) v128.store(o + i, v128.load(at + i));
  return o + size;
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

/** EventRecordID as the event tells it, else the header's; null past 2^53, of CSV an empty cell, and none of XML. */
function recordId(d: u32, at: usize, o: usize): usize {
  let id: u64 = 0;
  if ((d & 0xffff) != 0 && typeOf(d) != 0) {
    if (typeOf(d) != 0x0a || (d & 0xffff) < 8) return stop(PLAIN);
    id = load<u64>(at);
  }
  if (id == 0 || id > MAX_SAFE) id = load<u64>(recordAt, 8);
  if (id <= MAX_SAFE) return decimal(id, o);
  if (csv) return o;
  if (xml) return stop(PLAIN);
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
