export { type EventLog, type LogState, openEventLog, TOTAL_BYTES } from './event-log.ts';
export { segmentsIn, syncFolderNow } from './folder.ts';
export { takeLock } from './lock.ts';
