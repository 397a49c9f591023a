/** Hits and exposure -> rates. */
import { type HostDay, hostDays } from './clustering-days.ts';
import type { Exposure } from './exposure.ts';
import type { Hits } from './hits.ts';
import { type Counted, type Exposed, type Rates, ratesOf } from './rates.ts';

/** The rates of what was seen out of what was watched. */
export function ratesOfHits(hits: Hits, exposure: Exposure): Rates {
  const eventCounts: number[] = [];
  const boots: HostDay[] = [];
  for (const { cells, events } of hits.hosts.values()) {
    let timed = 0;
    for (const count of cells.values()) {
      eventCounts.push(count);
      timed += count;
    }
    if (events > timed) eventCounts.push(events - timed);
  }
  // Sums of fractions, and shuffles, depend on their order, and a tally has none.
  eventCounts.sort((a, b) => a - b);
  for (const [host, watched] of exposure.boots) {
    if (watched.size === 0) continue;
    const hit = hits.hosts.get(host)?.boots ?? [];
    const bootsHit = [...hit].filter((boot) => watched.has(boot)).length;
    boots.push({ host, cells: watched.size, hits: bootsHit, events: bootsHit, times: 1 });
  }
  const { bounded } = exposure;
  const [least, most] = [counted(exposure.least, hits), counted(exposure.most, hits)];
  return ratesOf({ events: hits.events, eventCounts, least, most, bounded, boots });
}

function counted({ hours, watched }: Exposed, hits: Hits): Counted {
  const none: ReadonlyMap<number, number> = new Map();
  return {
    hours,
    moments: new Set(watched.filter((one) => one.hours === 0).map(({ host }) => host)),
    days: watched.flatMap(({ host, cells }) => hostDays(host, cells, hits.hosts.get(host)?.cells ?? none)),
    steadyDays: watched.flatMap(({ host, steadyCells }) =>
      hostDays(host, steadyCells, hits.hosts.get(host)?.steadyCells ?? none),
    ),
  };
}
