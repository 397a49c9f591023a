/**
 * The buffers of several CPUs are read one after the other, so records come out of order. Each CPU tells its time ten times
 * a second, and what lies before the earliest of these times has been read: it goes on, by its time.
 */
export interface Ordered {
  /** The kernel's clock, nanoseconds. */
  readonly at: number;
}

/** A CPU whose last tick is so far behind those of others is off, or its ticks are lost: nothing waits longer for it. Nanoseconds. */
const LONGEST_NS = 5e9;

export class Reorder<T extends Ordered> {
  #held: T[] = [];
  #sorted = true;
  #passed = Number.NEGATIVE_INFINITY;
  readonly #ticks = new Map<number, number>();
  readonly #cpus: number;
  /** Records that came after later ones had gone on. */
  late = 0;

  /** `cpus`: those that will tell their time. Before all have, nothing is known of the others. */
  constructor(cpus: number) {
    this.#cpus = cpus;
  }

  get size(): number {
    return this.#held.length;
  }

  add(record: T): void {
    const last = this.#held.at(-1);
    if (last !== undefined && record.at < last.at) this.#sorted = false;
    if (record.at < this.#passed) this.late += 1;
    this.#held.push(record);
  }

  /** All that a CPU did before `at` was added. */
  tick(cpu: number, at: number): void {
    this.#ticks.set(cpu, at);
  }

  /** The records that nothing can come before any more, in the order of their times. `now`: infinite for all of them. */
  take(now: number): readonly T[] {
    if (this.#held.length === 0) return [];
    if (!this.#sorted) this.#held.sort((a, b) => a.at - b.at);
    this.#sorted = true;
    const until = this.#readUntil(now);
    let count = 0;
    while (count < this.#held.length && this.#held[count]!.at <= until) count += 1;
    if (count === 0) return [];
    const taken = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    this.#passed = Math.max(this.#passed, taken.at(-1)!.at);
    return taken;
  }

  /** Throws away records that are held, the first first, until `least` of those that `worthLess` says are gone; how many went. */
  shed(least: number, worthLess: (record: T) => boolean): number {
    let left = least;
    const kept = this.#held.filter((record) => left <= 0 || !worthLess(record) || left-- <= 0);
    const gone = this.#held.length - kept.length;
    this.#held = kept;
    return gone;
  }

  #readUntil(now: number): number {
    // Without ticks there is only the clock; with them, a tracer that is slow is waited for.
    if (now === Number.POSITIVE_INFINITY || this.#ticks.size === 0) return now - LONGEST_NS;
    const oldest = Math.max(...this.#ticks.values()) - LONGEST_NS;
    for (const [cpu, at] of this.#ticks) if (at < oldest) this.#ticks.delete(cpu);
    return this.#ticks.size < this.#cpus ? oldest : Math.min(...this.#ticks.values());
  }
}
