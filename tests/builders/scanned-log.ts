/** Events written to an event log, and read from it by the scan: what is wrong with it fails the test. */
import assert from 'node:assert/strict';
import { FILE_HEADER_SIZE, readFileHeader, type Scanner } from '../../src/evtx/index.ts';
import { writeEvtx, type WriterEvent } from './evtx-writer.ts';

/** A log that has room in the scanner's input is scanned there, as files are. */
export function scannedLog(scanner: Scanner, events: readonly WriterEvent[]): ReturnType<Scanner['scan']> {
  const bytes = Buffer.from(writeEvtx(events));
  const chunks = bytes.subarray(FILE_HEADER_SIZE);
  const isInput = chunks.length <= scanner.input.length;
  if (isInput) scanner.input.set(chunks);
  return scanner.scan(isInput ? scanner.input.subarray(0, chunks.length) : chunks, {
    verify: false,
    recover: false,
    file: readFileHeader(bytes.subarray(0, FILE_HEADER_SIZE)),
    offset: FILE_HEADER_SIZE,
    report: (diagnostic) => assert.fail(diagnostic.message),
  });
}
