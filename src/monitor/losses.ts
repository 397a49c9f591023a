/** Losses of one kind within a second are one event. */
import type { Loss, LossId } from './own-events.ts';

type Counted = Extract<LossId, 'LOST' | 'LATE' | 'SHED' | 'TRUNCATED'>;

const DESCRIPTIONS: Readonly<Record<Counted, (count: number) => string>> = {
  LOST: (count) => `${count} records were lost: the kernel's buffer had no room, or they can't be read`,
  LATE: (count) => `${count} records came late and stand out of order`,
  SHED: (count) => `${count} records were left out: they came faster than they could be worked on`,
  TRUNCATED: (count) => `${count} paths or arguments are not whole`,
};

export class Losses {
  readonly #sums = new Map<Counted, { count: number; from: number; to: number }>();

  /** Between two times, where these are not wholly watched: milliseconds since 1970 UTC. */
  add(id: Counted, count: number, from: number = Number.NaN, to: number = Number.NaN): void {
    if (count <= 0) return;
    const sum = this.#sums.get(id);
    if (!sum) this.#sums.set(id, { count, from, to });
    else {
      sum.count += count;
      sum.from = Math.min(sum.from, from);
      sum.to = Math.max(sum.to, to);
    }
  }

  /** All since the last call. Late and cut records are there: they are counted, and no loss. */
  take(): readonly Loss[] {
    const losses = [...this.#sums].map(([id, { count, from, to }]): Loss => {
      const description = DESCRIPTIONS[id](count);
      const missing = id === 'LOST' || id === 'SHED';
      return missing ? { id, description, lost: count, from, to: Math.max(from, to) } : { id, description };
    });
    this.#sums.clear();
    return losses;
  }
}
