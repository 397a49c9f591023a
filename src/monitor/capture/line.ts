/** One line of what `bpftrace -f json` prints. */

export type Line =
  | { readonly kind: 'record'; readonly text: string }
  | { readonly kind: 'lost'; readonly records: number }
  | { readonly kind: 'attached'; readonly probes: number }
  /** What the tracer says of itself and nobody needs: maps at its end, empty lines. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' };

const RECORD_START = '{"type": "printf", "data": "';
const RECORD_END = '"}';

/**
 * Reads a line. In `latin1`, and in the text of a record, one character is one byte: paths and arguments need not be UTF-8,
 * and pieces may be cut within a character. bpftrace 0.17 prints a byte from 0x80 on as `\uffffffXX`; so do 0.23 and 0.27.
 */
export function readLine(latin1: string): Line {
  if (latin1.startsWith(RECORD_START) && latin1.endsWith(RECORD_END)) {
    const inner = latin1.slice(RECORD_START.length, -RECORD_END.length);
    if (!inner.includes('\\')) return { kind: 'record', text: inner };
  }
  if (latin1 === '') return { kind: 'other' };
  let message: { readonly type?: unknown; readonly data?: unknown; readonly helper?: unknown };
  try {
    message = JSON.parse(withBytes(latin1)) as typeof message;
  } catch {
    return { kind: 'unreadable' };
  }
  const { type, data } = message;
  if (type === 'printf' && typeof data === 'string') return { kind: 'record', text: data };
  // Two threads of a process that end together both delete its entry; the second finds none, and nothing is lost.
  if (type === 'helper_error')
    return message.helper === 'map_delete_elem' ? { kind: 'other' } : { kind: 'lost', records: 1 };
  if (type === 'map' || type === 'hist' || type === 'time') return { kind: 'other' };
  const { events, probes } = (data ?? {}) as { readonly events?: unknown; readonly probes?: unknown };
  if (type === 'lost_events' && typeof events === 'number') return { kind: 'lost', records: events };
  if (type === 'attached_probes' && typeof probes === 'number') return { kind: 'attached', probes };
  return { kind: 'unreadable' };
}

/** A backslash that is escaped itself begins no escape. */
function withBytes(line: string): string {
  return line.replace(/\\(?:uffffff([\da-f]{2})|[^])/g, (whole, byte: string | undefined) =>
    byte === undefined ? whole : `\\u00${byte}`,
  );
}

/** Text whose characters are bytes, as UTF-8 where these are UTF-8. */
export function fromLatin1(bytes: string): string {
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}
