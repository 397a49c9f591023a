/**
 * The typed values of substitutions, and their text. The text is what Windows writes into event XML, with three choices
 * of Sysmon's filters (sysmon-semantics, 7.1): GUIDs are upper-case in braces, hexadecimal is lower-case, times end in Z.
 */
const FILETIME_EPOCH_MS = 11_644_473_600_000n;

/** Milliseconds since 1970 of a FILETIME of zero. */
export const FILETIME_ZERO_MS: number = -Number(FILETIME_EPOCH_MS);

export const VALUE_BINXML = 0x21;
export const VALUE_ARRAY = 0x80;

/** Size in bytes of each element type of fixed size. */
const FIXED_SIZE: Readonly<Record<number, number>> = {
  0x03: 1,
  0x04: 1,
  0x05: 2,
  0x06: 2,
  0x07: 4,
  0x08: 4,
  0x09: 8,
  0x0a: 8,
  0x0b: 4,
  0x0c: 8,
  0x0d: 4,
  0x0f: 16,
  0x11: 8,
  0x12: 16,
  0x14: 4,
  0x15: 8,
};

/** Whether a value has fewer bytes than its type. */
export function isShort(type: number, size: number): boolean {
  const fixed = FIXED_SIZE[type];
  return fixed !== undefined && size < fixed;
}

/** Text of one value that is no array: `type` as in the descriptor, `size` bytes at `at`. */
export function valueText(bytes: Buffer, at: number, size: number, type: number): string {
  if (isShort(type, size)) return shortValue(bytes, at, size, type);
  switch (type) {
    case 0x00:
      return '';
    case 0x01:
    case 0x23:
      return utf16Text(bytes, at, size);
    case 0x02:
      return ansiText(bytes, at, size);
    case 0x03:
      return String(bytes.readInt8(at));
    case 0x04:
      return String(bytes.readUInt8(at));
    case 0x05:
      return String(bytes.readInt16LE(at));
    case 0x06:
      return String(bytes.readUInt16LE(at));
    case 0x07:
      return String(bytes.readInt32LE(at));
    case 0x08:
      return String(bytes.readUInt32LE(at));
    case 0x09:
      return String(bytes.readBigInt64LE(at));
    case 0x0a:
      return String(bytes.readBigUInt64LE(at));
    case 0x0b:
      return String(Math.fround(bytes.readFloatLE(at)));
    case 0x0c:
      return String(bytes.readDoubleLE(at));
    case 0x0d:
      return bytes.readUInt32LE(at) === 0 ? 'false' : 'true';
    case 0x0f:
      return guidText(bytes, at);
    case 0x10:
      return size >= 8
        ? hexText(bytes.readBigUInt64LE(at))
        : size >= 4
          ? hexText(bytes.readUInt32LE(at))
          : '';
    case 0x11:
      return filetimeText(bytes.readBigUInt64LE(at));
    case 0x12:
      return systemtimeText(bytes, at);
    case 0x13:
      return sidText(bytes, at, size);
    case 0x14:
      return hexText(bytes.readUInt32LE(at));
    case 0x15:
      return hexText(bytes.readBigUInt64LE(at));
    default:
      return bytes.toString('hex', at, at + size).toUpperCase();
  }
}

/** Texts of the elements of an array value; `type` without the array bit. Bytes past the last whole element are one more. */
export function arrayTexts(bytes: Buffer, at: number, size: number, type: number): string[] {
  const end = at + size;
  const texts: string[] = [];
  if (type === 0x01 || type === 0x02) {
    // Strings stand one after another, each with its NUL; the last NUL may be missing.
    const step = type === 0x01 ? 2 : 1;
    let start = at;
    for (let p = at; p + step <= end; p += step) {
      if (step === 2 ? bytes.readUInt16LE(p) !== 0 : bytes[p] !== 0) continue;
      texts.push(step === 2 ? utf16Text(bytes, start, p - start) : ansiText(bytes, start, p - start));
      start = p + step;
    }
    if (end - start >= step) {
      texts.push(step === 2 ? utf16Text(bytes, start, end - start) : ansiText(bytes, start, end - start));
    }
    return texts;
  }
  if (type === 0x13) {
    for (let p = at; p + 8 <= end;) {
      const length = 8 + 4 * bytes[p + 1]!;
      texts.push(sidText(bytes, p, Math.min(length, end - p)));
      p += length;
    }
    return texts;
  }
  const element = FIXED_SIZE[type];
  if (element === undefined) return [valueText(bytes, at, size, type)];
  for (let p = at; p < end; p += element) texts.push(valueText(bytes, p, Math.min(element, end - p), type));
  return texts;
}

/** Characters of texts, and bytes of them as strings in JSON, quotes included. */
export interface TextSize {
  characters: number;
  jsonBytes: number;
}

/** Bits that no two ASCII characters of UTF-16 have. */
const NOT_ASCII = 0xff80ff80 | 0;

/** Bytes that JSON takes for each ASCII character. */
const JSON_BYTES = Uint8Array.from(
  { length: 128 },
  (_, unit) => JSON.stringify(String.fromCharCode(unit)).length - 2,
);

/** Adds the size of one value that is no array, as `valueText` gives it, without making the text. */
export function addTextSize(
  into: TextSize,
  { bytes, view }: { readonly bytes: Buffer; readonly view: DataView },
  at: number,
  size: number,
  type: number,
): void {
  if (type !== 0x01) {
    // The two that stand in nearly every record of Sysmon: of 16 bytes a GUID makes 38 characters, a number its digits.
    const length =
      type === 0x0f && size >= 16 ? 38 : type === 0x08 && size >= 4 ? digitsOf(view.getUint32(at, true)) : 0;
    const text = length > 0 ? '' : valueText(bytes, at, size, type);
    into.characters += length > 0 ? length : text.length;
    into.jsonBytes += length > 0 ? length + 2 : Buffer.byteLength(JSON.stringify(text));
    return;
  }
  const end = textEnd(bytes, at, size);
  let json = 2;
  for (let p = at; p < end; p += 2) {
    // Most texts are ASCII: two characters at once.
    const pair = p + 4 <= end ? view.getUint32(p, true) : NOT_ASCII;
    if ((pair & NOT_ASCII) === 0) {
      json += JSON_BYTES[pair & 0x7f]! + JSON_BYTES[pair >>> 16]!;
      p += 2;
      continue;
    }
    const unit = view.getUint16(p, true);
    if (unit < 0x80) json += JSON_BYTES[unit]!;
    else if (unit < 0x800) json += 2;
    else if ((unit & 0xf800) !== 0xd800) json += 3;
    else if (unit < 0xdc00 && p + 2 < end && (view.getUint16(p + 2, true) & 0xfc00) === 0xdc00) {
      json += 4;
      p += 2;
    }
    // One half of a pair is written as `\udXXX`.
    else json += 6;
  }
  into.characters += (end - at) / 2;
  into.jsonBytes += json;
}

/** Decimal digits of a whole number below 2^32. */
function digitsOf(value: number): number {
  let digits = 1;
  for (let most = 10; value >= most; most *= 10) digits += 1;
  return digits;
}

/** Where UTF-16 text ends without the NULs that some writers leave at its end. */
export function textEnd(bytes: Buffer, at: number, size: number): number {
  let end = at + (size & ~1);
  while (end > at && bytes[end - 2] === 0 && bytes[end - 1] === 0) end -= 2;
  return end;
}

/** UTF-16 text without the NULs that some writers leave at its end. */
export function utf16Text(bytes: Buffer, at: number, size: number): string {
  const end = textEnd(bytes, at, size);
  return end === at ? '' : bytes.toString('utf16le', at, end);
}

/** Single-byte text, up to its first trailing NUL. The code page is not in the log: bytes are read as Latin-1. */
function ansiText(bytes: Buffer, at: number, size: number): string {
  let end = at + size;
  while (end > at && bytes[end - 1] === 0) end -= 1;
  return bytes.toString('latin1', at, end);
}

/** A type of fixed size with fewer bytes than it needs: a boolean is told by those that are there, all else is its bytes. */
function shortValue(bytes: Buffer, at: number, size: number, type: number): string {
  if (size === 0) return '';
  if (type === 0x0d) return bytes.subarray(at, at + size).some((byte) => byte !== 0) ? 'true' : 'false';
  return bytes.toString('hex', at, at + size).toUpperCase();
}

function hexText(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

function guidText(bytes: Buffer, at: number): string {
  const h = (offset: number): string => HEX[bytes[at + offset]!]!;
  return `{${h(3)}${h(2)}${h(1)}${h(0)}-${h(5)}${h(4)}-${h(7)}${h(6)}-${h(8)}${h(9)}-${h(10)}${h(11)}${h(12)}${h(13)}${h(14)}${h(15)}}`;
}

/** Milliseconds since 1970 of a FILETIME in two halves. Exact: 2^32 is 429496 times ten thousand and 7296. */
export function filetimeToMs(low: number, high: number): number {
  return high * 429_496 + Math.floor((high * 7296 + low) / 10_000) + FILETIME_ZERO_MS;
}

/** A record that stands in its log further than this from its event's own time is told as late, milliseconds; as in kernel/scan.ts. */
const LATE_MS = 60_000;

/** How far a record's time is from the event's own, milliseconds, where that is late; else 0. */
export function delayOf(time: number, created: number): number {
  const delay = created > FILETIME_ZERO_MS ? Math.abs(time - created) : 0;
  return delay > LATE_MS ? delay : 0;
}

/** Milliseconds since 1970 of a FILETIME (100 ns since 1601), rounded down. */
export function filetimeMs(bytes: Buffer, at: number): number {
  return filetimeToMs(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
}

function filetimeText(ticks: bigint): string {
  const date = new Date(Number(ticks / 10_000n - FILETIME_EPOCH_MS));
  if (Number.isNaN(date.getTime())) return String(ticks);
  return `${date.toISOString().slice(0, -1)}${String(ticks % 10_000n).padStart(4, '0')}Z`;
}

/** SYSTEMTIME: year, month, day of week, day, hour, minute, second, milliseconds, each u16. */
function systemtimeText(bytes: Buffer, at: number): string {
  const [year, month, , day, hour, minute, second, ms] = Array.from({ length: 8 }, (_, i) =>
    bytes.readUInt16LE(at + 2 * i),
  );
  const two = (value: number | undefined): string => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${String(ms).padStart(3, '0')}Z`;
}

/** SID: revision u8, count u8, authority 48 bits big-endian, then `count` sub-authorities u32. */
function sidText(bytes: Buffer, at: number, size: number): string {
  if (size < 8) return bytes.toString('hex', at, at + size).toUpperCase();
  const count = Math.min(bytes[at + 1]!, (size - 8) >> 2);
  let text = `S-${bytes[at]}-${bytes.readUIntBE(at + 2, 6)}`;
  for (let i = 0; i < count; i++) text += `-${bytes.readUInt32LE(at + 8 + 4 * i)}`;
  return text;
}
