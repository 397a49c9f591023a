/** Gzip (RFC 1952): one or more members, each a header, a deflate stream, its CRC-32 and its size. */
import type { Code } from '../events/index.ts';
import { type Blocks, ByteCursor, type Reading } from './blocks.ts';
import { type Inflated, inflate } from './inflate.ts';

const MAGIC = Buffer.from([0x1f, 0x8b, 8]);
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const HEADER_CHECKSUM = 2;

/** The bytes of all members. A cut or damaged file yields what could be inflated, and a diagnostic. */
export async function* gunzip(source: string, blocks: Blocks, reading: Reading): AsyncGenerator<Uint8Array> {
  const cursor = new ByteCursor(blocks);
  const say = (
    code: Code,
    offset: number,
    message: string,
    severity: 'error' | 'warning' = 'error',
  ): void => {
    reading.trouble.push({ code, severity, message, where: { source, offset }, lost: 0 });
  };
  for (let members = 0; ; members++) {
    // Padding with zeros is usual on tapes.
    if (members > 0 && (await skipZeros(cursor))) return;
    const start = cursor.offset;
    const header = await cursor.exactly(10);
    if (!header.subarray(0, 3).equals(MAGIC)) {
      const message = `expected the end of the gzip file or a further member, found other bytes at byte ${start}: they are not read`;
      say('archive-trailing-bytes', start, message, 'warning');
      return;
    }
    await skipHeader(cursor, header[3] ?? 0);
    const { checksum, size, failure }: Inflated = yield* inflate(cursor);
    if (failure !== null) {
      const message = `expected deflated data up to its end, found: ${failure} at byte ${cursor.offset}: what comes after is lost`;
      say(
        failure === 'unexpected end of file' ? 'archive-truncated' : 'archive-broken',
        cursor.offset,
        message,
      );
      return;
    }
    const trailer = await cursor.exactly(8);
    if (trailer.length < 8) {
      say(
        'archive-truncated',
        cursor.offset,
        'expected checksum and size at the end of the gzip file, found its end',
      );
      return;
    }
    if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== size % 2 ** 32) {
      say(
        'archive-checksum',
        cursor.offset - 8,
        'the inflated data does not match its checksum: it is damaged',
      );
    }
  }
}

/** Skips the parts of a header that its flags announce. */
async function skipHeader(cursor: ByteCursor, flags: number): Promise<void> {
  if ((flags & EXTRA) !== 0) {
    const length = await cursor.exactly(2);
    if (length.length === 2) await cursor.exactly(length.readUInt16LE(0));
  }
  if ((flags & NAME) !== 0) await skipText(cursor);
  if ((flags & COMMENT) !== 0) await skipText(cursor);
  if ((flags & HEADER_CHECKSUM) !== 0) await cursor.exactly(2);
}

/** Skips zeros; true where nothing else follows. */
async function skipZeros(cursor: ByteCursor): Promise<boolean> {
  for (let part = await cursor.some(4096); part !== null; part = await cursor.some(4096)) {
    const other = part.findIndex((byte) => byte !== 0);
    if (other >= 0) {
      cursor.unread(part.subarray(other));
      return false;
    }
  }
  return true;
}

/** Skips a text that ends with a zero. */
async function skipText(cursor: ByteCursor): Promise<void> {
  for (let part = await cursor.some(4096); part !== null; part = await cursor.some(4096)) {
    const end = part.indexOf(0);
    if (end >= 0) {
      cursor.unread(part.subarray(end + 1));
      return;
    }
  }
}
