/** Which repairs can be made at once. */
import type { Splice } from '../splice.ts';
import type { Finding } from './rule.ts';

export interface ChosenFixes<F extends Finding> {
  /** Findings whose repair was chosen, in their order. */
  readonly findings: readonly F[];
  /** All splices of those, each once, by place; none overlaps another. */
  readonly splices: readonly Splice[];
}

/** The safe repairs of some findings; one that overlaps an earlier one is left for another run. */
export function safeFixes<F extends Finding>(findings: readonly F[]): ChosenFixes<F> {
  const splices: Splice[] = [];
  const chosen: F[] = [];
  // Places that are taken, by the offset of their start: few, and found in order.
  const taken = new Map<string, Splice>();
  for (const finding of findings) {
    const { fix } = finding;
    if (!fix?.safe || fix.splices.length === 0) continue;
    const fresh = fix.splices.filter((splice) => !same(taken.get(keyOf(splice)), splice));
    if (fresh.some((splice) => splices.some((other) => overlap(splice, other)))) continue;
    for (const splice of fresh) {
      taken.set(keyOf(splice), splice);
      splices.push(splice);
    }
    chosen.push(finding);
  }
  return { findings: chosen, splices: splices.sort((a, b) => a.start - b.start || a.end - b.end) };
}

function keyOf({ start, end }: Splice): string {
  return `${start}-${end}`;
}

function same(a: Splice | undefined, b: Splice): boolean {
  return a !== undefined && a.text === b.text;
}

/** Two insertions at one place count: their order would be open. */
function overlap(a: Splice, b: Splice): boolean {
  if (a.start === b.start) return true;
  return a.start < b.end && b.start < a.end;
}
