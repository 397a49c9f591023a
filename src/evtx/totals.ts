/**
 * What all records of a block come to, wanted or not: stretches of them, and how many have each event id. A counter needs
 * no more of a record that is not wanted, and a log has hundreds in each stretch.
 */
import type { Origin } from './origins.ts';

/** The times of a stretch leave no gap longer than this, milliseconds; the same in kernel/totals.ts. */
export const STRETCH_GAP_MS = 60_000;

/** Records of one origin, one after another: their ids go up by one, or they have none. A column each. */
export interface Stretches {
  /** Index in `origins`. */
  readonly origin: Int32Array;
  readonly records: Int32Array;
  /** EventRecordID of the first; -1 where they have none, or ones past 2^53. */
  readonly first: Float64Array;
  /** The earliest and the latest time, milliseconds since 1970 UTC. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** How many of them are late (`delayOf`), and the longest delay, milliseconds. */
  readonly late: Int32Array;
  readonly delay: Float64Array;
}

/** Of one origin how many records have an event id: it may come more than once. A column each. */
export interface EventIds {
  readonly origin: Int32Array;
  readonly eventId: Int32Array;
  readonly records: Int32Array;
}

/** Of one scan of the kernel, or of a block. */
export interface Columns {
  readonly stretches: Stretches;
  readonly eventIds: EventIds;
}

/** Valid until the next block is scanned; what stands behind the counts means nothing. */
export class Totals implements Columns {
  readonly origins: readonly Origin[];
  /** Records that have room. */
  readonly most: number;
  readonly stretches: Stretches;
  readonly eventIds: EventIds;
  /** Of records, of stretches, and of rows of event ids. */
  records = 0;
  stretchCount = 0;
  eventIdCount = 0;

  /** With room for so many records, whatever they are. */
  constructor(most: number, origins: readonly Origin[]) {
    this.origins = origins;
    this.most = most;
    this.stretches = {
      origin: new Int32Array(most),
      records: new Int32Array(most),
      first: new Float64Array(most),
      from: new Float64Array(most),
      to: new Float64Array(most),
      late: new Int32Array(most),
      delay: new Float64Array(most),
    };
    this.eventIds = {
      origin: new Int32Array(most),
      eventId: new Int32Array(most),
      records: new Int32Array(most),
    };
  }

  /** Begins with another block. */
  clear(): void {
    this.records = this.stretchCount = this.eventIdCount = 0;
  }

  /** Adds one record; `record` is -1 for one that has no id. */
  add(origin: number, eventId: number, record: number, time: number, delay: number): void {
    this.#addStretch(origin, 1, record, time, time, delay > 0 ? 1 : 0, delay);
    this.#addEventId(origin, eventId, 1);
  }

  /** Adds what the kernel told of some records. */
  take({ stretches, eventIds }: Columns, stretchCount: number, eventIdCount: number): void {
    const { origin, records, first, from, to, late, delay } = stretches;
    for (let i = 0; i < stretchCount; i++)
      this.#addStretch(origin[i]!, records[i]!, first[i]!, from[i]!, to[i]!, late[i]!, delay[i]!);
    for (let i = 0; i < eventIdCount; i++)
      this.#addEventId(eventIds.origin[i]!, eventIds.eventId[i]!, eventIds.records[i]!);
  }

  #addStretch(
    origin: number,
    records: number,
    first: number,
    from: number,
    to: number,
    late: number,
    delay: number,
  ): void {
    const { stretches, stretchCount: at } = this;
    stretches.origin[at] = origin;
    stretches.records[at] = records;
    stretches.first[at] = first;
    stretches.from[at] = from;
    stretches.to[at] = to;
    stretches.late[at] = late;
    stretches.delay[at] = delay;
    this.records += records;
    this.stretchCount = at + 1;
  }

  #addEventId(origin: number, eventId: number, records: number): void {
    const { eventIds, eventIdCount: at } = this;
    eventIds.origin[at] = origin;
    eventIds.eventId[at] = eventId;
    eventIds.records[at] = records;
    this.eventIdCount = at + 1;
  }
}
