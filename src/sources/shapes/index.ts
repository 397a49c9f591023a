export { LineFields, LineReader, type LineRecord } from './line.ts';
export { eventOf, recordOf } from './recognition.ts';
