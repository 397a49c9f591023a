/** Events written to an event log, and read from it by the scan: what is wrong with it fails the test. */
import assert from 'node:assert/strict';
import { FILE_HEADER_SIZE, readFileHeader, type Scanner } from '../../src/evtx/index.ts';
import { writeEvtx, type WriterEvent } from './evtx-writer.ts';

export function scannedLog(scanner: Scanner, events: readonly WriterEvent[]): ReturnType<Scanner['scan']> {
  const bytes = Buffer.from(writeEvtx(events));
  return scanner.scan(bytes.subarray(FILE_HEADER_SIZE), {
    verify: false,
    recover: false,
    file: readFileHeader(bytes.subarray(0, FILE_HEADER_SIZE)),
    offset: FILE_HEADER_SIZE,
    report: (diagnostic) => assert.fail(diagnostic.message),
  });
}
