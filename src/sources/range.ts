/** Ranges of a large event log, for several threads: its chunks do not depend on each other. */
import { CHUNK_SIZE, FILE_HEADER_SIZE } from '../evtx/index.ts';
import type { Log } from './log.ts';

/** Bytes of a file from `start` to before `end`, on the borders of chunks. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a log into ranges, each of about as many bytes as are asked for where it begins; one that can't be cut has none, nor
 * has one that is not twice as long as the first.
 */
export function splitLog(log: Log, bytesAt: (start: number) => number): LogRange[] {
  if (log.kind !== 'evtx' || log.size < 2 * bytesAt(0)) return [];
  const ranges: LogRange[] = [];
  for (let start = FILE_HEADER_SIZE; start < log.size;) {
    const end = start + Math.ceil(bytesAt(start) / CHUNK_SIZE) * CHUNK_SIZE;
    ranges.push({ start, end: Math.min(end, log.size) });
    start = end;
  }
  return ranges;
}

/** Whether a range, or the whole log (null), is that with which the log begins. */
export function isFirst(range: LogRange | null): boolean {
  return range === null || range.start === FILE_HEADER_SIZE;
}
