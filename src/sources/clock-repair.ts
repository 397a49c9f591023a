/** Local times -> UTC, while a text log is read. The rule stands in clock.ts. */
import { type Diagnostic, type Event, hostKey, isSysmon } from '../events/index.ts';
import type { Batch } from './batch.ts';
import {
  DELAY,
  type HostClock,
  hasPassed,
  newClock,
  noteSysmon,
  noteTime,
  noteWritten,
  offsetFor,
} from './clock.ts';
import { LineFields } from './shapes/index.ts';
import { type DateOrder, FARTHEST, type Written } from './written.ts';

/** A batch whose events have times as written, in the same order; without them, times are UTC. */
export interface WrittenBatch extends Batch {
  readonly written?: readonly Written[];
}

/** What waits at most: records, and characters in their fields, or in the lines that hold them. */
const MAX_WAITING = 16_384;
const MAX_WAITING_TEXT = 32 * 1024 * 1024;
/** Hosts whose clocks are followed; of more, in one file, times stay as they are. */
const MAX_HOSTS = 4096;
/** So many offsets are named. */
const MAX_NAMED = 8;

interface Waiting {
  readonly event: Event;
  readonly written: Written;
  /** Its place in the batch that is being put together; -1 when that is out. */
  place: number;
  readonly size: number;
}

/** Records of one channel that wait, in the order of the file. */
interface Queue {
  readonly items: Waiting[];
  head: number;
  /** What the first of them waits for, and the commonest offset when that was found out. */
  time: number;
  main: number | undefined;
}

interface Host {
  clock: HostClock;
  readonly queues: Map<string, Queue>;
}

/**
 * The batches of one file, or member of an archive, with times of its local records in UTC; a record that waits comes in a
 * later batch. `survey` reads the file again for the batches of its Sysmon events; null where it can be read but once.
 */
export async function* repairClocks(
  source: string,
  batches: AsyncIterable<WrittenBatch>,
  survey: (() => AsyncIterable<WrittenBatch>) | null,
): AsyncGenerator<Batch> {
  const repair = startRepair();
  let surveyed = survey === null;
  for await (const { written, ...batch } of batches) {
    if (written === undefined) {
      yield batch;
      continue;
    }
    const events: (Event | null)[] = [];
    for (let at = 0; at < written.length; at++) {
      repair.read(batch.events[at]!, written[at]!, events);
      if (!repair.isFull()) continue;
      if (!surveyed && repair.needsSurvey()) {
        surveyed = true;
        await repair.survey(survey!());
      }
      repair.release(events);
    }
    yield { ...batch, events: repair.take(events) };
  }
  const rest: (Event | null)[] = [];
  repair.release(rest);
  yield { source, events: repair.take(rest), diagnostics: repair.diagnostics(source), bytes: 0 };
}

/** The same for a log that grows: nobody knows what is still to come. */
export interface FollowedClocks {
  /** A batch with times of its local records in UTC; a record that waits comes in a later batch. */
  take(batch: WrittenBatch): Batch;
  /** What waits, by what is known: nothing more has come for now. */
  settle(source: string): Batch;
  /** What is to be said of all of them. */
  diagnostics(source: string): readonly Diagnostic[];
}

export function followClocks(): FollowedClocks {
  const repair = startRepair();
  return {
    take({ written, ...batch }) {
      if (written === undefined) return batch;
      const events: (Event | null)[] = [];
      for (let at = 0; at < written.length; at++) {
        repair.read(batch.events[at]!, written[at]!, events);
        if (repair.isFull()) repair.release(events);
      }
      return { ...batch, events: repair.take(events) };
    },
    settle(source) {
      const events: (Event | null)[] = [];
      repair.release(events);
      return { source, events: repair.take(events), diagnostics: [], bytes: 0 };
    },
    diagnostics: repair.diagnostics,
  };
}

interface Repair {
  /** Adds the event with its time to the events of its batch, or null if it waits. */
  read(event: Event, written: Written, events: (Event | null)[]): void;
  isFull(): boolean;
  /** Whether records wait of whose host no Sysmon event has come. */
  needsSurvey(): boolean;
  /** Takes in what the file's Sysmon events tell, all of them, and nothing else. */
  survey(batches: AsyncIterable<WrittenBatch>): Promise<void>;
  /** Decides all that wait by what is known. */
  release(events: (Event | null)[]): void;
  /** The events of a batch, those that waited for it first. */
  take(events: readonly (Event | null)[]): Event[];
  diagnostics(source: string): Diagnostic[];
}

function startRepair(): Repair {
  const hosts = new Map<string, Host>();
  let known = false;
  let waiting = 0;
  let waitingText = 0;
  let late: Event[] = [];
  let placed: Waiting[] = [];
  const moved = new Map<number, number>();
  let unknown = 0;
  const untimed: Untimed = { records: 0, example: '' };
  /** Which of day and month comes first in dates that do not tell, and how many were read before that was known. */
  let order: DateOrder | null = null;
  let guessed = 0;
  // Records of one host come in runs.
  let lastName: string | null = null;
  let lastHost: Host | undefined;

  const hostOf = (name: string): Host | undefined => {
    if (name === lastName) return lastHost;
    const key = hostKey(name);
    let host = hosts.get(key);
    if (host === undefined && hosts.size < MAX_HOSTS) {
      host = { clock: newClock(), queues: new Map() };
      host.clock.complete = known;
      hosts.set(key, host);
    }
    lastName = name;
    lastHost = host;
    return host;
  };

  /** Takes in what a record tells of the order of dates. */
  const noteOrder = (event: Event, written: Written): void => {
    if (order !== null) return;
    order = written.order ?? null;
    if (written.dayFirst === undefined || !tellsUtc(event, written)) return;
    const isZone = (time: number): boolean => Math.abs(event.time - time) <= FARTHEST + DELAY;
    if (isZone(written.time)) order = 'month';
    else if (isZone(written.dayFirst)) order = 'day';
  };

  /** The time as it is written, by the order of dates. */
  const inOrder = (written: Written): Written =>
    order === 'day' && written.dayFirst !== undefined ? { ...written, time: written.dayFirst } : written;

  const isOpen = ({ dayFirst }: Written): boolean => dayFirst !== undefined && order === null;

  const decide = (clock: HostClock, { event, written }: Waiting): Event => {
    if (isOpen(written)) guessed++;
    const own = inOrder(written);
    const offset = offsetFor(clock, own, event.channel);
    if (offset === null) {
      if (own.zone === 'local') unknown++;
      return own === written ? event : { ...event, time: own.time };
    }
    const time = own.time + offset;
    noteTime(clock, event.channel, time);
    if (offset !== 0) moved.set(offset, (moved.get(offset) ?? 0) + 1);
    return offset === 0 && own === written ? event : { ...event, time };
  };

  /** The time, UTC, that a record is given as far as is known. */
  const timeOf = (clock: HostClock, { event, written }: Waiting): number => {
    const own = inOrder(written);
    return own.time + (offsetFor(clock, own, event.channel) ?? 0);
  };

  /** Decides the records of a host that Sysmon's events have passed; all of them with `force`. */
  const drain = ({ clock, queues }: Host, events: (Event | null)[], force: boolean): void => {
    for (const [channel, queue] of queues) {
      const main = clock.offsets[0]?.value;
      if (!force && main === queue.main && !hasPassed(clock, queue.time)) continue;
      queue.main = main;
      while (queue.head < queue.items.length) {
        const item = queue.items[queue.head]!;
        queue.time = timeOf(clock, item);
        if (!force && (isOpen(item.written) || !hasPassed(clock, queue.time))) break;
        const event = decide(clock, item);
        if (item.place < 0) late.push(event);
        else events[item.place] = event;
        queue.head++;
        waiting--;
        waitingText -= item.size;
      }
      if (queue.head === queue.items.length) queues.delete(channel);
      else if (queue.head >= 1024) {
        queue.items.splice(0, queue.head);
        queue.head = 0;
      }
    }
  };

  const wait = (host: Host, item: Waiting, events: (Event | null)[]): void => {
    const { channel } = item.event;
    const queue = host.queues.get(channel);
    if (queue !== undefined) queue.items.push(item);
    else {
      const time = timeOf(host.clock, item);
      host.queues.set(channel, { items: [item], head: 0, time, main: host.clock.offsets[0]?.value });
    }
    events.push(null);
    placed.push(item);
    waiting++;
    waitingText += item.size;
  };

  return {
    read(event, written, events) {
      // A time that is not written, or is known to be UTC, needs no clock.
      const host = isLocal(written) ? hostOf(event.host) : undefined;
      if (Number.isNaN(event.time)) {
        untimed.records++;
        untimed.example ||= written.unread ?? '';
      }
      const before = order;
      noteOrder(event, written);
      if (host === undefined) {
        const isOwn = tellsUtc(event, written);
        const own = inOrder(written);
        if (isOpen(written) && !isOwn) guessed++;
        events.push(own === written || isOwn ? event : { ...event, time: own.time });
        return;
      }
      const { clock, queues } = host;
      noteWritten(clock, written);
      if (tellsUtc(event, written)) {
        events.push(event);
        const isNew = !clock.complete && noteSysmon(clock, inOrder(written), event.time);
        if (isNew || order !== before) drain(host, events, false);
        return;
      }
      const item: Waiting = { event, written, place: events.length, size: 0 };
      if (!queues.has(event.channel) && !isOpen(written) && hasPassed(clock, timeOf(clock, item)))
        events.push(decide(clock, item));
      else wait(host, { ...item, size: keep(event) }, events);
    },
    isFull: () => waiting > MAX_WAITING || waitingText > MAX_WAITING_TEXT,
    needsSurvey: () =>
      [...hosts.values()].some(({ clock, queues }) => queues.size > 0 && clock.offsets.length === 0),
    async survey(batches) {
      known = true;
      for (const host of hosts.values()) {
        const { before, wholeDay } = host.clock;
        host.clock = { ...newClock(), before, wholeDay, complete: true };
      }
      for await (const { events, written = [] } of batches) {
        for (const [at, each] of written.entries()) {
          const event = events[at]!;
          const clock = isLocal(each) ? hostOf(event.host)?.clock : undefined;
          if (clock === undefined) continue;
          noteOrder(event, each);
          noteWritten(clock, each);
          if (tellsUtc(event, each)) noteSysmon(clock, inOrder(each), event.time);
        }
      }
    },
    release(events) {
      for (const host of hosts.values()) drain(host, events, true);
    },
    take(events) {
      const here = placed.length === 0 ? events : events.filter((event) => event !== null);
      for (const item of placed) item.place = -1;
      placed = [];
      if (late.length === 0) return here as Event[];
      const taken = late;
      late = [];
      for (const event of here) if (event !== null) taken.push(event);
      return taken;
    },
    diagnostics: (source) => [
      ...movedDiagnostic(source, moved),
      ...unknownDiagnostic(source, unknown),
      ...guessedDiagnostic(source, order === 'month' ? 0 : guessed),
      ...untimedDiagnostic(source, untimed),
    ],
  };
}

function isLocal(written: Written): boolean {
  return written.zone !== 'utc' && !Number.isNaN(written.time);
}

/** Whether a record's time is Sysmon's own UtcTime, and not the container's. */
function tellsUtc(event: Event, written: Written): boolean {
  return isSysmon(event.provider) && (event.time !== written.time || event.fields.has('UtcTime'));
}

/** Sees to it that an event's fields last past its batch; how many characters that keeps. */
function keep({ fields }: Event): number {
  if (fields instanceof LineFields) return fields.keep();
  let size = 0;
  for (const [name, value] of fields) size += name.length + value.length;
  return size;
}

function movedDiagnostic(source: string, moved: ReadonlyMap<number, number>): Diagnostic[] {
  if (moved.size === 0) return [];
  const sorted = [...moved].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const named = sorted.slice(0, MAX_NAMED).map(([offset, count]) => `${count} by ${hours(offset)}`);
  const others = sorted.slice(MAX_NAMED).reduce((sum, [, count]) => sum + count, 0);
  if (others > 0) named.push(`${others} by others`);
  const count = sorted.reduce((sum, each) => sum + each[1], 0);
  const message = `the times of ${count} records are local, not UTC: they are corrected after the UtcTime of the Sysmon events of their hosts in this file, ${named.join(', ')} hours`;
  return [{ code: 'clock-repaired', severity: 'info', message, where: { source }, lost: 0 }];
}

function unknownDiagnostic(source: string, unknown: number): Diagnostic[] {
  if (unknown === 0) return [];
  const message = `the times of ${unknown} records may be local, and no Sysmon event of their hosts in this file tells how far from UTC: they are taken as UTC; export each host's channels, Sysmon's among them, into one file`;
  return [{ code: 'clock-unknown', severity: 'warning', message, where: { source }, lost: 0 }];
}

function guessedDiagnostic(source: string, guessed: number): Diagnostic[] {
  if (guessed === 0) return [];
  const message = `the dates of ${guessed} records (such as 03/04/2026) do not tell which number is the month, and neither did a later day or the UtcTime of a Sysmon event before they were read: the first is taken for it; export times as ISO 8601 (2024-06-03T08:02:11Z)`;
  return [{ code: 'date-order', severity: 'warning', message, where: { source }, lost: 0 }];
}

/** Records without a time, and what stands in its place in the first that has something there. */
interface Untimed {
  records: number;
  example: string;
}

function untimedDiagnostic(source: string, { records, example }: Untimed): Diagnostic[] {
  if (records === 0) return [];
  const found = example === '' ? '' : `, but such as ${JSON.stringify(example)}`;
  const have = records === 1 ? 'record has' : 'records have';
  const message = `${records} ${have} no time that can be read${found}: counted, but in no hour and no phase, and nothing tells that anyone watched then; export times as ISO 8601 (2024-06-03T08:02:11Z)`;
  return [{ code: 'time-unknown', severity: 'warning', message, where: { source }, lost: 0 }];
}

/** `+07:00`. */
function hours(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${offset < 0 ? '-' : '+'}${whole}:${rest}`;
}
