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
    slots.forEach((events) => (sum += events));
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

/** Hit cells of all hosts. */
export function occasionsOf(hits: Hits): number {
  let occasions = 0;
  for (const { cells } of hits.hosts.values()) occasions += cells.size;
  return occasions;
}

/** What slots of one host come to in the time that was asked for. */
interface SlotHits {
  readonly events: number;
  readonly byPhase: ByPhase;
  /** Cells, of which one may come again: number, events, and those of them in the steady phase. */
  readonly cells: readonly number[];
  /** As those of HostHits; one may come again. */
  readonly boots: readonly number[];
  /** Of slots whose time is known; infinite where there is none. */
  readonly first: number;
  readonly last: number;
}

const NO_HITS: ByPhase = { boot: 0, logon: 0, resume: 0, shutdown: 0, steady: 0, unknown: 0 };
const PHASES = Object.keys(NO_HITS) as readonly Phase[];

/** So few slots are counted again whenever they are asked for: most groups have few, and there may be very many groups. */
const FEW = 8;

/**
 * Counts events of hosts. It goes through slots but once, for an answer asks for those of a group again and again: they
 * are of one host, and may not change meanwhile.
 */
export class HitCounter {
  readonly #hosts: ReadonlyMap<string, WatchedHost>;
  readonly #question: QuestionFacts;
  readonly #counted = new WeakMap<Slots, SlotHits>();

  constructor(hosts: ReadonlyMap<string, WatchedHost>, question: QuestionFacts) {
    this.#hosts = hosts;
    this.#question = question;
  }

  /** By host, cell, phase and boot. */
  hitsOf(counts: Iterable<HostSlots>): Hits {
    const byPhase = { ...NO_HITS } as Record<Phase, number>;
    const hosts = new Map<string, HostHits>();
    let events = 0;
    for (const [host, slots] of counts) {
      const own = this.#of(host, slots);
      if (own.events === 0) continue;
      let hits = hosts.get(host);
      if (!hits)
        hosts.set(host, (hits = { events: 0, cells: new Map(), steadyCells: new Map(), boots: new Set() }));
      events += own.events;
      hits.events += own.events;
      for (const phase of PHASES) byPhase[phase] += own.byPhase[phase];
      for (let i = 0; i < own.cells.length; i += 3) {
        const [cell, all, steady] = [own.cells[i]!, own.cells[i + 1]!, own.cells[i + 2]!];
        add(hits.cells, cell, all);
        if (steady > 0) add(hits.steadyCells, cell, steady);
      }
      for (const boot of own.boots) hits.boots.add(boot);
    }
    return { events, byPhase, hosts };
  }

  /** Events, occasions and hosts alone: for the many rules of a question, at less cost. */
  countsOf(counts: Iterable<HostSlots>): {
    readonly events: number;
    readonly occasions: number;
    readonly hosts: number;
  } {
    const cells = new Map<string, Set<number>>();
    let events = 0;
    let occasions = 0;
    for (const [host, slots] of counts) {
      const own = this.#of(host, slots);
      if (own.events === 0) continue;
      let hit = cells.get(host);
      if (!hit) cells.set(host, (hit = new Set()));
      const before = hit.size;
      for (let i = 0; i < own.cells.length; i += 3) hit.add(own.cells[i]!);
      events += own.events;
      occasions += hit.size - before;
    }
    return { events, occasions, hosts: cells.size };
  }

  /** First and last slot in use, as closed interval of times; null without any known time. */
  spanOf(counts: Iterable<HostSlots>): Interval | null {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const [host, slots] of counts) {
      const own = this.#of(host, slots);
      first = Math.min(first, own.first);
      last = Math.max(last, own.last);
    }
    return first <= last ? [first * SLOT_MS, last * SLOT_MS] : null;
  }

  #of(host: string, slots: Slots): SlotHits {
    if (slots.size < FEW) return this.#count(this.#hosts.get(host), slots);
    let hits = this.#counted.get(slots);
    if (!hits) this.#counted.set(slots, (hits = this.#count(this.#hosts.get(host), slots)));
    return hits;
  }

  #count(host: WatchedHost | undefined, slots: Slots): SlotHits {
    const question = this.#question;
    const byPhase = { ...NO_HITS } as Record<Phase, number>;
    const cells: number[] = [];
    const boots: number[] = [];
    let events = 0;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    // Without a pair for each: there may be many.
    slots.forEach((count, slot) => {
      if (!isAsked(slot, question)) return;
      const phase = host ? phaseOfSlot(host.phases, slot) : 'unknown';
      byPhase[phase] += count;
      events += count;
      if (slot === NO_SLOT) return;
      if (slot < first) first = slot;
      if (slot > last) last = slot;
      // Slots of one cell mostly come one after another.
      const cell = cellOfSlot(slot);
      if (cells.at(-3) !== cell) cells.push(cell, 0, 0);
      cells[cells.length - 2]! += count;
      if (phase === 'steady') cells[cells.length - 1]! += count;
      if (host && phase === 'boot') boots.push(lastBootBefore(host.boots, (slot + 1) * SLOT_MS));
    });
    return { events, byPhase, cells, boots, first, last };
  }
}

function add(cells: Map<number, number>, cell: number, count: number): void {
  cells.set(cell, (cells.get(cell) ?? 0) + count);
}
