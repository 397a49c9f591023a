export { type CsvColumns, csvColumns, csvHeader, csvLine, csvRow } from './event-csv.ts';
export { dumpLine, terminalSafe } from './event-json.ts';
export { type LineFormat, LineRenderer } from './line-renderer.ts';
export { evtxDumpLine } from './tool-line.ts';
