/** Reads and writes the times of logs. All times are milliseconds since 1970 UTC. */

/** `2021-03-14 06:39:30.227` (Sysmon's UtcTime) and ISO 8601 with any number of decimals, with or without zone. */
const TIME =
  /^\s*(\d{4})-(\d{2})-(\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$/i;

/** Milliseconds since 1970 of a time as logs write it (UTC unless it says another zone); NaN for anything else. */
export function parseTime(text: string): number {
  const usual = parseUsual(text);
  if (!Number.isNaN(usual)) return usual;
  const match = TIME.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = match;
  const [mo, d, h, mi, s] = [Number(month), Number(day), Number(hour), Number(minute), Number(second)];
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60) return Number.NaN;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const utc = Date.UTC(Number(year), mo - 1, d, h, mi, s, ms);
  if (!hasDay(Number(year), mo, d)) return Number.NaN;
  if (!/^[+-]/.test(zone)) return utc;
  const sign = zone.startsWith('-') ? -1 : 1;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return utc - sign * minutes * 60_000;
}

/** The date read last, as the number that its digits make, and its first millisecond: logs go on day by day. */
let lastDate = -1;
let lastDay = 0;

/** Times as almost all logs write them, `2021-03-14 06:39:30.227` and `2021-03-14T06:39:30.2270000Z`; NaN for any other. */
function parseUsual(text: string): number {
  const { length } = text;
  const gap = text.charCodeAt(10);
  if (length < 19 || (gap !== 0x20 && gap !== 0x54)) return Number.NaN;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return Number.NaN;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return Number.NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  // Of years before 100, Date.UTC makes others.
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return Number.NaN;
  let ms = 0;
  let at = 19;
  const point = text.charCodeAt(at);
  if (point === 0x2e || point === 0x2c) {
    let scale = 100;
    const start = ++at;
    for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) {
      ms += (code - 0x30) * Math.floor(scale);
      scale /= 10;
    }
    if (at === start || at - start > 9) return Number.NaN;
  }
  if (text.charCodeAt(at) === 0x5a) at++;
  if (at !== length) return Number.NaN;
  const date = (year * 100 + month) * 100 + day;
  if (date !== lastDate) {
    if (!hasDay(year, month, day)) return Number.NaN;
    lastDay = Date.UTC(year, month - 1, day);
    lastDate = date;
  }
  return lastDay + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** Whether a month has that day. */
function hasDay(year: number, month: number, day: number): boolean {
  return day <= 28 || new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** The number that two digits are; NaN if they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** ISO 8601 in UTC with milliseconds; an empty string for a time that is not known. */
export function formatTime(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : '';
}

/** Whether a text is a day of the calendar, such as `2024-02-29`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
