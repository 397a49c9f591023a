/** Archives -> their members, one after the other, without writing them anywhere. */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Blocks, type Reading, systemCode } from './blocks.ts';
import { gunzip } from './gzip.ts';
import type { Member } from './member.ts';
import { tarMembers } from './tar.ts';
import { zipMembers } from './zip.ts';

export type ArchiveKind = 'zip' | 'gzip' | 'tar';

/** An archive: its bytes as they come, and the file itself where it is one on disk. */
export interface Archive {
  readonly source: string;
  readonly kind: ArchiveKind;
  readonly blocks: Blocks;
  readonly file: { readonly handle: FileHandle; readonly size: number } | null;
}

/**
 * Deflate gives at most 1032 bytes for one, but an archive in an archive multiplies that: all that is unpacked of one is
 * bounded by the bytes of the file on disk that were read for it, and some for small ones.
 */
const MAX_RATIO = 1100;
const MAX_SMALL = 64 * 1024 * 1024;

/**
 * The members of an archive as stored; what is inside a gzip file is one without a name. Each must be read, or left,
 * before the next is asked for. Damage ends a member, or the archive, with a diagnostic in `reading.trouble`.
 */
export async function* membersOf(archive: Archive, reading: Reading): AsyncGenerator<Member> {
  let unpacked = 0;
  let tooMuch = false;
  async function* bounded(blocks: Blocks): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      unpacked += block.length;
      if (unpacked > MAX_RATIO * reading.bytesRead + MAX_SMALL) {
        tooMuch = true;
        return;
      }
      yield block;
    }
  }
  for await (const member of storedMembers(archive, reading)) {
    yield member.blocks === null ? member : { ...member, blocks: bounded(member.blocks) };
    if (!tooMuch) continue;
    const message = `expected at most ${MAX_RATIO} times the bytes of the file, found more, as in an archive bomb: what comes after is not read`;
    const where = { source: archive.source };
    reading.trouble.push({ code: 'archive-broken', severity: 'error', message, where, lost: 0 });
    return;
  }
}

async function* storedMembers(archive: Archive, reading: Reading): AsyncGenerator<Member> {
  const { source, kind, blocks, file } = archive;
  if (kind === 'gzip') yield { name: '', size: 0, blocks: gunzip(source, blocks, reading), unread: null };
  else if (kind === 'tar') yield* tarMembers(source, blocks, reading);
  else if (file !== null) {
    // A zip archive is read from its end, and not on from its first bytes.
    reading.bytesRead = 0;
    yield* zipMembers(source, file.handle, file.size, reading);
  } else yield* spooledMembers(source, blocks, reading);
}

/** A zip archive's directory stands at its end, so one that comes as a stream is kept in a temporary file. */
async function* spooledMembers(source: string, blocks: Blocks, reading: Reading): AsyncGenerator<Member> {
  let folder: string | null = null;
  let spool: FileHandle | null = null;
  try {
    let size = 0;
    try {
      folder = await mkdtemp(join(tmpdir(), 'noisefloor-'));
      spool = await open(join(folder, 'spool.zip'), 'wx+', 0o600);
      // Without its name the file goes with the process, however that ends; where that is not allowed, it goes below.
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      for await (const block of blocks) {
        await spool.writeFile(block);
        size += block.length;
      }
    } catch (error) {
      const message = `expected to keep the archive in a temporary file, the system says ${systemCode(error)}: it is not read`;
      reading.trouble.push({
        code: 'archive-spool-failed',
        severity: 'error',
        message,
        where: { source },
        lost: 0,
      });
      return;
    }
    // What is read of the spool was counted when it was written.
    yield* zipMembers(source, spool, size, { trouble: reading.trouble, bytesRead: 0 });
  } finally {
    await spool?.close();
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}
