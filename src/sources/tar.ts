/**
 * Tar: ustar, GNU long names, PAX paths and sizes (POSIX 1003.1, pax). Read from blocks as they come, because a cut
 * archive must give up all that it holds; names are only names, nothing is written anywhere.
 *
 *     0 name 100 | 124 size 12, octal or base 256 | 148 checksum 8 | 156 type | 157 link 100 | 257 "ustar" | 345 prefix 155
 */
import type { Code } from '../events/index.ts';
import { type Blocks, ByteCursor, type Reading } from './blocks.ts';
import { type Member, memberName } from './member.ts';

const RECORD = 512;
/** Long names and PAX headers larger than this are damage. */
const MAX_HEADER_DATA = 1024 * 1024;

/** The members of a tar archive. Each must be read, or left, before the next is asked for. */
export async function* tarMembers(source: string, blocks: Blocks, reading: Reading): AsyncGenerator<Member> {
  const cursor = new ByteCursor(blocks);
  const say = (code: Code, severity: 'error' | 'warning', message: string): void => {
    reading.trouble.push({ code, severity, message, where: { source, offset: cursor.offset }, lost: 0 });
  };
  let ended = false;
  let longName: string | null = null;
  let pax: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const header = await cursor.exactly(RECORD);
    if (header.length < RECORD) {
      if (header.length > 0)
        say(
          'archive-truncated',
          'error',
          `expected the header of a tar member, found ${header.length} bytes of it: the archive is cut, and what follows is lost`,
        );
      else if (!ended)
        say(
          'archive-truncated',
          'warning',
          'expected the end mark of the tar archive, found the end of its data: where it was cut, what followed is lost',
        );
      return;
    }
    if (header.every((byte) => byte === 0)) {
      ended = true;
      continue;
    }
    const size = readNumber(header.subarray(124, 136));
    if (!checksumRight(header) || size === null) {
      say(
        'archive-broken',
        'error',
        'expected the header of a tar member, found other bytes: what follows is lost',
      );
      // The layers below still have checksums to compare.
      for (let part = await cursor.some(65_536); part !== null;) part = await cursor.some(65_536);
      return;
    }
    ended = false;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const data = await cursor.exactly(Math.min(size, MAX_HEADER_DATA));
      await skip(cursor, padded(size) - data.length);
      if (type === 'x') pax = readPax(data);
      if (type === 'L') longName = cString(data);
      continue;
    }
    const name = memberName(pax.get('path') ?? longName ?? headerName(header));
    const length = paxSize(pax) ?? size;
    pax = new Map();
    longName = null;
    const end = cursor.offset + padded(length);
    const start = cursor.offset;
    if (type === '0' || type === '\0' || type === '7') {
      yield { name, size: length, blocks: cursor.upTo(length), unread: null };
    } else if (type !== '5') {
      const what = type === '1' || type === '2' ? 'a link' : 'a special file';
      yield { name, size: length, blocks: null, unread: `${what} in the archive, no file` };
    }
    await skip(cursor, end - cursor.offset);
    if (cursor.offset < start + length) {
      const message = `expected ${length} bytes of the member ${name}, found ${cursor.offset - start}: the archive is cut`;
      say('archive-truncated', 'error', message);
      return;
    }
  }
}

/** Whether a record is a tar header: the sum of its bytes, those of the checksum itself counted as blanks. */
export function checksumRight(header: Uint8Array): boolean {
  let sum = 8 * 0x20;
  for (let i = 0; i < RECORD; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  return readNumber(header.subarray(148, 156)) === sum;
}

function readNumber(field: Uint8Array): number | null {
  if ((field[0] ?? 0) >= 0x80) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = cString(field).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : null;
}

function headerName(header: Uint8Array): string {
  const name = cString(header.subarray(0, 100));
  const ustar = cString(header.subarray(257, 263)) === 'ustar';
  const prefix = ustar ? cString(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records of `LENGTH KEY=VALUE\n`; the length counts itself. Reading stops at the first that is none. */
function readPax(data: Buffer): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (let at = 0; at < data.length;) {
    const blank = data.indexOf(0x20, at);
    const length = Number(data.toString('latin1', at, Math.max(blank, at)));
    if (blank < 0 || blank - at > 10 || !Number.isInteger(length) || length <= blank - at) break;
    const [key = '', ...value] = data.toString('utf8', blank + 1, at + length - 1).split('=');
    entries.set(key, value.join('='));
    at += length;
  }
  return entries;
}

function paxSize(pax: ReadonlyMap<string, string>): number | null {
  const size = pax.get('size') ?? '';
  return /^\d{1,15}$/.test(size) ? Number(size) : null;
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}

function padded(size: number): number {
  return Math.ceil(size / RECORD) * RECORD;
}

async function skip(cursor: ByteCursor, count: number): Promise<void> {
  for (let missing = count; missing > 0;) {
    const part = await cursor.some(missing);
    if (part === null) return;
    missing -= part.length;
  }
}
