/** Values of rules that are more than text: parts of Base64, networks, numbers and times; computed the long way round. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The letters of Base64 that are the same whatever stands before and behind, after so many bytes. */
export function sextets(bytes: Buffer, offset: number): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const first = (6 - ((8 * offset) % 6)) % 6;
  return (bits.slice(first).match(/.{6}/g) ?? []).map((six) => ALPHABET[Number.parseInt(six, 2)]!).join('');
}

/** The bits of an address. */
function addressBits(text: string): string | null {
  const parts = text.split('.');
  if (parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return parts.map((part) => Number(part).toString(2).padStart(8, '0')).join('');
  }
  if (!/^[\da-f:.]+$/i.test(text) || !text.includes(':')) return null;
  const [, front, last = ''] = /^(.*:)([^:]*)$/.exec(text)!;
  const four = last.includes('.') ? addressBits(last) : null;
  if (last.includes('.') && four === null) return null;
  const tail =
    four === null
      ? last
      : [four.slice(0, 16), four.slice(16)].map((half) => Number.parseInt(half, 2).toString(16)).join(':');
  const halves = `${front}${tail}`.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - groups.flat().length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const whole = [...groups[0]!, ...Array.from({ length: missing }, () => '0'), ...(groups[1] ?? [])];
  if (!whole.every((group) => /^[\da-f]{1,4}$/i.test(group))) return null;
  return whole.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}

export function inNetwork(text: string, network: string): boolean {
  const [address, length] = network.split('/');
  const wanted = addressBits(address!);
  const found = addressBits(text);
  if (wanted === null || found === null || wanted.length !== found.length) return false;
  const bits = length === undefined ? wanted.length : Number(length);
  return found.slice(0, bits) === wanted.slice(0, bits);
}

export function compared(text: string, order: string, value: string): boolean {
  const number = /^[+-]?\d+(?:\.\d+)?$/;
  if (!number.test(text) || !number.test(value)) return false;
  const places = Math.max(...[text, value].map((one) => one.split('.')[1]?.length ?? 0));
  const [found, wanted] = [text, value].map((one) => {
    const [whole = '', fraction = ''] = one.replace('+', '').split('.');
    return BigInt(whole + fraction.padEnd(places, '0'));
  }) as [bigint, bigint];
  return found === wanted ? order.endsWith('e') : found < wanted === order.startsWith('l');
}

export const TIME_PARTS: Readonly<Record<string, (time: Date) => number>> = {
  minute: (time) => time.getUTCMinutes(),
  hour: (time) => time.getUTCHours(),
  day: (time) => time.getUTCDate(),
  month: (time) => time.getUTCMonth() + 1,
  year: (time) => time.getUTCFullYear(),
  /** ISO 8601: a week belongs to the year of its Thursday. */
  week: (time) => {
    const thursday = new Date(time);
    while (thursday.getUTCDay() !== 4) {
      thursday.setUTCDate(thursday.getUTCDate() + ([5, 6, 0].includes(thursday.getUTCDay()) ? -1 : 1));
    }
    return (
      1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * 86_400_000))
    );
  },
};

export function timePart(text: string, part: string): number {
  const iso = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (!iso) return Number.NaN;
  return TIME_PARTS[part]!(new Date(text.replace(' ', 'T') + (iso[1] === undefined ? 'Z' : '')));
}
