/** Work that threads share: portions of units, which each thread takes as it has time, without asking another one. */
import { type Log, splitLog } from '../sources/index.ts';
import type { Unit } from './unit.ts';

export interface SharedWork {
  readonly portions: readonly (readonly Unit[])[];
  /** The next portion; then, for each thread, whether it has begun. */
  readonly state: Int32Array<SharedArrayBuffer>;
  /** Bytes that each thread has read; each writes its own. */
  readonly read: Float64Array<SharedArrayBuffer>;
}

/** Portions are of about this many bytes, so that threads end at about the same time. */
export const PORTION_BYTES: number = 4 * 1024 * 1024;
/** Long ones are of so much of a thread's share of what is left. */
const OF_SHARE = 4;

/**
 * Logs in their order, large ones in ranges. To begin with one costs something: where `longest` allows it, ranges are long
 * at first, and get shorter as less is left.
 */
export function unitsOf(logs: readonly Log[], threads: number, longest: number = PORTION_BYTES): Unit[] {
  let left = logs.reduce((sum, { size }) => sum + size, 0);
  return logs.flatMap((log): Unit[] => {
    const here = left;
    left -= log.size;
    const bytesAt = (start: number): number =>
      Math.max(PORTION_BYTES, Math.min(longest, (here - start) / (OF_SHARE * threads)));
    const ranges = splitLog(log, bytesAt);
    return ranges.length > 1 ? ranges.map((range) => ({ log, range })) : [{ log, range: null }];
  });
}

/** Units in their order, as many together as make a portion. */
export function shareWork(units: readonly Unit[], threads: number): SharedWork {
  const portions: Unit[][] = [];
  let bytes = PORTION_BYTES;
  for (const unit of units) {
    if (bytes >= PORTION_BYTES) {
      portions.push([]);
      bytes = 0;
    }
    portions.at(-1)!.push(unit);
    bytes += unit.range ? unit.range.end - unit.range.start : unit.log.size;
  }
  return {
    portions,
    state: new Int32Array(new SharedArrayBuffer(4 * (1 + threads))),
    read: new Float64Array(new SharedArrayBuffer(8 * threads)),
  };
}

/** Takes portions for a thread, numbered from 0, until all are taken. */
export function* takePortions(work: SharedWork, thread: number): Generator<readonly Unit[]> {
  // Before the first is taken: who finds that none is left knows by it whom to wait for.
  Atomics.store(work.state, 1 + thread, 1);
  for (let next = takePortion(work); next >= 0; next = takePortion(work)) yield work.portions[next]!;
}

/** Takes the next portion: its index; -1 where none is left. */
export function takePortion({ portions, state }: SharedWork): number {
  const next = Atomics.add(state, 0, 1);
  return next < portions.length ? next : -1;
}

/** Whether a thread may have taken a portion; to be asked when all are taken. */
export function hasBegun({ state }: SharedWork, thread: number): boolean {
  return Atomics.load(state, 1 + thread) === 1;
}
