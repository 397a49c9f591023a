export type { Batch, Skipped } from './batch.ts';
export { readFailed } from './blocks.ts';
export { placed } from './evtx.ts';
export { readEvtxFile, scanEvtxFile, type ScannedBatch } from './evtx.ts';
export { type FollowedBatch, followLog } from './follow.ts';
export { type FoundLogs, findLogs, type Log, readHead } from './log.ts';
export { isFirst, type LogRange, splitLog } from './range.ts';
export { readLog } from './read.ts';
export { segmentReader } from './segment.ts';
export {
  firstOfSegment,
  headerIn,
  headerLine,
  isSealed,
  SEGMENT_LOCK,
  sealLine,
  segmentName,
} from './segment-format.ts';
export { readXml } from './xml.ts';
