/**
 * The bound on hosts and channels, whose number is the log's choice. What comes past it is counted together, in one host
 * or channel of this name. Which ones keep their own name depends on the order of reading, so that two readings of such
 * logs by several threads may differ; every sum stays the same.
 */
import type { HostTally } from './tally.ts';

export const OTHERS = '(others)';

export interface HostBounds {
  readonly hosts: number;
  /** Per host. */
  readonly channels: number;
}

export const HOST_BOUNDS: HostBounds = { hosts: 100_000, channels: 1000 };

/** The key under which a host is counted. */
export function hostOrOthers(hosts: ReadonlyMap<string, unknown>, host: string, bounds: HostBounds): string {
  return hosts.has(host) || hosts.size < bounds.hosts ? host : OTHERS;
}

/** The key under which a channel of a host is counted. Of the hosts counted together, their channels are so, too. */
export function channelOrOthers(
  { channels }: HostTally,
  host: string,
  channel: string,
  bounds: HostBounds,
): string {
  if (host === OTHERS) return OTHERS;
  return channels.has(channel) || channels.size < bounds.channels ? channel : OTHERS;
}
