/**
 * The form of the monitor's event log on disk, `noisefloor.events/1`: a folder of segments (docs/event-log.md).
 *
 *     events-000000000001.jsonl      named by the id of its first record
 *     {"schema":"noisefloor.events/1","host":"…","bootId":"…","first":1,"crc":"5f0c2a9e"}
 *     {"source":"live","record":1,…,"fields":{…},"crc":"1d4b7702"}
 *     └──────────── CRC-32 of these bytes ──────┘
 */
import { crc32 } from 'node:zlib';
import { parseObject } from './json-value.ts';

const SEGMENT_SCHEMA = 'noisefloor.events/1';

/** A link in the folder of a log that is being written; it points nowhere, its target says who writes. */
export const SEGMENT_LOCK = 'events.lock';

/** What each segment of a log that is being written says first. */
export interface SegmentHeader {
  readonly host: string;
  readonly bootId: string;
  /** Id of the first record that belongs here. */
  readonly first: number;
}

/** With line break; `first` at least 1. */
export function headerLine({ host, bootId, first }: SegmentHeader): Buffer {
  return sealLine(JSON.stringify({ schema: SEGMENT_SCHEMA, host, bootId, first }));
}

/** The header that the first line of these bytes is; null where it is none, or not as it was written. */
export function headerIn(bytes: Uint8Array): SegmentHeader | null {
  const end = bytes.indexOf(0x0a);
  const line = bytes.subarray(0, end);
  if (end < 0 || !isSealed(line)) return null;
  const object = parseObject(Buffer.from(line).toString('utf8'));
  const { schema, host, bootId, first } = object ?? {};
  if (schema !== SEGMENT_SCHEMA || typeof host !== 'string' || typeof bootId !== 'string') return null;
  return { host, bootId, first: Number(first) };
}

/** Ids of more than twelve digits make longer names: sort by `firstOfSegment`, not by name. */
export function segmentName(first: number): string {
  return `events-${String(first).padStart(12, '0')}.jsonl`;
}

/** The first record id that a file's name tells; null for a file that is no segment. */
export function firstOfSegment(name: string): number | null {
  const first = Number(/^events-(\d{12,16})\.jsonl$/.exec(name)?.[1] ?? Number.NaN);
  return Number.isSafeInteger(first) && segmentName(first) === name ? first : null;
}

/** `,"crc":"xxxxxxxx"}`. */
const SEAL_BYTES = 18;
const SEAL = /^,"crc":"([0-9a-f]{8})"\}$/;

/** The JSON text of an object that has members, with its checksum as the last of them, and a line break. */
export function sealLine(json: string): Buffer {
  const body = json.slice(0, -1);
  return Buffer.from(`${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}\n`);
}

/** Whether a line (without its break) ends in the checksum of what stands before. */
export function isSealed(line: Uint8Array): boolean {
  const end = line.length - SEAL_BYTES;
  if (end <= 0) return false;
  const sum = SEAL.exec(Buffer.from(line.buffer, line.byteOffset + end, SEAL_BYTES).toString('latin1'))?.[1];
  return sum !== undefined && crc32(line.subarray(0, end)) === Number.parseInt(sum, 16);
}
