/** Entries of systemd's journal as `journalctl -o json` writes them, with the events of Sysmon for Linux in MESSAGE. */
import type { Code, Event } from '../events/index.ts';
import { readEventXml } from './event-xml.ts';
import { decodeBytes } from './text.ts';

type Entry = Readonly<Record<string, unknown>>;

/** What an entry holds: an event, none, or one that can't be read. */
export type JournalContent =
  | { readonly event: Event }
  | 'other'
  | { readonly code: Code; readonly problem: string };

/** Whether a JSON object is an entry of a journal; every entry has both keys. */
export function isJournalEntry(object: Entry): boolean {
  return '__REALTIME_TIMESTAMP' in object && ('MESSAGE' in object || '_BOOT_ID' in object);
}

/**
 * The event in an entry, as from a line of syslog, with the boot's id as its field `BootId`. Its machine is the one that the
 * event names, else the journal's; its time is its own, else that at which the journal received it.
 */
export function readJournalEntry(entry: Entry): JournalContent {
  const message = messageOf(entry['MESSAGE']);
  if (message === null) {
    if (entry['SYSLOG_IDENTIFIER'] !== 'sysmon') return 'other';
    const problem =
      'expected the message of sysmon, found null, as journalctl writes long ones without --all';
    return { code: 'syslog-cut-event', problem };
  }
  const start = message.search(/<Event[\s>]/);
  if (start < 0) return 'other';
  const end = message.lastIndexOf('</Event>');
  if (end < start) {
    return { code: 'syslog-cut-event', problem: 'expected </Event>, found the end of the message' };
  }
  const event = readEventXml(message.slice(start, end + '</Event>'.length));
  if ('problem' in event) return { code: 'syslog-broken-event', problem: event.problem };
  const { time, host, fields } = event;
  const boot = entry['_BOOT_ID'];
  const machine = entry['_HOSTNAME'];
  return {
    event: {
      ...event,
      time: Number.isNaN(time) ? receivedAt(entry) : time,
      host: host === '' && typeof machine === 'string' ? machine : host,
      fields: typeof boot === 'string' ? new Map([...fields, ['BootId', boot]]) : fields,
    },
  };
}

/** Text; the bytes of what is no UTF-8; of a field that stands there more than once, the first. Null where it is left out. */
function messageOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const list: readonly unknown[] = value;
  const first = list[0];
  if (typeof first === 'string' || Array.isArray(first)) return messageOf(first);
  // Sysmon for Linux writes ISO 8859-1 into UTF-8.
  return decodeBytes(Uint8Array.from(list, Number), 'latin1');
}

/** Milliseconds since 1970; the journal has microseconds. */
function receivedAt(entry: Entry): number {
  const text = String(entry['__REALTIME_TIMESTAMP']);
  return /^\d{1,17}$/.test(text) ? Math.floor(Number(text) / 1000) : Number.NaN;
}
