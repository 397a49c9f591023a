/** A chunk while it is scanned: its bytes, and records of it that are read the plain way. */
import { ChunkText } from './binxml.ts';
import { decodeRecord } from './chunk.ts';
import { CHUNK_SIZE } from './chunk-header.ts';
import type { EvtxDiagnostic } from './diagnostic.ts';
import type { Chunk } from './planned-record.ts';
import type { EvtxRecord } from './record.ts';
import type { Texts } from './texts.ts';

/** A chunk while it is scanned, and as long as its records hold. */
export class ScannedChunk implements Chunk {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly texts: Texts;
  readonly offset: number;
  readonly report: (diagnostic: EvtxDiagnostic) => void;
  /** For records that are read the plain way, if there are any. */
  #parsed: ChunkText | null = null;

  constructor(bytes: Buffer, offset: number, texts: Texts, report: (diagnostic: EvtxDiagnostic) => void) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.texts = texts;
    this.offset = offset;
    this.report = report;
  }

  decode(at: number, size: number): EvtxRecord | EvtxDiagnostic {
    this.#parsed ??= new ChunkText(this.bytes);
    return decodeRecord(this.#parsed, at, size, this.offset, this.report);
  }

  plainFields(at: number, size: number): ReadonlyMap<string, string> {
    const record = this.decode(at, size);
    if (record.kind === 'record') return record.fields;
    this.report(record);
    return new Map();
  }
}

/** Chunks that follow each other; the last may be cut. One is made when it is asked for: most have nothing that is wanted. */
export class ScannedChunks {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #offset: number;
  readonly #texts: Texts;
  readonly #report: (diagnostic: EvtxDiagnostic) => void;
  readonly #made: (ScannedChunk | undefined)[] = [];

  /** `offset` of the first in its file, bytes. */
  constructor(bytes: Buffer, offset: number, texts: Texts, report: (diagnostic: EvtxDiagnostic) => void) {
    this.count = Math.ceil(bytes.length / CHUNK_SIZE);
    this.#bytes = bytes;
    this.#offset = offset;
    this.#texts = texts;
    this.#report = report;
  }

  at(index: number): ScannedChunk {
    return (this.#made[index] ??= new ScannedChunk(
      this.bytesOf(index, index + 1),
      this.#offset + index * CHUNK_SIZE,
      this.#texts,
      this.#report,
    ));
  }

  /** From one chunk to before another. */
  bytesOf(from: number, to: number): Buffer {
    return this.#bytes.subarray(from * CHUNK_SIZE, to * CHUNK_SIZE);
  }
}
