export {
  type EventLog,
  type EventLogOptions,
  type LogState,
  openEventLog,
  TOTAL_BYTES,
} from './event-log.ts';
export { segmentsIn, syncFolderNow } from './folder.ts';
export { takeLock } from './lock.ts';
