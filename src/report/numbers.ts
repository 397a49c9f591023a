/** Numbers, times and rates as people read them. */
import { type Rate, significant, wholeNumber } from '../analysis/index.ts';

/** `12,345`: a count, in full. */
export function count(value: number): string {
  return Number.isFinite(value) ? wholeNumber(Math.round(value)) : '?';
}

/** `1 host`, `2 hosts`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Three significant digits, thousands separated: `4.36`, `0.0123`, `12,300`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  // Past these even three digits are a row of zeros that nobody can count.
  if (exponent < -6 || exponent > 14) return value.toExponential(2);
  return significant(value, 3);
}

/** `85 %`; `<1 %` for what is little but there, `>99 %` for what is not quite all. */
export function share(part: number, whole: number): string {
  if (!(whole > 0) || part <= 0) return '0 %';
  const percent = (100 * part) / whole;
  if (percent < 1) return '<1 %';
  return percent > 99 && part < whole ? '>99 %' : `${Math.round(percent)} %`;
}

/** `1.5 h`-style sizes of files: `12.3 MB`. */
export function byteCount(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${count(value)} bytes` : `${figure(value)} ${units[unit]}`;
}

/** A length of time in one unit: `10 minutes`, `3 hours`, `1.5 days`. */
export function duration(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
  ];
  const [size, name] = units.find(([length]) => ms >= length) ?? [1000, 'second'];
  const value = ms / size;
  return `${figure(value)} ${name}${value === 1 ? '' : 's'}`;
}

/** `2026-01-05 08:00` of an ISO 8601 time; `?` where it is not known. */
export function minute(time: string): string {
  return /^[+-]?\d+-\d\d-\d\dT\d\d:\d\d/.test(time)
    ? time.slice(0, time.indexOf('T') + 6).replace('T', ' ')
    : '?';
}

/** A rate in the unit that gives a number of one or more: `once every 4.36 host-hours`, `2.4 per host-hour`. */
export function rateText(perUnit: number, unit: string): string {
  if (perUnit === 0) return 'none';
  return perUnit < 1 ? `once every ${figure(1 / perUnit)} ${unit}s` : `${figure(perUnit)} per ${unit}`;
}

/** `95 %` of a rate's interval. */
export function confidenceText({ confidence }: Rate): string {
  return `${figure(100 * confidence)} %`;
}

/** The bounds of a rate, in the unit that `rateText` chose for it: `2.81 to 7.14`. */
export function boundsText({ estimate, low, high }: Rate): string {
  const most = high ?? Infinity;
  if (estimate === 0) return high ? `at most one in ${figure(1 / high)}` : 'no bound';
  // Under one the figures are reciprocals, and so the bounds change places.
  // A low end that is zero but for rounding is none.
  const [from, to] = estimate < 1 ? [1 / most, low > 1e-9 ? 1 / low : Infinity] : [low, most];
  if (from <= 0) return to === Infinity ? 'no bound' : `at most ${figure(to)}`;
  return to === Infinity ? `${figure(from)} or more` : `${figure(from)} to ${figure(to)}`;
}

/** `95 %: 2.81 to 7.14`. */
export function intervalText(rate: Rate): string {
  return `${confidenceText(rate)}: ${boundsText(rate)}`;
}

/** A share and its bounds: `50 %` and `7 % to 93 %`. */
export function shareTexts({ estimate, low, high }: Rate): [share: string, bounds: string] {
  if (estimate === 0) return [share(0, 1), `up to ${share(high ?? 1, 1)}, 1-sided`];
  return [share(estimate, 1), `${share(low, 1)} to ${share(high ?? 1, 1)}`];
}

/** What an alert throttled to one an hour would mean: `about 390 alerts a day on 1,000 hosts that are up all day`. */
export function fleetText(perDay: number): string {
  const fleet = 'on 1,000 hosts that are up all day';
  if (perDay === 0) return `no alert ${fleet}`;
  if (perDay >= 1) return `about ${counted3(perDay, 'alert')} a day ${fleet}`;
  return `about one alert in ${figure(1 / perDay)} days ${fleet}`;
}

function counted3(value: number, one: string): string {
  const text = figure(value);
  return `${text} ${text === '1' ? one : `${one}s`}`;
}
