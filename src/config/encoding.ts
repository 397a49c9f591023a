/** The bytes of a configuration -> its text, as the engine reads them (sysmon-semantics, section 1). */

export interface Decoded {
  /** Without byte order mark. */
  readonly text: string;
  /** `utf-8`, `utf-16le`, `utf-16be`, or one of a byte for each character, such as `windows-1252`. */
  readonly encoding: string;
  readonly byteOrderMark: boolean;
  /** Why it is no text that Sysmon loads: what was expected, what was found, and what to do. */
  readonly broken?: string;
}

const LATIN1 = 'iso-8859-1';
/** Node's own decoder takes it for ISO-8859-1 (20.20), and the standard of the web takes that for this one. */
const WESTERN = 'windows-1252';
const WESTERN_80 = '€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ';
/** Names by which files declare an encoding of a byte for each character. */
const LATIN1_NAME = /^(?:iso[-_]?8859[-_]1|latin-?1|l1)$/;
const SINGLE_BYTE = /^(?:(?:windows-|cp)(125[0-8])|iso-?8859-([2-8]|1[03456])|(koi8-[ru]))$/;
const DECLARATION = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/;

/** Decodes the bytes of a configuration. Bytes that the encoding does not have become U+FFFD. */
export function decodeConfig(bytes: Uint8Array): Decoded {
  const [a, b, c] = bytes;
  if (a === 0xff && b === 0xfe) return decoded(bytes.subarray(2), 'utf-16le', true);
  if (a === 0xfe && b === 0xff) {
    const broken =
      'expected UTF-8 or UTF-16LE, found UTF-16BE, which Sysmon takes for 8-bit text: save it as UTF-8';
    return { broken, ...decoded(bytes.subarray(2), 'utf-16be', true) };
  }
  if (b === 0) return decoded(bytes, 'utf-16le', false);
  const byteOrderMark = a === 0xef && b === 0xbb && c === 0xbf;
  const rest = byteOrderMark ? bytes.subarray(3) : bytes;
  // The declaration stands in ASCII, whatever follows it.
  const head = Buffer.from(rest.subarray(0, 256)).toString('latin1');
  const [, declared = 'utf-8'] = DECLARATION.exec(head) ?? [];
  const encoding = encodingNamed(declared);
  if (encoding !== null) return decoded(rest, byteOrderMark ? 'utf-8' : encoding, byteOrderMark);
  const broken = /^(?:utf-?16|ucs-?2|unicode)/i.test(declared)
    ? `expected ${declared}, as the file declares, found 8-bit text: declare UTF-8, or save it as UTF-16LE with its byte order mark`
    : `expected UTF-8, UTF-16, or an encoding of one byte for each character, found the declaration of "${declared}", by which Sysmon may not load it: save it as UTF-8, and declare that`;
  return { broken, ...decoded(rest, 'utf-8', byteOrderMark) };
}

/** Its name here; null for one that is not read. */
function encodingNamed(declared: string): string | null {
  const name = declared.toLowerCase();
  // What ASCII has, UTF-8 has the same way.
  if (/^(?:utf-?8|(?:us-)?ascii)$/.test(name)) return 'utf-8';
  if (LATIN1_NAME.test(name)) return LATIN1;
  const [, page, part, other] = SINGLE_BYTE.exec(name) ?? [];
  return page !== undefined ? `windows-${page}` : part !== undefined ? `iso-8859-${part}` : (other ?? null);
}

function decoded(bytes: Uint8Array, encoding: string, byteOrderMark: boolean): Decoded {
  const table = tableOf(encoding);
  const text = table
    ? Array.from(bytes, (byte) => table.page[byte]!).join('')
    : new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  const whole = { text, encoding, byteOrderMark };
  if (Buffer.from(encodeConfig(whole)).equals(Buffer.concat([markOf(whole), bytes]))) return whole;
  const broken = `expected ${encoding.toUpperCase()}, found bytes that are none: save it as UTF-8, or declare the encoding that it has`;
  return { ...whole, broken };
}

function markOf({ encoding, byteOrderMark }: Decoded): Uint8Array {
  if (!byteOrderMark) return new Uint8Array();
  return Uint8Array.from(
    { 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] }[encoding] ?? [0xef, 0xbb, 0xbf],
  );
}

/** The bytes of a text in the encoding that it was read in, which holds it (`replaceLacking`). */
export function encodeConfig(source: Decoded): Uint8Array {
  const { text, encoding } = source;
  const table = tableOf(encoding);
  if (table) return Uint8Array.from(text, (char) => table.bytes.get(char) ?? 0x3f);
  const plain = Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'utf16le');
  return Buffer.concat([markOf(source), encoding === 'utf-16be' ? plain.swap16() : plain]);
}

/** A text in which something else stands for what an encoding does not have. */
export function replaceLacking(text: string, encoding: string, otherwise: (char: string) => string): string {
  const table = tableOf(encoding);
  if (!table) return text;
  return text.replace(/[^\0-\x7F]/gu, (char) => (table.bytes.has(char) ? char : otherwise(char)));
}

interface Table {
  /** By byte; U+FFFD for one that the encoding does not have. */
  readonly page: readonly string[];
  readonly bytes: ReadonlyMap<string, number>;
}

const tables = new Map<string, Table>();

/** The characters of an encoding of one byte each; null for any other. */
function tableOf(encoding: string): Table | null {
  if (encoding.startsWith('utf-')) return null;
  let table = tables.get(encoding);
  if (!table) {
    const decoder = [LATIN1, WESTERN].includes(encoding) ? null : new TextDecoder(encoding);
    const page = Array.from({ length: 256 }, (_, byte) => {
      const char = decoder?.decode(Uint8Array.of(byte)) ?? String.fromCharCode(byte);
      if (char < '\x80' || char > '\x9F') return char;
      // Where the standard of the web has controls, the others have nothing.
      if (encoding === WESTERN) return WESTERN_80[byte - 0x80]!;
      return encoding.startsWith('windows-') ? '\uFFFD' : char;
    });
    const bytes = new Map(page.map((char, byte) => [char, byte]));
    bytes.delete('\uFFFD');
    tables.set(encoding, (table = { page, bytes }));
  }
  return table;
}
