/** Event logs (.evtx) as a stream of bytes -> events. */
import type { Diagnostic, Event } from '../events/index.ts';
import {
  CHUNK_SIZE,
  type EvtxDiagnostic,
  FILE_HEADER_SIZE,
  fileHeaderDiagnostics,
  lastRecordId,
  missingChunks,
  readChunk,
  readFileHeader,
} from '../evtx/index.ts';
import type { Batch } from './batch.ts';

export interface EvtxStreamOptions {
  /** Check the data's CRC of every chunk, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage, too. */
  readonly recover: boolean;
  /** Offset in the file of the first chunk after the header, for a stream that skips some. Default: the header's end. */
  readonly start?: number;
  /** Whether the stream ends before the file does. */
  readonly partial?: boolean;
}

/** Reads a stream that is the file's header and then whole chunks; its blocks may be cut anywhere. A batch per chunk. */
export async function* readEvtxBlocks(
  source: string,
  blocks: AsyncIterable<Uint8Array>,
  options: EvtxStreamOptions,
): AsyncGenerator<Batch> {
  let header: ReturnType<typeof readFileHeader> | undefined;
  let offset = options.start ?? FILE_HEADER_SIZE;
  let lastId = 0;
  for await (const piece of pieces(blocks)) {
    if (!header) {
      header = readFileHeader(piece);
      const first = (options.start ?? FILE_HEADER_SIZE) <= FILE_HEADER_SIZE;
      const diagnostics = first ? fileHeaderDiagnostics(header, piece.length) : [];
      yield {
        source,
        events: [],
        diagnostics: diagnostics.map((diagnostic) => placed(source, diagnostic)),
        bytes: first ? piece.length : 0,
      };
      continue;
    }
    const events: Event[] = [];
    const diagnostics: Diagnostic[] = [];
    // What goes wrong with a record's data is known when they are asked for, which is after this batch is out.
    const report = (diagnostic: EvtxDiagnostic): void => void diagnostics.push(placed(source, diagnostic));
    for (const item of readChunk(piece, { ...options, file: header, offset, report })) {
      if (item.kind === 'record') events.push(item);
      else report(item);
    }
    offset += piece.length;
    lastId = lastRecordId(piece) ?? lastId;
    yield { source, events, diagnostics, bytes: piece.length };
  }
  if (!header || options.partial) return;
  const missing = missingChunks(header, offset, lastId).map((diagnostic) => placed(source, diagnostic));
  if (missing.length > 0) yield { source, events: [], diagnostics: missing, bytes: 0 };
}

/** Cuts a stream into the header and chunks. A piece that lies within one block is not copied. */
async function* pieces(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = FILE_HEADER_SIZE;
  let carried: Uint8Array = new Uint8Array(0);
  for await (const block of blocks) {
    let at = 0;
    while (carried.length + block.length - at >= size) {
      const take = size - carried.length;
      const part = block.subarray(at, at + take);
      yield carried.length === 0 ? part : Buffer.concat([carried, part]);
      carried = new Uint8Array(0);
      at += take;
      size = CHUNK_SIZE;
    }
    if (at < block.length) carried = Buffer.concat([carried, block.subarray(at)]);
  }
  if (carried.length > 0) yield carried;
}

/** A diagnostic with the log that it is of. */
export function placed(source: string, diagnostic: EvtxDiagnostic): Diagnostic {
  const { code, severity, message, lost, offset, record } = diagnostic;
  const where = { source, offset, ...(record === undefined ? {} : { record }) };
  return { code, severity, message, lost, where };
}
