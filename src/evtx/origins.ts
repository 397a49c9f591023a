/** Who wrote a record: provider, channel and computer. A log has a few of them, so that each gets a number. */
import type { Reads } from './alike.ts';
import { isSame } from './bytes.ts';
import type { Filter } from './filter.ts';
import type { DataPlan, Given, SystemPlan } from './plan.ts';
import { utf16Text } from './value.ts';

export interface Origin {
  readonly provider: string;
  readonly channel: string;
  /** Computer, as written. */
  readonly host: string;
}

/** Which records of an origin are wanted themselves. The same object for origins of which the same is wanted. */
export interface Wanted {
  /** By event id, 65536 of them: not 0 for those that are, and EACH for those of which none is told to be like another. */
  readonly eventIds: Uint8Array;
  /** Beside these one in so many, by its id: those whose id it divides. 0 for none. */
  readonly oneIn: number;
  /** What is read of them; where that is not said, no record is like another. */
  readonly reads?: Reads | undefined;
  /** What decides whether they are, and what is read beside that; where it can't, all are. */
  readonly filtered?: Filtered | undefined;
  /** Is told which plan reads records of an event id, before any is let out or told to be like another; false: none may be. */
  readonly meet?: ((eventId: number, plan: DataPlan) => boolean) | undefined;
  /** Whether it is told how long the values are as texts of those that are alike. */
  readonly measures?: boolean;
  /**
   * Records that are alike and follow each other among the wanted ones are told as one where their times are of the same
   * so many milliseconds of the clock, as long as `oneIn` asks for none of them; 0, or not said: each is told.
   */
  readonly within?: number;
}

export interface Filtered {
  /** By event id; null where there is none. A record that it lets out need not be told. */
  readonly filterOf: (eventId: number) => Filter | null;
  /** What is read beside what the filter reads; where that is not said, no record is like another. */
  readonly reads: Reads | undefined;
}

/** In place of 1 in `eventIds`: each record is told, and none is like another. */
export const EACH = 2;

/** All of an origin are. */
export const EVERY_RECORD: Wanted = { eventIds: new Uint8Array(65_536).fill(1), oneIn: 0 };

/** More are forgotten when the next block begins: their number is the log's choice. */
const MAX_ORIGINS = 4096;
/** Bytes of a value that is compared with the one before; a longer one is read the plain way. */
const LONGEST = 512;
const VALUE_TEXT = 0x01;

/** The values of one plan's last record, and whose they were. */
interface Seen {
  /** Of the substitutions: sizes, and bytes one after another from each multiple of LONGEST. */
  readonly sizes: Int32Array;
  readonly view: DataView;
  index: number;
}

export class Origins {
  /** By number. */
  readonly all: Origin[] = [];
  /** By provider, channel and host. */
  readonly #numbers = new Map<string, Map<string, Map<string, number>>>();
  readonly #seen = new Map<SystemPlan, Seen>();

  /** The plan of the last record, and what was seen of it. */
  #plan: SystemPlan | null = null;
  #last: Seen | null = null;

  /** Begins anew where there are too many; returns whether it did. */
  forget(): boolean {
    if (this.all.length <= MAX_ORIGINS && this.#seen.size <= MAX_ORIGINS) return false;
    this.all.length = 0;
    this.#numbers.clear();
    this.#seen.clear();
    this.#plan = null;
    return true;
  }

  /** Number of an origin. */
  number(provider: string, channel: string, host: string): number {
    let channels = this.#numbers.get(provider);
    if (channels === undefined) this.#numbers.set(provider, (channels = new Map()));
    let hosts = channels.get(channel);
    if (hosts === undefined) channels.set(channel, (hosts = new Map()));
    let number = hosts.get(host);
    if (number === undefined) {
      number = this.all.push({ provider, channel, host }) - 1;
      hosts.set(host, number);
    }
    return number;
  }

  /**
   * Number of a record's origin, or -1 where a value is not as a plan expects. `descriptors` and `at`: where the values
   * are described, and where each begins, one more for the end of the last.
   */
  ofRecord(plan: SystemPlan, view: DataView, bytes: Buffer, descriptors: number, at: Int32Array): number {
    const seen = plan === this.#plan ? this.#last! : this.#enter(plan);
    const { provider, channel, host } = plan;
    const before = seen.index;
    // Until all three are read: a record that is given up half-way leaves no number for the next.
    seen.index = -1;
    let same = before >= 0;
    for (let i = 0; i < 3; i++) {
      const given = i === 0 ? provider : i === 1 ? channel : host;
      if (typeof given === 'string') continue;
      const start = at[given]!;
      const size = at[given + 1]! - start;
      if (view.getUint8(descriptors + 4 * given + 2) !== VALUE_TEXT || size > LONGEST) return -1;
      if (size === seen.sizes[i] && isSame(view, start, size, seen.view, i * LONGEST)) continue;
      same = false;
      seen.sizes[i] = size;
      for (let k = 0; k < size; k++) seen.view.setUint8(i * LONGEST + k, view.getUint8(start + k));
    }
    if (same) {
      seen.index = before;
      return before;
    }
    const text = (given: Given): string =>
      typeof given === 'string' ? given : utf16Text(bytes, at[given]!, at[given + 1]! - at[given]!);
    const name = text(provider);
    // Another attribute stands in for an empty name.
    seen.index = name === '' ? -1 : this.number(name, text(channel), text(host));
    return seen.index;
  }

  #enter(plan: SystemPlan): Seen {
    let seen = this.#seen.get(plan);
    if (seen === undefined) {
      const sizes = new Int32Array(3).fill(-1);
      seen = { sizes, view: new DataView(new ArrayBuffer(3 * LONGEST)), index: -1 };
      this.#seen.set(plan, seen);
    }
    this.#plan = plan;
    this.#last = seen;
    return seen;
  }
}
