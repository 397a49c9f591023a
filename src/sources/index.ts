export type { Batch, Skipped } from './batch.ts';
export { type FoundLogs, findLogs, type Log } from './log.ts';
export { isFirst, type LogRange, splitLog } from './range.ts';
export { readLog } from './read.ts';
export { readXml } from './xml.ts';
