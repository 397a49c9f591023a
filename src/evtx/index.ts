export { readChunk } from './chunk.ts';
export { CHUNK_SIZE, lastRecordId } from './chunk-header.ts';
export type { EvtxDiagnostic } from './diagnostic.ts';
export { FILE_HEADER_SIZE, type FileHeader, readFileHeader } from './file-header.ts';
export { CHUNK_HEAD, findStamp, firstRecord, readGrowth, type RecordStamp } from './growth.ts';
export { type EvtxOptions, fileHeaderDiagnostics, missingChunks, readEvtx } from './read.ts';
export type { Origin } from './origins.ts';
export { EvtxRecord } from './record.ts';
export { EVERY_RECORD, type Rows, Scanner, type Wanted } from './scan.ts';
