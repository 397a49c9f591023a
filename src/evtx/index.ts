export { READ_ALL, READ_NOTHING, READ_START, READ_WORDS, type Reads } from './alike.ts';
export { ChunkText, type Element, type Node, type Values } from './binxml.ts';
export { decodeRecord, readChunk } from './chunk.ts';
export { CHUNK_SIZE, lastRecordId } from './chunk-header.ts';
export { type ChunkExports, ChunkKernel, type Compile, type Global, MARGIN, PLAIN } from './chunk-kernel.ts';
export { type EvtxDiagnostic, reasonOf } from './diagnostic.ts';
export {
  type Filter,
  type FilterPart,
  OUT,
  type TextPairs,
  type TextTable,
  type TextTest,
  type TextTree,
  type TextUnits,
  UNDECIDED,
} from './filter.ts';
export { FILE_HEADER_SIZE, type FileHeader, readFileHeader } from './file-header.ts';
export { CHUNK_HEAD, findStamp, firstRecord, readGrowth, type RecordStamp } from './growth.ts';
export { type EvtxOptions, fileHeaderDiagnostics, missingChunks, readEvtx } from './read.ts';
export { EACH, EVERY_RECORD, type Filtered, type Origin, type Wanted } from './origins.ts';
export type { DataPlan } from './plan.ts';
export { type PlacedFields, placedFields, type PlacedText } from './planned-record.ts';
export { EvtxRecord } from './record.ts';
export { type Scan, Scanner } from './scan.ts';
export { matchesChecksum } from './sound.ts';
export { STRETCH_GAP_MS, type Totals } from './totals.ts';
export { arrayTexts, isShort, type TextSize, valueText } from './value.ts';
export type { WantedRecords } from './wanted-records.ts';
