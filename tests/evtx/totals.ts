/** What records come to, as texts: told by a scan, or worked out of the records one by one. Both are the same. */
import type { Event } from '../../src/events/index.ts';
import { type Origin, STRETCH_GAP_MS, type Totals } from '../../src/evtx/index.ts';

type Fact = Pick<Event, 'provider' | 'channel' | 'host' | 'eventId' | 'record' | 'time' | 'delay'>;

/** Of one origin. */
interface Sum {
  records: number;
  readonly eventIds: Map<number, number>;
  /** Ids that follow each other in the order of the log, and the span of their times; first is -1 for those without. */
  readonly runs: { first: number; count: number; from: number; to: number }[];
  readonly spans: [from: number, to: number][];
  /** Records that are late, and the longest delay. */
  late: number;
  delay: number;
}

class Sums {
  readonly #byOrigin = new Map<string, Sum>();

  of({ provider, channel, host }: Origin): Sum {
    const key = JSON.stringify([provider, channel, host]);
    let sum = this.#byOrigin.get(key);
    if (!sum)
      this.#byOrigin.set(
        key,
        (sum = { records: 0, eventIds: new Map(), runs: [], spans: [], late: 0, delay: 0 }),
      );
    return sum;
  }

  texts(): string[] {
    return [...this.#byOrigin].sort().map(([origin, { records, eventIds, runs, spans, late, delay }]) => {
      const ids = [...eventIds].sort(([a], [b]) => a - b);
      return JSON.stringify([origin, records, ids, runs, joined(spans), late, delay]);
    });
  }
}

function addStretch(sum: Sum, first: number, count: number, from: number, to: number): void {
  sum.records += count;
  if (Number.isFinite(from)) sum.spans.push([from, to]);
  const last = sum.runs.at(-1);
  const follows = last && (first < 0 ? last.first < 0 : last.first >= 0 && first === last.first + last.count);
  if (!follows) {
    sum.runs.push({ first, count, from, to });
    return;
  }
  last.count += count;
  last.from = Math.min(last.from, from);
  last.to = Math.max(last.to, to);
}

/** Spans that leave no longer gap are one. */
function joined(spans: readonly (readonly [number, number])[]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last && from <= last[1] + STRETCH_GAP_MS) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

export function totalTexts(totals: Totals): string[] {
  const { origins, stretches, stretchCount, eventIds, eventIdCount } = totals;
  const sums = new Sums();
  for (let i = 0; i < stretchCount; i++) {
    const { origin, first, records, from, to, late, delay } = stretches;
    const sum = sums.of(origins[origin[i]!]!);
    addStretch(sum, first[i]!, records[i]!, from[i]!, to[i]!);
    sum.late += late[i]!;
    sum.delay = Math.max(sum.delay, delay[i]!);
  }
  for (let i = 0; i < eventIdCount; i++) {
    const ids = sums.of(origins[eventIds.origin[i]!]!).eventIds;
    const id = eventIds.eventId[i]!;
    ids.set(id, (ids.get(id) ?? 0) + eventIds.records[i]!);
  }
  return sums.texts();
}

export function expectedTotals(records: readonly Fact[]): string[] {
  const sums = new Sums();
  for (const one of records) {
    const { record, time, eventId, delay = 0 } = one;
    const sum = sums.of(one);
    addStretch(sum, record ?? -1, 1, time, time);
    if (delay > 0) sum.late += 1;
    sum.delay = Math.max(sum.delay, delay);
    sum.eventIds.set(eventId, (sum.eventIds.get(eventId) ?? 0) + 1);
  }
  return sums.texts();
}
