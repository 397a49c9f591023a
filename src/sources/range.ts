/** Ranges of a large event log, for several threads: its chunks do not depend on each other. */
import { CHUNK_SIZE, FILE_HEADER_SIZE } from '../evtx/index.ts';
import type { Log } from './log.ts';

/** Bytes of a file from `start` to before `end`, on the borders of chunks. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/** Cuts a log into ranges of about so many bytes; one that can't be cut has none. */
export function splitLog(log: Log, bytes: number): LogRange[] {
  if (log.kind !== 'evtx' || log.size < 2 * bytes) return [];
  const step = Math.ceil(bytes / CHUNK_SIZE) * CHUNK_SIZE;
  const ranges: LogRange[] = [];
  for (let start = FILE_HEADER_SIZE; start < log.size; start += step) {
    ranges.push({ start, end: Math.min(start + step, log.size) });
  }
  return ranges;
}

/** Whether a range, or the whole log (null), is that with which the log begins. */
export function isFirst(range: LogRange | null): boolean {
  return range === null || range.start === FILE_HEADER_SIZE;
}
