/** Record ids that two tallies share: what stands in both would count twice, and a tally can't tell which events those are. */
import { compareText } from './marks.ts';
import type { Overlap } from './merge.ts';
import type { Run, Tally } from './tally.ts';

/**
 * The same record in an event log and in an export may differ by what lies between Sysmon's own time and the log's. Ids
 * that met at times further apart than this, milliseconds, were given twice: the log was cleared in between.
 */
const SAME_TIME_MS = 3_600_000;

/** By host and channel, the ids that both hold at the same time. */
export function overlapsOf(a: Tally, b: Tally): Overlap[] {
  const overlaps: Overlap[] = [];
  for (const [host, { channels }] of a.hosts) {
    for (const [channel, { runs }] of channels) {
      const shared = sharedRuns(runs, b.hosts.get(host)?.channels.get(channel)?.runs ?? []);
      if (shared.length > 0) overlaps.push({ host, channel, runs: shared });
    }
  }
  return overlaps.sort((x, y) => compareText(x.host, y.host) || compareText(x.channel, y.channel));
}

/** Both lists are ascending and disjoint. */
function sharedRuns(left: readonly Run[], right: readonly Run[]): Run[] {
  const shared: Run[] = [];
  for (let i = 0, k = 0; i < left.length && k < right.length;) {
    const [a, b] = [left[i]!, right[k]!];
    const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
    if (first <= last && mayBeOne(a, b)) {
      const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
      shared.push({ first, last, from, to, records: 0 });
    }
    if (a.last < b.last) i += 1;
    else k += 1;
  }
  return shared;
}

/** Runs without a time can't be told apart. */
function mayBeOne(a: Run, b: Run): boolean {
  if (a.from > a.to || b.from > b.to) return true;
  return a.from <= b.to + SAME_TIME_MS && b.from <= a.to + SAME_TIME_MS;
}
