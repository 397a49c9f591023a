/**
 * Writes lines to the newest segment, begins the next one and deletes the oldest. Whatever fails, the lines that are not
 * on disk are back in the queue, and what was written of them is cut before the next is written.
 */
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { headerLine, segmentName } from '../../sources/index.ts';
import { type Segment, syncFolder } from './folder.ts';
import type { Recovered } from './recovery.ts';

/** A line of the log, on its way to the disk. */
export interface Line {
  readonly id: number;
  /** With its line break. */
  readonly bytes: Buffer;
}

/** Lines that are not in a segment yet, oldest first, and their bytes. */
export interface Queue {
  readonly lines: Line[];
  bytes: number;
}

export interface SegmentOptions {
  readonly folder: string;
  readonly host: string;
  readonly bootId: string;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly totalBytes: number;
}

/** Bytes that are written at once. */
const BATCH_BYTES = 256 * 1024;

/** The segments of one log while it is open. One call at a time. */
export class Segments {
  /** Last id that is surely on disk. */
  durable: number;
  readonly #options: SegmentOptions;
  /** Oldest first. */
  readonly #segments: Segment[];
  #handle: FileHandle | null = null;
  /** Whether the newest segment takes more lines. */
  #current: boolean;
  /** Bytes of the newest segment that are surely on disk. */
  #syncedBytes: number;
  /** Whether more bytes may stand in it than belong there. */
  #torn = false;
  /** Written, and perhaps not on disk yet. */
  #unsynced: Line[] = [];
  #unsyncedBytes = 0;
  /** Time of the newest segment's first record, and the runtime's own clock when it was opened. */
  #since: number;
  #opened: number;

  constructor(options: SegmentOptions, { segments, found, since }: Recovered) {
    this.#options = options;
    this.#segments = segments;
    this.durable = found.lastRecord;
    // A segment is of one boot.
    this.#current = segments.length > 0 && found.bootId === options.bootId;
    this.#syncedBytes = segments.at(-1)?.bytes ?? 0;
    this.#since = since;
    this.#opened = performance.now();
  }

  get count(): number {
    return this.#segments.length;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Id of the first record that the log still holds; null for a log without a segment. */
  get first(): number | null {
    return this.#segments[0]?.first ?? null;
  }

  /** Bytes that a power cut could take. */
  get unsyncedBytes(): number {
    return this.#unsyncedBytes;
  }

  /** Moves the first lines of the queue to the log. Throws what the system throws; what is not whole there stays queued. */
  async write(queue: Queue): Promise<void> {
    if (queue.lines.length === 0) return;
    const segment = await this.#open(queue);
    const handle = this.#handle!;
    const batch: Line[] = [];
    let size = 0;
    for (const line of queue.lines) {
      if (batch.length > 0 && size + line.bytes.length > BATCH_BYTES) break;
      batch.push(line);
      size += line.bytes.length;
    }
    const bytes = Buffer.concat(
      batch.map((line) => line.bytes),
      size,
    );
    let done = 0;
    try {
      while (done < bytes.length) {
        const left = bytes.length - done;
        const { bytesWritten } = await handle.write(bytes, done, left, segment.bytes + done);
        if (bytesWritten === 0) throw new Error('the system writes nothing');
        done += bytesWritten;
      }
    } finally {
      let whole = 0;
      let lines = 0;
      for (const line of batch) {
        if (whole + line.bytes.length > done) break;
        whole += line.bytes.length;
        lines += 1;
      }
      segment.bytes += whole;
      this.#unsyncedBytes += whole;
      queue.bytes -= whole;
      this.#unsynced.push(...queue.lines.splice(0, lines));
      // A write that failed may have written more than it says.
      if (done < bytes.length) {
        this.#torn = true;
        await this.#cut(segment).catch(() => undefined);
      }
    }
  }

  /** Puts what was written on disk. Where that fails it throws, and the lines are in the queue again. */
  async sync(queue: Queue): Promise<void> {
    const segment = this.#segments.at(-1);
    const handle = this.#handle;
    if (segment === undefined || handle === null) return;
    try {
      await handle.datasync();
    } catch (error) {
      // The system may have dropped what it could not write, and would say so only once: all of it is written again.
      this.#putBack(queue);
      segment.bytes = this.#syncedBytes;
      this.#torn = true;
      await this.#close();
      if (segment.bytes === 0) this.#discard();
      throw error;
    }
    this.durable = this.#unsynced.at(-1)?.id ?? this.durable;
    this.#syncedBytes = segment.bytes;
    this.#unsynced = [];
    this.#unsyncedBytes = 0;
  }

  /** Lets the file go; what is not on disk yet stays with the system. */
  async close(): Promise<void> {
    await this.#close();
  }

  /** Queues again what is written and perhaps not on disk. */
  #putBack(queue: Queue): void {
    queue.lines.unshift(...this.#unsynced);
    queue.bytes += this.#unsyncedBytes;
    this.#unsynced = [];
    this.#unsyncedBytes = 0;
  }

  /** The segment that takes the next line, open and without a torn end. */
  async #open(queue: Queue): Promise<Segment> {
    const newest = this.#segments.at(-1);
    if (newest !== undefined && this.#current && newest.first < queue.lines[0]!.id && this.#isFull(newest)) {
      await this.sync(queue);
      await this.#leave();
    }
    if (newest !== undefined && this.#current) await this.#check(newest, queue);
    if (newest === undefined || !this.#current) return await this.#begin(queue.lines[0]!.id);
    if (this.#torn) await this.#cut(newest);
    return newest;
  }

  #isFull({ bytes }: Segment): boolean {
    const { segmentBytes, segmentMs } = this.#options;
    // A clock that was set back does not make a segment younger than it has been open.
    const age = Math.max(Date.now() - this.#since, performance.now() - this.#opened);
    return bytes >= segmentBytes || age >= segmentMs;
  }

  /**
   * Opens the newest segment where it is not open, and leaves it where somebody has deleted or cut it: what stood there is
   * gone, and the ids tell. What was not on disk goes to the next segment.
   */
  async #check(segment: Segment, queue: Queue): Promise<void> {
    if (this.#handle === null) {
      this.#torn = true;
      this.#handle = await open(segment.path, 'r+').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return null;
      });
    }
    const { nlink, size } = (await this.#handle?.stat()) ?? { nlink: 0, size: 0 };
    if (nlink > 0 && size >= segment.bytes) return;
    const kept = Math.min(size, this.#syncedBytes);
    if (nlink > 0 && kept < size) await this.#handle?.truncate(kept);
    this.#putBack(queue);
    await this.#leave();
    if (nlink === 0 || kept === 0) this.#segments.pop();
    else segment.bytes = kept;
  }

  async #leave(): Promise<void> {
    await this.#close();
    this.#current = false;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => undefined);
  }

  /** Forgets a segment that was begun and is not on disk: it will be begun again. */
  #discard(): void {
    this.#segments.pop();
    this.#current = false;
  }

  async #begin(first: number): Promise<Segment> {
    const { folder, host, bootId } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await this.#deleteOldest();
    const path = join(folder, segmentName(first));
    // What has this name holds no record: it was begun, and could not be written.
    await unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    const header = headerLine({ host, bootId, first });
    const handle = await open(path, 'wx', 0o640);
    try {
      const { bytesWritten } = await handle.write(header, 0, header.length, 0);
      if (bytesWritten < header.length) throw new Error('ENOSPC: no space left on device');
      await syncFolder(folder);
    } catch (error) {
      await handle.close().catch(() => undefined);
      await unlink(path).catch(() => undefined);
      throw error;
    }
    const segment = { path, first, bytes: header.length };
    this.#segments.push(segment);
    this.#handle = handle;
    this.#current = true;
    this.#torn = false;
    this.#syncedBytes = 0;
    this.#since = Date.now();
    this.#opened = performance.now();
    return segment;
  }

  /** Makes room for one more segment within the bound of all. */
  async #deleteOldest(): Promise<void> {
    const { folder, segmentBytes, totalBytes } = this.#options;
    let deleted = false;
    while (this.#segments.length > 0 && this.bytes + segmentBytes > totalBytes) {
      await unlink(this.#segments[0]!.path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      this.#segments.shift();
      deleted = true;
    }
    if (deleted) await syncFolder(folder);
  }

  async #cut(segment: Segment): Promise<void> {
    await this.#handle!.truncate(segment.bytes);
    this.#torn = false;
  }
}
