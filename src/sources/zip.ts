/** Zip (APPNOTE 6.3): members by the central directory, or one local header after the other where that is cut off. */
import type { Code } from '../events/index.ts';
import type { FileHandle } from 'node:fs/promises';
import { type Entry, fromFdPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import { crc32 } from 'node:zlib';
import { ByteCursor, fileBlocks, type Reading } from './blocks.ts';
import { inflate } from './inflate.ts';
import { type Member, memberName } from './member.ts';

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const SIZES_FOLLOW = 8;
const UTF8_NAME = 0x800;
const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;

/** Members of one archive; every one that can't be read is told of. */
const MAX_ENTRIES = 100_000;

/** What a member's header promises. `checksum` and `size` are null where they only follow the data. */
interface Promised {
  readonly name: string;
  readonly method: number;
  readonly checksum: number | null;
  readonly size: number | null;
}

type Say = (code: Code, name: string, message: string) => void;

/** The members of a zip archive of `size` bytes, in the order of its directory. */
export async function* zipMembers(
  source: string,
  file: FileHandle,
  size: number,
  reading: Reading,
): AsyncGenerator<Member> {
  const say: Say = (code, name, message) => {
    const where = { source: name === '' ? source : `${source}!${name}` };
    reading.trouble.push({ code, severity: 'error', message, where, lost: 0 });
  };
  let zip: ZipFile;
  try {
    // Names stay bytes and sizes unchecked, because yauzl gives up the whole archive for one odd member.
    zip = await fromFdPromise(file.fd, { autoClose: false, decodeStrings: false, validateEntrySizes: false });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say('archive-truncated', '', `expected the directory at the end of the zip archive, found none (${why})`);
    yield* localMembers(new ByteCursor(fileBlocks(source, file, reading)), say);
    return;
  }
  let packed = 0;
  let entries = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (++entries > MAX_ENTRIES) {
        say(
          'archive-broken',
          '',
          `expected at most ${MAX_ENTRIES} members, found ${zip.entryCount}: those after are not read`,
        );
        return;
      }
      const member = describe(entry);
      if (member.name.endsWith('/')) continue;
      packed += entry.compressedSize;
      if (packed > size) {
        say(
          'archive-broken',
          member.name,
          'members overlap, as in a zip bomb: this one and all after it are not read',
        );
        return;
      }
      const refusal = refused(entry.generalPurposeBitFlag, entry.compressionMethod);
      if (refusal !== null) {
        say(refusal.code, member.name, refusal.message);
        continue;
      }
      const header = await zip
        .readLocalFileHeaderPromise(entry, { minimal: true })
        .catch((error: Error) => error);
      if (header instanceof Error) {
        say('archive-broken', member.name, `expected the member's data, found: ${header.message}`);
        continue;
      }
      const end = header.fileDataStart + entry.compressedSize;
      const cursor = new ByteCursor(fileBlocks(source, file, reading, header.fileDataStart, end));
      yield memberOf(cursor, entry.compressedSize, member, say);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say('archive-broken', '', `expected a further entry in the directory of the zip archive, found: ${why}`);
    return;
  }
  reading.bytesRead = Math.max(reading.bytesRead, size);
}

function describe(entry: Entry): Promised {
  const raw: unknown = entry.fileName;
  const name = Buffer.isBuffer(raw)
    ? getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, false)
    : String(raw);
  return {
    name: memberName(name),
    method: entry.compressionMethod,
    checksum: entry.crc32,
    size: entry.uncompressedSize,
  };
}

function refused(flags: number, method: number): { code: Code; message: string } | null {
  if ((flags & ENCRYPTED) !== 0) {
    const message = 'the member is encrypted: unpack it with its password and give the file instead';
    return { code: 'archive-member-encrypted', message };
  }
  if (method !== STORED && method !== DEFLATED) {
    const message = `expected a stored or deflated member, found compression method ${method}: unpack it and give the file instead`;
    return { code: 'archive-unsupported-method', message };
  }
  return null;
}

function memberOf(cursor: ByteCursor, packed: number, promised: Promised, say: Say): Member {
  const blocks = content(cursor, packed, promised, say);
  return { name: promised.name, size: promised.size ?? 0, blocks, unread: null };
}

/** A member's bytes, compared with what its header promised. */
async function* content(
  cursor: ByteCursor,
  packed: number,
  promised: Promised,
  say: Say,
): AsyncGenerator<Uint8Array> {
  let [checksum, size, failure] = [0, 0, null as string | null];
  if (promised.method === DEFLATED) {
    ({ checksum, size, failure } = yield* inflate(cursor));
  } else {
    for await (const bytes of cursor.upTo(packed)) {
      checksum = crc32(bytes, checksum);
      size += bytes.length;
      yield bytes;
    }
  }
  if (failure !== null) {
    const message = `expected deflated data up to its end, found: ${failure}: what comes after in this member is lost`;
    say(
      failure === 'unexpected end of file' ? 'archive-truncated' : 'archive-broken',
      promised.name,
      message,
    );
  } else if (promised.size !== null && size !== promised.size) {
    say('archive-truncated', promised.name, `expected ${promised.size} bytes in the member, found ${size}`);
  } else if (promised.checksum !== null && checksum !== promised.checksum) {
    say('archive-checksum', promised.name, 'the member does not match its checksum: it is damaged');
  }
}

/**
 * Members of an archive without its directory:
 *
 *     0 "PK\3\4"  6 flags u16  8 method u16  14 CRC-32 u32  18 packed u32  22 size u32  26 name u16  28 extra u16  30 name, extra, data
 */
async function* localMembers(cursor: ByteCursor, say: Say): AsyncGenerator<Member> {
  for (;;) {
    const header = await cursor.exactly(30);
    if (header.length < 30 || header.readUInt32LE(0) !== LOCAL_HEADER) return;
    const [flags, method] = [header.readUInt16LE(6), header.readUInt16LE(8)];
    const rawName = await cursor.exactly(header.readUInt16LE(26));
    await cursor.exactly(header.readUInt16LE(28));
    const name = memberName(rawName.toString((flags & UTF8_NAME) === 0 ? 'latin1' : 'utf8'));
    const follow = (flags & SIZES_FOLLOW) !== 0;
    const [packed, size] = [header.readUInt32LE(18), header.readUInt32LE(22)];
    const refusal = refused(flags, method);
    // Without sizes only a deflate stream tells where it ends; 64-bit sizes stand in the extra fields.
    const sized = !follow && packed !== 0xffffffff;
    if (refusal !== null) say(refusal.code, name, refusal.message);
    if (!sized && (refusal !== null || method === STORED)) return;
    const start = cursor.offset;
    if (refusal === null && !name.endsWith('/')) {
      const promised = {
        name,
        method,
        checksum: follow ? null : header.readUInt32LE(14),
        size: sized ? size : null,
      };
      const inside = sized ? new ByteCursor(cursor.upTo(packed)) : cursor;
      const member = memberOf(inside, packed, promised, say);
      yield member;
      // What the reader left is read here: the next header stands behind it.
      if (member.blocks !== null) for await (const _ of member.blocks);
    }
    if (sized) {
      for await (const _ of cursor.upTo(start + packed - cursor.offset));
    } else if (follow) {
      await skipDescriptor(cursor);
    }
  }
}

/** Skips CRC-32 and sizes behind the data, with or without a signature, of 32 or 64 bits. */
async function skipDescriptor(cursor: ByteCursor): Promise<void> {
  const head = await cursor.peek(28);
  const base = head.length >= 4 && Buffer.from(head).readUInt32LE(0) === DESCRIPTOR ? 16 : 12;
  const wide = Buffer.from(head.subarray(base + 8, base + 10)).toString('latin1') === 'PK';
  await cursor.exactly(wide ? base + 8 : base);
}
