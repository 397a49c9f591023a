/** The typed values of substitutions as the Rust tool `evtx_dump` writes them. */
import { arrayTexts, isShort, valueText } from '../evtx/index.ts';

const TEXT = 0x01;
const GUID = 0x0f;
const SIZE_T = 0x10;
const FILETIME = 0x11;
const SYSTEMTIME = 0x12;
const ARRAY = 0x80;

/** Whether JSON has a value of this type without quotes: integers, but of fewer bytes than they have, and booleans. */
export function isBareValue(type: number, size: number): boolean {
  return (type >= 0x03 && type <= 0x0a && !isShort(type, size)) || type === 0x0d;
}

/** Text of one value, `type` as in its descriptor, `size` bytes at `at`; empty for one that is not there. */
export function evtxDumpValue(bytes: Buffer, at: number, size: number, type: number): string {
  if ((type & ARRAY) !== 0) {
    return evtxDumpItems(bytes, at, size, type & 0x7f)
      .map(({ text }) => text)
      .join(',');
  }
  return adapted(valueText(bytes, at, size, type), size, type);
}

/** The items of an array; `type` without the array bit. */
export function evtxDumpItems(
  bytes: Buffer,
  at: number,
  size: number,
  type: number,
): { readonly text: string; readonly type: number }[] {
  return arrayTexts(bytes, at, size, type).map((text) => ({ text: adapted(text, size, type), type }));
}

/** Our text as the tool has it: GUIDs without braces, times with six decimals, strings up to their first NUL. */
function adapted(text: string, size: number, type: number): string {
  switch (type) {
    case TEXT: {
      const end = text.indexOf('\0');
      return end < 0 ? text : text.slice(0, end);
    }
    case GUID:
      return text.startsWith('{') ? text.slice(1, -1) : text;
    case SIZE_T:
      return text;
    case FILETIME:
      return text.length === 28 ? `${text.slice(0, -2)}Z` : text;
    case SYSTEMTIME:
      return size >= 16 ? `${text.slice(0, -1)}000Z` : text;
    default:
      return text;
  }
}
