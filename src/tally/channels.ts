/** The channels of hosts while they are counted. */
import { boundKey, type Event, foldAscii, hostKey } from '../events/index.ts';
import { addSpelling } from './groups.ts';
import { emptyChannel, emptyHost } from './merge.ts';
import { openChannel, type OpenChannel } from './open-channel.ts';
import { channelOrOthers, type HostBounds, hostOrOthers, OTHERS } from './others.ts';
import type { Runs } from './runs.ts';
import type { HostTally } from './tally.ts';

/** Records whose ids were met in more than one place: by host and channel, the ids in question. */
export type Suspects = ReadonlyMap<string, Runs>;

export function channelKey(host: string, channel: string): string {
  return `${host}\0${channel}`;
}

/** A channel of a host by their names as written. */
interface Known {
  readonly host: string;
  readonly channel: string;
  readonly spelling: string;
  readonly open: OpenChannel;
}

/** Names may be long, and of any number. */
const MAX_KNOWN = 1000;

export class Channels {
  readonly #hosts: Map<string, HostTally>;
  readonly #suspects: Suspects;
  readonly #bounds: HostBounds;
  /** By host and channel. */
  readonly #open = new Map<string, OpenChannel>();
  /** By computer and channel as they are written. */
  readonly #known = new Map<string, Map<string, Known>>();
  #count = 0;
  #recent: Known | undefined;

  constructor(hosts: Map<string, HostTally>, suspects: Suspects, bounds: HostBounds) {
    this.#hosts = hosts;
    this.#suspects = suspects;
    this.#bounds = bounds;
  }

  get all(): Iterable<OpenChannel> {
    return this.#open.values();
  }

  /** The channel of an origin, which that many records more are of. */
  of({ host, channel }: Pick<Event, 'host' | 'channel'>, records: number): OpenChannel {
    const recent = this.#recent;
    const known = recent?.host === host && recent.channel === channel ? recent : this.#find(host, channel);
    this.#recent = known;
    if (records > 0) addSpelling(known.open.host.spellings, known.spelling, records);
    return known.open;
  }

  #find(host: string, channel: string): Known {
    const found = this.#known.get(host)?.get(channel);
    if (found) return found;
    if (this.#count >= MAX_KNOWN) {
      this.#known.clear();
      this.#count = 0;
    }
    const made = this.#make(host, channel);
    const channels = this.#known.get(host) ?? new Map<string, Known>();
    this.#known.set(host, channels.set(channel, made));
    this.#count += 1;
    return made;
  }

  #make(computer: string, name: string): Known {
    const host = hostOrOthers(this.#hosts, boundKey(hostKey(computer)), this.#bounds);
    let hostTally = this.#hosts.get(host);
    if (!hostTally) this.#hosts.set(host, (hostTally = emptyHost()));
    const channel = channelOrOthers(hostTally, host, boundKey(foldAscii(name)), this.#bounds);
    const key = channelKey(host, channel);
    let open = this.#open.get(key);
    if (!open) {
      const tally = emptyChannel();
      hostTally.channels.set(channel, tally);
      open = openChannel(host, channel, hostTally, tally, this.#suspects.get(key) ?? null);
      this.#open.set(key, open);
    }
    return { host: computer, channel: name, spelling: host === OTHERS ? OTHERS : boundKey(computer), open };
  }
}
