/** A chunk while it is scanned: its bytes, and records of it that are read the plain way. */
import { ChunkText } from './binxml.ts';
import { decodeRecord } from './chunk.ts';
import { CHUNK_SIZE } from './chunk-header.ts';
import type { EvtxDiagnostic } from './diagnostic.ts';
import type { Chunk } from './planned-record.ts';
import type { EvtxRecord } from './record.ts';
import type { Texts } from './texts.ts';

/** A chunk, or what there is of it. */
export interface ChunkBytes {
  readonly bytes: Buffer;
  /** Of the same bytes. */
  readonly view: DataView;
}

/** The chunk that begins at an offset of a block; it may be cut. */
export function chunkOf(block: Buffer, start: number): ChunkBytes {
  const bytes = block.subarray(start, start + CHUNK_SIZE);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** A chunk while it is scanned, and as long as its records hold. */
export class ScannedChunk implements Chunk {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly texts: Texts;
  readonly offset: number;
  readonly report: (diagnostic: EvtxDiagnostic) => void;
  /** For records that are read the plain way, if there are any. */
  #parsed: ChunkText | null = null;

  constructor(
    { bytes, view }: ChunkBytes,
    offset: number,
    texts: Texts,
    report: (diagnostic: EvtxDiagnostic) => void,
  ) {
    this.bytes = bytes;
    this.view = view;
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
