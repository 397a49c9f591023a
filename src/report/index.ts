export { renderAnswerJson } from './answer-json.ts';
export { renderAnswer } from './answer-text.ts';
export { csvColumns, csvHeader, csvRow } from './csv.ts';
export { dumpLine } from './event-json.ts';
export { eventTableHeader, eventTableRow } from './event-table-text.ts';
export { EVENTS_XML_END, EVENTS_XML_START, eventXml } from './event-xml.ts';
export { cut, cutMiddle, displayWidth, pad, safeText } from './terminal.ts';
