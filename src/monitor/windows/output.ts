/** Bytes that a Windows program prints -> text. Nobody says in which of many encodings they are. */

/**
 * UTF-16 where there is a byte order mark or a NUL (no OEM code page has one in text), UTF-8 where it is that, else one
 * character a byte. The last is wrong beyond ASCII, but what is looked for in such output is ASCII in every OEM code
 * page: numbers, and names that Windows does not translate. Never throws.
 */
export function decodeOutput(bytes: Uint8Array): string {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return utf16('utf-16le', bytes.subarray(2));
  if (a === 0xfe && b === 0xff) return utf16('utf-16be', bytes.subarray(2));
  const nul = bytes.subarray(0, 4096).indexOf(0);
  if (nul >= 0) return utf16(nul % 2 === 1 ? 'utf-16le' : 'utf-16be', bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

function utf16(encoding: 'utf-16le' | 'utf-16be', bytes: Uint8Array): string {
  return new TextDecoder(encoding).decode(bytes);
}

/** Lines with something in them, without what stands at their end. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r*\n|\r/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
