import type { HostTally } from '../tally/index.ts';

/** Record ids that are missing between the runs of each channel, all together: records that were lost, or left out. */
export function recordIdGaps(hosts: ReadonlyMap<string, HostTally>): number {
  let missing = 0;
  for (const host of hosts.values()) {
    for (const { runs } of host.channels.values()) {
      for (const [index, run] of runs.entries()) {
        const before = runs[index - 1];
        if (before) missing += Math.max(0, run.first - before.last - 1);
      }
    }
  }
  return missing;
}
