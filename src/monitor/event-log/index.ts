export { type EventLog, type LogState, openEventLog } from './event-log.ts';
