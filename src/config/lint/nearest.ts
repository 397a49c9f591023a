/** The name that was probably meant. */
import { foldAscii } from '../../events/index.ts';

/** Names longer than this are not compared: nobody mistypes that much. */
const MAX_LENGTH = 64;

/** Letters to insert, delete, exchange or swap with their neighbour to make one of the other. */
export function editDistance(a: string, b: string): number {
  let [before, previous]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length]!;
}

export interface Nearest {
  readonly name: string;
  readonly distance: number;
  /** No other name is as near. */
  readonly only: boolean;
}

/** The nearest of some names, whatever their case; null where none is near: over a third of the letters differ. */
export function nearest(written: string, names: Iterable<string>): Nearest | null {
  if (written.length > MAX_LENGTH) return null;
  const folded = foldAscii(written);
  const limit = Math.max(1, Math.floor(written.length / 3));
  let best: Nearest | null = null;
  for (const name of new Set(names)) {
    if (Math.abs(name.length - written.length) > limit) continue;
    const distance = editDistance(folded, foldAscii(name));
    if (distance > limit) continue;
    if (!best || distance < best.distance) best = { name, distance, only: true };
    else if (distance === best.distance) best = { name: best.name, distance, only: false };
  }
  return best;
}
