export { readChunk } from './chunk.ts';
export { CHUNK_SIZE, lastRecordId } from './chunk-header.ts';
export type { EvtxDiagnostic } from './diagnostic.ts';
export { FILE_HEADER_SIZE, readFileHeader } from './file-header.ts';
export { CHUNK_HEAD, findStamp, firstRecord, readGrowth, type RecordStamp } from './growth.ts';
export { type EvtxOptions, fileHeaderDiagnostics, missingChunks, readEvtx } from './read.ts';
export { EvtxRecord } from './record.ts';
