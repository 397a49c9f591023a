/** What records that were scanned come to: stretches of them, and how many have each event id (src/evtx/totals.ts). */

/** The times of a stretch leave no gap longer than this, milliseconds; the same in src/evtx/totals.ts. */
const STRETCH_GAP_MS: f64 = 60000;
/** Rows that have room, ROWS of src/evtx/scan-kernel.ts: more than a block can hold records, each of which may need one of its own. */
const ROWS: usize = 19200;
/** The bits by which the row of an origin and event id is found. */
const LOW_BITS: i32 = 255;

/** Columns of stretches: first record id, earliest and latest time, longest delay f64; origin, records, late ones i32. */
let firsts: usize = 0;
let froms: usize = 0;
let tos: usize = 0;
let delays: usize = 0;
let origins: usize = 0;
let records: usize = 0;
let lates: usize = 0;
/** Columns of event ids: origin, the event id, records i32. */
let idOrigins: usize = 0;
let ids: usize = 0;
let idRecords: usize = 0;
/** By those bits, u16: the row of the last one that had them. */
let recent: usize = 0;
/** Rows of both. */
export let stretchCount: i32 = 0;
export let eventIdCount: i32 = 0;

/** Columns one after another (`totalsAt` of src/evtx/scan-kernel.ts), and room for `recent`. */
export function placeTotals(at: usize): void {
  firsts = at;
  froms = firsts + 8 * ROWS;
  tos = froms + 8 * ROWS;
  delays = tos + 8 * ROWS;
  origins = delays + 8 * ROWS;
  records = origins + 4 * ROWS;
  lates = records + 4 * ROWS;
  idOrigins = lates + 4 * ROWS;
  ids = idOrigins + 4 * ROWS;
  idRecords = ids + 4 * ROWS;
  recent = idRecords + 4 * ROWS;
}

export function clearTotals(): void {
  stretchCount = eventIdCount = 0;
}

/** Adds a record; `id` is -1 for one that has none, and `delay` 0 for one that is not late. */
export function total(origin: i32, eventId: i32, id: f64, time: f64, delay: f64): void {
  addToStretch(origin, id, time);
  if (delay > 0) addLate(delay);
  const place = recent + ((<usize>((eventId + 37 * origin) & LOW_BITS)) << 1);
  const row = <i32>load<u16>(place);
  const at = (<usize>row) << 2;
  if (row < eventIdCount && load<i32>(ids + at) == eventId && load<i32>(idOrigins + at) == origin) {
    store<i32>(idRecords + at, load<i32>(idRecords + at) + 1);
    return;
  }
  const end = (<usize>eventIdCount) << 2;
  store<i32>(idOrigins + end, origin);
  store<i32>(ids + end, eventId);
  store<i32>(idRecords + end, 1);
  store<u16>(place, <u16>eventIdCount);
  eventIdCount++;
}

function addToStretch(origin: i32, id: f64, time: f64): void {
  const last = <usize>(stretchCount - 1);
  const wide = last << 3;
  const narrow = last << 2;
  if (stretchCount > 0 && load<i32>(origins + narrow) == origin) {
    const first = load<f64>(firsts + wide);
    const count = load<i32>(records + narrow);
    const from = load<f64>(froms + wide);
    const to = load<f64>(tos + wide);
    const follows = id < 0 ? first < 0 : first >= 0 && id == first + <f64>count;
    if (follows && time >= from - STRETCH_GAP_MS && time <= to + STRETCH_GAP_MS) {
      store<i32>(records + narrow, count + 1);
      if (time < from) store<f64>(froms + wide, time);
      if (time > to) store<f64>(tos + wide, time);
      return;
    }
  }
  const next = <usize>stretchCount;
  store<f64>(firsts + (next << 3), id);
  store<f64>(froms + (next << 3), time);
  store<f64>(tos + (next << 3), time);
  store<i32>(origins + (next << 2), origin);
  store<i32>(records + (next << 2), 1);
  store<f64>(delays + (next << 3), 0);
  store<i32>(lates + (next << 2), 0);
  stretchCount++;
}

/** The record that was added last is late. */
function addLate(delay: f64): void {
  const last = <usize>(stretchCount - 1);
  const late = lates + (last << 2);
  const longest = delays + (last << 3);
  store<i32>(late, load<i32>(late) + 1);
  if (delay > load<f64>(longest)) store<f64>(longest, delay);
}
