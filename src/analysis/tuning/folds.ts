/**
 * Held out, always: a list is judged by events that it was not made from. Several hosts are left out in turn; of one host
 * the time is cut in parts, and each part is judged by a list made from all before it.
 */
import { NO_SLOT, SLOT_MS, type Interval, type Slots } from '../../tally/index.ts';
import { countCells, HOUR_MS } from '../cells.ts';
import type { Exposure } from '../exposure.ts';
import type { NoiseGroup } from './noise.ts';

export interface Fold {
  readonly train: readonly NoiseGroup[];
  readonly test: readonly NoiseGroup[];
}

export interface Folds {
  readonly by: 'host' | 'time';
  readonly folds: readonly Fold[];
  /** Where the judged time begins, milliseconds since 1970 UTC; -Infinity where all of it is judged. */
  readonly from: number;
  /** For a person. */
  readonly text: string;
}

const MOST_FOLDS = 20;
/** Each takes a whole search: of many groups a few do. */
const FEW_FOLDS = 5;
const MANY_GROUPS = 400;
/** Parts of one host's time: the first is only learned from. */
const PARTS = 5;

/** Folds, or why there are none. */
export function foldsOf(
  benign: readonly NoiseGroup[],
  exposure: Exposure,
): Folds | { readonly cannot: string } {
  const seen = benign.flatMap((group) => [...group.hosts.keys()]);
  const hosts = [...new Set([...exposure.most.watched.map(({ host }) => host), ...seen])].sort();
  if (hosts.length > 1) return byHost(benign, hosts);
  if (exposure.summary.hoursAtMost === 0)
    return {
      cannot:
        'Nothing was watched of the one host, so no list can be judged: give logs that tell of exposure, or of more hosts.',
    };
  const [only] = exposure.most.watched;
  if (!only || typeof only.cells === 'number')
    return {
      cannot:
        "The hours of the one host were stated and not seen, so they can't be cut in parts: logs of a second host would do.",
    };
  const cells = countCells(only.cells);
  if (cells < 2 * PARTS)
    return {
      cannot: `${cells} watched host-hour${cells === 1 ? '' : 's'} of one host can't be cut into parts to learn from and parts to judge by: ${2 * PARTS} would do, or logs of a second host.`,
    };
  return byTime(benign, only.cells, cells);
}

function byHost(benign: readonly NoiseGroup[], hosts: readonly string[]): Folds {
  const most = benign.length > MANY_GROUPS ? FEW_FOLDS : MOST_FOLDS;
  const count = Math.min(hosts.length, most);
  const part = new Map(hosts.map((host, index) => [host, index % count]));
  const folds = Array.from({ length: count }, (_, fold): Fold => {
    const keep = (tested: boolean): NoiseGroup[] =>
      restricted(benign, (host, slots) => (((part.get(host) ?? 0) === fold) === tested ? slots : null));
    return { train: keep(false), test: keep(true) };
  });
  const text =
    count === hosts.length
      ? `each of ${hosts.length} hosts judged by a list made from the others`
      : `hosts left out in ${count} parts, each judged by a list made from the others`;
  return { by: 'host', folds, from: Number.NEGATIVE_INFINITY, text };
}

function byTime(benign: readonly NoiseGroup[], ranges: readonly Interval[], cells: number): Folds {
  const starts = Array.from(
    { length: PARTS },
    (_, part) => cellAt(ranges, Math.floor((part * cells) / PARTS)) * HOUR_MS,
  );
  const folds = starts.slice(1).map((start, index): Fold => {
    const end = starts[index + 2] ?? Number.POSITIVE_INFINITY;
    const within = (from: number, to: number): NoiseGroup[] =>
      restricted(benign, (_, slots) => slotsWithin(slots, from, to));
    return { train: within(Number.NEGATIVE_INFINITY, start), test: within(start, end) };
  });
  return {
    by: 'time',
    folds,
    from: starts[1]!,
    text: `one host, its watched time in ${PARTS} parts, each after the first judged by a list made from those before`,
  };
}

/** The nth watched cell. */
function cellAt(ranges: readonly Interval[], nth: number): number {
  let left = nth;
  for (const [first, last] of ranges) {
    if (left <= last - first) return first + left;
    left -= last - first + 1;
  }
  return ranges.at(-1)![1];
}

/** Events whose time is not known are judged, and not learned from. */
function slotsWithin(slots: Slots, from: number, to: number): Slots | null {
  const kept = [...slots].filter(([slot]) =>
    slot === NO_SLOT ? to === Number.POSITIVE_INFINITY : slot * SLOT_MS >= from && slot * SLOT_MS < to,
  );
  return kept.length > 0 ? new Map(kept) : null;
}

function restricted(
  groups: readonly NoiseGroup[],
  pick: (host: string, slots: Slots) => Slots | null,
): NoiseGroup[] {
  return groups.flatMap((group) => {
    const hosts = new Map<string, Slots>();
    for (const [host, slots] of group.hosts) {
      const kept = pick(host, slots);
      if (kept) hosts.set(host, kept);
    }
    return hosts.size > 0 ? [{ ...group, hosts }] : [];
  });
}
