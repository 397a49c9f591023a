/** The kernel's clock and the wall's: records have the first, events the second. */
import { readFileSync } from 'node:fs';

/** A change of the wall clock that is no drift, milliseconds. */
const STEP_MS = 500;

/** What the wall clock did: it was set, or the machine slept meanwhile. */
export interface ClockStep {
  readonly what: 'set' | 'sleep';
  /** What the wall clock showed, and what it shows now: milliseconds since 1970 UTC. */
  readonly from: number;
  readonly to: number;
}

export interface Clocks {
  /** Milliseconds since 1970 UTC. */
  readonly wall: () => number;
  /** Nanoseconds that never step and stop in sleep. */
  readonly steady: () => number;
  /** Nanoseconds since the kernel started, sleep included. */
  readonly sinceBoot: () => number;
}

export const SYSTEM_CLOCKS: Clocks = {
  wall: () => Date.now(),
  steady: () => Number(process.hrtime.bigint()),
  sinceBoot: () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e9,
};

/** So near are two clocks the same: /proc/uptime has hundredths of a second, and reading takes a while. Nanoseconds. */
const SAME_NS = 150e6;

export class KernelClock {
  readonly #clocks: Clocks;
  /** Wall minus steady, milliseconds. */
  #wallAhead: number;
  /** The records' clock minus the steady one, nanoseconds: they are the same, or the records' goes on in sleep. */
  #recordsAhead = 0;
  /** The clock of processes' starts minus the records', nanoseconds. */
  #startsAhead = 0;
  /** Time that the machine has slept since it started, milliseconds, when last looked at. */
  #sleptBefore: number;

  constructor(clocks: Clocks = SYSTEM_CLOCKS) {
    this.#clocks = clocks;
    this.#wallAhead = this.#wallMinusSteady();
    this.#sleptBefore = this.#asleep();
  }

  /** The tracer told its time just now. */
  tick(at: number): void {
    const ahead = at - this.#clocks.steady();
    // Reading takes time, seconds on a busy machine, so a tick is never early: one that is behind tells of nothing else.
    if (ahead > Math.max(this.#recordsAhead, SAME_NS)) this.#recordsAhead = ahead;
    const starts = this.#clocks.sinceBoot() - this.now();
    this.#startsAhead = Math.abs(starts) < SAME_NS ? 0 : starts;
  }

  /** Now, on the clock of the records. */
  now(): number {
    return this.#clocks.steady() + this.#recordsAhead;
  }

  /** Milliseconds since 1970 UTC of a record's time. */
  wall(at: number): number {
    return Math.floor((at - this.#recordsAhead) / 1e6 + this.#wallAhead);
  }

  /** A record's time on the clock of processes' starts. */
  started(at: number): number {
    return at + this.#startsAhead;
  }

  /** When the kernel started, milliseconds since 1970 UTC. */
  bootTime(): number {
    return Math.round(this.#clocks.wall() - this.#clocks.sinceBoot() / 1e6);
  }

  /** Looks at the wall clock again; what it did meanwhile, if it stepped. */
  look(): ClockStep | null {
    const ahead = this.#wallMinusSteady();
    const change = ahead - this.#wallAhead;
    if (Math.abs(change) < STEP_MS) {
      this.#wallAhead = ahead;
      return null;
    }
    // In sleep the clock since boot goes on, and the steady one does not.
    const asleep = this.#asleep();
    const what = Math.abs(change - (asleep - this.#sleptBefore)) < STEP_MS ? 'sleep' : 'set';
    this.#sleptBefore = asleep;
    const to = Math.round(this.#clocks.wall());
    this.#wallAhead = ahead;
    return { what, from: to - Math.round(change), to };
  }

  #asleep(): number {
    return (this.#clocks.sinceBoot() - this.#clocks.steady()) / 1e6;
  }

  #wallMinusSteady(): number {
    return this.#clocks.wall() - this.#clocks.steady() / 1e6;
  }
}
