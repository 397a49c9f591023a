export { type Code, CODES } from './codes.ts';
export {
  type Diagnostic,
  type Event,
  type EventKind,
  foldAscii,
  hostKey,
  isSysmon,
  type Place,
} from './event.ts';
export { EVENT_TYPES } from './event-table.ts';
export type { EventType } from './event-type.ts';
export { boundKey, isCutKey, typeKey } from './key.ts';
export {
  ALWAYS_LOGGED,
  EVENT_TYPE_TEXTS,
  eventType,
  eventTypesNamed,
  fieldsOf,
  firstLayoutWith,
} from './names.ts';
export { formatTime, isDay, parseTime } from './time.ts';
