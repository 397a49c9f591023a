export { READ_ALL, READ_NOTHING, READ_START, READ_WORDS, type Reads } from './alike.ts';
export { hashOf, isSame } from './bytes.ts';
export { ChunkText, type Element, type Node, type Values } from './binxml.ts';
export { decodeRecord, readChunk } from './chunk.ts';
export { CHUNK_SIZE, lastRecordId } from './chunk-header.ts';
export { type ChunkExports, ChunkKernel, type Compile, type Global, MARGIN, PLAIN } from './chunk-kernel.ts';
export { type EvtxDiagnostic, reasonOf } from './diagnostic.ts';
export { FILE_HEADER_SIZE, type FileHeader, readFileHeader } from './file-header.ts';
export { CHUNK_HEAD, findStamp, firstRecord, readGrowth, type RecordStamp } from './growth.ts';
export { type EvtxOptions, fileHeaderDiagnostics, missingChunks, readEvtx } from './read.ts';
export { EVERY_RECORD, type Origin, type Wanted } from './origins.ts';
export type { DataPlan } from './plan.ts';
export {
  type MeasuredFields,
  type PlacedFields,
  placedFields,
  type PlacedText,
  TEXT_TYPES,
} from './planned-record.ts';
export { EvtxRecord } from './record.ts';
export { type Rows, type Scan, Scanner } from './scan.ts';
export { matchesChecksum } from './sound.ts';
export { arrayTexts, type TextSize, valueText } from './value.ts';
