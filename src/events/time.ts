/** Reads and writes the times of logs. All times are milliseconds since 1970 UTC. */

/** `2021-03-14 06:39:30.227` (Sysmon's UtcTime) and ISO 8601 with any number of decimals, with or without zone. */
const TIME =
  /^\s*(\d{4})-(\d{2})-(\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$/i;

/** Milliseconds since 1970 of a time as logs write it (UTC unless it says another zone); NaN for anything else. */
export function parseTime(text: string): number {
  const match = TIME.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = match;
  const [mo, d, h, mi, s] = [Number(month), Number(day), Number(hour), Number(minute), Number(second)];
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60) return Number.NaN;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const utc = Date.UTC(Number(year), mo - 1, d, h, mi, s, ms);
  if (!/^[+-]/.test(zone)) return utc;
  const sign = zone.startsWith('-') ? -1 : 1;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return utc - sign * minutes * 60_000;
}

/** ISO 8601 in UTC with milliseconds; an empty string for a time that is not known. */
export function formatTime(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : '';
}
