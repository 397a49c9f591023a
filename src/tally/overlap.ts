/** Record ids that two tallies share: what stands in both would count twice, and a tally can't tell which events those are. */
import { compareText } from './marks.ts';
import type { Overlap } from './merge.ts';
import { NO_RUNS, RunList, type Runs } from './runs.ts';
import type { Tally } from './tally.ts';

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
      const shared = sharedRuns(runs, b.hosts.get(host)?.channels.get(channel)?.runs ?? NO_RUNS);
      if (shared.length > 0) overlaps.push({ host, channel, runs: shared.all() });
    }
  }
  return overlaps.sort((x, y) => compareText(x.host, y.host) || compareText(x.channel, y.channel));
}

/** Both are ascending and disjoint. */
function sharedRuns(a: Runs, b: Runs): RunList {
  const shared = new RunList();
  for (let i = 0, k = 0; i < a.first.length && k < b.first.length;) {
    const [first, last] = [Math.max(a.first[i]!, b.first[k]!), Math.min(a.last[i]!, b.last[k]!)];
    if (first <= last && mayBeOne(a, i, b, k))
      shared.add(first, last, Math.max(a.from[i]!, b.from[k]!), Math.min(a.to[i]!, b.to[k]!), 0);
    if (a.last[i]! < b.last[k]!) i += 1;
    else k += 1;
  }
  return shared;
}

/** Runs without a time can't be told apart. */
function mayBeOne(a: Runs, i: number, b: Runs, k: number): boolean {
  const [aFrom, aTo, bFrom, bTo] = [a.from[i]!, a.to[i]!, b.from[k]!, b.to[k]!];
  if (aFrom > aTo || bFrom > bTo) return true;
  return aFrom <= bTo + SAME_TIME_MS && bFrom <= aTo + SAME_TIME_MS;
}
