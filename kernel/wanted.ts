/** The records that are wanted, as they are told, in AssemblyScript; some as one. */
import { isDismissed } from './alike';
import { OUT } from './filter';

/**
 * A wanted record: time, id, and of those that are told as one the time of the last, and their characters and bytes of
 * JSON f64; origin, event id, offset, size, version, the data's plan, descriptors and values, what it is like,
 * how many are told as one, the chunk's index, and the part of the filter that decided; its delay f64. Bytes of all.
 */
export const TIME: usize = 0;
export const ID: usize = 8;
export const LAST_TIME: usize = 16;
export const CHARACTERS: usize = 24;
export const JSON_BYTES: usize = 32;
export const FOUND_ORIGIN: usize = 40;
export const FOUND_EVENT_ID: usize = 44;
export const OFFSET: usize = 48;
export const SIZE: usize = 52;
export const FOUND_VERSION: usize = 56;
export const DATA_PLAN: usize = 60;
export const DESCRIPTORS: usize = 64;
export const VALUES_AT: usize = 68;
export const ALIKE: usize = 72;
export const RECORDS: usize = 76;
export const CHUNK_INDEX: usize = 80;
export const PART: usize = 84;
export const DELAY: usize = 88;
const FOUND: usize = 96;

let found: usize = 0;
/** How many are told. */
export let wanted: i32 = 0;
/** Whether the last of them may be told as one with the next. */
let isOpen: bool = false;

export function placeWanted(at: usize): void {
  found = at;
}

export function clearWanted(): void {
  wanted = 0;
  isOpen = false;
}

/** Where the next one goes. */
export function nextWanted(): usize {
  return found + <usize>wanted * FOUND;
}

/**
 * Tells a record whose entry is filled. `within`: the milliseconds of which records that are alike are told as one (0: none
 * are); `isAsked`: it is wanted for its id, whatever else is said of it.
 */
export function tell(entry: usize, within: i32, isAsked: bool): void {
  // A filter has let it out, or nobody asks for what is like it.
  if (!isAsked && (load<i32>(entry, PART) == OUT || isDismissed(load<i32>(entry, ALIKE)))) return;
  if (!isLikeLast(entry, within, isAsked)) wanted++;
}

/** Adds a record to the one before it where both are to be told as one; false where it stands by itself. */
function isLikeLast(entry: usize, within: i32, isAsked: bool): bool {
  const wasOpen = isOpen;
  isOpen = within > 0 && load<i32>(entry, ALIKE) >= 0 && !isAsked;
  if (!wasOpen || !isOpen) return false;
  // What is alike is of one origin, and asked by one.
  const before = entry - FOUND;
  const time = load<f64>(entry, TIME);
  if (load<i32>(before, ALIKE) != load<i32>(entry, ALIKE) || time < load<f64>(before, LAST_TIME))
    return false;
  if (Math.floor(time / <f64>within) != Math.floor(load<f64>(before, TIME) / <f64>within)) return false;
  store<f64>(before, time, LAST_TIME);
  store<i32>(before, load<i32>(before, RECORDS) + 1, RECORDS);
  store<f64>(before, load<f64>(before, CHARACTERS) + load<f64>(entry, CHARACTERS), CHARACTERS);
  store<f64>(before, load<f64>(before, JSON_BYTES) + load<f64>(entry, JSON_BYTES), JSON_BYTES);
  return true;
}
