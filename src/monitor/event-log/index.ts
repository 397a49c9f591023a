export { type EventLog, type EventLogOptions, type LogState, openEventLog } from './event-log.ts';
