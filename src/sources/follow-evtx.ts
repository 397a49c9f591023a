/**
 * An event log that Windows keeps open. Its file header says nothing reliable, and the counters of its chunks come late:
 * where it grows is found by the ids of the records themselves. It grows at the end of its newest chunk; then in the
 * chunk behind that, or, where the log wraps, over its oldest.
 */
import type { Diagnostic, Event } from '../events/index.ts';
import {
  CHUNK_HEAD,
  CHUNK_SIZE,
  type EvtxDiagnostic,
  FILE_HEADER_SIZE,
  fileHeaderDiagnostics,
  findStamp,
  firstRecord,
  readChunk,
  readFileHeader,
  readGrowth,
  type RecordStamp,
} from '../evtx/index.ts';
import type { Batch } from './batch.ts';
import { placed } from './evtx.ts';
import { ANEW, type FileFollower, overwritten, ROTATED, say } from './followed.ts';
import type { FollowedFile } from './followed-file.ts';

/** So long something half written is waited for before it counts as broken or missing, milliseconds. */
const PATIENCE_MS = 2000;
/** Chunks whose first record is looked at again with every poll, in turn: one that is written out of turn is found. */
const CHUNKS_PER_POLL = 16;

/** The chunk in which the log grows, and how far it was read. */
interface Current {
  readonly index: number;
  readonly first: RecordStamp;
  /** Bytes from the chunk's start. */
  at: number;
}

interface Head {
  readonly index: number;
  readonly first: RecordStamp;
}

export class FollowedEvtx implements FileFollower {
  #file: FollowedFile;
  #current: Current | null = null;
  /** The record that was read last; null where none was. */
  #last: RecordStamp | null = null;
  #started = false;
  #header = readFileHeader(new Uint8Array(0));
  #chunks = 0;
  #turn = 0;
  /** Since when it has been waiting for what is half there, milliseconds; 0 where it does not wait. */
  #waiting = 0;

  constructor(file: FollowedFile) {
    this.#file = file;
  }

  async goOnIn(file: FollowedFile): Promise<boolean> {
    // Where the old file ended stands in the new one, or was read.
    await this.#file.close();
    this.#file = file;
    this.#started = false;
    this.#chunks = 0;
    this.#current = null;
    return true;
  }

  /** All that has come since the last time. A batch per chunk; its events stay valid. */
  async *poll(): AsyncGenerator<Batch> {
    const chunks = Math.ceil(Math.max(0, (await this.#file.size()) - FILE_HEADER_SIZE) / CHUNK_SIZE);
    const fewer = chunks < this.#chunks;
    this.#chunks = chunks;
    if (!this.#started || fewer || (await this.#isWrittenOver())) yield* this.#place();
    for (;;) {
      // Looked for first: where the next chunk has begun, the current one is complete when it is read.
      let next = await this.#near();
      const stuck = yield* this.#grow();
      // More than one chunk may have been written meanwhile: then the oldest of them is next.
      if (next !== null && this.#missing(next) > 0) next = await this.#oldestUnread();
      const missing = next === null ? 0 : this.#missing(next);
      const waits = this.#current !== null && (missing > 0 || (next === null && stuck));
      if (!waits) this.#waiting = 0;
      else if (this.#waiting === 0) this.#waiting = performance.now();
      if (next === null || (waits && !this.#waitedLongEnough())) return;
      const left = missing - (yield* this.#seal());
      if (left > 0) yield this.#overwritten(next.first.id - left, left);
      // It was empty when it was looked at before: what stands in it now is new.
      yield this.#enter(next, true);
    }
  }

  async *finish(): AsyncGenerator<Batch> {
    yield* this.poll();
    yield* this.#seal();
  }

  end(): readonly Batch[] {
    return [];
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Finds out where to go on: in a file that is new, or no longer what it was. */
  async *#place(): AsyncGenerator<Batch> {
    const heads = await this.#survey();
    const source = this.#file.path;
    const block = await this.#file.read(0, FILE_HEADER_SIZE);
    // Chunks that are reserved and not written yet are no loss, whatever the header counts.
    this.#header = { ...readFileHeader(block), dirty: true };
    const begun = this.#started;
    this.#started = true;
    this.#waiting = 0;
    if (this.#last !== null && (await this.#findLast(heads))) return;
    this.#current = null;
    const last = this.#last?.id ?? -1;
    const later = last >= 0 && heads.every(({ first }) => first.id > last);
    if (later && !begun) yield say(source, ROTATED);
    if (later) return;
    if (begun || last >= 0) yield say(source, ANEW);
    this.#last = null;
    // Its checksum is wrong whenever it was read while it was written.
    const diagnostics = fileHeaderDiagnostics(this.#header, block.length)
      .filter(({ code }) => code !== 'evtx-file-header-checksum')
      .map((diagnostic) => placed(source, diagnostic));
    yield { source, events: [], diagnostics, bytes: block.length };
    yield* this.#readAll(heads);
  }

  /** Goes on behind the record that was read last, if the file still holds it. */
  async #findLast(heads: readonly Head[]): Promise<boolean> {
    const last = this.#last!;
    const holder = heads
      .filter(({ first }) => first.id <= last.id)
      .reduce<Head | null>((best, head) => (best && best.first.id > head.first.id ? best : head), null);
    if (holder === null) return false;
    const at = findStamp(await this.#chunk(holder.index), last);
    if (at === null) return false;
    this.#current = { index: holder.index, first: holder.first, at };
    return true;
  }

  /** Reads every chunk, the oldest first; the newest is the one that grows. */
  async *#readAll(heads: readonly Head[]): AsyncGenerator<Batch> {
    const newest = heads.reduce<Head | null>(
      (best, head) => (best && best.first.id > head.first.id ? best : head),
      null,
    );
    const start = newest === null ? 0 : newest.index + 1;
    for (let step = 0; step < this.#chunks; step++) {
      const index = (start + step) % this.#chunks;
      if (index === newest?.index) continue;
      yield this.#readChunk(index, await this.#chunk(index), 0, CHUNK_SIZE);
    }
    if (newest === null) return;
    // Where the ids do not go on from chunk to chunk, the chunk's own counters tell what is in it.
    if (this.#last?.id !== newest.first.id - 1) this.#last = null;
    yield this.#enter(newest, false);
  }

  #enter({ index, first }: Head, trusted: boolean): Batch {
    if (trusted) this.#last ??= { id: first.id - 1, written: 0n };
    this.#current = { index, first, at: 0 };
    this.#waiting = 0;
    return { source: this.#file.path, events: [], diagnostics: [], bytes: CHUNK_SIZE };
  }

  /** What has come in the current chunk; whether something stands behind it that may become a record. */
  async *#grow(): AsyncGenerator<Batch, boolean> {
    const current = this.#current;
    if (current === null) return false;
    const chunk = await this.#chunk(current.index);
    if (!isSame(firstRecord(chunk), current.first)) return false;
    const { records, diagnostics, end, last, stuck } = readGrowth(chunk, {
      from: current.at,
      lastId: this.#last?.id ?? -1,
      offset: offsetOf(current.index),
      noChecksums: this.#header.noChecksums,
      patient: !this.#waitedLongEnough(),
    });
    if (end > current.at) this.#waiting = 0;
    current.at = end;
    this.#last = last ?? this.#last;
    const source = this.#file.path;
    const told = diagnostics.map((diagnostic) => placed(source, diagnostic));
    if (records.length + told.length > 0) yield { source, events: records, diagnostics: told, bytes: 0 };
    return stuck;
  }

  /** Reads what is left of the current chunk, which is not written to any more; how many records that were. */
  async *#seal(): AsyncGenerator<Batch, number> {
    const current = this.#current;
    if (current === null) return 0;
    const chunk = await this.#chunk(current.index);
    if (!isSame(firstRecord(chunk), current.first)) return 0;
    const batch = this.#readChunk(current.index, chunk, current.at, 0);
    if (batch.events.length + batch.diagnostics.length > 0) yield batch;
    return batch.events.length + batch.diagnostics.reduce((sum, { lost }) => sum + lost, 0);
  }

  /** The records of a chunk from a place on, as any other reader gives them. */
  #readChunk(index: number, chunk: Buffer, from: number, bytes: number): Batch {
    const source = this.#file.path;
    const offset = offsetOf(index);
    const events: Event[] = [];
    const diagnostics: Diagnostic[] = [];
    const report = (diagnostic: EvtxDiagnostic): void => void diagnostics.push(placed(source, diagnostic));
    const options = { verify: false, recover: false, file: this.#header, offset };
    for (const item of readChunk(chunk, options, report)) {
      const before = item.offset < offset + from;
      if (item.kind === 'record' && !before) {
        events.push(item);
        this.#note(chunk, item.offset - offset);
      } else if (item.kind === 'diagnostic' && !(before && item.code.startsWith('evtx-record-')))
        report(item);
    }
    return { source, events, diagnostics, bytes };
  }

  #note(chunk: Buffer, at: number): void {
    const id = Number(chunk.readBigUInt64LE(at + 8));
    if (this.#last === null || id > this.#last.id)
      this.#last = { id, written: chunk.readBigUInt64LE(at + 16) };
  }

  /** The records between the last one that was read and the first one of a chunk. */
  #missing({ first }: Head): number {
    return this.#last === null ? 0 : Math.max(0, first.id - this.#last.id - 1);
  }

  /** The chunk with the first records past those that were read, among those that are likely; null for none. */
  async #near(): Promise<Head | null> {
    if (this.#current === null) return await this.#oldestUnread();
    const near = [this.#current.index + 1, 0, ...this.#inTurn()].filter((one) => one < this.#chunks);
    const heads: Head[] = [];
    for (const one of new Set(near)) {
      const head = await this.#head(one);
      if (head !== null) heads.push(head);
    }
    return this.#leastUnread(heads);
  }

  async #oldestUnread(): Promise<Head | null> {
    return this.#leastUnread(await this.#survey());
  }

  #leastUnread(heads: readonly Head[]): Head | null {
    const past = Math.max(this.#last?.id ?? -1, this.#current?.first.id ?? -1);
    return heads
      .filter(({ index, first }) => index !== this.#current?.index && first.id > past)
      .reduce<Head | null>((best, head) => (best && best.first.id <= head.first.id ? best : head), null);
  }

  #inTurn(): number[] {
    const count = Math.min(CHUNKS_PER_POLL, this.#chunks);
    const turn = Array.from({ length: count }, (_, step) => (this.#turn + step) % this.#chunks);
    this.#turn = this.#chunks === 0 ? 0 : (this.#turn + count) % this.#chunks;
    return turn;
  }

  async #survey(): Promise<Head[]> {
    const heads: Head[] = [];
    for (let index = 0; index < this.#chunks; index++) {
      const head = await this.#head(index);
      if (head !== null) heads.push(head);
    }
    return heads;
  }

  async #head(index: number): Promise<Head | null> {
    const first = firstRecord(await this.#file.read(offsetOf(index), CHUNK_HEAD));
    return first === null ? null : { index, first };
  }

  /** Whether the chunk that was being read is another one now. */
  async #isWrittenOver(): Promise<boolean> {
    if (this.#current === null) return false;
    const head = await this.#head(this.#current.index);
    return head === null || !isSame(head.first, this.#current.first);
  }

  /** A whole chunk; what the file does not have yet is zero. */
  async #chunk(index: number): Promise<Buffer> {
    const read = await this.#file.read(offsetOf(index), CHUNK_SIZE);
    if (read.length === CHUNK_SIZE) return read;
    return Buffer.concat([read, Buffer.alloc(CHUNK_SIZE - read.length)]);
  }

  #waitedLongEnough(): boolean {
    return this.#waiting > 0 && performance.now() - this.#waiting >= PATIENCE_MS;
  }

  #overwritten(first: number, lost: number): Batch {
    return say(this.#file.path, overwritten(first, lost), lost);
  }
}

function isSame(a: RecordStamp | null, b: RecordStamp): boolean {
  return a !== null && a.id === b.id && a.written === b.written;
}

function offsetOf(index: number): number {
  return FILE_HEADER_SIZE + index * CHUNK_SIZE;
}
