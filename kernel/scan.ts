/**
 * The scan kernel, in AssemblyScript: what the records of a block of EVTX chunks come to, and facts of those that are
 * wanted, with where their data stand. It tells what src/evtx/scan.ts tells, by the same plans, and stops at a record that is not as a
 * plan expects it. The other side, and the layout of memory, is src/evtx/scan-kernel.ts.
 */
import { alikeNumber, dismiss, forgetKnown, LONGEST_ALIKE, NO_NUMBER, placeKnown } from './alike';
import {
  begin,
  bucketOf,
  CHUNK,
  chunk,
  count,
  descriptors,
  DONE,
  enter,
  forget,
  goOn,
  init,
  MAX_SAFE,
  MAX_VALUES,
  missing,
  PLAIN,
  plan,
  recordAt,
  same,
  stamp,
  stop,
  stopAt,
  stopped,
  TEXT,
  walk,
  work,
} from './chunk';
import { firstPart, OUT, UNDECIDED } from './filter';
import { characters, measure } from './measure';
import { clearTotals, eventIdCount, placeTotals, stretchCount, total } from './totals';
import {
  ALIKE,
  CHARACTERS,
  CHUNK_INDEX,
  clearWanted,
  DATA_PLAN,
  DELAY,
  DESCRIPTORS,
  FOUND_EVENT_ID,
  FOUND_ORIGIN,
  FOUND_VERSION,
  ID,
  JSON_BYTES,
  LAST_TIME,
  nextWanted,
  OFFSET,
  PART,
  placeWanted,
  RECORDS,
  SIZE,
  tell,
  TIME,
  VALUES_AT,
  wanted,
} from './wanted';
export { dismiss, eventIdCount, stretchCount, wanted };
export { begin, bucketOf, chunk, forgetAll as forget, init, missing, stamp, stopped, walk, work };

/** Nobody has said yet whose records with these texts are: `missing` is the plan that holds them. */
const NEW_ORIGIN: i32 = 6;
/** Nobody has said yet what is read of such records: `missing` is the plan of their data. */
const NEW_READS: i32 = 7;
/** The chunk is not as it should be; it is passed over when the scan goes on. */
const IRREGULAR: i32 = 8;

/**
 * The plan of a record, words: slots (-1: none), and what the template says itself where it is no slot.
 * `SEEN`: sizes of provider, channel and computer as they stood last; they themselves lie at `TEXTS`. `ORIGIN` is the
 * number of that origin (-1: not known), `EVENT_IDS` a bit for each event id that is wanted of it (0: not for the kernel),
 * `ONE_IN` the divisor of record ids that are wanted beside these (0: none), `ASKED_BY` the number of what is wanted, and
 * `WITHIN` the milliseconds of which records that are alike are told as one (0: none are).
 */
const LAST: usize = 0;
const DEPENDENCY: usize = 4;
const EVENT_ID: usize = 8;
const VERSION: usize = 16;
const RECORD_ID: usize = 24;
const NAMES: usize = 28;
const DATA: usize = 40;
/** Its own data, where they stand in no slot: their plan as below. */
const OWN_DATA: usize = 44;
const ORIGIN: usize = 72;
const EVENT_IDS: usize = 76;
const ONE_IN: usize = 80;
const ASKED_BY: usize = 84;
const WITHIN: usize = 88;
const SEEN: usize = 92;
/** TimeCreated. */
const CREATED: usize = 108;
const TEXTS: usize = 112;
/** Bytes of a text that is compared with the one before, at most. */
const LONGEST: u32 = 256;

/**
 * The plan of data: number, last slot (-1 for none), where it is told how much of each value is read (0: nowhere), and
 * for what is wanted and which event id that was asked last. READS: 0 where no record is said to be like another,
 * MEASURED where it is told how long the values are. FILTER: where the fields of the filter stand that decides (0: none).
 */
const NUMBER: usize = 0;
const LAST_OF_DATA: usize = 4;
const VALUES: usize = 8;
const READS_OF: usize = 12;
const READS_ID: usize = 16;
const READS: usize = 20;
const FILTER: usize = 24;
const MEASURED: i32 = 2;

const BINXML: u32 = 0x21;
const ARRAY: u32 = 0x80;

const FILETIME_ZERO_MS: f64 = -11644473600000;
const FILETIME: u32 = 0x110008;
/** As in src/evtx/value.ts. */
const LATE_MS: f64 = 60000;

let values: usize = 0;

/** Makes ready to scan. `valuesRoom`: for the addresses of the values of two instances, one nested in the other. */
export function prepare(valuesRoom: usize, totals: usize, foundAt: usize, known: usize): void {
  placeKnown(known);
  values = valuesRoom;
  placeTotals(totals);
  placeWanted(foundAt);
}

/** Makes a set of event ids, a bit for each, out of bytes of which those are not 0 that are in it. */
export function pack(bytes: usize, set: usize): void {
  const zero = i8x16.splat(0);
  for (let i: usize = 0; i < 65536; i += 16) {
    store<u16>(set + (i >> 3), <u16>i8x16.bitmask(i8x16.ne(v128.load(bytes + i), zero)));
  }
}

/** The block: where its chunks stand, how many they are, and the work that each may ask for. */
let block: usize = 0;
let chunks: i32 = 0;
let allowance: i32 = 0;
/** The chunk that is scanned, whether it was walked, how many records it has, and which of them is next. */
export let chunkIndex: i32 = 0;
let isWalked: bool = false;
export let recordCount: i32 = 0;
export let recordIndex: i32 = 0;

/** Begins with a block of so many whole chunks, each of which may ask for so much work at most. */
export function beginBlock(at: usize, size: i32, most: i32): void {
  block = at;
  chunks = size;
  allowance = most;
  chunkIndex = 0;
  isWalked = false;
}

/** Passes over the records of the chunk before one of them. */
export function passTo(index: i32): void {
  recordIndex = index;
}

/**
 * Scans the block from where it stands: tells what the records come to, and those that are wanted. Returns why it stopped,
 * and then tells nothing of the record that it stopped at.
 */
export function scan(): i32 {
  goOn();
  clearTotals();
  clearWanted();
  for (; chunkIndex < chunks; chunkIndex++) {
    if (!isWalked) {
      const base = block + <usize>chunkIndex * CHUNK;
      begin(base, allowance);
      recordCount = walk(base);
      recordIndex = 0;
      isWalked = true;
      if (recordCount < 0) {
        recordCount = 0;
        stop(IRREGULAR);
        return IRREGULAR;
      }
    }
    for (let i = recordIndex; i < recordCount; i++) {
      if (record(recordAt(i))) continue;
      recordIndex = i;
      return stopped;
    }
    isWalked = false;
  }
  return DONE;
}

function record(at: u32): bool {
  const start = chunk + at;
  const size = load<u32>(start, 4);
  if (!enter(start + 24, start + size - 4, false, values)) return false;
  const p = plan;
  if (load<i32>(p, LAST) >= <i32>count) return plain();
  const dependency = load<i32>(p, DEPENDENCY);
  if (dependency >= 0 && descriptor(dependency) >> 16 == 0) return plain();
  const eventId = integer(p + EVENT_ID);
  if (eventId < 0) return plain();
  const slot = load<i32>(p, RECORD_ID);
  let id: u64 = 0;
  if (slot >= 0) {
    if (descriptor(slot) != 0x0a0008) return plain();
    id = load<u64>(valueAt(slot));
  }
  if (id == 0 || id > MAX_SAFE) id = load<u64>(start, 8);
  const time = filetimeMs(start + 16);
  // The first record of a filtered export has no time in its header.
  if (time <= FILETIME_ZERO_MS) return plain();
  if (!knowsOrigin(p)) return false;
  const delay = delayOf(p, time);
  const wantedIds = load<u32>(p, EVENT_IDS);
  if (wantedIds == 0) return plain();
  let isWanted = ((load<u8>(<usize>wantedIds + (<usize>eventId >> 3)) >> <u8>(eventId & 7)) & 1) != 0;
  const oneIn = load<u32>(p, ONE_IN);
  if (!isWanted && oneIn > 0) {
    if (id > MAX_SAFE) return plain();
    isWanted = divides(oneIn, id);
  }
  const origin = load<i32>(p, ORIGIN);
  const known: f64 = id > MAX_SAFE ? -1 : <f64>id;
  if (isWanted) {
    const entry = nextWanted();
    const version = integer(p + VERSION);
    if (version < 0) return plain();
    store<f64>(entry, time, TIME);
    store<f64>(entry, known, ID);
    store<f64>(entry, time, LAST_TIME);
    store<i32>(entry, origin, FOUND_ORIGIN);
    store<i32>(entry, eventId, FOUND_EVENT_ID);
    store<u32>(entry, at, OFFSET);
    store<u32>(entry, size, SIZE);
    store<u32>(entry, <u32>version & 0xff, FOUND_VERSION);
    store<i32>(entry, 1, RECORDS);
    store<f64>(entry, delay, DELAY);
    store<i32>(entry, chunkIndex, CHUNK_INDEX);
    if (!tellData(p, entry, size, eventId)) return false;
    tell(entry, load<i32>(p, WITHIN), isAsked(p, known));
  }
  total(origin, eventId, known, time, delay);
  return true;
}

/** Milliseconds since 1970 UTC of a FILETIME, rounded down. */
function filetimeMs(at: usize): f64 {
  const low = <f64>load<u32>(at);
  const high = <f64>load<u32>(at, 4);
  return high * 429496 + Math.floor((high * 7296 + low) / 10000) + FILETIME_ZERO_MS;
}

/** How far the time of the record that is entered is from the event's own, where that is late; else 0. */
function delayOf(p: usize, time: f64): f64 {
  const slot = load<i32>(p, CREATED);
  if (slot < 0 || descriptor(slot) != FILETIME) return 0;
  const created = filetimeMs(valueAt(slot));
  const delay = Math.abs(time - created);
  return created > FILETIME_ZERO_MS && delay > LATE_MS ? delay : 0;
}

/** Whether a record is wanted for its id; so may one be that has none. */
function isAsked(p: usize, id: f64): bool {
  const oneIn = load<u32>(p, ONE_IN);
  return oneIn > 0 && (id < 0 || divides(oneIn, <u64>id));
}

function divides(number: u32, id: u64): bool {
  const bits = <u64>number - 1;
  // A division takes longer than anything else that is asked of most records.
  return ((<u64>number & bits) == 0 ? id & bits : id % <u64>number) == 0;
}

function plain(): bool {
  return <bool>stop(PLAIN);
}

/** The descriptor of a value that is there: size u16, type u8. */
function descriptor(slot: i32): u32 {
  return load<u32>(descriptors + ((<usize>slot) << 2)) & 0xffffff;
}

function valueAt(slot: i32): usize {
  return <usize>load<u32>(values + ((<usize>slot) << 2));
}

/** A small whole number, told by a plan's slot or the number behind it; -1 where the value is not of such a type. */
function integer(given: usize): i32 {
  const slot = load<i32>(given);
  if (slot < 0) return load<i32>(given, 4);
  const d = descriptor(slot);
  if (d == 0x060002) return <i32>load<u16>(valueAt(slot));
  return d == 0x040001 ? <i32>load<u8>(valueAt(slot)) : -1;
}

/** Whether the origin of the record that is entered is that of the plan's last one. */
function knowsOrigin(p: usize): bool {
  let isKnown = load<i32>(p, ORIGIN) >= 0;
  for (let i: usize = 0; i < 3; i++) {
    const slot = load<i32>(p + (i << 2), NAMES);
    if (slot < 0) continue;
    const d = descriptor(slot);
    const size = d & 0xffff;
    if (d >> 16 != TEXT || size > LONGEST) return plain();
    const at = valueAt(slot);
    const seen = p + TEXTS + i * LONGEST;
    if (size == load<u32>(p + (i << 2), SEEN) && same(at, seen, size)) continue;
    isKnown = false;
    store<i32>(p, -1, ORIGIN);
    store<u32>(p + (i << 2), size, SEEN);
    memory.copy(seen, at, size);
  }
  if (isKnown) return true;
  return <bool>stopAt(NEW_ORIGIN, p);
}

/** Tells where the data of the record that is entered stand; by no plan (0) where only the plain way can read them. */
function tellData(p: usize, entry: usize, size: u32, eventId: i32): bool {
  let own = p + OWN_DATA;
  let addresses = values;
  let isPlanned = true;
  const slot = load<i32>(p, DATA);
  if (slot >= 0) {
    const d = slot < <i32>count ? descriptor(slot) : 0;
    isPlanned = d >> 16 == BINXML;
    if (isPlanned) {
      const at = valueAt(slot);
      addresses = values + ((<usize>MAX_VALUES) << 2);
      if (!enter(at, at + (d & 0xffff), true, addresses)) return false;
      own = plan;
    }
  }
  const last = load<i32>(own, LAST_OF_DATA);
  if (last >= <i32>count) isPlanned = false;
  if (isPlanned && hasOther(last + 1)) isPlanned = false;
  store<u32>(entry, isPlanned ? load<u32>(own, NUMBER) : 0, DATA_PLAN);
  store<u32>(entry, <u32>(descriptors - chunk), DESCRIPTORS);
  store<u32>(entry, <u32>(descriptors - chunk) + 4 * count, VALUES_AT);
  let alike: i32 = NO_NUMBER;
  let part: i32 = UNDECIDED;
  store<f64>(entry, 0, CHARACTERS);
  store<f64>(entry, 0, JSON_BYTES);
  const told = <usize>load<u32>(own, VALUES);
  if (isPlanned && told != 0) {
    if (load<u32>(own, READS_OF) != load<u32>(p, ASKED_BY) || load<i32>(own, READS_ID) != eventId) {
      store<u32>(own, load<u32>(p, ASKED_BY), READS_OF);
      store<i32>(own, eventId, READS_ID);
      return <bool>stopAt(NEW_READS, own);
    }
    const reads = load<i32>(own, READS);
    const filter = <usize>load<u32>(own, FILTER);
    if (filter != 0) part = firstPart(filter, addresses);
    if (reads != 0 && (part != OUT || isAsked(p, load<f64>(entry, ID)))) {
      const isTold = filter == 0 || part != UNDECIDED;
      if (isTold && size <= LONGEST_ALIKE && (reads != MEASURED || tellSizes(entry, last)))
        alike = alikeNumber(load<u32>(p, ORIGIN), <u32>eventId, load<u32>(own), part, told, last);
    }
  }
  store<i32>(entry, alike, ALIKE);
  store<i32>(entry, part, PART);
  return true;
}

/** Tells how long the values of the record that is entered are as texts; false for those that are not measured here. */
function tellSizes(entry: usize, last: i32): bool {
  const jsonBytes = measure(descriptors, <u32>(last + 1), descriptors + ((<usize>count) << 2));
  if (jsonBytes < 0) return false;
  store<f64>(entry, <f64>characters, CHARACTERS);
  store<f64>(entry, <f64>jsonBytes, JSON_BYTES);
  return true;
}

/** Whether one of the first values is an array, which is several fields, or BinXML, which may hold elements of its own. */
function hasOther(n: i32): bool {
  const d = descriptors;
  let others = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const types = v128.and(v128.load(d + ((<usize>i) << 2)), i32x4.splat(0xff0000));
    others = v128.or(others, v128.and(types, i32x4.splat(ARRAY << 16)));
    others = v128.or(others, i32x4.eq(types, i32x4.splat(BINXML << 16)));
  }
  if (v128.any_true(others)) return true;
  for (; i < n; i++) {
    const type = descriptor(i) >> 16;
    if ((type & ARRAY) != 0 || type == BINXML) return true;
  }
  return false;
}

/** Forgets templates, and records, which were told by them. */
export function forgetAll(): void {
  forget();
  forgetKnown();
}
