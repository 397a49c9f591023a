/**
 * The scan kernel, in AssemblyScript: the facts of records of one EVTX chunk, as columns, and where the data of those
 * that are wanted stand. It tells what src/evtx/scan.ts tells, by the same plans, and stops at a record that is not as a
 * plan expects it. The other side, and the layout of memory, is src/evtx/scan-kernel.ts.
 */
import {
  begin,
  bucketOf,
  chunk,
  count,
  descriptors,
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
  stop,
  stopAt,
  stopped,
  walk,
  work,
} from './chunk';
export { begin, bucketOf, forget, init, missing, stopped, walk, work };

/** Nobody has said yet whose records with these texts are: `missing` is the plan that holds them. */
const NEW_ORIGIN: i32 = 6;

/**
 * The plan of a record, words: slots (-1: none), and what the template says itself where it is no slot.
 * `SEEN`: sizes of provider, channel and computer as they stood last; they themselves lie at `TEXTS`. `ORIGIN` is the
 * number of that origin (-1: not known), `EVENT_IDS` a bit for each event id that is wanted of it (0: not for the kernel)
 * and `ONE_IN` the divisor of record ids that are wanted beside these (0: none).
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
const ORIGIN: usize = 52;
const EVENT_IDS: usize = 56;
const ONE_IN: usize = 60;
const SEEN: usize = 64;
const TEXTS: usize = 80;
/** Bytes of a text that is compared with the one before, at most. */
const LONGEST: u32 = 256;

/** The plan of data: number, and last slot (-1 for none). */
const NUMBER: usize = 0;
const LAST_OF_DATA: usize = 4;

const TEXT: u32 = 0x01;
const BINXML: u32 = 0x21;
const ARRAY: u32 = 0x80;

/** Rows that have room: more than a chunk can hold. */
const ROWS: usize = 2400;
/** Bytes of a wanted record: row, offset, size, version, number of the data's plan, its descriptors and values. */
const FOUND: usize = 28;

const FILETIME_ZERO_MS: f64 = -11644473600000;

/** A text that is kept: address (0: none), size in bytes, number, hash. They lie by their hash, and then come their bytes. */
const KEPT: usize = 16;
const KEPT_PLACES: u32 = 16384;
const KEPT_BYTES: usize = 1048576;
/** A longer one is hardly ever the same twice. */
const LONGEST_KEPT: u32 = 1024;
const MAX_KEPT: i32 = 32768;
const MULTIPLIER: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

let values: usize = 0;
/** Columns: time f64, record id f64, origin i32, event id u16. */
let times: usize = 0;
let ids: usize = 0;
let origins: usize = 0;
let eventIds: usize = 0;
let found: usize = 0;
/** Wanted records among the rows. */
export let wanted: i32 = 0;
let kept: usize = 0;
/** Number of the next text that is kept, and where its bytes go. */
let keptNext: i32 = 0;
let keptAt: usize = 0;

/** Makes ready to scan. `room`: for the addresses of the values of two instances, one nested in the other. */
export function prepare(room: usize, rows: usize, foundAt: usize, keptTexts: usize): void {
  kept = keptTexts;
  keptAt = kept + KEPT * KEPT_PLACES;
  values = room;
  times = rows;
  ids = times + 8 * ROWS;
  origins = ids + 8 * ROWS;
  eventIds = origins + 4 * ROWS;
  found = foundAt;
}

/** Makes a set of event ids, a bit for each, out of bytes of which those are not 0 that are in it. */
export function pack(bytes: usize, set: usize): void {
  const zero = i8x16.splat(0);
  for (let i: usize = 0; i < 65536; i += 16) {
    store<u16>(set + (i >> 3), <u16>i8x16.bitmask(i8x16.ne(v128.load(bytes + i), zero)));
  }
}

/**
 * Scans the records from index `from` to before `to` that the walk through the chunk found. Their rows begin at the
 * first. Returns the index of the record that it stopped at, which has no row; `to` when all are done.
 */
export function scan(from: i32, to: i32): i32 {
  goOn();
  wanted = 0;
  for (let i = from; i < to; i++) if (!record(recordAt(i), <usize>(i - from))) return i;
  return to;
}

function record(at: u32, row: usize): bool {
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
  const time =
    <f64>load<u32>(start, 20) * 429496 +
    Math.floor((<f64>load<u32>(start, 20) * 7296 + <f64>load<u32>(start, 16)) / 10000) +
    FILETIME_ZERO_MS;
  // The first record of a filtered export has no time in its header.
  if (time <= FILETIME_ZERO_MS) return plain();
  if (!knowsOrigin(p)) return false;
  const wantedIds = load<u32>(p, EVENT_IDS);
  if (wantedIds == 0) return plain();
  let isWanted = ((load<u8>(<usize>wantedIds + (<usize>eventId >> 3)) >> <u8>(eventId & 7)) & 1) != 0;
  const oneIn = load<u32>(p, ONE_IN);
  if (!isWanted && oneIn > 0) {
    if (id > MAX_SAFE) return plain();
    isWanted = id % <u64>oneIn == 0;
  }
  if (isWanted) {
    const entry = found + <usize>wanted * FOUND;
    const version = integer(p + VERSION);
    if (version < 0) return plain();
    store<u32>(entry, <u32>row);
    store<u32>(entry, at, 4);
    store<u32>(entry, size, 8);
    store<u32>(entry, <u32>version & 0xff, 12);
    if (!data(p, entry)) return false;
    wanted++;
  }
  store<f64>(times + (row << 3), time);
  store<f64>(ids + (row << 3), id > MAX_SAFE ? -1 : <f64>id);
  store<i32>(origins + (row << 2), load<i32>(p, ORIGIN));
  store<u16>(eventIds + (row << 1), <u16>eventId);
  return true;
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
function data(p: usize, entry: usize): bool {
  let own = p + OWN_DATA;
  let isPlanned = true;
  const slot = load<i32>(p, DATA);
  if (slot >= 0) {
    const d = slot < <i32>count ? descriptor(slot) : 0;
    isPlanned = d >> 16 == BINXML;
    if (isPlanned) {
      const at = valueAt(slot);
      if (!enter(at, at + (d & 0xffff), true, values + ((<usize>MAX_VALUES) << 2))) return false;
      own = plan;
    }
  }
  const last = load<i32>(own, LAST_OF_DATA);
  if (last >= <i32>count) isPlanned = false;
  for (let i = 0; isPlanned && i <= last; i++) {
    const type = descriptor(i) >> 16;
    // An array is several fields, and BinXML may hold elements of its own.
    if ((type & ARRAY) != 0 || type == BINXML) isPlanned = false;
  }
  store<u32>(entry, isPlanned ? load<u32>(own, NUMBER) : 0, 16);
  store<u32>(entry, <u32>(descriptors - chunk), 20);
  store<u32>(entry, <u32>(descriptors - chunk) + 4 * count, 24);
  return true;
}

/**
 * Twice the number of a text of UTF-16, without NULs at its end, among those that are kept; one more where it is kept
 * only now. They are numbered from 0, and where there is no more room, from 0 again: none of those before is kept then.
 * -1 for one that is not kept, too long or empty.
 */
export function keep(at: usize, length: u32): i32 {
  let size = length & ~1;
  while (size > 0 && load<u16>(at + size - 2) == 0) size -= 2;
  if (size == 0 || size > LONGEST_KEPT) return -1;
  let mixed: u64 = size;
  let i: usize = 0;
  for (; i + 8 <= size; i += 8) mixed = rotl<u64>((mixed ^ load<u64>(at + i)) * MULTIPLIER, 29);
  const left = size & 7;
  if (left > 0) mixed = (mixed ^ (load<u64>(at + i) & ((1 << ((<u64>left) << 3)) - 1))) * MULTIPLIER;
  const hash = <u32>(((mixed ^ (mixed >> 32)) * 0x85ebca6b) >> 16);
  const entry = kept + <usize>(hash & (KEPT_PLACES - 1)) * KEPT;
  const address = load<u32>(entry);
  if (
    address != 0 &&
    load<u32>(entry, 12) == hash &&
    load<u32>(entry, 4) == size &&
    same(at, address, size)
  ) {
    return load<i32>(entry, 8) << 1;
  }
  const bytes = kept + KEPT * KEPT_PLACES;
  if (keptNext == MAX_KEPT || keptAt + size > bytes + KEPT_BYTES) {
    memory.fill(kept, 0, KEPT * KEPT_PLACES);
    keptNext = 0;
    keptAt = bytes;
  }
  memory.copy(keptAt, at, size);
  store<u32>(entry, <u32>keptAt);
  store<u32>(entry, size, 4);
  store<i32>(entry, keptNext, 8);
  store<u32>(entry, hash, 12);
  keptAt += size;
  keptNext++;
  return ((keptNext - 1) << 1) | 1;
}
