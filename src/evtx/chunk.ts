/** The records of one chunk, each decoded on its own: the plain way, which the scan (scan.ts) falls back to and is held to. */
import { ChunkText } from './binxml.ts';
import { type EvtxDiagnostic, reasonOf } from './diagnostic.ts';
import { EvtxRecord } from './record.ts';
import { recordIdAt } from './record-header.ts';
import { filetimeMs } from './value.ts';
import { type ChunkOptions, sayAt, walkChunk } from './walk.ts';

/**
 * Reads one chunk (65536 bytes, or fewer where the file ends): records in their order, diagnostics where they arise. What
 * is wrong with a record's data is known when its `fields` are asked for: `report` is told, or else it comes before the
 * next record.
 */
export function* readChunk(
  block: Uint8Array,
  options: ChunkOptions,
  report?: (diagnostic: EvtxDiagnostic) => void,
): Generator<EvtxRecord | EvtxDiagnostic> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const text = new ChunkText(bytes);
  const found: (EvtxRecord | EvtxDiagnostic)[] = [];
  const late: EvtxDiagnostic[] = [];
  const tell = report ?? ((diagnostic: EvtxDiagnostic): void => void late.push(diagnostic));
  walkChunk(
    bytes,
    options,
    (at, size) => {
      const record = decodeRecord(text, at, size, options.offset, tell);
      if (record.kind === 'diagnostic') return record;
      found.push(record);
      return null;
    },
    (diagnostic) => found.push(diagnostic),
  );
  for (const one of found) {
    yield one;
    yield* late.splice(0);
  }
}

/**
 * Decodes the record of `size` bytes at `at`, from the start of the chunk, which begins at `offset` of its file. `report`
 * is told of what is found wrong with its data later.
 */
export function decodeRecord(
  text: ChunkText,
  at: number,
  size: number,
  offset: number,
  report: (diagnostic: EvtxDiagnostic) => void,
): EvtxRecord | EvtxDiagnostic {
  const { bytes } = text;
  const say = sayAt(offset);
  const id = recordIdAt(bytes, at);
  try {
    return new EvtxRecord(
      text,
      { start: at + 24, end: at + size - 4 },
      { record: id, time: filetimeMs(bytes, at + 16), offset: offset + at },
      (record, error) => report(say('evtx-record-fields', 'error', at, 1, reasonOf(error), record.record)),
    );
  } catch (error) {
    return say('evtx-record-body', 'error', at, 1, reasonOf(error), id);
  }
}
