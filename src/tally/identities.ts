/** Records whose ids were met in more than one place: a second look tells the same ones from others with their id. */
import { type Event, isSysmon, parseTime } from '../events/index.ts';
import { type Runs, runWith } from './runs.ts';

/** The time of an id that was not met yet; the time of a record is finite or NaN. */
const UNMET = Number.NEGATIVE_INFINITY;

/** Of one channel. All ids in question are known: they take eight bytes each, for there may be millions. */
export class Identities {
  readonly #suspects: Runs;
  /** Where the ids of each run begin in `#times`. */
  readonly #starts: readonly number[];
  readonly #times: Float64Array;
  /** By id: times of those that have the id of another one, at a time of their own. */
  readonly #others = new Map<number, number[]>();

  /** `suspects`: ascending, disjoint. */
  constructor(suspects: Runs) {
    const { first, last } = suspects;
    this.#suspects = suspects;
    const starts: number[] = [];
    let ids = 0;
    for (let i = 0; i < first.length; i++) {
      starts.push(ids);
      ids += last[i]! - first[i]! + 1;
    }
    this.#starts = starts;
    this.#times = new Float64Array(ids).fill(UNMET);
  }

  /** Whether the same record was met before. */
  isKnown(event: Event): boolean {
    const { record } = event;
    if (record === null) return false;
    const run = runWith(this.#suspects, record);
    if (run < 0) return false;
    const at = this.#starts[run]! + record - this.#suspects.first[run]!;
    const time = identityTime(event);
    const seen = this.#times[at]!;
    if (seen === UNMET) {
      this.#times[at] = time;
      return false;
    }
    if (isSameTime(seen, time)) return true;
    const others = this.#others.get(record);
    if (others?.some((other) => isSameTime(other, time))) return true;
    if (others) others.push(time);
    else this.#others.set(record, [time]);
    return false;
  }
}

/** Whether two times may be of one record: some tools cut what is below a second. */
function isSameTime(a: number, b: number): boolean {
  if (Object.is(a, b)) return true;
  const second = Math.floor(a / 1000) * 1000;
  return second === Math.floor(b / 1000) * 1000 && (a === second || b === second);
}

/**
 * The time by which a record is told from another with its id. Sysmon's own time is the same in every container; the
 * header's, which an EVTX record also has, is not in an export.
 */
function identityTime(event: Event): number {
  const own = isSysmon(event.provider) ? parseTime(event.fields.get('UtcTime') ?? '') : Number.NaN;
  return Number.isNaN(own) ? event.time : own;
}
