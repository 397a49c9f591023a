/**
 * What stands in the folder of an event log when it is opened. The last writer may have been killed, or the power cut:
 * the newest segment is cut behind the last line whose checksum is right, and removed where it has none.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs';
import type { Event } from '../../events/index.ts';
import { headerIn, isSealed, segmentReader } from '../../sources/index.ts';
import { type Segment, segmentsIn, syncFolderNow } from './folder.ts';

/** What the log held when it was opened. */
export interface Found {
  /** 0 where there is none. */
  readonly lastRecord: number;
  /** Time of the last record, milliseconds since 1970 UTC; NaN where there is none. */
  readonly lastTime: number;
  /** Bytes that were cut. */
  readonly tornBytes: number;
  /** Whether the last record is the sensor's stop, or there is no record. */
  readonly cleanStop: boolean;
  /** The boot in which the last record was written; null where nothing tells. */
  readonly bootId: string | null;
}

export interface Recovered {
  readonly found: Found;
  /** Oldest first; the last one may be written to again. */
  readonly segments: Segment[];
  /** Time of the first record of the newest segment; NaN where there is none. */
  readonly since: number;
}

const LINE_FEED = 0x0a;
const WINDOW = 1024 * 1024;
const HEAD = 64 * 1024;

/** Recovers the log in a folder. Throws what the system throws. */
export function recover(folder: string): Recovered {
  const segments = segmentsIn(folder);
  let tornBytes = 0;
  let lastRecord = 0;
  for (let newest = segments.at(-1); newest !== undefined; newest = segments.at(-1)) {
    const fd = openSync(newest.path, 'r+');
    try {
      const { size } = fstatSync(fd);
      const last = lastWhole(fd, size);
      if (last !== null) {
        if (last.end < size) {
          ftruncateSync(fd, last.end);
          fsyncSync(fd);
        }
        newest.bytes = last.end;
        const head = readAt(fd, 0, Math.min(HEAD, last.end));
        const { event } = last;
        return {
          segments,
          since: segmentReader(newest.path).push(head).events[0]?.time ?? Number.NaN,
          found: {
            lastRecord: Math.max(lastRecord, newest.first, event.record ?? 0),
            lastTime: event.time,
            tornBytes: tornBytes + size - last.end,
            cleanStop: event.eventId === 4 && event.fields.get('State') === 'Stopped',
            bootId: headerIn(head)?.bootId ?? null,
          },
        };
      }
      const head = readAt(fd, 0, Math.min(HEAD, size));
      tornBytes += headerIn(head) === null ? size : size - head.indexOf(LINE_FEED) - 1;
    } finally {
      closeSync(fd);
    }
    // Its name tells how far ids had come, even where older segments are gone.
    lastRecord = Math.max(lastRecord, newest.first - 1);
    unlinkSync(newest.path);
    syncFolderNow(folder);
    segments.pop();
  }
  const found = { lastRecord, lastTime: Number.NaN, tornBytes, cleanStop: true, bootId: null };
  return { segments, since: Number.NaN, found };
}

/** The last line of a segment that is an event as it was written, and where it ends; null where none is. */
function lastWhole(fd: number, size: number): { readonly event: Event; readonly end: number } | null {
  for (let window = WINDOW; ; window *= 4) {
    const from = Math.max(0, size - window);
    const bytes = readAt(fd, from, size - from);
    let end = bytes.lastIndexOf(LINE_FEED) + 1;
    while (end > 0) {
      const start = end < 2 ? 0 : bytes.lastIndexOf(LINE_FEED, end - 2) + 1;
      // The line may have begun before the window.
      if (start === 0 && from > 0) break;
      const [event] = isSealed(bytes.subarray(start, end - 1))
        ? segmentReader('').push(bytes.subarray(start, end)).events
        : [];
      if (event !== undefined) return { event, end: from + end };
      end = start;
    }
    if (from === 0) return null;
  }
}

function readAt(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const read = readSync(fd, bytes, done, length - done, from + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
