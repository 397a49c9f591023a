export { type CsvColumns, csvColumns, csvHeader, csvLine, csvRow, isShownInCsv } from './event-csv.ts';
export { dumpLine, terminalSafe } from './event-json.ts';
export { EVENTS_XML_END, EVENTS_XML_START, eventXml } from './event-xml.ts';
export { type LineFormat, LineRenderer } from './line-renderer.ts';
export { evtxDumpLine } from './tool-line.ts';
export { escapeXml } from './xml.ts';
