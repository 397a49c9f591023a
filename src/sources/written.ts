/** The time that a container has for a record, as it is written there: often local, whatever zone it claims. */
import { parseTime } from '../events/index.ts';

export type DateOrder = 'day' | 'month';

export interface Written {
  /** Milliseconds since 1970 if what is written is UTC or names its zone; NaN where nothing is written. */
  readonly time: number;
  /** `utc`: known; `claimed`: says so, and may be wrong; `local`: does not say, or comes out of tools that say so wrongly. */
  readonly zone: 'utc' | 'claimed' | 'local';
  /** Whether it may be of a 12-hour clock whose AM or PM is missing. */
  readonly half: boolean;
  /** Which of day and month comes first, where only one of them can. */
  readonly order?: DateOrder;
  /** The time with the day first, where `time` has the month first and either may be meant. */
  readonly dayFirst?: number;
  /** What stands where a time belongs, and is read as none. */
  readonly unread?: string;
}

export const UNKNOWN: Written = { time: Number.NaN, zone: 'utc', half: false };

/** Characters that are kept of what is read as no time. */
const SHOWN = 40;

const HOUR = 3_600_000;
const QUARTER = HOUR / 4;
/** No zone is farther from UTC. */
export const FARTHEST: number = 14 * HOUR;

/**
 * `/Date(1603273264166)/`; ISO 8601 and what `parseTime` reads besides; with AM or PM; and as .NET writes dates in the
 * United States, `10/21/2020 9:40:38 PM`, or elsewhere, `21/10/2020 21:40:38`: which is meant, others tell (clock-repair.ts).
 */
export function readWritten(text: string): Written {
  const time = parseTime(text);
  if (Number.isNaN(time)) {
    const rare = readRare(text);
    return Number.isNaN(rare.time) ? { ...UNKNOWN, unread: text.slice(0, SHOWN) } : rare;
  }
  const last = text.charCodeAt(text.length - 1);
  // The shortest time that names a zone in figures has one character more.
  if (last <= 0x39 && last >= 0x30 && text.length <= 19) return { time, zone: 'local', half: isHalf(time) };
  // `Z` last; else a zone in figures is known to be meant.
  if (last !== 0x5a && NUMERIC_ZONE.test(text)) return { time, zone: 'utc', half: false };
  return {
    time,
    zone: last === 0x5a || /(?:z|utc)\s*$/i.test(text) ? 'claimed' : 'local',
    half: isHalf(time),
  };
}

const NUMERIC_ZONE = /:\d\d(?:[.,]\d+)?\s*[+-]\d\d:?\d\d\s*$/;
const DATE = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;
const HALF_DAY_CLOCK = /^(.{10}[T ]\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?([AP])\.?M\.?$/i;
const SLASHED = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (.{4,40})$/;

function readRare(given: string): Written {
  if (given.length > 64) return UNKNOWN;
  const text = given.replaceAll('\u202f', ' ').trim();
  const ms = DATE.exec(text)?.[1];
  if (ms !== undefined) return { time: Number(ms), zone: 'claimed', half: false };
  const slashed = SLASHED.exec(text);
  if (slashed !== null) {
    const [, first = '', second = '', year = '', rest = ''] = slashed;
    const read = (month: string, day: string): Written =>
      readWritten(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')} ${rest}`);
    if (Number(first) > 12) return { ...read(second, first), order: 'day' };
    const written = read(first, second);
    if (Number(second) > 12) return { ...written, order: 'month' };
    return Number(first) === Number(second) ? written : { ...written, dayFirst: read(second, first).time };
  }
  const clock = HALF_DAY_CLOCK.exec(text);
  const time = parseTime(clock?.[1] ?? '');
  if (clock === null || !isHalf(time)) return UNKNOWN;
  const noon = clock[2]?.toUpperCase() === 'P' ? 12 * HOUR : 0;
  return { time: time - (hourOf(time) === 12 ? 12 * HOUR : 0) + noon, zone: 'local', half: false };
}

/** A clock of 12 hours shows 1 to 12. */
function isHalf(time: number): boolean {
  const hour = hourOf(time);
  return hour >= 1 && hour <= 12;
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR) % 24;
}

/**
 * What has to be added to a local time to make it UTC: `ahead` milliseconds, of which the last `early` to `late` may be
 * delay and rounding. Null where that is no multiple of 15 minutes: then it is a delay and no zone. Unlimited in size.
 */
export function zoneIn(ahead: number, early: number, late: number): number | null {
  const zone = Math.round(ahead / QUARTER) * QUARTER;
  const rest = ahead - zone;
  return rest >= -early && rest <= late ? zone : null;
}
