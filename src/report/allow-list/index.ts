export { writeCsv } from './list-csv.ts';
export { writeExceptions } from './elastic.ts';
export { writeJson } from './list-json.ts';
export { writeKql } from './kusto.ts';
export { writeSpl } from './splunk.ts';
