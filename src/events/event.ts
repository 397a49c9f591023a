import type { Code } from './codes.ts';

/**
 * One record of a log, whichever container it came in. Fields are text as Sysmon itself would compare it
 * (sysmon-semantics, 7.1); `fields` may be decoded on first use, and only until the next batch is read.
 */
export interface Event {
  /** EventRecordID, or null where the container has none (or one past 2^53). */
  readonly record: number | null;
  /** Milliseconds since 1970 UTC; NaN where nothing in the record tells. */
  readonly time: number;
  /** Computer as written, never the forwarder; empty where the container names none. */
  readonly host: string;
  readonly provider: string;
  readonly channel: string;
  readonly eventId: number;
  readonly version: number | null;
  readonly fields: ReadonlyMap<string, string>;
  /** Milliseconds from the event's own time to that of its record, either way, where they are more than a minute. */
  readonly delay?: number;
}

/** What tells events of one meaning from others: ids are a provider's own. */
export type EventKind = Pick<Event, 'provider' | 'channel' | 'eventId'>;

/** Where in a log something was found. Offsets count bytes from the start of the file, lines count from 1. */
export interface Place {
  readonly source?: string;
  readonly offset?: number;
  readonly line?: number;
  /** Column in the line, from 1. */
  readonly column?: number;
  readonly record?: number;
}

/** Something a reader has to say beside the events: above all, what it could not read. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning' | 'info';
  /** Says what was expected, what was found and, where there is something, what to do. */
  readonly message: string;
  readonly where: Place;
  /** Records that are known to be lost here; 0 where none is, or where only bytes are known to be unreadable. */
  readonly lost: number;
}

/** Sysmon's provider on Windows and on Linux. */
const WINDOWS = 'Microsoft-Windows-Sysmon';
const LINUX = 'Linux-Sysmon';

let recent = WINDOWS;

/** Whether a record was written by Sysmon. Asked of every record: the usual spelling is tried before any folding. */
export function isSysmon(provider: string): boolean {
  // The very string is the same for all records of an origin: then its characters are not compared.
  if (provider === recent) return true;
  if (provider === WINDOWS || provider === LINUX) {
    recent = provider;
    return true;
  }
  if (provider.length !== WINDOWS.length && provider.length !== LINUX.length) return false;
  const folded = foldAscii(provider);
  return folded === foldAscii(WINDOWS) || folded === foldAscii(LINUX);
}

/** Lower-cases A to Z and nothing else: the one folding that all comparisons use. */
export function foldAscii(text: string): string {
  // Of plain ASCII the runtime's own lower-casing is the same, and faster.
  return /^[\0-\x7f]*$/.test(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

/** The key of a host: ASCII-folded, trailing dot cut; `(unknown)` where the container names none. */
export function hostKey(computer: string): string {
  const key = foldAscii(computer.trim()).replace(/\.$/, '');
  return key === '' || key === '-' ? '(unknown)' : key;
}
