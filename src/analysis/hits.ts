/** Matching events, counted the ways an answer needs them. */
import { type Interval, NO_SLOT, SLOT_MS, type Slots, type Tally } from '../tally/index.ts';
import type { ByPhase, Phase } from './answer.ts';
import { lastBootBefore } from './boots.ts';
import { cellOfSlot } from './cells.ts';
import { phaseOfSlot } from './phases.ts';
import type { QuestionFacts } from './question-facts.ts';
import type { WatchedHost } from './watched-host.ts';

/** Events per slot, of one host. */
export type HostSlots = readonly [host: string, slots: Slots];

export interface HostHits {
  events: number;
  /** Cells with at least one event, the occasions, and how many each has. */
  readonly cells: Map<number, number>;
  /** The same of events in the steady phase. */
  readonly steadyCells: Map<number, number>;
  /** Boots with at least one event in their boot phase: indices into the host's boots. */
  readonly boots: Set<number>;
}

export interface Hits {
  readonly events: number;
  readonly byPhase: ByPhase;
  readonly hosts: ReadonlyMap<string, HostHits>;
}

/** All matching events of a tally. One host may come many times. */
export function* matchesOf(tally: Tally): Generator<HostSlots> {
  for (const group of tally.groups.values()) yield* group.hosts;
  yield* tally.others;
}

/** Events that match, hidden ones too, by host, whenever they came. */
export function matchedByHost(tally: Tally): ReadonlyMap<string, number> {
  const matched = new Map<string, number>();
  const count = ([host, slots]: HostSlots): void => {
    let sum = matched.get(host) ?? 0;
    for (const events of slots.values()) sum += events;
    matched.set(host, sum);
  };
  for (const slots of matchesOf(tally)) count(slots);
  for (const slots of excludedOf(tally)) count(slots);
  return matched;
}

/** All events that `--not` hid. */
export function* excludedOf(tally: Tally): Generator<HostSlots> {
  for (const [key, host] of tally.hosts) yield [key, host.excluded];
}

/** Whether a slot meets the time asked for. An event whose time is not known is not left out. */
export function isAsked(slot: number, question: QuestionFacts): boolean {
  return slot === NO_SLOT || ((slot + 1) * SLOT_MS > question.from && slot * SLOT_MS <= question.to);
}

/** Counts events by host, cell, phase and boot. */
export function hitsOf(
  counts: Iterable<HostSlots>,
  hosts: ReadonlyMap<string, WatchedHost>,
  question: QuestionFacts,
): Hits {
  const byPhase: Record<Phase, number> = { boot: 0, logon: 0, resume: 0, shutdown: 0, steady: 0, unknown: 0 };
  const byHost = new Map<string, HostHits>();
  let events = 0;
  for (const [key, slots] of counts) {
    const host = hosts.get(key);
    const hits = byHost.get(key) ?? { events: 0, cells: new Map(), steadyCells: new Map(), boots: new Set() };
    for (const [slot, count] of slots) {
      if (!isAsked(slot, question)) continue;
      const phase = host ? phaseOfSlot(host.phases, slot) : 'unknown';
      byPhase[phase] += count;
      events += count;
      hits.events += count;
      if (slot === NO_SLOT) continue;
      add(hits.cells, cellOfSlot(slot), count);
      if (phase === 'steady') add(hits.steadyCells, cellOfSlot(slot), count);
      if (host && phase === 'boot') hits.boots.add(lastBootBefore(host.boots, (slot + 1) * SLOT_MS));
    }
    if (hits.events > 0) byHost.set(key, hits);
  }
  return { events, byPhase, hosts: byHost };
}

function add(cells: Map<number, number>, cell: number, count: number): void {
  cells.set(cell, (cells.get(cell) ?? 0) + count);
}

/** Hit cells of all hosts. */
export function occasionsOf(hits: Hits): number {
  let occasions = 0;
  for (const { cells } of hits.hosts.values()) occasions += cells.size;
  return occasions;
}

/** Events, occasions and hosts alone: for the many rules of a question, at less cost. */
export function countsOf(
  counts: Iterable<HostSlots>,
  question: QuestionFacts,
): { readonly events: number; readonly occasions: number; readonly hosts: number } {
  const cells = new Map<string, Set<number>>();
  let events = 0;
  let occasions = 0;
  for (const [key, slots] of counts) {
    const hit = cells.get(key) ?? new Set();
    const before = hit.size;
    const eventsBefore = events;
    for (const [slot, count] of slots) {
      if (!isAsked(slot, question)) continue;
      events += count;
      if (slot !== NO_SLOT) hit.add(cellOfSlot(slot));
    }
    occasions += hit.size - before;
    if (events > eventsBefore) cells.set(key, hit);
  }
  return { events, occasions, hosts: cells.size };
}

/** First and last slot in use, as closed interval of times; null without any known time. */
export function spanOf(counts: Iterable<HostSlots>, question: QuestionFacts): Interval | null {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const [, slots] of counts) {
    for (const slot of slots.keys()) {
      if (slot === NO_SLOT || !isAsked(slot, question)) continue;
      first = Math.min(first, slot);
      last = Math.max(last, slot);
    }
  }
  return first <= last ? [first * SLOT_MS, last * SLOT_MS] : null;
}
