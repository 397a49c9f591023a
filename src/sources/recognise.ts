/** Tells what a file is by its first bytes, never by its name. */
import { constants, gunzipSync } from 'node:zlib';
import { checksumRight } from './tar.ts';
import { headText } from './text.ts';

/** What a reader is there for; `tally` and `unknown` are told apart, but hold no events to read. */
export type Container =
  | 'evtx'
  | 'zip'
  | 'gzip'
  | 'tar'
  | 'json'
  | 'xml'
  | 'syslog'
  | 'segment'
  | 'tally'
  | 'unknown';

export interface Recognised {
  readonly kind: Container;
  /** What was seen, in words for a message. */
  readonly found: string;
}

/** How many first bytes `recognise` looks at: a chunk's magic stands behind a damaged EVTX header of 4096 bytes. */
export const HEAD_BYTES = 8192;

/** The kinds that can be read, in words for a message. */
export const READABLE =
  'EVTX, JSON, event XML, syslog lines of Sysmon for Linux, segments of an event log of noisefloor, or these in .zip, .gz, .tar';

/** `Mon dd hh:mm:ss host`, `<pri>1 time host`, or an ISO 8601 time first. */
const SYSLOG =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S|1 (?:\d{4}-\d\d-\d\dT|- )|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* \S+ \S)/;

/** Whether a line begins as syslog lines do (RFC 3164, RFC 5424, ISO 8601 time first). */
export function isSyslogLine(line: string): boolean {
  return SYSLOG.test(line);
}

/** Recognises a file by its first bytes (`HEAD_BYTES` of them, or all it has). */
export function recognise(head: Uint8Array): Recognised {
  if (head.length === 0) return { kind: 'unknown', found: 'an empty file' };
  if (startsWith(head, 'ElfFile\0')) return { kind: 'evtx', found: 'an event log' };
  if (startsWith(head, 'ElfChnk\0') || startsWith(head.subarray(4096), 'ElfChnk\0')) {
    return { kind: 'evtx', found: 'a chunk of an event log without its file header' };
  }
  if (startsWith(head, 'PK\x03\x04') || startsWith(head, 'PK\x05\x06')) {
    return { kind: 'zip', found: 'a zip archive' };
  }
  if (startsWith(head, '\x1f\x8b\x08'))
    return holdsTally(head) ? TALLY : { kind: 'gzip', found: 'gzip data' };
  if (head.length >= 512 && head[0] !== 0 && checksumRight(head))
    return { kind: 'tar', found: 'a tar archive' };
  if (SEGMENT.test(Buffer.from(head).toString('latin1')))
    return { kind: 'segment', found: 'a segment of an event log of noisefloor' };
  return (
    recogniseText(headText(head)) ?? { kind: 'unknown', found: `bytes that begin with "${shown(head)}"` }
  );
}

/** By its header; by its first event where the header is damaged. */
const SEGMENT =
  /^(?:\{"schema":"noisefloor\.events|(?:[^\n]*\n)?\{"source":"live",[^\n]*,"crc":"[0-9a-f]{8}"\}\r?\n)/;

const TALLY: Recognised = { kind: 'tally', found: 'a tally file' };
const TALLY_START = /^\{\s*"schema"\s*:\s*"noisefloor\.tally/;

/** Whether gzip data begins as tally files do. Of 8 KiB deflate makes 8 MiB at most. */
function holdsTally(head: Uint8Array): boolean {
  try {
    const inflated = gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
    return TALLY_START.test(inflated.subarray(0, 64).toString('latin1'));
  } catch {
    return false;
  }
}

function recogniseText(whole: string): Recognised | null {
  const text = whole.replace(/^\s*(?:Record \d+\s+)?/, '');
  if (TALLY_START.test(text)) return TALLY;
  if (/^[{[]/.test(text)) return { kind: 'json', found: 'JSON' };
  if (text.startsWith('<') && !/^<\d{1,3}>/.test(text)) return recogniseXml(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const plausible = lines.filter(isSyslogLine);
  const holdsEvent = lines.some((line) => /^.{0,300}: <Event[\s>]/.test(line));
  // The last line is cut, and a message may go on over several lines.
  if (holdsEvent || (plausible.length > 0 && plausible.length * 2 >= lines.length - 1)) {
    return { kind: 'syslog', found: 'syslog lines' };
  }
  return null;
}

function recogniseXml(text: string): Recognised {
  const root = /^<(?:[\w.-]+:)?([\w.-]+)(?=[\s>/])/.exec(afterProlog(text))?.[1];
  if (root === 'Event' || root === 'Events') return { kind: 'xml', found: 'event XML' };
  if (root === 'Sysmon') {
    return { kind: 'unknown', found: 'a Sysmon configuration, which is a QUESTION and no log' };
  }
  return {
    kind: 'unknown',
    found: root === undefined ? 'XML without an element' : `XML that begins with <${root}>`,
  };
}

/** What follows the XML declaration, comments and white space. */
function afterProlog(text: string): string {
  let rest = text.trimStart();
  for (const [open, close] of [
    ['<?', '?>'],
    ['<!--', '-->'],
  ] as const) {
    while (rest.startsWith(open)) {
      const end = rest.indexOf(close);
      if (end < 0) return '';
      rest = rest.slice(end + close.length).trimStart();
    }
  }
  return rest;
}

function startsWith(head: Uint8Array, magic: string): boolean {
  return Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic;
}

/** The first bytes, with all that is not plain ASCII as `\xNN`. */
function shown(head: Uint8Array): string {
  return Array.from(head.subarray(0, 16), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
