/** The bytes of a configuration -> its text, as the engine reads them (sysmon-semantics, section 1). */

export interface Decoded {
  /** Without byte order mark. */
  readonly text: string;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';
  readonly byteOrderMark: boolean;
  /** Some bytes are none of this encoding; the text has U+FFFD for them. */
  readonly broken?: true;
}

/** Decodes the bytes of a configuration. Bytes that the encoding does not have become U+FFFD. */
export function decodeConfig(bytes: Uint8Array): Decoded {
  const [a, b, c] = bytes;
  if (a === 0xff && b === 0xfe) return decoded(bytes.subarray(2), 'utf-16le', true);
  if (a === 0xfe && b === 0xff) return decoded(bytes.subarray(2), 'utf-16be', true);
  if (a === 0xef && b === 0xbb && c === 0xbf) return decoded(bytes.subarray(3), 'utf-8', true);
  if (b === 0) return decoded(bytes, 'utf-16le', false);
  // The declaration stands in ASCII, whatever follows it.
  const head = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  const declared = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1]?.toLowerCase();
  const latin = declared === 'iso-8859-1' || declared === 'latin1' || declared === 'windows-1252';
  return decoded(bytes, latin ? 'latin1' : 'utf-8', false);
}

function decoded(bytes: Uint8Array, encoding: Decoded['encoding'], byteOrderMark: boolean): Decoded {
  if (encoding === 'latin1') return { text: Buffer.from(bytes).toString('latin1'), encoding, byteOrderMark };
  const options = { ignoreBOM: true };
  try {
    const text = new TextDecoder(encoding, { ...options, fatal: true }).decode(bytes);
    return { text, encoding, byteOrderMark };
  } catch {
    const text = new TextDecoder(encoding, options).decode(bytes);
    return { text, encoding, byteOrderMark, broken: true };
  }
}

/** The bytes of a text in the encoding that it was read in. */
export function encodeConfig({ text, encoding, byteOrderMark }: Decoded): Uint8Array {
  const whole = byteOrderMark ? `\uFEFF${text}` : text;
  if (encoding === 'latin1') return Buffer.from(text, 'latin1');
  const bytes = Buffer.from(whole, encoding === 'utf-8' ? 'utf8' : 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}
